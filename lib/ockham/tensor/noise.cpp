#include "ockham/tensor/noise.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/tensor/noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/tensor/simd_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

/// The high and low words of the 64-bit products of a and b.
template <class V>
HWY_INLINE void MultiplyWide(V a, V b, V& high, V& low) {
  const hn::DFromV<V> d;
  const hn::RepartitionToWide<decltype(d)> wide;
  const auto even = hn::MulEven(a, b);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, a))),
                               hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, b))));
  high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
  low = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
}

/// Ten rounds of Philox on one counter a lane.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void Philox(D d, uint64_t seed, V& x0, V& x1, V& x2, V& x3) {
  const V multiplier0 = hn::Set(d, 0xD2511F53u);
  const V multiplier1 = hn::Set(d, 0xCD9E8D57u);
  V key0 = hn::Set(d, static_cast<uint32_t>(seed));
  V key1 = hn::Set(d, static_cast<uint32_t>(seed >> 32));
  for (int round = 0; round < 10; ++round) {
    V high0, low0, high1, low1;
    MultiplyWide(multiplier0, x0, high0, low0);
    MultiplyWide(multiplier1, x2, high1, low1);
    x0 = hn::Xor(hn::Xor(high1, x1), key0);
    x2 = hn::Xor(hn::Xor(high0, x3), key1);
    x1 = low1;
    x3 = low0;
    key0 = hn::Add(key0, hn::Set(d, 0x9E3779B9u));
    key1 = hn::Add(key1, hn::Set(d, 0xBB67AE85u));
  }
}

/// (k + 1/2) 2^-23 with k the upper 23 bits: uniform on (0, 1), both ends excluded in fp32.
template <class D, class V = hn::Vec<D>>
HWY_INLINE hn::Vec<hn::RebindToFloat<D>> Uniform(D, V x) {
  const hn::RebindToFloat<D> df;
  const hn::RebindToSigned<D> di;
  const auto k = hn::ConvertTo(df, hn::BitCast(di, hn::ShiftRight<9>(x)));
  return hn::MulAdd(k, hn::Set(df, 0x1p-23f), hn::Set(df, 0x1p-24f));
}

/// Two independent normal numbers from two uniform ones (Box and Muller).
template <class D, class V = hn::Vec<D>>
HWY_INLINE void Normals(D d, V u, V v, V& first, V& second) {
  const V radius = hn::Sqrt(hn::Mul(hn::Set(d, -2.0f), hn::Log(d, u)));
  const V angle = hn::Mul(hn::Set(d, 6.28318530718f), v);
  first = hn::Mul(radius, hn::Cos(d, angle));
  second = hn::Mul(radius, hn::Sin(d, angle));
}

/// One counter (step, tensor, rows[i], blocks[i]) a lane; the arrays hold a multiple of 16.
/// Writes `outputs` (1 or 4) numbers for each counter, out[i * outputs + k].
template <bool kNormal, int kOutputs>
void Draw(uint64_t seed, uint32_t step, uint32_t tensor, const uint32_t* rows,
          const uint32_t* blocks, float* out, size_t n) {
  const hn::CappedTag<uint32_t, 16> du;
  const hn::RebindToFloat<decltype(du)> df;
  for (size_t i = 0; i < n; i += hn::Lanes(du)) {
    auto x0 = hn::Set(du, step);
    auto x1 = hn::Set(du, tensor);
    auto x2 = hn::LoadU(du, rows + i);
    auto x3 = hn::LoadU(du, blocks + i);
    Philox(du, seed, x0, x1, x2, x3);
    auto f0 = Uniform(du, x0), f1 = Uniform(du, x1);
    if constexpr (kNormal) Normals(df, f0, f1, f0, f1);
    if constexpr (kOutputs == 1) {
      hn::StoreU(f0, df, out + i);
    } else {
      auto f2 = Uniform(du, x2), f3 = Uniform(du, x3);
      if constexpr (kNormal) Normals(df, f2, f3, f2, f3);
      hn::StoreInterleaved4(f0, f1, f2, f3, df, out + 4 * i);
    }
  }
}

