#include "ockham/text/content.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "ockham/tensor/error.hpp"
#include "ockham/text/nearest_name.hpp"
#include "ockham/text/quote.hpp"

namespace ockham {

namespace {

/// Whether the bytes are letters of ASCII in UTF-16 without its mark: every other byte is NUL, or
/// nearly, and hardly any between them. A few NULs in a text are no sign of it.
bool alternates_with_nul(std::string_view bytes) {
  constexpr size_t kLooked = 4096, kFewest = 3;  // bytes; pairs
  const size_t pairs = std::min(bytes.size(), kLooked) / 2;
  std::array<size_t, 2> nul{0, 0};
  for (size_t i = 0; i < 2 * pairs; ++i) nul[i % 2] += bytes[i] == '\0' ? 1 : 0;
  const auto [fewer, more] = std::minmax(nul[0], nul[1]);
  return pairs >= kFewest && 10 * more >= 9 * pairs && 10 * fewer <= pairs;
}

}  // namespace

void refuse_utf16(std::string_view start, const std::string& where) {
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF") ||
      alternates_with_nul(start)) {
    fail(where,
         ": the file is UTF-16; expected UTF-8; convert it, e.g. with iconv -f UTF-16 -t UTF-8");
  }
}

float parse_weight(std::string_view text, const std::string& where) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto weight = static_cast<float>(value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !std::isfinite(weight) || weight <= 0.0f) {
    fail(where, ": the weight is ", quote(text), "; expected a finite number above 0");
  }
  return weight;
}

void refuse_label_as_text(const RecordColumns& columns, const std::string& where) {
  if (std::ranges::find(columns.text, columns.label) == columns.text.end()) return;
  fail(where, ": column ", quote(columns.label),
       " is both label and text; name two columns with --label-column and --text-column");
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  const std::optional<std::string> nearest = nearest_name(word, names);
  return nearest ? "; did you mean " + quote(*nearest) + "?" : "";
}

}  // namespace ockham
