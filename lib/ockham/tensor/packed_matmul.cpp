#include "ockham/tensor/packed_matmul.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/tensor/packed_matmul.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef OCKHAM_PACKED_MATMUL_SIZES
#define OCKHAM_PACKED_MATMUL_SIZES
namespace ockham {
namespace {

// A tile of C of 6 rows and a panel's 16 columns is 12 vectors of AVX2; two vectors of B and one
// element of A take the rest of its 16 registers.
constexpr size_t kTileRows = 6, kPanel = 16;

size_t panels_of(size_t columns) {
  return (columns + kPanel - 1) / kPanel;
}

/// Numbers 0 to `count` in parts of at most `most`, as equal as can be; one of nothing.
struct Parts {
  size_t count, parts;

  Parts(size_t numbers, size_t most)
      : count(numbers), parts(std::max<size_t>(1, (numbers + most - 1) / most)) {}
  size_t first(size_t part) const { return count / parts * part + std::min(part, count % parts); }
  size_t size(size_t part) const { return count / parts + (part < count % parts ? 1 : 0); }
};

}  // namespace
}  // namespace ockham
#endif

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls body(n) with a tile's number of rows as a constant.
template <typename Body>
HWY_INLINE void WithRows(size_t rows, const Body& body) {
  if (rows == 6) return body(std::integral_constant<size_t, 6>());
  if (rows == 5) return body(std::integral_constant<size_t, 5>());
  if (rows == 4) return body(std::integral_constant<size_t, 4>());
  if (rows == 3) return body(std::integral_constant<size_t, 3>());
  if (rows == 2) return body(std::integral_constant<size_t, 2>());
  body(std::integral_constant<size_t, 1>());
}

/// c[0..kRows)[0..kPanels * kPanel) (+)= sum_k a(r, k) b(k, .), with a(r, k) at
/// a[r * row_step + k * k_step] and the panels of b `panel_step` numbers apart. The sum goes
/// through k in order, whatever the tile, and is then added.
template <size_t kRows, size_t kPanels = 1>
HWY_INLINE void Tile(const float* a, size_t row_step, size_t k_step, const float* HWY_RESTRICT b,
                     size_t panel_step, size_t inner, float* HWY_RESTRICT c, size_t c_stride,
                     bool accumulate) {
  const hn::CappedTag<float, kPanel> d;
  constexpr size_t kLanes = hn::MaxLanes(d), kVectors = kPanel / kLanes;
  hn::Vec<decltype(d)> sum[kRows][kPanels * kVectors];
  for (size_t r = 0; r < kRows; ++r) {
    __builtin_prefetch(c + r * c_stride, 1);  // is there when the sums are (a tenth is saved)
    for (auto& vector : sum[r]) vector = hn::Zero(d);
  }
  const auto add = [&](size_t k) HWY_ATTR {
    hn::Vec<decltype(d)> w[kPanels * kVectors];
    for (size_t v = 0; v < kPanels * kVectors; ++v) {
      w[v] = hn::Load(d, b + v / kVectors * panel_step + k * kPanel + v % kVectors * kLanes);
    }
    for (size_t r = 0; r < kRows; ++r) {
      const auto x = hn::Set(d, a[r * row_step + k * k_step]);
      for (size_t v = 0; v < kPanels * kVectors; ++v) sum[r][v] = hn::MulAdd(x, w[v], sum[r][v]);
    }
  };
  size_t k = 0;
  if constexpr (kRows < kTileRows) {  // Two at a time: of four rows a third is saved.
    for (; k + 2 <= inner; k += 2) {
      add(k);
      add(k + 1);
    }
  }
  for (; k < inner; ++k) add(k);
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kPanels * kVectors; ++v) {
      float* const to = c + r * c_stride + v * kLanes;
      hn::StoreU(accumulate ? hn::Add(hn::LoadU(d, to), sum[r][v]) : sum[r][v], d, to);
    }
  }
}

/// A tile's rows of the left factor.
struct TileRows {
  const float* data;
  size_t row_step, k_step;
};

HWY_INLINE void TileOf(size_t rows, const TileRows& a, const float* panel, size_t inner, float* c,
                       size_t c_stride, bool accumulate) {
  WithRows(rows, [&](auto count) HWY_ATTR {
    Tile<decltype(count)::value>(a.data, a.row_step, a.k_step, panel, 0, inner, c, c_stride,
                                 accumulate);
  });
}

/// The same of a panel of which C has only some columns.
HWY_NOINLINE void NarrowTile(size_t rows, const TileRows& a, const float* panel, size_t inner,
                             float* c, size_t c_stride, size_t columns, bool accumulate) {
  HWY_ALIGN float sums[kTileRows * kPanel];
  TileOf(rows, a, panel, inner, sums, kPanel, false);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < columns; ++j) {
      float& to = c[r * c_stride + j];
      to = accumulate ? to + sums[r * kPanel + j] : sums[r * kPanel + j];
    }
  }
}

/// One row of C through four panels at a time: alone the sums of one wait for each other.
HWY_INLINE size_t SingleRow(const float* a, const float* panels, size_t panel_step, size_t inner,
                            MatrixView c, bool accumulate) {
  constexpr size_t kPanels = 4;
  size_t j = 0;
  for (; j + kPanels * kPanel <= c.cols; j += kPanels * kPanel) {
    Tile<1, kPanels>(a, 0, 1, panels + j / kPanel * panel_step, panel_step, inner, c.data + j, 0,
                     accumulate);
  }
  return j;
}

