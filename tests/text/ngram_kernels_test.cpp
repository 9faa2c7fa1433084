#include "ockham/text/ngram_kernels.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "tests/support/each_target.hpp"

namespace ockham {
namespace {

/// What filter_all() says of each of some n-grams beside NgramHashing and HashFilter themselves.
void expect_filtered(const NgramHashing& hashing, const HashFilter& filter,
                     std::span<const uint64_t> ngrams) {
  std::vector<uint32_t> buckets(ngrams.size());
  FilterBits bits;
  bits.fill(~uint64_t{0});
  filter_all(ngrams, hashing, filter, buckets, bits);
  for (size_t i = 0; i < 64 * bits.size(); ++i) {
    const bool bit = (bits[i / 64] >> i % 64 & 1) != 0;
    if (i >= ngrams.size()) {
      ASSERT_FALSE(bit) << "behind the last of " << ngrams.size();
      continue;
    }
    ASSERT_EQ(buckets[i], hashing.bucket(ngrams[i])) << i;
    ASSERT_EQ(bit, filter.may_hold(uint64_t{buckets[i]} << (64 - hashing.bits))) << i;
  }
}

TEST(FilterAll, SaysOfEachNgramWhatTheFilterSays) {
  for_each_target([] {
    std::mt19937_64 random(1);
    for (const uint32_t bits : {8u, 13u, 24u}) {
      const NgramHashing hashing{.bits = bits, .seed = 7 * bits};
      for (const int filter_bits : {6, 8, static_cast<int>(bits)}) {
        HashFilter filter = HashFilter::of_bits(filter_bits);
        std::vector<uint64_t> known(size_t{1} << (filter_bits - 2));  // a fifth of the bits
        for (uint64_t& ngram : known) {
          ngram = random();
          filter.add(uint64_t{hashing.bucket(ngram)} << (64 - bits));
        }
        for (const size_t size : {0u, 1u, 3u, 8u, 63u, 64u, 65u, 130u, 255u, 256u}) {
          std::vector<uint64_t> ngrams(size);
          for (uint64_t& ngram : ngrams) {
            ngram = random() % 2 == 0 ? known[random() % known.size()] : random();
          }
          expect_filtered(hashing, filter, ngrams);
        }
      }
    }
  });
}

}  // namespace
}  // namespace ockham
