#include "ockham/deploy/c_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

namespace ockham {
namespace {

constexpr size_t kColumns = 96;

std::string joined(std::string_view type, std::string_view name,
                   std::span<const std::string> values) {
  std::string text = "static const ";
  text.append(type).append(" ").append(name).append("[] = {\n");
  size_t column = 0;
  for (size_t i = 0; i < std::max<size_t>(values.size(), 1); ++i) {
    const std::string_view value = values.empty() ? "0" : std::string_view(values[i]);
    const bool last = i + 1 >= values.size();
    if (column == 0 || column + value.size() + 2 > kColumns) {
      text.append(column == 0 ? "  " : "\n  ");
      column = 2;
    } else {
      text.append(" ");
    }
    text.append(value).append(last ? "" : ",");
    column += value.size() + 2;
  }
  return text.append("\n};\n");
}

template <typename T>
std::vector<std::string> decimals(std::span<const T> values) {
  std::vector<std::string> texts;
  for (const T value : values) texts.push_back(std::to_string(value));
  return texts;
}

}  // namespace

std::string c_string(std::string_view text) {
  std::string literal(1, '"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= ' ' && byte < 0x7F && c != '"' && c != '\\' && c != '?';
    if (plain) {
      literal += c;
    } else {
      std::array<char, 8> escape;
      // Three octal digits are all that an escape takes; hexadecimal ones would go on.
      std::snprintf(escape.data(), escape.size(), "\\%03o", byte);
      literal += escape.data();
    }
  }
  return literal.append("\"");
}

std::string c_float(float value) {
  std::array<char, 48> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 std::chars_format::scientific);
  return std::string(digits.data(), end.ptr).append("f");
}

std::string c_define(std::string_view name, std::string_view value) {
  std::string text = "#define OCKHAM_";
  return text.append(name).append(" ").append(value).append("\n");
}

std::string c_define(std::string_view name, uint64_t value) {
  return c_define(name, std::to_string(value).append("u"));
}

std::string c_array(std::string_view name, std::span<const uint8_t> values) {
  return joined("unsigned char", name, decimals(values));
}

std::string c_array(std::string_view type, std::string_view name,
                    std::span<const uint32_t> values) {
  return joined(type, name, decimals(values));
}

std::string c_array(std::string_view name, std::span<const float> values) {
  std::vector<std::string> texts;
  for (const float value : values) texts.push_back(c_float(value));
  return joined("float", name, texts);
}

std::string c_array(std::string_view type, std::string_view name,
                    std::span<const std::string> values) {
  return joined(type, name, values);
}

std::string c_braces(std::initializer_list<uint64_t> values) {
  std::vector<std::string> texts;
  for (const uint64_t value : values) texts.push_back(std::to_string(value));
  return c_braces(texts);
}

std::string c_braces(std::span<const std::string> values) {
  std::string text;
  for (const std::string& value : values) text.append(text.empty() ? "{" : ", ").append(value);
  return text.append("}");
}

std::string_view c_type(uint64_t largest) {
  return largest <= UINT8_MAX ? "unsigned char" : largest <= UINT16_MAX ? "uint16_t" : "uint32_t";
}

}  // namespace ockham
