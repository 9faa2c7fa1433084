#include "ockham/tensor/amx_matmul.hpp"

#include <algorithm>
#include <cassert>

#ifdef __x86_64__

#include <atomic>

#include "ockham/tensor/amx_intrinsics-inl.hpp"

namespace ockham {
namespace {

constexpr size_t kHalf = AmxTile::kRows;
constexpr size_t kRowBytes = sizeof(AmxTile::words[0]);

/// The compiler does not know that what follows reads memory.
inline void written() {
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

/// What the processor reads its tiles' shapes from.
struct alignas(64) TileShapes {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

/// The tile registers have shapes while it is there.
class ShapedTiles {
 public:
  OCKHAM_AMX explicit ShapedTiles(const TileShapes& shapes) : shapes_(shapes) {
    written();
    _tile_loadconfig(&shapes_);
  }
  OCKHAM_AMX ~ShapedTiles() { _tile_release(); }
  ShapedTiles(const ShapedTiles&) = delete;
  ShapedTiles& operator=(const ShapedTiles&) = delete;

 private:
  TileShapes shapes_;
};

enum class Into { c, c_plus_sums, c_plus_new_sums };

/// Products of up to 32 rows of bf16 numbers, 32 columns at a time. Registers 0 to 3 hold their
/// sums, 4 and 5 the rows of A, 6 and 7 the columns of B. Rows that are not there are neither read,
/// multiplied nor written.
class Bf16Product {
 public:
  static constexpr TileFormat kFormat = TileFormat::bf16;

  explicit Bf16Product(size_t rows) : two_(rows > kHalf), tiles_(shapes(rows)) {}

  /// C (+)= A B. New sums begin at 0 and are added to C in the end: it takes a little longer, and
  /// roundings do not add up over many calls.
  OCKHAM_AMX void multiply(const AmxTiles& a, const AmxTiles& b, MatrixView c, Into into) const {
    assert(a.inner() == b.inner() && c.rows <= a.outer() && c.cols <= b.outer());
    const size_t blocks = tile_blocks(a.inner(), kFormat);
    const AmxTile* columns = b.tiles();
    for (size_t j = 0; j < c.cols; j += kAmxOuter, columns += 2 * blocks) {
      const MatrixView to = c.column_range(j, std::min(kAmxOuter, c.cols - j));
      const bool direct = to.cols == kAmxOuter && into != Into::c_plus_new_sums;
      if (direct && into == Into::c_plus_sums) {
        load_sums(to.data, to.stride);
      } else {
        clear_sums();
      }
      add_product(a.tiles(), columns, blocks);
      if (direct) {
        store_sums(to.data, to.stride);
      } else {
        alignas(64) float sums[kAmxOuter][kAmxOuter];
        store_sums(sums[0], kAmxOuter);
        written();
        hand_over(sums, to, into);
      }
    }
  }

 private:
  static TileShapes shapes(size_t rows) {
    TileShapes s;
    for (const size_t upper : {0, 1, 4})
      s.rows[upper] = static_cast<uint8_t>(std::min(rows, kHalf));
    if (rows <= kHalf) return s;
    for (const size_t lower : {2, 3, 5}) s.rows[lower] = static_cast<uint8_t>(rows - kHalf);
    return s;
  }

  OCKHAM_AMX_INLINE static void clear_sums() {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  OCKHAM_AMX_INLINE void load_sums(const float* c, size_t stride) const {
    const size_t bytes = stride * sizeof(float);
    written();
    _tile_loadd(0, c, bytes);
    _tile_loadd(1, c + kHalf, bytes);
    if (!two_) return;
    _tile_loadd(2, c + kHalf * stride, bytes);
    _tile_loadd(3, c + kHalf * stride + kHalf, bytes);
  }
  OCKHAM_AMX_INLINE void store_sums(float* c, size_t stride) const {
    const size_t bytes = stride * sizeof(float);
    _tile_stored(0, c, bytes);
    _tile_stored(1, c + kHalf, bytes);
    if (!two_) return;
    _tile_stored(2, c + kHalf * stride, bytes);
    _tile_stored(3, c + kHalf * stride + kHalf, bytes);
  }
  OCKHAM_AMX_INLINE void add_product(const AmxTile* a, const AmxTile* b, size_t blocks) const {
    written();
    for (size_t k = 0; k < blocks; ++k) {
      _tile_loadd(4, a + 2 * k, kRowBytes);
      _tile_loadd(6, b + k, kRowBytes);
      _tile_loadd(7, b + blocks + k, kRowBytes);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      if (!two_) continue;
      _tile_loadd(5, a + 2 * k + 1, kRowBytes);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  static void hand_over(const float (&sums)[kAmxOuter][kAmxOuter], MatrixView c, Into into) {
    for (size_t r = 0; r < c.rows; ++r) {
      float* row = c.row(r);
      if (into == Into::c) {  // which may hold anything, no numbers too
        std::copy_n(sums[r], c.cols, row);
      } else if (c.cols == kAmxOuter) {  // a known count: whole vectors
        for (size_t i = 0; i < kAmxOuter; ++i) row[i] += sums[r][i];
      } else {
        for (size_t i = 0; i < c.cols; ++i) row[i] += sums[r][i];
      }
    }
  }

  bool two_;  // more than 16 rows
  ShapedTiles tiles_;
};

/// Products of up to 32 rows of fixed-point numbers, 16 columns at a time. Registers 0 to 2 hold
/// the upper rows' sums, of bytes' products a_i b_j with i + j = 0, 1 and 2, 3 to 5 the lower
/// ones', 6 rows of A, 7 columns of B.
class Int8x3Product {
 public:
  static constexpr TileFormat kFormat = TileFormat::int8x3;

  explicit Int8x3Product(size_t rows) : two_(rows > kHalf), tiles_(shapes(rows)) {}

  /// C (+)= A B.
  OCKHAM_AMX void multiply(const AmxTiles& a, const AmxTiles& b, MatrixView c, Into into) const {
    assert(a.inner() == b.inner() && c.rows <= a.outer() && c.cols <= b.outer());
    const size_t blocks = tile_blocks(a.inner(), kFormat);
    const AmxTile* columns = b.tiles();
    Sums sums;
    for (size_t j = 0; j < c.cols; j += kHalf, columns += 3 * blocks) {
      const MatrixView to = c.column_range(j, std::min(kHalf, c.cols - j));
      size_t k = 0;
      do {
        const size_t count = std::min(kMostBlocks, blocks - k);
        multiply_columns(a.tiles() + 6 * k, columns + 3 * k, count, sums);
        if (into == Into::c && k == 0) {
          hand_over<false>(sums, a.exponents(), b.exponents() + j, to);
        } else {
          hand_over<true>(sums, a.exponents(), b.exponents() + j, to);
        }
        k += count;
      } while (k < blocks);
    }
  }

 private:
  /// 32,768 inner elements, whose 3 2^14 each in a sum at most are less than 2^31.
  static constexpr size_t kMostBlocks = 512;

  /// As the registers: [upper or lower rows, i + j, row, column].
  struct alignas(64) Sums {
    int32_t values[2][3][kHalf][kHalf];
  };

  static TileShapes shapes(size_t rows) {
    TileShapes s;
    if (rows > kHalf) return s;  // one register for both halves' A
    for (const size_t upper : {0, 1, 2, 6}) s.rows[upper] = static_cast<uint8_t>(rows);
    return s;
  }

  /// Takes a part's rows of A times register 7 into the sums of one i + j.
  template <bool kTwo, int kSum>
  OCKHAM_AMX_INLINE static void multiply_part(const AmxTile* a) {
    _tile_loadd(6, a, kRowBytes);
    add_to<kSum>();
    if (!kTwo) return;
    _tile_loadd(6, a + 1, kRowBytes);
    add_to<kSum + 3>();
  }
  template <int kSum>
  OCKHAM_AMX_INLINE static void add_to() {
    // Registers are named in the instructions.
    if constexpr (kSum == 0) _tile_dpbssd(0, 6, 7);
    if constexpr (kSum == 1) _tile_dpbssd(1, 6, 7);
    if constexpr (kSum == 2) _tile_dpbssd(2, 6, 7);
    if constexpr (kSum == 3) _tile_dpbssd(3, 6, 7);
    if constexpr (kSum == 4) _tile_dpbssd(4, 6, 7);
    if constexpr (kSum == 5) _tile_dpbssd(5, 6, 7);
  }

  OCKHAM_AMX_INLINE void multiply_columns(const AmxTile* a, const AmxTile* b, size_t blocks,
                                          Sums& sums) const {
    written();
    if (two_) {
      multiply_halves<true>(a, b, blocks, sums);
    } else {
      multiply_halves<false>(a, b, blocks, sums);
    }
    written();
  }
  /// Of 16 columns. In an order in which no product waits for the sums of the one before.
  template <bool kTwo>
  OCKHAM_AMX_INLINE static void multiply_halves(const AmxTile* a, const AmxTile* b, size_t blocks,
                                                Sums& sums) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(5);
    for (size_t k = 0; k < blocks; ++k, a += 6, b += 3) {
      _tile_loadd(7, b + 2, kRowBytes);
      multiply_part<kTwo, 2>(a);
      _tile_loadd(7, b + 1, kRowBytes);
      multiply_part<kTwo, 1>(a);
      multiply_part<kTwo, 2>(a + 2);
      _tile_loadd(7, b, kRowBytes);
      multiply_part<kTwo, 1>(a + 2);
      multiply_part<kTwo, 2>(a + 4);
      multiply_part<kTwo, 0>(a);
    }
    _tile_stored(0, sums.values[0][0], kRowBytes);
    _tile_stored(1, sums.values[0][1], kRowBytes);
    _tile_stored(2, sums.values[0][2], kRowBytes);
    if (!kTwo) return;
    _tile_stored(3, sums.values[1][0], kRowBytes);
    _tile_stored(4, sums.values[1][1], kRowBytes);
    _tile_stored(5, sums.values[1][2], kRowBytes);
  }

  /// C (+)= 2^(exponents of A's row and B's column) (sum_0 + sum_1 / 2^8 + sum_2 / 2^16).
  template <bool kAdd>
  OCKHAM_AMX_INLINE static void hand_over(const Sums& sums, const float* of_rows,
                                          const float* of_columns, MatrixView c) {
    const __m512 columns = _mm512_loadu_ps(of_columns), less = _mm512_set1_ps(0x1p-8f);
    const auto there = static_cast<__mmask16>((1u << c.cols) - 1);
    for (size_t r = 0; r < c.rows; ++r) {
      const auto& of = sums.values[r / kHalf];
      const size_t row = r % kHalf;
      const __m512 sum_0 = _mm512_cvtepi32_ps(_mm512_load_si512(of[0][row]));
      const __m512 sum_1 = _mm512_cvtepi32_ps(_mm512_load_si512(of[1][row]));
      const __m512 sum_2 = _mm512_cvtepi32_ps(_mm512_load_si512(of[2][row]));
      const __m512 sum = _mm512_fmadd_ps(_mm512_fmadd_ps(sum_2, less, sum_1), less, sum_0);
      // Not times a power of two, which may be out of range where the product is not.
      const __m512 x = _mm512_scalef_ps(sum, _mm512_add_ps(_mm512_set1_ps(of_rows[r]), columns));
      float* const to = c.row(r);
      const __m512 before = kAdd ? _mm512_maskz_loadu_ps(there, to) : _mm512_setzero_ps();
      _mm512_mask_storeu_ps(to, there, _mm512_add_ps(before, x));
    }
  }

  bool two_;  // more than 16 rows
  ShapedTiles tiles_;
};

template <class Product>
void multiply_as(ConstMatrixView a, const AmxTiles& b, MatrixView c, Into into) {
  AmxTiles left(kAmxOuter, a.cols, Product::kFormat);
  const auto multiply_block = [&](const Product& product, size_t first, size_t count) {
    left.cut_left(a.row_range(first, count));
    product.multiply(left, b, c.row_range(first, count), into);
  };
  const size_t whole = a.rows / kAmxOuter * kAmxOuter;
  if (whole > 0) {
    const Product product(kAmxOuter);
    for (size_t r = 0; r < whole; r += kAmxOuter) multiply_block(product, r, kAmxOuter);
  }
  if (whole < a.rows) multiply_block(Product(a.rows - whole), whole, a.rows - whole);
}

template <class Product>
void multiply_transposed_as(ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  // Tokens: B's tiles stay in the second cache.
  const size_t most = Product::kFormat == TileFormat::bf16 ? 384 : 256;
  const size_t chunk = std::min(most, a.rows);
  AmxTiles left(kAmxOuter, chunk, Product::kFormat);
  AmxTiles right(b.cols, chunk, Product::kFormat);
  for (size_t first = 0; first < a.rows; first += most) {
    const size_t tokens = std::min(most, a.rows - first);
    right.cut_right(b.row_range(first, tokens));
    for (size_t i = 0; i < a.cols; i += kAmxOuter) {
      const size_t count = std::min(kAmxOuter, a.cols - i);
      left.cut_left_transposed(a.row_range(first, tokens).column_range(i, count));
      const Product product(count);
      product.multiply(left, right, c.row_range(i, count), Into::c_plus_new_sums);
    }
  }
}

}  // namespace

void AmxWeights::multiply(ConstMatrixView a, MatrixView c, bool accumulate) const {
  const bool bf16 = right_.format() == TileFormat::bf16;
  const Into into = accumulate ? Into::c_plus_sums : Into::c;
  (bf16 ? multiply_as<Bf16Product> : multiply_as<Int8x3Product>)(a, right_, c, into);
}

void amx_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c, TileFormat format) {
  const bool bf16 = format == TileFormat::bf16;
  (bf16 ? multiply_transposed_as<Bf16Product> : multiply_transposed_as<Int8x3Product>)(a, b, c);
}

}  // namespace ockham

#else  // no x86

namespace ockham {

void AmxWeights::multiply(ConstMatrixView, MatrixView, bool) const {}

void amx_matmul_transposed(ConstMatrixView, ConstMatrixView, MatrixView, TileFormat format) {
  AmxTiles(0, 0, format);  // which fails
}

}  // namespace ockham

#endif

namespace ockham {

AmxWeights::AmxWeights(ConstMatrixView b, TileFormat format) : right_(b.cols, b.rows, format) {
  right_.cut_right(b);
}

}  // namespace ockham
