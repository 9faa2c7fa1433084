#include "apps/terminal_text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

namespace ockham {
namespace {

struct Shown {
  std::string text;
  size_t width = 0;
};

/// Controls, and what reorders or breaks a line.
bool steers(utf8proc_int32_t code_point) {
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

/// As many characters as fit into `most` columns.
Shown show(std::string_view text, size_t most) {
  Shown shown;
  while (!text.empty()) {
    utf8proc_int32_t code_point = -1;
    const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                        static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    const bool valid = bytes > 0 && !steers(code_point);
    const size_t length = bytes > 0 ? static_cast<size_t>(bytes) : 1;
    const size_t width = valid ? static_cast<size_t>(utf8proc_charwidth(code_point)) : 1;
    if (shown.width + width > most) break;
    shown.text += valid ? text.substr(0, length) : "?";
    shown.width += width;
    text.remove_prefix(length);
  }
  return shown;
}

/// As much of the end as fits into `most` columns.
std::string end_of(std::string_view text, size_t most) {
  constexpr size_t kBytesAColumn = 16;  // with combining marks; more are cut off
  size_t from = text.size() - std::min(text.size(), kBytesAColumn * most);
  const auto is_inside = [&](size_t at) { return (text[at] & '\xC0') == '\x80'; };
  while (from < text.size() && (is_inside(from) || display_width(text.substr(from)) > most)) ++from;
  return show(text.substr(from), most).text;
}

/// The names that others look like.
std::vector<size_t> alike(const std::vector<std::string>& names) {
  std::map<std::string_view, size_t> counts;
  for (const std::string& name : names) ++counts[name];
  std::vector<size_t> found;
  for (size_t i = 0; i < names.size(); ++i) {
    if (counts[names[i]] > 1) found.push_back(i);
  }
  return found;
}

}  // namespace

std::string grouped_digits(size_t n) {
  std::string text = std::to_string(n);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string counted(size_t n, std::string_view one, std::string_view many) {
  return grouped_digits(n) + " " + std::string(n == 1 ? one : many);
}

std::string percent_text(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", 100.0 * share);
  return text;
}

std::string percent_or_dash(const std::optional<double>& share) {
  return share ? percent_text(*share) + "%" : "-";
}

std::string signed_number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.2f", x);
  return text;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(std::max(0.0, std::round(seconds)));
  char text[64];
  if (whole < 60) {
    std::snprintf(text, sizeof text, "%ld s", whole);
  } else if (whole < 3600) {
    std::snprintf(text, sizeof text, "%ld m %02ld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld h %02ld m", whole / 3600, whole / 60 % 60);
  }
  return text;
}

size_t display_width(std::string_view text) {
  return show(text, std::numeric_limits<size_t>::max()).width;
}

std::string cell(std::string_view text, size_t width) {
  Shown shown = show(text, width);
  return shown.text.append(width - shown.width, ' ');
}

std::string printable(std::string_view text) {
  return cell(text, display_width(text));
}

std::vector<std::string> distinct_names(std::span<const std::string> names, size_t width) {
  std::vector<std::string> shown(names.size());
  const auto shorten = [&](size_t i, const std::string& end) {
    const std::string tail = "~" + end;
    shown[i] = show(names[i], width - display_width(tail)).text + tail;
  };
  for (size_t i = 0; i < names.size(); ++i) {
    if (display_width(names[i]) > width) {
      shorten(i, "");
    } else {
      shown[i] = printable(names[i]);
    }
  }
  for (const size_t i : alike(shown)) shorten(i, end_of(names[i], (width - 1) / 2));
  for (const size_t i : alike(shown)) shorten(i, std::to_string(i + 1));
  return shown;
}

std::string right_cell(std::string_view text, size_t width) {
  const Shown shown = show(text, width);
  return std::string(width - shown.width, ' ') + shown.text;
}

}  // namespace ockham
