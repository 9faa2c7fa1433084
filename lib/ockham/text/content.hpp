#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ockham/text/record_reader.hpp"

// What several readers want to know of raw bytes.

namespace ockham {

/// Whether a line holds nothing but `blanks`.
inline bool is_blank(std::string_view line, std::string_view blanks = " \t\r\v\f") {
  return line.find_first_not_of(blanks) == std::string_view::npos;
}

/// Throws Error that starts with `where` if a file starts as UTF-16 does: with its byte order mark,
/// or with NUL for every other byte. `start`: the first line, or more.
void refuse_utf16(std::string_view start, const std::string& where);

/// A record's weight. Throws Error that starts with `where` unless the text is a finite number
/// above zero, as a float too.
float parse_weight(std::string_view text, const std::string& where);

/// Throws Error that starts with `where` if the label's column is the text's, or one of them.
void refuse_label_as_text(const RecordColumns& columns, const std::string& where);

/// "; did you mean X?" or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& names);

}  // namespace ockham
