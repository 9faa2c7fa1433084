#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ockham {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";  // U+FFFD

/// One step through a byte string that may not be UTF-8.
struct DecodedCharacter {
  char32_t code_point;  ///< U+FFFD when the bytes are not UTF-8
  uint32_t length;      ///< bytes it took, at least 1
  bool valid;
};

/// Decodes the character at the start of `bytes`, which must not be empty. Of bytes that are not
/// UTF-8 it takes the maximal subpart (Unicode, section 3.9, U+FFFD substitution).
DecodedCharacter decode_utf8(std::string_view bytes);

/// Appends the UTF-8 form of a Unicode scalar value.
void append_utf8(char32_t code_point, std::string& out);

/// Length of the longest prefix that holds only ASCII bytes.
size_t ascii_prefix(std::string_view bytes);

/// How many bytes at the end of `bytes` begin a character that more bytes may complete: 0 to 3.
size_t incomplete_suffix(std::string_view bytes);

/// Whether sanitize_utf8() would change nothing.
bool is_utf8(std::string_view bytes);

/// Replaces `out` by `bytes` with every maximal invalid subpart turned into U+FFFD, and returns how
/// many there were.
uint64_t sanitize_utf8(std::string_view bytes, std::string& out);

}  // namespace ockham
