#include "ockham/compress/weight_format.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

const std::vector<WeightFormat> kWhole{
    WeightFormat::int8, WeightFormat::even_int6, WeightFormat::even_int5, WeightFormat::even_int4,
    WeightFormat::int6, WeightFormat::int5,      WeightFormat::int4};

// So no program that decodes them, in whatever order it multiplies, comes to other weights.
TEST(WeightFormat, MultiplesOfAScaleAreExact) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> sizes(1e-3f, 10.0f);
  for (const WeightFormat format : kWhole) {
    for (int round = 0; round < 100; ++round) {
      const float largest = sizes(random), scale = whole_scale(format, largest);
      EXPECT_NEAR(scale * std::pow(largest_whole(format), whole_power(format)), largest,
                  1e-2f * largest);
      for (uint32_t whole = 1; whole <= static_cast<uint32_t>(largest_whole(format)); ++whole) {
        const double exact = double{scale} * std::pow(double(whole), whole_power(format));
        ASSERT_EQ(double{bits_to_weight(format, whole, scale)}, exact) << whole << " * " << scale;
      }
    }
  }
}

// What a file gives back is what is measured: writing it again must not round once more.
TEST(WeightFormat, RoundingTwiceIsRoundingOnce) {
  std::mt19937 random(3);
  std::vector<WeightFormat> formats = kWhole;
  formats.insert(formats.end(), {WeightFormat::fp32, WeightFormat::fp16});
  for (const WeightFormat format : formats) {
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