void DrawNormalBlocks(uint64_t seed, uint32_t step, uint32_t tensor, const uint32_t* rows,
                      const uint32_t* blocks, float* out, size_t n) {
  Draw<true, 4>(seed, step, tensor, rows, blocks, out, n);
}
void DrawUniformBlocks(uint64_t seed, uint32_t step, uint32_t tensor, const uint32_t* rows,
                       const uint32_t* blocks, float* out, size_t n) {
  Draw<false, 4>(seed, step, tensor, rows, blocks, out, n);
}
void DrawNormalSingles(uint64_t seed, uint32_t step, uint32_t tensor, const uint32_t* rows,
                       const uint32_t* blocks, float* out, size_t n) {
  Draw<true, 1>(seed, step, tensor, rows, blocks, out, n);
}
void DrawUniformSingles(uint64_t seed, uint32_t step, uint32_t tensor, const uint32_t* rows,
                        const uint32_t* blocks, float* out, size_t n) {
  Draw<false, 1>(seed, step, tensor, rows, blocks, out, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {
namespace {

HWY_EXPORT(DrawNormalBlocks);
HWY_EXPORT(DrawUniformBlocks);
HWY_EXPORT(DrawNormalSingles);
HWY_EXPORT(DrawUniformSingles);

constexpr size_t kChunk = 512;  // counters worked on at a time: stays in the first-level cache

/// 64 bits in which every bit of `number` turns about half (the finalizer of SplitMix64, Steele et
/// al. 2014); never 0, which would leave a key as it is.
uint64_t scattered(uint32_t number) {
  uint64_t x = (uint64_t{number} + 1) * 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// The columns' blocks of four, each once, and where a column's number stands among the blocks'.
struct ColumnBlocks {
  std::vector<uint32_t> blocks;
  std::vector<uint32_t> place;

  explicit ColumnBlocks(std::span<const uint32_t> columns) : place(columns.size()) {
    for (size_t j = 0; j < columns.size(); ++j) {
      const uint32_t block = columns[j] / 4;
      auto found = std::find(blocks.rbegin(), blocks.rend(), block);
      size_t at = blocks.size();
      if (found != blocks.rend()) {
        at = static_cast<size_t>(blocks.rend() - found) - 1;
      } else {
        blocks.push_back(block);
      }
      place[j] = static_cast<uint32_t>(4 * at + columns[j] % 4);
    }
  }
};

}  // namespace

void PhiloxNoise::matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> rows,
                         std::span<const uint32_t> columns, MatrixView out) const {
  if (kind == NoiseKind::none || columns.empty()) return;
  const ColumnBlocks layout(columns);
  const size_t width = layout.blocks.size();
  const size_t rows_a_chunk = std::max<size_t>(1, kChunk / width);
  std::vector<uint32_t> row_of(rows_a_chunk * width + 16), block_of(rows_a_chunk * width + 16);
  FloatVector numbers(4 * row_of.size());
  for (size_t first = 0; first < rows.size(); first += rows_a_chunk) {
    const size_t count = std::min(rows_a_chunk, rows.size() - first);
    for (size_t i = 0; i < count; ++i) {
      std::fill_n(row_of.begin() + static_cast<ptrdiff_t>(i * width), width, rows[first + i]);
      std::copy(layout.blocks.begin(), layout.blocks.end(),
                block_of.begin() + static_cast<ptrdiff_t>(i * width));
    }
    const size_t n = (count * width + 15) / 16 * 16;
    if (kind == NoiseKind::normal) {
      HWY_DYNAMIC_DISPATCH(DrawNormalBlocks)
      (seed_, step_, tensor, row_of.data(), block_of.data(), numbers.data(), n);
    } else {
      HWY_DYNAMIC_DISPATCH(DrawUniformBlocks)
      (seed_, step_, tensor, row_of.data(), block_of.data(), numbers.data(), n);
    }
    for (size_t i = 0; i < count; ++i) {
      const float* from = numbers.data() + 4 * width * i;
      float* to = out.row(first + i);
      for (size_t j = 0; j < columns.size(); ++j) to[j] = from[layout.place[j]];
    }
  }
}

void PhiloxNoise::sequence_matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> texts,
                                  std::span<const uint32_t> rows, std::span<const uint32_t> columns,
                                  MatrixView out) const {
  for (size_t first = 0, count = 0; first < texts.size(); first += count) {
    count = 1;
    while (first + count < texts.size() && texts[first + count] == texts[first]) ++count;
    PhiloxNoise(seed_ ^ scattered(texts[first]), step_)
        .matrix(kind, tensor, rows.subspan(first, count), columns, out.row_range(first, count));
  }
}

void PhiloxNoise::pairs(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> rows,
                        std::span<const uint32_t> groups, std::span<float> out) const {
  if (kind == NoiseKind::none) return;
  uint32_t row_of[kChunk] = {}, group_of[kChunk] = {};
  float numbers[kChunk];
  for (size_t first = 0; first < rows.size(); first += kChunk) {
    const size_t count = std::min(kChunk, rows.size() - first);
    std::copy_n(rows.begin() + static_cast<ptrdiff_t>(first), count, row_of);
    std::copy_n(groups.begin() + static_cast<ptrdiff_t>(first), count, group_of);
    const size_t n = (count + 15) / 16 * 16;
    if (kind == NoiseKind::normal) {
      HWY_DYNAMIC_DISPATCH(DrawNormalSingles)
      (seed_, step_, tensor, row_of, group_of, numbers, n);
    } else {
      HWY_DYNAMIC_DISPATCH(DrawUniformSingles)
      (seed_, step_, tensor, row_of, group_of, numbers, n);
    }
    std::copy_n(numbers, count, out.begin() + static_cast<ptrdiff_t>(first));
  }
}

}  // namespace ockham
#endif  // HWY_ONCE