/// C (+)= A times panels, which are `panel_step` numbers apart. Tiles of A's rows begin `row_step`
/// numbers a row after each other, and are plain rows or, `kPacked`, a column's numbers side by
/// side.
template <bool kPacked>
HWY_INLINE void Panels(const float* a, size_t row_step, const float* panels, size_t panel_step,
                       size_t inner, MatrixView c, bool accumulate) {
  const Parts tiles(c.rows, kTileRows);
  size_t j = 0;
  if (!kPacked && c.rows == 1) j = SingleRow(a, panels, panel_step, inner, c, accumulate);
  for (; j < c.cols; j += kPanel) {
    const float* const panel = panels + j / kPanel * panel_step;
    for (size_t t = 0; t < tiles.parts; ++t) {
      const size_t rows = tiles.size(t);
      const TileRows tile = kPacked ? TileRows{a + tiles.first(t) * row_step, 1, rows}
                                    : TileRows{a + tiles.first(t) * row_step, row_step, 1};
      float* const to = c.data + tiles.first(t) * c.stride + j;
      if (c.cols - j >= kPanel) {
        TileOf(rows, tile, panel, inner, to, c.stride, accumulate);
      } else {
        NarrowTile(rows, tile, panel, inner, to, c.stride, c.cols - j, accumulate);
      }
    }
  }
}

/// Rows of B as panels, those of a panel one after another; what is beyond its columns is 0.
HWY_INLINE void Pack(ConstMatrixView b, float* HWY_RESTRICT panels) {
  const hn::CappedTag<float, kPanel> d;
  const size_t step = b.rows * kPanel;
  for (size_t k = 0; k < b.rows; ++k) {
    const float* const row = b.data + k * b.stride;
    float* to = panels + k * kPanel;
    size_t j = 0;
    for (; j + kPanel <= b.cols; j += kPanel, to += step) {
      for (size_t v = 0; v < kPanel; v += hn::Lanes(d)) {
        hn::Store(hn::LoadU(d, row + j + v), d, to + v);
      }
    }
    for (size_t v = 0; j < b.cols && v < kPanel; ++v) to[v] = j + v < b.cols ? row[j + v] : 0.0f;
  }
}

void PackWeights(ConstMatrixView b, float* panels) {
  Pack(b, panels);
}

void Multiply(ConstMatrixView a, const float* panels, MatrixView c, bool accumulate) {
  // So many rows of A, and so much of a panel, stay in near caches.
  constexpr size_t kRowBlock = 120, kInnerBlock = 320;
  const Parts row_blocks(a.rows, kRowBlock), inner_blocks(a.cols, kInnerBlock);
  for (size_t i = 0; i < row_blocks.parts; ++i) {
    const float* const rows = a.data + row_blocks.first(i) * a.stride;
    const MatrixView of_rows = c.row_range(row_blocks.first(i), row_blocks.size(i));
    for (size_t l = 0; l < inner_blocks.parts; ++l) {
      const size_t k = inner_blocks.first(l);
      Panels<false>(rows + k, a.stride, panels + k * kPanel, a.cols * kPanel, inner_blocks.size(l),
                    of_rows, accumulate || l > 0);
    }
  }
}

/// A^T's rows in tiles, those of a token side by side.
HWY_INLINE void PackTiles(ConstMatrixView a, float* HWY_RESTRICT tiles) {
  const Parts parts(a.cols, kTileRows);
  for (size_t k = 0; k < a.rows; ++k) {
    const float* from = a.data + k * a.stride;
    float* tile = tiles;
    for (size_t t = 0; t < parts.parts; ++t) {
      const size_t rows = parts.size(t);
      WithRows(rows, [&](auto count) HWY_ATTR { std::copy_n(from, count(), tile + k * rows); });
      from += rows;
      tile += a.rows * rows;
    }
  }
}

void MultiplyTransposed(ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  constexpr size_t kTokens = 128;  // of both factors stay in the second cache beside C
  const Parts blocks(a.rows, kTokens);
  Matrix tiles = Matrix::without_values(blocks.size(0), a.cols);
  Matrix panels = Matrix::without_values(panels_of(b.cols), blocks.size(0) * kPanel);
  for (size_t i = 0; i < blocks.parts; ++i) {
    const size_t tokens = blocks.size(i);
    PackTiles(a.row_range(blocks.first(i), tokens), tiles.data());
    Pack(b.row_range(blocks.first(i), tokens), panels.data());
    Panels<true>(tiles.data(), tokens, panels.data(), tokens * kPanel, tokens, c, true);
  }
}

bool IsAvx2() {
  return HWY_TARGET == HWY_AVX2;
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(PackWeights);
HWY_EXPORT(Multiply);
HWY_EXPORT(MultiplyTransposed);
HWY_EXPORT(IsAvx2);

bool multiplies_packed() {
  return HWY_DYNAMIC_DISPATCH(IsAvx2)();
}

PackedWeights::PackedWeights(ConstMatrixView b)
    : panels_(Matrix::without_values(panels_of(b.cols), b.rows * kPanel)) {
  HWY_DYNAMIC_DISPATCH(PackWeights)(b, panels_.data());
}

void PackedWeights::multiply(ConstMatrixView a, MatrixView c, bool accumulate) const {
  if (a.rows == 0) return;
  HWY_DYNAMIC_DISPATCH(Multiply)(a, panels_.data(), c, accumulate);
}

void packed_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  if (a.cols == 0) return;
  HWY_DYNAMIC_DISPATCH(MultiplyTransposed)(a, b, c);
}

}  // namespace ockham
#endif  // HWY_ONCE
