#include "apps/option_text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

constexpr size_t kHelpWidth = 80;
constexpr size_t kHelpColumn = 26;  // where descriptions start
constexpr std::string_view kBlanks = " \t\r";

}  // namespace

std::string join(std::span<const std::string> parts, const std::string& separator) {
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) joined += (i > 0 ? separator : "") + parts[i];
  return joined;
}

std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  if (text.empty() || text.back() == separator) parts.emplace_back();
  return parts;
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

void for_each_ini_line(
    const std::string& path,
    const std::function<void(const std::string& line, const std::string& where)>& visit) {
  constexpr size_t kMaxBytes = 1 << 20;
  std::istringstream lines(read_file(path, kMaxBytes));
  size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    if (++number == 1 && line.rfind("\xef\xbb\xbf", 0) == 0) line.erase(0, 3);
    line = trimmed(line);
    if (!line.empty() && line[0] != '#') visit(line, path + ":" + std::to_string(number) + ": ");
  }
}

std::optional<double> read_duration(const std::string& text) {
  double factor = 1.0;
  std::string number = text;
  constexpr std::string_view kUnits = "smh";
  constexpr std::array<double, kUnits.size()> kSeconds = {1.0, 60.0, 3600.0};
  const size_t unit = text.empty() ? std::string_view::npos : kUnits.find(text.back());
  if (unit != std::string_view::npos) {
    factor = kSeconds[unit];
    number.pop_back();
  }
  constexpr double kLongest = 1e9;
  const auto value = read_number_in<double>(number, Range{0, kLongest});
  if (!value || *value <= 0.0) return std::nullopt;
  return factor * *value;
}

std::optional<size_t> read_size(std::string_view text) {
  const size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  std::string unit(text.substr(end));
  for (char& c : unit) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::map<std::string_view, double> units = {{"", 1},         {"k", 1e3},  {"kb", 1e3},
                                                    {"m", 1e6},      {"mb", 1e6}, {"kib", 1 << 10},
                                                    {"mib", 1 << 20}};
  const auto found = units.find(unit);
  if (found == units.end()) return std::nullopt;
  if (unit.empty()) return read_number_in<size_t>(text, Range::at_least(1));
  constexpr double kMost = 1e12;
  const auto number = read_number_in<double>(text.substr(0, end), Range{0, kMost});
  if (!number || *number * found->second < 1) return std::nullopt;
  return static_cast<size_t>(*number * found->second);
}

bool in_range(double value, const Range& range) {
  return (range.open ? value > range.lowest : value >= range.lowest) && value <= range.highest;
}

std::string ini_value(const std::string& value) {
  const bool plain = value == trimmed(value) && value.find_first_of("\"#\n") == std::string::npos;
  if (plain) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? "\\n" : std::string(1, c);
  }
  return quoted + "\"";
}

std::optional<std::string> read_ini_value(const std::string& text) {
  if (text.empty() || text[0] != '"') {
    for (size_t i = 0; i < text.size(); ++i) {
      const bool starts_word = i == 0 || kBlanks.find(text[i - 1]) != std::string_view::npos;
      if (text[i] == '#' && starts_word) return trimmed(text.substr(0, i));
    }
    return text;
  }
  std::string value;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      const std::string rest = trimmed(text.substr(i + 1));
      if (rest.empty() || rest[0] == '#') return value;
      break;
    }
    if (text[i] == '\\' && ++i < text.size()) {
      value += text[i] == 'n' ? '\n' : text[i];
    } else if (i < text.size()) {
      value += text[i];
    }
  }
  return std::nullopt;
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:=@_";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string line_start(const std::string& line) {
  constexpr size_t kMostBytes = 60;
  return line.size() <= kMostBytes ? line : line.substr(0, kMostBytes) + "...";
}

std::string help_line(const std::string& left, const std::string& text) {
  std::string block = "  " + left;
  size_t column = block.size();
  const auto new_line = [&] {
    block += "\n" + std::string(kHelpColumn, ' ');
    column = kHelpColumn;
  };
  if (column + 2 > kHelpColumn) {
    new_line();
  } else {
    block += std::string(kHelpColumn - column, ' ');
    column = kHelpColumn;
  }
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (column > kHelpColumn && column + 1 + word.size() > kHelpWidth) new_line();
    if (column > kHelpColumn) block += ' ', ++column;
    block += word;
    column += word.size();
  }
  return block + "\n";
}

}  // namespace ockham
