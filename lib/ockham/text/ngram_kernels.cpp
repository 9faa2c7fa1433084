#include "ockham/text/ngram_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/text/ngram_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/text/hash.hpp"
#include "ockham/text/hashed_vocabulary.hpp"

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

void MixAll(std::span<const uint64_t> numbers, uint64_t offset, std::span<uint64_t> mixed) {
  const D d;
  size_t i = 0;
  for (; i + hn::Lanes(d) <= numbers.size(); i += hn::Lanes(d)) {
    hn::StoreU(Mix(d, hn::Add(hn::LoadU(d, &numbers[i]), hn::Set(d, offset))), d, &mixed[i]);
  }
  for (; i < numbers.size(); ++i) mixed[i] = mix_bits(numbers[i] + offset);
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
HWY_EXPORT(ExtendAll);

void hash_words(const TokenBuffer& tokens, size_t first, std::span<uint64_t> hashes) {
  for (size_t i = 0; i < hashes.size(); ++i) {
    const auto [begin, length] = tokens.extents[first + i];
    hashes[i] = unmixed_hash_window(tokens.bytes, begin, length);
  }
  mix_all(hashes, 0, hashes);
}

uint64_t extend_all(std::span<const uint64_t> words, uint64_t before, std::span<uint64_t> ngrams) {
  return HWY_DYNAMIC_DISPATCH(ExtendAll)(words, before, ngrams);
}

void mix_all(std::span<const uint64_t> numbers, uint64_t offset, std::span<uint64_t> mixed) {
  HWY_DYNAMIC_DISPATCH(MixAll)(numbers, offset, mixed);
}

}  // namespace ockham
#endif  // HWY_ONCE
