#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// How options look as text: numbers and their ranges, values in an INI file, help lines, names.

namespace ockham {

/// The values that a number may take; both ends belong to it unless it is open.
struct Range {
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
  bool open = false;  // without lowest itself

  static Range at_least(double lowest) { return Range{lowest}; }
  static Range above(double lowest, double highest = std::numeric_limits<double>::infinity()) {
    return Range{lowest, highest, true};
  }
};

std::string join(std::span<const std::string> parts, const std::string& separator);
std::vector<std::string> split_at(const std::string& text, char separator);
/// Without blanks and carriage returns at both ends.
std::string trimmed(std::string_view text);
/// Calls visit(line, where) for every line of an INI file that is neither empty nor a comment,
/// trimmed; `where` is "FILE:LINE: ". Throws Error as read_file() does.
void for_each_ini_line(
    const std::string& path,
    const std::function<void(const std::string& line, const std::string& where)>& visit);
/// The seconds of 90s, 5m, 1.5h or 90; nothing for anything else, and for none.
std::optional<double> read_duration(const std::string& text);
/// The bytes of 4000, 4k, 4kB, 1.5M or 1.5MB, of 1,000 and 1,000,000, and of 4KiB or 1MiB, of 2^10
/// and 2^20, capitals or not; nothing for anything else, and for less than one.
std::optional<size_t> read_size(std::string_view text);

bool in_range(double value, const Range& range);

/// A value as it stands behind `key =`: quoted where its blanks, quotes or line ends would not
/// survive.
std::string ini_value(const std::string& value);

/// The value at the start of `text`, up to a comment; nothing if a quote does not end or more
/// follows behind it.
std::optional<std::string> read_ini_value(const std::string& text);

/// A word as a POSIX shell reads it back: in single quotes where it needs them.
std::string shell_word(const std::string& word);

/// The start of a line from a file that may be anything, for a message: some 60 bytes of it.
std::string line_start(const std::string& line);

/// `left`, then the words of `text` from the column of descriptions on, wrapped.
std::string help_line(const std::string& left, const std::string& text);

/// The shortest text that reads back as the same number.
template <typename T>
std::string number_text(T value) {
  std::array<char, 400> text;
  std::to_chars_result end{};
  if constexpr (std::is_floating_point_v<T>) {
    const T size = std::abs(value);
    const bool plain = size == 0 || (size >= T(1e-5) && size < T(1e15));
    end = std::to_chars(text.data(), text.data() + text.size(), value,
                        plain ? std::chars_format::fixed : std::chars_format::scientific);
  } else {
    end = std::to_chars(text.data(), text.data() + text.size(), value);
  }
  return {text.data(), end.ptr};
}

/// All of the text as one finite number, or nothing.
template <typename T>
std::optional<T> read_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  return value;
}

template <typename T>
std::optional<T> read_number_in(std::string_view text, const Range& range) {
  std::optional<T> value = read_number<T>(text);
  if (value && !in_range(static_cast<double>(*value), range)) value.reset();
  return value;
}

template <typename T>
std::string in_words(const Range& range) {
  const std::string kind = std::is_integral_v<T> ? "a whole number" : "a number";
  const double lowest = std::is_unsigned_v<T> ? std::max(range.lowest, 0.0) : range.lowest;
  const bool bounded = std::isfinite(range.highest);
  const auto bound = [](double value) {  // in the notation that the option takes
    return std::is_integral_v<T> ? number_text(static_cast<int64_t>(value)) : number_text(value);
  };
  const std::string upper = bounded ? bound(range.highest) : "";
  if (!std::isfinite(lowest)) return bounded ? kind + " of at most " + upper : kind;
  const std::string lower = bound(lowest);
  if (range.open) return kind + " above " + lower + (bounded ? " and at most " + upper : "");
  return bounded ? kind + " from " + lower + " to " + upper : kind + " of at least " + lower;
}

}  // namespace ockham
