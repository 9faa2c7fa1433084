#include "ockham/tensor/amx_matmul.hpp"

#include <algorithm>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/precision.hpp"

namespace ockham {
namespace {

constexpr const char* kNoTiles = "this processor has no AMX, or the system does not let it be used";

}  // namespace
}  // namespace ockham

#ifdef __x86_64__

#include <immintrin.h>

#include <atomic>

// multiplies_tiles() asks for AVX-512 as well.
#define OCKHAM_AMX __attribute__((target("amx-tile,amx-bf16,avx512f")))

namespace ockham {
namespace {

constexpr size_t kHalf = kAmxBlock / 2;

/// What the processor reads its tiles' shapes from.
struct alignas(64) TileShapes {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

/// The tile registers for products of up to 32 rows: 0 to 3 hold 32 columns' sums, 4 and 5 the rows
/// of A, 6 and 7 the columns of B. Rows that are not there are neither read, multiplied nor
/// written.
class Tiles {
 public:
  OCKHAM_AMX explicit Tiles(size_t rows) : two_(rows > kHalf) {
    for (const size_t upper : {0, 1, 4})
      shapes_.rows[upper] = static_cast<uint8_t>(std::min(rows, kHalf));
    for (const size_t lower : {2, 3, 5})
      shapes_.rows[lower] = static_cast<uint8_t>(two_ ? rows - kHalf : kHalf);
    written();
    _tile_loadconfig(&shapes_);
  }
  OCKHAM_AMX ~Tiles() { _tile_release(); }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;

