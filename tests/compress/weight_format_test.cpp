#include "ockham/compress/weight_format.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

// What a file gives back is what is measured: writing it again must not round once more.
TEST(WeightFormat, RoundingTwiceIsRoundingOnce) {
  std::mt19937 random(3);
  for (const WeightFormat format :
       {WeightFormat::fp32, WeightFormat::fp16, WeightFormat::int8, WeightFormat::even_int6,
        WeightFormat::even_int5, WeightFormat::even_int4, WeightFormat::int6, WeightFormat::int5,
        WeightFormat::int4}) {
    for (const Scales scales : {Scales::column, Scales::matrix}) {
      for (int round = 0; round < 200; ++round) {
        Matrix once = random_matrix(random, 5, 3);
        round_weights(format, scales, once);
        Matrix twice = once;
        round_weights(format, scales, twice);
        ASSERT_EQ(twice, once) << static_cast<int>(format) << " " << round;
      }
    }
  }
}

}  // namespace
}  // namespace ockham
