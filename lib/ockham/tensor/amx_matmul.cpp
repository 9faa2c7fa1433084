#include "ockham/tensor/amx_matmul.hpp"

#include <algorithm>
#include <atomic>

#ifdef __x86_64__
#include <immintrin.h>

#define OCKHAM_AMX __attribute__((target("amx-tile,amx-bf16")))
#else
#include "ockham/tensor/error.hpp"

#define OCKHAM_AMX
#define _tile_loadconfig(from) fail("this processor has no AMX")
#define _tile_release()
#define _tile_zero(tile)
#define _tile_loadd(tile, from, stride) static_cast<void>(from), static_cast<void>(stride)
#define _tile_stored(tile, to, stride) static_cast<void>(to), static_cast<void>(stride)
#define _tile_dpbf16ps(sums, a, b)
#endif

namespace ockham {
namespace {

constexpr size_t kHalf = kAmxBlock / 2;

struct alignas(64) TileShapes {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileShapes kShapes;

/// The tile registers: 0 to 3 hold 32 x 32 sums, 4 and 5 the rows of A, 6 and 7 the columns of B.
class Tiles {
 public:
  OCKHAM_AMX Tiles() { _tile_loadconfig(&kShapes); }
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
    _tile_loadd(2, c + kHalf * stride, bytes);
    _tile_loadd(3, c + kHalf * stride + kHalf, bytes);
  }
  OCKHAM_AMX void store_sums(float* c, size_t stride) const {
    const size_t bytes = stride * sizeof(float);
    _tile_stored(0, c, bytes);
    _tile_stored(1, c + kHalf, bytes);
    _tile_stored(2, c + kHalf * stride, bytes);
    _tile_stored(3, c + kHalf * stride + kHalf, bytes);
  }

  /// sums += A B. Both as cut_left() and cut_right() leave 32 rows and columns. Of two factors one
  /// is always that of the product before: loads are what limits the rate, to two thirds.
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
    _tile_loadd(5, two + 1, sizeof(AmxTile::values[0]));
  }
  OCKHAM_AMX void take_b(const AmxTile* two) {
    _tile_loadd(6, two, sizeof(AmxTile::values[0]));
    _tile_loadd(7, two + 1, sizeof(AmxTile::values[0]));
  }
  OCKHAM_AMX void multiply() {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
};

/// Sums at C's edge, which the tiles reach beyond.
class Edge {
 public:
  explicit Edge(MatrixView c) : c_(c) {
    for (size_t r = 0; r < c.rows; ++r) std::copy_n(c.row(r), c.cols, sums_[r]);
  }
  float* sums() { return sums_[0]; }
  void write_back() const {
    for (size_t r = 0; r < c_.rows; ++r) std::copy_n(sums_[r], c_.cols, c_.row(r));
  }

 private:
  MatrixView c_;
  alignas(64) float sums_[kAmxBlock][kAmxBlock];
};

/// C (+)= A B of up to 32 rows.
OCKHAM_AMX void multiply_rows(Tiles& tiles, const AmxTile* a, const AmxTile* b, size_t inner,
                              Bf16Parts parts, MatrixView c, bool accumulate) {
  const size_t blocks = amx_blocks(inner);
  for (size_t j = 0; j < c.cols; j += kAmxBlock, b += count_of(parts) * blocks * 2) {
    const MatrixView sums = c.column_range(j, std::min(kAmxBlock, c.cols - j));
    const auto add = [&](float* to, size_t stride) OCKHAM_AMX {
      accumulate ? tiles.load_sums(to, stride) : tiles.clear_sums();
      tiles.add_product(a, b, blocks, parts);
      tiles.store_sums(to, stride);
    };
    if (sums.rows == kAmxBlock && sums.cols == kAmxBlock) {
      add(sums.data, sums.stride);
    } else {
      Edge edge(sums);
      add(edge.sums(), kAmxBlock);
      edge.write_back();
    }
  }
}

}  // namespace

AmxWeights::AmxWeights(ConstMatrixView b, Bf16Parts parts)
    : inner_(b.rows), parts_(parts), tiles_(make_amx_tiles(b.cols, b.rows, parts)) {
  cut_right(b, parts, tiles_.get());
}

void AmxWeights::multiply(ConstMatrixView a, MatrixView c, bool accumulate) const {
  const AmxTiles left = make_amx_tiles(kAmxBlock, inner_, parts_);
  Tiles tiles;
  for (size_t first = 0; first < a.rows; first += kAmxBlock) {
    const size_t count = std::min(kAmxBlock, a.rows - first);
    cut_left(a.row_range(first, count), parts_, left.get());
    multiply_rows(tiles, left.get(), tiles_.get(), inner_, parts_, c.row_range(first, count),
                  accumulate);
  }
}

void amx_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c, Bf16Parts parts) {
  constexpr size_t kChunk = 256;  // tokens, so that what is cut of B stays in the second cache
  const AmxTiles left = make_amx_tiles(kAmxBlock, kChunk, parts);
  const AmxTiles right = make_amx_tiles(b.cols, kChunk, parts);
  Tiles tiles;
  for (size_t first = 0; first < a.rows; first += kChunk) {
    const size_t tokens = std::min(kChunk, a.rows - first);
    cut_right(b.row_range(first, tokens), parts, right.get());
    for (size_t i = 0; i < a.cols; i += kAmxBlock) {
      const size_t count = std::min(kAmxBlock, a.cols - i);
      const ConstMatrixView columns = a.row_range(first, tokens).column_range(i, count);
      cut_left_transposed(columns, parts, left.get());
      multiply_rows(tiles, left.get(), right.get(), tokens, parts, c.row_range(i, count), true);
    }
  }
}

}  // namespace ockham