  OCKHAM_AMX void clear_sums() {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  OCKHAM_AMX void load_sums(const float* c, size_t stride) {
    const size_t bytes = stride * sizeof(float);
    written();
    _tile_loadd(0, c, bytes);
    _tile_loadd(1, c + kHalf, bytes);
    if (!two_) return;
    _tile_loadd(2, c + kHalf * stride, bytes);
    _tile_loadd(3, c + kHalf * stride + kHalf, bytes);
  }
  OCKHAM_AMX void store_sums(float* c, size_t stride) const {
    const size_t bytes = stride * sizeof(float);
    _tile_stored(0, c, bytes);
    _tile_stored(1, c + kHalf, bytes);
    if (!two_) return;
    _tile_stored(2, c + kHalf * stride, bytes);
    _tile_stored(3, c + kHalf * stride + kHalf, bytes);
  }

  /// sums += A B. Both as cut_left() and cut_right() leave 32 rows and columns. Products are in an
  /// order in which each has a factor in common with the one before: loads are what takes time.
  OCKHAM_AMX void add_product(const AmxTile* a, const AmxTile* b, size_t blocks, Bf16Parts parts) {
    written();
    for (size_t k = 0; k < blocks; ++k) {
      const auto a_part = [&](size_t p) OCKHAM_AMX { take_a(a + (p * blocks + k) * 2); };
      const auto b_part = [&](size_t p) OCKHAM_AMX { take_b(b + (p * blocks + k) * 2); };
      a_part(0);
      if (parts == Bf16Parts::three) {
        b_part(2);
        multiply();
      }
      if (parts != Bf16Parts::one) {
        b_part(1);
        multiply();
      }
      if (parts == Bf16Parts::three) {
        a_part(1);
        multiply();
        b_part(0);
        multiply();
        a_part(2);
        multiply();
        a_part(0);
      } else {
        b_part(0);
      }
      multiply();
      if (parts == Bf16Parts::two) {
        a_part(1);
        multiply();
      }
    }
  }

 private:
  /// The compiler does not know that loads of tiles read memory.
  static void written() { std::atomic_signal_fence(std::memory_order_seq_cst); }

  OCKHAM_AMX void take_a(const AmxTile* two) {
    _tile_loadd(4, two, sizeof(AmxTile::values[0]));
    if (two_) _tile_loadd(5, two + 1, sizeof(AmxTile::values[0]));
  }
  OCKHAM_AMX void take_b(const AmxTile* two) {
    _tile_loadd(6, two, sizeof(AmxTile::values[0]));
    _tile_loadd(7, two + 1, sizeof(AmxTile::values[0]));
  }
  OCKHAM_AMX void multiply() {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if (!two_) return;
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }

  bool two_;  // more than 16 rows
  TileShapes shapes_;
};

enum class Into { c, c_plus_sums, c_plus_new_sums };

/// C (+)= A B of up to 32 rows. New sums begin at 0 and are added to C in the end: it takes a
/// little longer, and roundings do not add up over many calls.
OCKHAM_AMX void multiply_rows(Tiles& tiles, const AmxTile* a, const AmxTile* b, size_t inner,
                              Bf16Parts parts, MatrixView c, Into into) {
  const size_t blocks = amx_blocks(inner);
  for (size_t j = 0; j < c.cols; j += kAmxBlock, b += count_of(parts) * blocks * 2) {
    const MatrixView to = c.column_range(j, std::min(kAmxBlock, c.cols - j));
    const bool direct = to.cols == kAmxBlock && into != Into::c_plus_new_sums;
    if (direct && into == Into::c_plus_sums) {
      tiles.load_sums(to.data, to.stride);
    } else {
      tiles.clear_sums();
    }
    tiles.add_product(a, b, blocks, parts);
    if (direct) {
      tiles.store_sums(to.data, to.stride);
      continue;
    }
    alignas(64) float sums[kAmxBlock][kAmxBlock];
    tiles.store_sums(sums[0], kAmxBlock);
    for (size_t r = 0; r < to.rows; ++r) {
      float* row = to.row(r);
      if (into == Into::c) {  // which may hold anything, no numbers too
        std::copy_n(sums[r], to.cols, row);
      } else if (to.cols == kAmxBlock) {  // a known count: whole vectors
        for (size_t i = 0; i < kAmxBlock; ++i) row[i] += sums[r][i];
      } else {
        for (size_t i = 0; i < to.cols; ++i) row[i] += sums[r][i];
      }
    }
  }
}

}  // namespace

AmxWeights::AmxWeights(ConstMatrixView b, Bf16Parts parts)
    : inner_(b.rows), parts_(parts), tiles_(make_amx_tiles(b.cols, b.rows, parts)) {
  if (!multiplies_tiles()) fail(kNoTiles);
  cut_right(b, parts, tiles_.get());
}

void AmxWeights::multiply(ConstMatrixView a, MatrixView c, bool accumulate) const {
  const AmxTiles left = make_amx_tiles(kAmxBlock, inner_, parts_);
  const Into into = accumulate ? Into::c_plus_sums : Into::c;
  const auto multiply_block = [&](Tiles& tiles, size_t first, size_t count) {
    cut_left(a.row_range(first, count), parts_, left.get());
    multiply_rows(tiles, left.get(), tiles_.get(), inner_, parts_, c.row_range(first, count), into);
  };
  const size_t whole = a.rows / kAmxBlock * kAmxBlock;
  if (whole > 0) {
    Tiles tiles(kAmxBlock);
    for (size_t r = 0; r < whole; r += kAmxBlock) multiply_block(tiles, r, kAmxBlock);
  }
  if (whole < a.rows) {
    Tiles tiles(a.rows - whole);
    multiply_block(tiles, whole, a.rows - whole);
  }
}

void amx_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c, Bf16Parts parts) {
  if (!multiplies_tiles()) fail(kNoTiles);
  const size_t chunk = 384 / count_of(parts);  // tokens: B's tiles stay in the second cache
  const AmxTiles left = make_amx_tiles(kAmxBlock, chunk, parts);
  const AmxTiles right = make_amx_tiles(b.cols, chunk, parts);
  for (size_t first = 0; first < a.rows; first += chunk) {
    const size_t tokens = std::min(chunk, a.rows - first);
    cut_right(b.row_range(first, tokens), parts, right.get());
    for (size_t i = 0; i < a.cols; i += kAmxBlock) {
      const size_t count = std::min(kAmxBlock, a.cols - i);
      const ConstMatrixView columns = a.row_range(first, tokens).column_range(i, count);
      cut_left_transposed(columns, parts, left.get());
      Tiles tiles(count);
      multiply_rows(tiles, left.get(), right.get(), tokens, parts, c.row_range(i, count),
                    Into::c_plus_new_sums);
    }
  }
}

}  // namespace ockham

#else  // no x86

namespace ockham {

AmxWeights::AmxWeights(ConstMatrixView, Bf16Parts) {
  fail(kNoTiles);
}

void AmxWeights::multiply(ConstMatrixView, MatrixView, bool) const {
  fail(kNoTiles);
}

void amx_matmul_transposed(ConstMatrixView, ConstMatrixView, MatrixView, Bf16Parts) {
  fail(kNoTiles);
}

}  // namespace ockham

#endif
