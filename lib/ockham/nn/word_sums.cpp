#include "ockham/nn/word_sums.hpp"

#include <algorithm>
#include <cassert>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/nn/word_sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/tensor/prefetch.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Brings the gradients near of a token that is taken soon: tokens of a word stand all over the
/// batch (saves a tenth of what summing takes).
HWY_INLINE void PrefetchGradient(const WordSums& words, size_t at) {
  constexpr size_t kAhead = 32;
  if (at + kAhead >= words.tokens.size()) return;
  prefetch_row_start(words.gradients.row(words.row_of[words.tokens[at + kAhead]]),
                     words.gradients.cols);
}

/// Widths are whole numbers of vectors. A word has few tokens of few numbers each, so a call for
/// each of them would cost more than what it does.
template <bool scaled, class D>
HWY_INLINE void SumAll(D d, const WordSums& words, size_t first, size_t count) {
  const size_t width = words.sums.cols, lanes = hn::Lanes(d);
  for (size_t w = first; w < first + count; ++w) {
    float* sum = words.sums.row(w);
    const float* projected = words.projected.row(w);
    std::fill_n(sum, width, 0.0f);
    for (size_t at = words.begin[w]; at < words.begin[w + 1]; ++at) {
      PrefetchGradient(words, at);
      const uint32_t token = words.tokens[at];
      const float* ds = words.gradients.row(words.row_of[token]);
      const auto z = hn::Set(d, scaled ? words.multiplier[token] : 1.0f);
      auto inner = hn::Zero(d);
      for (size_t j = 0; j < width; j += lanes) {
        const auto g = hn::LoadU(d, ds + j);
        hn::StoreU(hn::MulAdd(z, g, hn::LoadU(d, sum + j)), d, sum + j);
        if (scaled) inner = hn::MulAdd(g, hn::LoadU(d, projected + j), inner);
      }
      if (scaled) words.inner[at] = hn::GetLane(hn::SumOfLanes(d, inner));
    }
  }
}

/// The same where a row is a few vectors, as in small networks: the sum stays in registers (saves
/// a third of what summing takes with two).
template <bool scaled, size_t kVectors, class D>
HWY_INLINE void SumVectors(D d, const WordSums& words, size_t first, size_t count) {
  using V = hn::Vec<D>;
  const size_t lanes = hn::Lanes(d);
  for (size_t w = first; w < first + count; ++w) {
    V sum[kVectors], projected[kVectors];
    for (size_t v = 0; v < kVectors; ++v) {
      sum[v] = hn::Zero(d);
      projected[v] = hn::LoadU(d, words.projected.row(w) + v * lanes);
    }
    for (size_t at = words.begin[w]; at < words.begin[w + 1]; ++at) {
      PrefetchGradient(words, at);
      const uint32_t token = words.tokens[at];
      const float* ds = words.gradients.row(words.row_of[token]);
      const V z = hn::Set(d, scaled ? words.multiplier[token] : 1.0f);
      V inner = hn::Zero(d);
      for (size_t v = 0; v < kVectors; ++v) {
        const V g = hn::LoadU(d, ds + v * lanes);
        sum[v] = hn::MulAdd(z, g, sum[v]);
        if constexpr (scaled) inner = hn::MulAdd(g, projected[v], inner);
      }
      if (scaled) words.inner[at] = hn::GetLane(hn::SumOfLanes(d, inner));
    }
    for (size_t v = 0; v < kVectors; ++v) hn::StoreU(sum[v], d, words.sums.row(w) + v * lanes);
  }
}

template <bool scaled, class D>
HWY_INLINE void SumBy(D d, const WordSums& words, size_t first, size_t count) {
  const size_t vectors = words.sums.cols / hn::Lanes(d);
  if (vectors == 1) {
    SumVectors<scaled, 1>(d, words, first, count);
  } else if (vectors == 2) {
    SumVectors<scaled, 2>(d, words, first, count);
  } else if (vectors == 4) {
    SumVectors<scaled, 4>(d, words, first, count);
  } else {
    SumAll<scaled>(d, words, first, count);
  }
}

template <bool scaled>
HWY_INLINE void Sum(const WordSums& words, size_t first, size_t count) {
  const hn::CappedTag<float, 16> wide;
  const hn::CappedTag<float, 8> half;
  const hn::CappedTag<float, 4> narrow;
  const size_t width = words.sums.cols;
  assert(width % hn::Lanes(narrow) == 0);
  if (width % hn::Lanes(wide) == 0) {
    SumBy<scaled>(wide, words, first, count);
  } else if (width % hn::Lanes(half) == 0) {
    SumBy<scaled>(half, words, first, count);
  } else {
    SumBy<scaled>(narrow, words, first, count);
  }
}

void SumScaled(const WordSums& words, size_t first, size_t count) {
  Sum<true>(words, first, count);
}

void SumPlain(const WordSums& words, size_t first, size_t count) {
  Sum<false>(words, first, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(SumScaled);
HWY_EXPORT(SumPlain);

void sum_words(const WordSums& words, size_t first, size_t count) {
  if (words.multiplier.empty()) {
    HWY_DYNAMIC_DISPATCH(SumPlain)(words, first, count);
  } else {
    HWY_DYNAMIC_DISPATCH(SumScaled)(words, first, count);
  }
}

}  // namespace ockham
#endif  // HWY_ONCE
