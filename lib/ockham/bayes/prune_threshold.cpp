#include "ockham/bayes/prune_threshold.hpp"

#include <charconv>

namespace ockham {

std::string PruneThreshold::named(std::string_view posterior) const {
  std::string name(posterior);
  if (log_alpha == kUsual) return name;
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, log_alpha).ptr;
  return name + ':' + std::string(digits, end);
}

}  // namespace ockham
