#include "ockham/text/word_vectors.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "ockham/tensor/error.hpp"
#include "ockham/text/line_splitter.hpp"

namespace ockham {
namespace {

constexpr size_t kMostDimensions = 1 << 14;
constexpr size_t kMostLineBytes = size_t{1} << 22;  // more is no line of vectors

std::string_view trim_right(std::string_view line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

/// Takes the last field off the line.
std::string_view pop_field(std::string_view& line) {
  const size_t at = line.find_last_of(" \t");
  const std::string_view field = at == std::string_view::npos ? line : line.substr(at + 1);
  line = at == std::string_view::npos ? std::string_view() : trim_right(line.substr(0, at));
  return field;
}

template <typename Number>
std::optional<Number> parse(std::string_view field) {
  Number number{};
  const char* end = field.data() + field.size();
  const auto read = std::from_chars(field.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

/// A number that is too small for a float is 0, one that is too large is none.
std::optional<float> parse_float(std::string_view field) {
  float number = 0.0f;
  const char* end = field.data() + field.size();
  const auto read = std::from_chars(field.data(), end, number);
  if (read.ptr != end || !std::isfinite(number)) return std::nullopt;
  if (read.ec == std::errc::result_out_of_range) {
    const bool tiny = field.find("e-") != field.npos || field.find("E-") != field.npos;
    return tiny ? std::optional(0.0f) : std::nullopt;
  }
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

/// How many numbers end a line; its first field is a word, whatever it looks like.
size_t count_numbers(std::string_view line) {
  line = trim_right(line);
  for (size_t numbers = 0;; ++numbers) {
    const std::string_view field = pop_field(line);
    if (line.empty() || !parse_float(field)) return numbers;
  }
}

/// The dimensions that a first line of two whole numbers states.
std::optional<size_t> header_dimensions(std::string_view line) {
  line = trim_right(line);
  const auto dimensions = parse<size_t>(pop_field(line));
  const auto words = parse<size_t>(line);
  return dimensions && words ? dimensions : std::nullopt;
}

/// The lines of one file, and where in it one stands.
class VectorLines {
 public:
  VectorLines(std::unique_ptr<ByteSource> source, const std::string& name)
      : name_(name), lines_(std::move(source), kMostLineBytes) {}

  /// The next line that is not blank.
  bool next(std::string_view& line) {
    while (lines_.next(line)) {
      if (!lines_.line_ended()) fail_line("is no line of a word and its numbers: it is too long");
      if (!trim_right(line).empty()) return true;
    }
    return false;
  }

  template <typename... Parts>
  [[noreturn]] void fail_line(const Parts&... parts) const {
    fail(name_, ":", lines_.line_number(), ": ", parts...);
  }

 private:
  const std::string& name_;
  LineSplitter lines_;
};

/// Splits a line into its word, which may hold spaces, and its numbers.
std::string_view read_vector(std::string_view line, const VectorLines& file,
                             std::span<float> numbers) {
  line = trim_right(line);
  for (size_t j = numbers.size(); j-- > 0;) {
    const std::string_view field = pop_field(line);
    const auto number = parse_float(field);
    if (!number) {
      file.fail_line("expected a word and ", numbers.size(),
                     " numbers, separated by spaces; only text files of vectors can be read");
    }
    numbers[j] = *number;
  }
  if (line.empty()) file.fail_line("expected a word before the ", numbers.size(), " numbers");
  return line;
}

struct FirstLine {
  size_t dimensions;
  bool is_header;
};

FirstLine read_first_line(VectorLines& file, const std::string& name, std::string_view& line) {
  if (!file.next(line)) fail(name, ": holds no word vectors");
  const auto stated = header_dimensions(line);
  const size_t dimensions = stated ? *stated : count_numbers(line);
  if (dimensions == 0 || dimensions > kMostDimensions) {
    file.fail_line("expected a word and 1 to ", kMostDimensions, " numbers");
  }
  return {dimensions, stated.has_value()};
}

}  // namespace

size_t word_vector_dimensions(std::unique_ptr<ByteSource> source, const std::string& name) {
  VectorLines file(std::move(source), name);
  std::string_view line;
  return read_first_line(file, name, line).dimensions;
}

size_t WordVectors::matched() const {
  return static_cast<size_t>(std::ranges::count(found, uint8_t{1}));
}

WordVectors read_word_vectors(std::unique_ptr<ByteSource> source, const std::string& name,
                              std::span<const std::string> wanted, const TextForm& form) {
  VectorLines file(std::move(source), name);
  std::unordered_map<std::string_view, size_t> row_of;
  for (size_t i = 0; i < wanted.size(); ++i) row_of.emplace(wanted[i], i);

  std::string_view line;
  const auto [dimensions, stated] = read_first_line(file, name, line);
  WordVectors vectors{Matrix(wanted.size(), dimensions), std::vector<uint8_t>(wanted.size()), 0};
  std::vector<uint8_t> as_it_stands(wanted.size());
  std::vector<float> numbers(dimensions);
  std::string folded;
  bool more = stated ? file.next(line) : true;
  if (more && count_numbers(line) > dimensions) {
    file.fail_line("holds ", count_numbers(line), " numbers, but the first line states ",
                   dimensions);
  }
  for (; more; more = file.next(line)) {
    const std::string_view word = read_vector(line, file, numbers);
    ++vectors.file_words;
    normalize_text(word, form, folded);
    const auto found = row_of.find(folded);
    if (found == row_of.end()) continue;
    const size_t row = found->second;
    const bool exact = word == folded;
    if (vectors.found[row] && (as_it_stands[row] || !exact)) continue;
    vectors.found[row] = 1;
    as_it_stands[row] = exact;
    std::ranges::copy(numbers, vectors.values.row(row));
  }
  if (vectors.file_words == 0) fail(name, ": holds no word vectors");
  return vectors;
}

}  // namespace ockham
