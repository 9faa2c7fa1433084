#include "ockham/nn/word_sums.hpp"

#include <cassert>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/nn/word_sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Widths are whole numbers of vectors. A word has few tokens of few numbers each, so a call for
/// each of them would cost more than what it does.
template <class D>
HWY_INLINE void SumAll(D d, const WordSums& words, size_t first, size_t count) {
  const size_t width = words.sums.cols, lanes = hn::Lanes(d);
  const bool scaled = !words.multiplier.empty();
  for (size_t w = first; w < first + count; ++w) {
    float* sum = words.sums.row(w);
    const float* projected = words.projected.row(w);
    for (size_t at = words.begin[w]; at < words.begin[w + 1]; ++at) {
      const uint32_t token = words.tokens[at];
      const float* ds = words.gradients.row(words.row_of[token]);
      const auto z = hn::Set(d, scaled ? words.multiplier[token] : 1.0f);
      auto inner = hn::Zero(d);
      for (size_t j = 0; j < width; j += lanes) {
        const auto g = hn::LoadU(d, ds + j);
        hn::StoreU(hn::MulAdd(z, g, hn::LoadU(d, sum + j)), d, sum + j);
        inner = hn::MulAdd(g, hn::LoadU(d, projected + j), inner);
      }
      if (scaled) words.inner[at] += hn::GetLane(hn::SumOfLanes(d, inner));
    }
  }
}

void Sum(const WordSums& words, size_t first, size_t count) {
  const hn::CappedTag<float, 16> wide;
  const hn::CappedTag<float, 8> half;
  const hn::CappedTag<float, 4> narrow;
  const size_t width = words.sums.cols;
  assert(width % hn::Lanes(narrow) == 0);
  if (width % hn::Lanes(wide) == 0) {
    SumAll(wide, words, first, count);
  } else if (width % hn::Lanes(half) == 0) {
    SumAll(half, words, first, count);
  } else {
    SumAll(narrow, words, first, count);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(Sum);

void sum_words(const WordSums& words, size_t first, size_t count) {
  HWY_DYNAMIC_DISPATCH(Sum)(words, first, count);
}

}  // namespace ockham
#endif  // HWY_ONCE
