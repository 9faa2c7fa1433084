#include "ockham/tensor/amx_tiles.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "ockham/tensor/kernels.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/precision.hpp"
#include "tests/support/amx_formats.hpp"
#include "tests/support/random_matrix.hpp"

namespace ockham {
namespace {

class AmxTilesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!multiplies_tiles()) GTEST_SKIP() << "this processor has no AMX";
  }
};

/// What the tiles say of element k of row (or column) i, as AmxTiles says they are laid out.
class Cut : public AmxTiles {
 public:
  Cut(size_t outer, size_t inner, TileFormat format)
      : AmxTiles(outer, inner, format), blocks_(tile_blocks(inner, format)) {}

  double left(size_t i, size_t k) const {
    return sum_of_parts(i, k, [&](size_t part, size_t word) {
      const size_t tile = (block(k) * parts_ + part) * 2 + i / 16;
      return tiles()[tile].words[i % 16][word];
    });
  }
  double right(size_t i, size_t k) const {
    return sum_of_parts(i, k, [&](size_t part, size_t word) {
      const size_t tile = (i / 16 * blocks_ + block(k)) * parts_ + part;
      return tiles()[tile].words[word][i % 16];
    });
  }

 private:
  size_t block(size_t k) const { return k / tile_depth(format()); }

  template <typename Word>
  double sum_of_parts(size_t i, size_t k, const Word& word) const {
    const size_t within = k % tile_depth(format());
    const uint32_t shift = static_cast<uint32_t>(within / 16);  // which of a word's
    if (format() == TileFormat::bf16) {
      return std::bit_cast<float>(word(0, within % 16) >> (16 * shift) << 16);
    }
    double sum = 0.0;
    for (size_t p = 0; p < parts_; ++p) {
      const auto byte = static_cast<int8_t>(word(p, within % 16) >> (8 * shift));
      sum += std::ldexp(byte, -8 * static_cast<int>(p));
    }
    return std::ldexp(sum, static_cast<int>(exponents()[i]));
  }

  size_t blocks_, parts_ = tile_parts(format());
};

/// `cut` is what the format makes of x, in a row whose largest is `largest`.
void expect_cut(float x, double cut, double largest, TileFormat format) {
  if (format == TileFormat::bf16) {
    uint16_t half = 0;
    round_to_bf16({&x, 1}, {&half, 1});
    ASSERT_EQ(cut, std::bit_cast<float>(uint32_t{half} << 16));
  } else {
    ASSERT_LE(std::abs(cut - x), 0x1.02p-23 * largest) << x << ", largest " << largest;
  }
}

TEST_F(AmxTilesTest, TilesHoldNumbersAsTheirFormatSays) {
  std::mt19937 random(1);
  constexpr size_t kRows = 19, kInner = 75, kColumns = 70;
  for (const TileFormat format : kTileFormats) {
    SCOPED_TRACE(tile_format_name(format));
    const Matrix a = varied_matrix(random, kRows, kInner);
    const Matrix b = varied_matrix(random, kInner, kColumns), b_transposed = transposed(b);
    Cut left(kRows, kInner, format), left_transposed(kRows, kInner, format);
    Cut right(kColumns, kInner, format);
    left.cut_left(a);
    left_transposed.cut_left_transposed(transposed(a));
    right.cut_right(b);
    for (size_t k = 0; k < tile_blocks(kInner, format) * tile_depth(format); ++k) {
      for (size_t i = 0; i < 32; ++i) {
        const bool there = i < kRows && k < kInner;
        const float x = there ? a(i, k) : 0.0f;
        const double largest = there ? largest_of(a.view().row_span(i)) : 0.0;
        expect_cut(x, left.left(i, k), largest, format);
        expect_cut(x, left_transposed.left(i, k), largest, format);
      }
      for (size_t j = 0; j < 96; ++j) {
        const bool there = k < kInner && j < kColumns;
        const double largest = there ? largest_of(b_transposed.view().row_span(j)) : 0.0;
        expect_cut(there ? b(k, j) : 0.0f, right.right(j, k), largest, format);
      }
    }
  }
}

// The first byte of what is just below a power of two, or at the ends of fp32's range, holds it.
TEST_F(AmxTilesTest, FixedPointHoldsTheLargestOfEverySize) {
  for (const float x : {1.0f, std::nextafter(2.0f, 0.0f), 1.992f, 1.993f, 0x1p-99f, 0x1.fffffep127f,
                        -1.995f, -0x1.fffffep127f, -1.0f, 1.9922f, -1.9922f}) {
    const Matrix a(1, 1, x);
    Cut cut(1, 1, TileFormat::int8x3);
    cut.cut_left(a);
    EXPECT_NEAR(cut.left(0, 0), x, std::abs(x) * 0x1.02p-23);
  }
  const Matrix tiny(1, 1, 0x1p-120f);
  Cut cut(1, 1, TileFormat::int8x3);
  cut.cut_left(tiny);
  EXPECT_NEAR(cut.left(0, 0), 0x1p-120, 0x1p-122);
}

TEST_F(AmxTilesTest, TilesKnowNothingOfWhatWasCutBefore) {
  std::mt19937 random(8);
  Matrix large = random_matrix(random, 80, 40);
  for (float& x : large.values()) x *= 0x1p20f;
  large(3, 5) = std::numeric_limits<float>::infinity();
  const Matrix small = random_matrix(random, 70, 30);
  for (const TileFormat format : kTileFormats) {
    AmxTiles again(40, 80, format), once(30, 70, format);
    again.cut_right(large);
    again.cut_right(small);
    once.cut_right(small);
    const size_t tiles = 2 * tile_blocks(70, format) * tile_parts(format);
    for (size_t t = 0; t < tiles; ++t) {
      for (size_t row = 0; row < AmxTile::kRows; ++row) {
        EXPECT_TRUE(std::ranges::equal(again.tiles()[t].words[row], once.tiles()[t].words[row]));
      }
    }
    if (format == TileFormat::bf16) continue;
    EXPECT_TRUE(
        std::ranges::equal(std::span(again.exponents(), 30), std::span(once.exponents(), 30)));
  }
}

}  // namespace
}  // namespace ockham
