#include "ockham/text/length_token.hpp"

#include <cmath>
#include <string>

namespace ockham {

void put_length_token(size_t count, TokenBuffer& tokens) {
  tokens.clear();
  if (count == 0) return;
  // The whole numbers in the step [2^(k/8), 2^((k+1)/8)) in which `count` is.
  constexpr double kStepsPerDoubling = 8.0;
  const auto first_of = [](double step) {
    return static_cast<size_t>(std::ceil(std::exp2(step / kStepsPerDoubling)));
  };
  const double step = std::floor(kStepsPerDoubling * std::log2(static_cast<double>(count)));
  const size_t first = first_of(step), last = first_of(step + 1) - 1;
  tokens.bytes = kLengthTokenStart;
  tokens.bytes += std::to_string(first);
  if (last > first) tokens.bytes.append("-").append(std::to_string(last));
  tokens.bytes += ">";
  tokens.extents.push_back({0, tokens.bytes.size()});
}

bool is_length_token(std::string_view ngram) {
  return ngram.starts_with(kLengthTokenStart) && ngram.find(' ') == std::string_view::npos;
}

}  // namespace ockham
