#include "apps/hash_option.hpp"

#include "apps/options.hpp"
#include "ockham/text/hashed_vocabulary.hpp"

namespace ockham {

std::optional<uint32_t> hash_bits(const std::string& vocabulary) {
  constexpr std::string_view kHashed = "hashed", kBits = "hashed:";
  if (vocabulary == kHashed) return std::nullopt;
  const auto bits = vocabulary.starts_with(kBits)
                        ? read_number<uint32_t>(vocabulary.substr(kBits.size()))
                        : std::nullopt;
  if (!bits || *bits < NgramHashing::kLeastBits || *bits > NgramHashing::kMostBits) {
    throw UsageError("--vocabulary " + vocabulary + ": expected words, hashed, or hashed:8 to " +
                     "hashed:24");
  }
  return bits;
}

}  // namespace ockham
