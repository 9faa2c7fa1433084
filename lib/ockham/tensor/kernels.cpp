#include "ockham/tensor/kernels.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/tensor/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/tensor/prefetch.hpp"
#include "ockham/tensor/simd_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

void SigmoidAll(const float* x, float* y, size_t n) {
  ForEachVector(n,
                [=](auto d, size_t i) { hn::StoreU(Sigmoid(d, hn::LoadU(d, x + i)), d, y + i); });
}

void TanhAll(const float* x, float* y, size_t n) {
  ForEachVector(n,
                [=](auto d, size_t i) { hn::StoreU(TanhFast(d, hn::LoadU(d, x + i)), d, y + i); });
}

void ExpAll(const float* x, float* y, size_t n) {
  ForEachVector(
      n, [=](auto d, size_t i) { hn::StoreU(SaturatingExp(d, hn::LoadU(d, x + i)), d, y + i); });
}

void RoundToBf16(const float* x, uint16_t* y, size_t n) {
  ForEachVector(n, [=](auto d, size_t i) {
    const hn::RebindToUnsigned<decltype(d)> bits;
    const hn::Rebind<uint16_t, decltype(d)> halves;
    const auto b = hn::BitCast(bits, hn::LoadU(d, x + i));
    const auto odd = hn::And(hn::ShiftRight<16>(b), hn::Set(bits, 1));
    const auto up = hn::Add(b, hn::Add(odd, hn::Set(bits, 0x7FFF)));  // ties to even
    hn::StoreU(hn::TruncateTo(halves, hn::ShiftRight<16>(up)), halves, y + i);
  });
}

float LogSumExp(const float* x, size_t n) {
  const float largest = *std::max_element(x, x + n);
  if (std::isinf(largest)) return largest;
  const hn::ScalableTag<float> d;
  auto sum = hn::Zero(d);
  float rest = 0.0f;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    sum = hn::Add(sum, hn::Exp(d, hn::Sub(hn::LoadU(d, x + i), hn::Set(d, largest))));
  }
  for (; i < n; ++i) rest += std::exp(x[i] - largest);
  return largest + std::log(rest + hn::GetLane(hn::SumOfLanes(d, sum)));
}

void AddScaled(float a, const float* x, float* y, size_t n) {
  ForEachVector(n, [=](auto d, size_t i) {
    hn::StoreU(hn::MulAdd(hn::Set(d, a), hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
  });
}

void Scale(float a, float* y, size_t n) {
  ForEachVector(n, [=](auto d, size_t i) {
    hn::StoreU(hn::Mul(hn::Set(d, a), hn::LoadU(d, y + i)), d, y + i);
  });
}

void Multiply(const float* x, float* y, size_t n) {
  ForEachVector(n, [=](auto d, size_t i) {
    hn::StoreU(hn::Mul(hn::LoadU(d, x + i), hn::LoadU(d, y + i)), d, y + i);
  });
}

float Dot(const float* x, const float* y, size_t n) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  auto sum = hn::Zero(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    sum = hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, y + i), sum);
  }
  float rest = 0.0f;
  for (; i < n; ++i) rest += x[i] * y[i];
  return rest + hn::GetLane(hn::SumOfLanes(d, sum));
}

/// Rows are fetched ahead of their turn: a third less time in a default step.
void GatherRows(ConstMatrixView table, std::span<const uint32_t> index,
                std::span<const float> factor, MatrixView out) {
  constexpr size_t kAhead = 32;
  for (size_t i = 0; i < index.size(); ++i) {
    if (i + kAhead < index.size()) prefetch_row_start(table.row(index[i + kAhead]), table.cols);
    const float* from = table.row(index[i]);
    float* to = out.row(i);
    const float f = factor.empty() ? 1.0f : factor[i];
    ForEachVector(table.cols, [=](auto d, size_t j) {
      hn::StoreU(hn::Mul(hn::Set(d, f), hn::LoadU(d, from + j)), d, to + j);
    });
  }
}

void AddRows(ConstMatrixView rows, std::span<const uint32_t> members, std::span<const float> factor,
             std::span<float> sum) {
  for (const uint32_t member : members) {
    AddScaled(factor.empty() ? 1.0f : factor[member], rows.row(member), sum.data(), rows.cols);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(SigmoidAll);
HWY_EXPORT(TanhAll);
HWY_EXPORT(ExpAll);
HWY_EXPORT(RoundToBf16);
HWY_EXPORT(LogSumExp);
HWY_EXPORT(AddScaled);
HWY_EXPORT(Scale);
HWY_EXPORT(Multiply);
HWY_EXPORT(Dot);
HWY_EXPORT(GatherRows);
HWY_EXPORT(AddRows);

void sigmoid(std::span<const float> x, std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(SigmoidAll)(x.data(), y.data(), x.size());
}

void tanh_fast(std::span<const float> x, std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(TanhAll)(x.data(), y.data(), x.size());
}

void exponential(std::span<const float> x, std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(ExpAll)(x.data(), y.data(), x.size());
}

void round_to_bf16(std::span<const float> x, std::span<uint16_t> y) {
  HWY_DYNAMIC_DISPATCH(RoundToBf16)(x.data(), y.data(), x.size());
}

float log_sum_exp(std::span<const float> x) {
  return HWY_DYNAMIC_DISPATCH(LogSumExp)(x.data(), x.size());
}

void add_scaled(float a, std::span<const float> x, std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(AddScaled)(a, x.data(), y.data(), x.size());
}

void scale(float a, std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(Scale)(a, y.data(), y.size());
}

void multiply(std::span<const float> x, std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(Multiply)(x.data(), y.data(), x.size());
}

float dot(std::span<const float> x, std::span<const float> y) {
  return HWY_DYNAMIC_DISPATCH(Dot)(x.data(), y.data(), x.size());
}

double sum_of_squares(std::span<const float> x) {
  constexpr size_t kChunk = 4096;
  double sum = 0.0;
  for (size_t i = 0; i < x.size(); i += kChunk) {
    const auto part = x.subspan(i, std::min(kChunk, x.size() - i));
    sum += dot(part, part);
  }
  return sum;
}

void prefetch_rows(ConstMatrixView table, std::span<const uint32_t> index) {
  for (const uint32_t row : index) prefetch_row(table.row(row), table.cols);
}

void gather_rows(ConstMatrixView table, std::span<const uint32_t> index,
                 std::span<const float> factor, MatrixView out) {
  HWY_DYNAMIC_DISPATCH(GatherRows)(table, index, factor, out);
}

void add_rows(ConstMatrixView rows, std::span<const uint32_t> members,
              std::span<const float> factor, std::span<float> sum) {
  HWY_DYNAMIC_DISPATCH(AddRows)(rows, members, factor, sum);
}

}  // namespace ockham
#endif  // HWY_ONCE
