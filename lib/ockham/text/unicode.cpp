#include "ockham/text/unicode.hpp"

#include <utf8proc.h>

#include <array>
#include <span>

#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

constexpr char32_t kZeroWidthSpace = 0x200B;
constexpr char32_t kRightSingleQuote = 0x2019;
constexpr size_t kMaxMarks = 30;

const utf8proc_property_t& property_of(char32_t code_point) {
  return *utf8proc_get_property(static_cast<utf8proc_int32_t>(code_point));
}

bool is_mark(utf8proc_propval_t category) {
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
         category == UTF8PROC_CATEGORY_ME;
}

/// Whether NFC may join the character with those before it (or it is invisible between them).
bool extends_cluster(char32_t code_point) {
  if (code_point < 0x80 || code_point == kZeroWidthSpace) return false;
  const bool hangul_vowel_or_final = code_point >= 0x1160 && code_point <= 0x11FF;
  const utf8proc_property_t& property = property_of(code_point);
  return hangul_vowel_or_final || property.ignorable || is_mark(property.category);
}

/// Scripts that write no spaces between words but a character for a syllable or more.
bool is_ideograph_or_kana(char32_t code_point) {
  return (code_point >= 0x3005 && code_point <= 0x3007) ||
         (code_point >= 0x3041 && code_point <= 0x30FF) ||
         (code_point >= 0x31F0 && code_point <= 0x31FF) ||
         (code_point >= 0x3400 && code_point <= 0x4DBF) ||
         (code_point >= 0x4E00 && code_point <= 0x9FFF) ||
         (code_point >= 0xF900 && code_point <= 0xFAFF) ||
         (code_point >= 0x20000 && code_point <= 0x3FFFD);
}

/// A decimal digit of any script but ASCII.
bool is_digit(char32_t code_point) {
  return property_of(code_point).category == UTF8PROC_CATEGORY_ND;
}

void append_ascii(std::string_view ascii, const TextForm& form, std::string& out) {
  const size_t begin = out.size();
  out.append(ascii);
  // Loops over bytes that nothing else could point to become vector instructions.
  const std::span<char> bytes(out.data() + begin, ascii.size());
  if (form.fold_numbers) {
    for (char& c : bytes) c = c >= '0' && c <= '9' ? '0' : c;
  }
  if (!form.fold) return;
  for (char& c : bytes) c = static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0));
}

/// Normalises a base character and its marks, all valid, at most kMaxMarks + 1 characters.
void append_composed(std::string_view cluster, const TextForm& form, std::string& out) {
  // A character becomes at most three by folding, and each of those four by decomposition; in NFKC
  // a base may become 18. The last element takes the zero that utf8proc_reencode() writes.
  std::array<utf8proc_int32_t, (kMaxMarks + 1) * 12 + 64 + 1> buffer;
  const auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_IGNORE | (form.fold ? UTF8PROC_CASEFOLD : 0) |
      (form.compatibility ? UTF8PROC_COMPAT : 0));
  const auto capacity = static_cast<utf8proc_ssize_t>(buffer.size() - 1);
  const utf8proc_ssize_t length = utf8proc_decompose(
      reinterpret_cast<const utf8proc_uint8_t*>(cluster.data()),
      static_cast<utf8proc_ssize_t>(cluster.size()), buffer.data(), capacity, options);
  if (length < 0 || length > capacity) {
    out.append(cluster);
    return;
  }
  if (form.fold_numbers) {
    for (utf8proc_ssize_t i = 0; i < length; ++i) {
      utf8proc_int32_t& part = buffer[static_cast<size_t>(i)];
      if (is_digit(static_cast<char32_t>(part))) part = '0';
    }
  }
  const utf8proc_ssize_t bytes = utf8proc_reencode(buffer.data(), length, options);
  if (bytes > 0)
    out.append(reinterpret_cast<const char*>(buffer.data()), static_cast<size_t>(bytes));
}

void append_single(char32_t code_point, std::string_view bytes, const TextForm& form,
                   std::string& out) {
  if (code_point < 0x80) {
    append_ascii(bytes, form, out);
  } else if (code_point == kRightSingleQuote) {
    out.push_back('\'');
  } else if (code_point == kZeroWidthSpace) {
    out.push_back(' ');
  } else {
    const utf8proc_property_t& property = property_of(code_point);
    const bool unchanged = property.decomp_seqindex == UINT16_MAX && !property.ignorable &&
                           (!form.fold || property.casefold_seqindex == UINT16_MAX) &&
                           !(form.fold_numbers && is_digit(code_point));
    if (unchanged) {
      out.append(bytes);
    } else {
      append_composed(bytes, form, out);
    }
  }
}

/// Appends the character at the start of `text` with the marks on it; returns the bytes it took.
size_t append_cluster(std::string_view text, const TextForm& form, std::string& out) {
  const DecodedCharacter base = decode_utf8(text);
  size_t length = base.length;
  if (!base.valid) {
    out.append(kReplacementCharacter);
    return length;
  }
  size_t marks = 0;
  while (length < text.size() && marks < kMaxMarks) {
    const DecodedCharacter next = decode_utf8(text.substr(length));
    if (!next.valid || !extends_cluster(next.code_point, form)) break;
    length += next.length;
    ++marks;
  }
  if (marks == 0) {
    append_single(base.code_point, text.substr(0, length), form, out);
  } else {
    append_composed(text.substr(0, length), form, out);
  }
  return length;
}

}  // namespace

CharacterKind character_kind(char32_t code_point) {
  if (code_point == U'\'') return CharacterKind::kApostrophe;
  if (code_point == kZeroWidthSpace) return CharacterKind::kSpace;
  if (is_ideograph_or_kana(code_point)) return CharacterKind::kMark;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return CharacterKind::kSpace;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return CharacterKind::kWord;
    default:
      return CharacterKind::kMark;
  }
}

bool is_punctuation(char32_t code_point) {
  if (code_point < 0x80) {
    return code_point > ' ' && code_point < 0x7F &&
           character_kind(code_point) != CharacterKind::kWord;
  }
  const utf8proc_propval_t category = property_of(code_point).category;
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool extends_cluster(char32_t code_point, const TextForm& form) {
  if (extends_cluster(code_point)) return true;
  // NFKC may turn it into one that does: half-width voicing marks and vowels of Hangul.
  if (!form.compatibility || property_of(code_point).decomp_seqindex == UINT16_MAX) return false;
  constexpr size_t kMostDecomposed = 32;
  std::array<utf8proc_int32_t, kMostDecomposed> parts;
  int last_boundary = 0;
  const utf8proc_ssize_t length = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(code_point), parts.data(),
      static_cast<utf8proc_ssize_t>(parts.size()),
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT),
      &last_boundary);
  return length > 0 && extends_cluster(static_cast<char32_t>(parts[0]));
}

void normalize_text(std::string_view text, const TextForm& form, std::string& out) {
  out.clear();
  while (!text.empty()) {
    size_t ascii = ascii_prefix(text);
    // A mark may follow the last ASCII character, which then belongs to its cluster.
    if (ascii > 0 && ascii < text.size()) --ascii;
    append_ascii(text.substr(0, ascii), form, out);
    text.remove_prefix(ascii);
    if (!text.empty()) text.remove_prefix(append_cluster(text, form, out));
  }
}

}  // namespace ockham
