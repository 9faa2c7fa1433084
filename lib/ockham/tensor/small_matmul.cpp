#include "ockham/tensor/small_matmul.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/tensor/small_matmul.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Both products keep a tile of C in registers, kRows by kVectors vectors, and run over the summed
// index inside. Columns are covered by tiles of full vectors, then by ever narrower ones.
constexpr size_t kRows = 4;

/// c[0..rows)[0..vectors) (+)= sum_k a(r, k) b(k, .), with a(r, k) at a[r * row_step + k * k_step].
template <class D, size_t kTileRows, size_t kVectors>
HWY_INLINE void Tile(D d, const float* a, size_t row_step, size_t k_step, const float* b,
                     size_t b_stride, size_t inner, float* c, size_t c_stride, bool accumulate) {
  const size_t lanes = hn::Lanes(d);
  hn::Vec<D> sum[kTileRows][kVectors];
  for (size_t r = 0; r < kTileRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) {
      sum[r][v] = accumulate ? hn::LoadU(d, c + r * c_stride + v * lanes) : hn::Zero(d);
    }
  }
  for (size_t k = 0; k < inner; ++k) {
    hn::Vec<D> weights[kVectors];
    for (size_t v = 0; v < kVectors; ++v) weights[v] = hn::LoadU(d, b + k * b_stride + v * lanes);
    for (size_t r = 0; r < kTileRows; ++r) {
      const auto x = hn::Set(d, a[r * row_step + k * k_step]);
      for (size_t v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(x, weights[v], sum[r][v]);
    }
  }
  for (size_t r = 0; r < kTileRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) hn::StoreU(sum[r][v], d, c + r * c_stride + v * lanes);
  }
}

/// One band of columns, starting at b and c, through all rows.
template <class D, size_t kVectors>
HWY_INLINE void Band(D d, const float* a, size_t row_step, size_t k_step, const float* b,
                     size_t b_stride, size_t inner, float* c, size_t c_stride, size_t rows,
                     bool accumulate) {
  size_t r = 0;
  for (; r + kRows <= rows; r += kRows) {
    Tile<D, kRows, kVectors>(d, a + r * row_step, row_step, k_step, b, b_stride, inner,
                             c + r * c_stride, c_stride, accumulate);
  }
  for (; r < rows; ++r) {
    Tile<D, 1, kVectors>(d, a + r * row_step, row_step, k_step, b, b_stride, inner,
                         c + r * c_stride, c_stride, accumulate);
  }
}

HWY_INLINE void Product(const float* a, size_t row_step, size_t k_step, ConstMatrixView b,
                        MatrixView c, size_t inner, bool accumulate) {
  const hn::CappedTag<float, 16> wide;
  const hn::CappedTag<float, 4> narrow;
  const hn::CappedTag<float, 1> single;
  size_t j = 0;
  auto cover = [&](auto d, auto vectors) {
    constexpr size_t kVectors = decltype(vectors)::value;
    const size_t width = kVectors * hn::Lanes(d);
    for (; j + width <= c.cols; j += width) {
      Band<decltype(d), kVectors>(d, a, row_step, k_step, b.data + j, b.stride, inner, c.data + j,
                                  c.stride, c.rows, accumulate);
    }
  };
  // Sums of four vectors a row need more than the 16 registers of x86 before AVX-512 (a third
  // slower) and of 32-bit ARM.
  constexpr bool kManyRegisters = HWY_ARCH_X86 ? HWY_TARGET <= HWY_AVX3 : !HWY_ARCH_ARM_V7;
  if constexpr (kManyRegisters) cover(wide, std::integral_constant<size_t, 4>());
  cover(wide, std::integral_constant<size_t, 2>());
  cover(wide, std::integral_constant<size_t, 1>());
  cover(narrow, std::integral_constant<size_t, 1>());
  cover(single, std::integral_constant<size_t, 1>());
}

void SmallMatmul(ConstMatrixView a, ConstMatrixView b, MatrixView c, bool accumulate) {
  Product(a.data, a.stride, 1, b, c, a.cols, accumulate);
}

void SmallMatmulTransposed(ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  Product(a.data, 1, a.stride, b, c, a.rows, true);
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(SmallMatmul);
HWY_EXPORT(SmallMatmulTransposed);

void small_matmul(ConstMatrixView a, ConstMatrixView b, MatrixView c, bool accumulate) {
  HWY_DYNAMIC_DISPATCH(SmallMatmul)(a, b, c, accumulate);
}

void small_matmul_transposed(ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  HWY_DYNAMIC_DISPATCH(SmallMatmulTransposed)(a, b, c);
}

}  // namespace ockham
#endif  // HWY_ONCE
