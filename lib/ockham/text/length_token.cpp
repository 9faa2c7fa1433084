#include "ockham/text/length_token.hpp"

#include <cmath>
#include <string>

namespace ockham {

namespace {

constexpr double kStepsPerDoubling = 8.0;

/// The first whole number in the step [2^(k/8), 2^((k+1)/8)).
size_t first_of(double step) {
  return static_cast<size_t>(std::ceil(std::exp2(step / kStepsPerDoubling)));
}

double step_of(size_t count) {
  return std::floor(kStepsPerDoubling * std::log2(static_cast<double>(count)));
}

std::string token_of(double step) {
  const size_t first = first_of(step), last = first_of(step + 1) - 1;
  std::string token(kLengthTokenStart);
  token += std::to_string(first);
  if (last > first) token.append("-").append(std::to_string(last));
  return token + ">";
}

}  // namespace

void put_length_token(size_t count, TokenBuffer& tokens) {
  tokens.clear();
  if (count == 0) return;
  tokens.bytes = token_of(step_of(count));
  tokens.extents.push_back({0, tokens.bytes.size()});
}

std::vector<std::string> all_length_tokens() {
  constexpr double kDoublings = 40.0;  // longer texts than these are not to be expected
  std::vector<std::string> tokens;
  for (double step = 0; step < kDoublings * kStepsPerDoubling; ++step) {
    // Steps below 8 hold no whole number now and then.
    if (first_of(step) < first_of(step + 1)) tokens.push_back(token_of(step));
  }
  return tokens;
}

bool is_length_token(std::string_view ngram) {
  return ngram.starts_with(kLengthTokenStart) && ngram.find(' ') == std::string_view::npos;
}

}  // namespace ockham
