#include "ockham/text/hash_filter.hpp"

#include <gtest/gtest.h>

#include <random>

#include "ockham/text/hash.hpp"

namespace ockham {
namespace {

TEST(HashFilter, HoldsWhatWasAddedAndLittleElse) {
  for (const size_t size : {0u, 1u, 7u, 1'000u, 5'000u}) {
    HashFilter filter(size);
    for (size_t i = 0; i < size; ++i) filter.add(mix_bits(i));
    for (size_t i = 0; i < size; ++i) EXPECT_TRUE(filter.may_hold(mix_bits(i)));
    size_t others = 0;
    for (size_t i = size; i < size + 10'000; ++i) others += filter.may_hold(mix_bits(i)) ? 1 : 0;
    EXPECT_LE(others, 800u) << size;  // one in 16 is expected at most
  }
}

TEST(HashFilter, HasAsManyBitsAsItIsTold) {
  auto large = HashFilter::of_bits(17);  // of 2^17 bits 10 are set
  for (size_t i = 0; i < 10; ++i) large.add(mix_bits(i));
  size_t others = 0;
  for (size_t i = 10; i < 100'010; ++i) others += large.may_hold(mix_bits(i)) ? 1 : 0;
  EXPECT_LE(others, 25u);  // 7.6 are expected

  auto small = HashFilter::of_bits(10);  // nothing but the upper 10 bits count
  for (const uint64_t upper : {0u, 77u, 1'023u}) small.add(upper << 54);
  for (uint64_t upper = 0; upper < 1'024; ++upper) {
    EXPECT_EQ(small.may_hold(upper << 54 | mix_bits(upper) >> 10),
              upper == 0 || upper == 77 || upper == 1'023);
  }
}

TEST(HashFilter, HoldsNothingAtFirst) {
  EXPECT_FALSE(HashFilter().may_hold(0));
  EXPECT_FALSE(HashFilter().may_hold(~uint64_t{0}));
}

/// Windows at any place, of any length, over bytes that stand around them.
TEST(HashWindow, IsTheHashOfItsBytes) {
  std::mt19937 random(1);
  for (size_t round = 0; round < 2'000; ++round) {
    std::string whole(1 + random() % 40, '\0');
    for (char& c : whole) c = static_cast<char>(random());
    const size_t begin = random() % whole.size();
    const size_t length = 1 + random() % (whole.size() - begin);
    EXPECT_EQ(hash_window(whole, begin, length),
              hash_bytes(std::string_view(whole).substr(begin, length)));
  }
}

}  // namespace
}  // namespace ockham
