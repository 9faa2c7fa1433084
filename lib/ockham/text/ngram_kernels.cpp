#include "ockham/text/ngram_kernels.hpp"

#include <algorithm>
#include <cassert>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/text/ngram_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/text/hash.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<uint64_t>;
using V = hn::Vec<D>;

/// mix_bits()
HWY_INLINE V Mix(D d, V x) {
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<30>(x)), hn::Set(d, kMixMultipliers[0]));
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<27>(x)), hn::Set(d, kMixMultipliers[1]));
  return hn::Xor(x, hn::ShiftRight<31>(x));
}

void MixAll(std::span<uint64_t> numbers) {
  const D d;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= numbers.size(); i += hn::Lanes(d)) {
    hn::StoreU(Mix(d, hn::LoadU(d, &numbers[i])), d, &numbers[i]);
  }
  for (; i < numbers.size(); ++i) numbers[i] = mix_bits(numbers[i]);
}

/// Buckets in vectors, bits of the filter one by one: a gather of four 64-bit words costs a Zen 3
/// more than four loads.
void FilterAll(std::span<const uint64_t> ngrams, const NgramHashing& hashing,
               const HashFilter& filter, std::span<uint32_t> buckets, FilterBits& may_hold) {
  const D d;
  const hn::Rebind<uint32_t, D> narrow;
  const V offset = hn::Set(d, hashing.offset());
  const int shift = 64 - static_cast<int>(hashing.bits);
  size_t i = 0;
  for (; i + hn::Lanes(d) <= ngrams.size(); i += hn::Lanes(d)) {
    const V hash = Mix(d, hn::Add(hn::LoadU(d, &ngrams[i]), offset));
    hn::StoreU(hn::TruncateTo(narrow, hn::ShiftRightSame(hash, shift)), narrow, &buckets[i]);
  }
  for (; i < ngrams.size(); ++i) buckets[i] = hashing.bucket(ngrams[i]);

  const uint64_t* const words = filter.words().data();
  const int below = filter.shift() - shift;  // the bits of a bucket that the filter leaves out
  may_hold.fill(0);
  for (size_t first = 0; first < ngrams.size(); first += 64) {
    const auto group = buckets.subspan(first, std::min(ngrams.size() - first, size_t{64}));
    uint64_t bits = 0;
    for (size_t b = 0; b < group.size(); ++b) {
      const uint32_t place = group[b] >> below;
      bits |= (words[place / 64] >> place % 64 & 1) << b;
    }
    may_hold[first / 64] = bits;
  }
}

/// From the last to the first, for each is made of the one before it.
uint64_t ExtendAll(std::span<const uint64_t> words, uint64_t before, std::span<uint64_t> ngrams) {
  const D d;
  const uint64_t last = ngrams.back();
  size_t i = ngrams.size();
  for (; i > hn::Lanes(d); i -= hn::Lanes(d)) {
    const size_t at = i - hn::Lanes(d);
    const V shorter = hn::LoadU(d, &ngrams[at - 1]);
    const V longer =
        hn::Add(hn::Mul(shorter, hn::Set(d, kHashMultiplier)), hn::LoadU(d, &words[at]));
    hn::StoreU(longer, d, &ngrams[at]);
  }
  for (; i > 1; --i) ngrams[i - 1] = NgramHashing::extend(ngrams[i - 2], words[i - 1]);
  ngrams[0] = NgramHashing::extend(before, words[0]);
  return last;
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(MixAll);
HWY_EXPORT(FilterAll);
HWY_EXPORT(ExtendAll);

void hash_words(const TokenBuffer& tokens, size_t first, std::span<uint64_t> hashes) {
  for (size_t i = 0; i < hashes.size(); ++i) {
    const auto [begin, length] = tokens.extents[first + i];
    hashes[i] = unmixed_hash_window(tokens.bytes, begin, length);
  }
  HWY_DYNAMIC_DISPATCH(MixAll)(hashes);
}

uint64_t extend_all(std::span<const uint64_t> words, uint64_t before, std::span<uint64_t> ngrams) {
  return HWY_DYNAMIC_DISPATCH(ExtendAll)(words, before, ngrams);
}

void filter_all(std::span<const uint64_t> ngrams, const NgramHashing& hashing,
                const HashFilter& filter, std::span<uint32_t> buckets, FilterBits& may_hold) {
  assert(ngrams.size() <= kFilterBlock);
  HWY_DYNAMIC_DISPATCH(FilterAll)(ngrams, hashing, filter, buckets, may_hold);
}

}  // namespace ockham
#endif  // HWY_ONCE
