#include "ockham/text/ascii_tokens.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/text/ascii_tokens.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// What the bytes of a block are, byte i in bit i.
struct Block {
  static constexpr size_t kBytes = 64;

  uint64_t word = 0, space = 0, apostrophe = 0, others = 0;  // others: not ASCII
};

template <class D>
void Classify(D d, const uint8_t* bytes, Block& block) {
  using V = hn::Vec<D>;
  const auto below = [&](V v, uint8_t from, uint8_t count) {
    return hn::Lt(hn::Sub(v, hn::Set(d, from)), hn::Set(d, count));
  };
  const auto put = [&](auto mask, size_t at, uint64_t& bits) {
    uint64_t part = 0;
    hn::StoreMaskBits(d, mask, reinterpret_cast<uint8_t*>(&part));
    bits |= part << at;
  };
  for (size_t at = 0; at < Block::kBytes; at += hn::Lanes(d)) {
    const V v = hn::LoadU(d, bytes + at);
    const auto letter = below(hn::Or(v, hn::Set(d, 0x20)), 'a', 26);
    put(hn::Or(letter, below(v, '0', 10)), at, block.word);
    put(hn::Or(below(v, 0, ' ' + 1), hn::Eq(v, hn::Set(d, 0x7F))), at, block.space);
    put(hn::Eq(v, hn::Set(d, '\'')), at, block.apostrophe);
    put(hn::Gt(v, hn::Set(d, 0x7F)), at, block.others);
  }
}

/// The block at `at`; behind the text's end all bytes are spaces.
Block BlockAt(std::string_view text, size_t at) {
  const hn::CappedTag<uint8_t, Block::kBytes> d;
  Block block;
  if (at + Block::kBytes <= text.size()) {
    Classify(d, reinterpret_cast<const uint8_t*>(text.data()) + at, block);
  } else {
    std::array<uint8_t, Block::kBytes> rest{};
    if (at < text.size()) std::memcpy(rest.data(), text.data() + at, text.size() - at);
    Classify(d, rest.data(), block);
  }
  return block;
}

constexpr size_t kPlacesAtOnce = 8;
static_assert(Block::kBytes % kPlacesAtOnce == 0);

/// Calls put(i, bit) for the i-th bit that is set, and gives back their number. It goes on to a
/// multiple of kPlacesAtOnce with anything for `bit`: how many words a block has cannot be
/// predicted, how many times eight they fill mostly can (a fifteenth of the time to cut reviews).
template <typename Put>
HWY_INLINE size_t PutPlaces(uint64_t bits, const Put& put) {
  const auto count = static_cast<size_t>(std::popcount(bits));
  for (size_t done = 0; done < count; done += kPlacesAtOnce) {
    for (size_t i = done; i < done + kPlacesAtOnce; ++i, bits &= bits - 1) {
      put(i, static_cast<size_t>(std::countr_zero(bits)));
    }
  }
  return count;
}

/// Whether the apostrophe at `place` may be of "it 's" or "do n't", which come together again: true
/// wherever split_bytes() joins them.
inline bool IsPartedContraction(std::string_view text, size_t place) {
  if (place == 0) return false;  // nothing to come together with
  const auto is = [&](size_t at, char lower) { return (text[at] | 0x20) == lower; };
  if (place + 1 < text.size() && place >= 2 && text[place - 2] == ' ' && is(place - 1, 'n') &&
      is(place + 1, 't')) {
    return true;
  }
  if (text[place - 1] != ' ') return false;
  const std::string_view behind = text.substr(place + 1);
  const auto is_word = [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  };
  const auto end = std::find_if_not(behind.begin(), behind.end(), is_word);
  return is_contraction(behind.substr(0, static_cast<size_t>(end - behind.begin())));
}

/// The first place in a block that is not for SplitAscii(), or kBytes.
inline size_t FirstOther(std::string_view text, size_t at, const Block& block) {
  uint64_t others = block.others;
  for (uint64_t left = block.apostrophe; left != 0; left &= left - 1) {
    const auto i = static_cast<size_t>(std::countr_zero(left));
    if (IsPartedContraction(text, at + i)) others |= uint64_t{1} << i;
  }
  return static_cast<size_t>(std::countr_zero(others));
}

size_t SplitAscii(std::string_view text, size_t from, bool punctuation,
                  std::vector<TokenBuffer::Extent>& extents) {
  size_t begun = extents.size(), ended = begun;  // tokens
  size_t resume = from;        // behind the last space: nothing of what comes can change before it
  uint64_t word_before = 0;    // the bits of the byte before this block: a word's,
  uint64_t inside_before = 0;  // a word's or an apostrophe's inside one,
  uint64_t mark_before = 0;    // a mark's
  Block next = BlockAt(text, from);
  // One block more than there are ends what the last one left open.
  for (size_t at = from; at <= text.size(); at += Block::kBytes) {
    const Block block = next;
    next = BlockAt(text, at + Block::kBytes);
    extents.resize(begun + Block::kBytes);
    const uint64_t word_left = block.word << 1 | word_before;
    const uint64_t word_right = block.word >> 1 | next.word << 63;
    const uint64_t joining = block.apostrophe & word_left & word_right;
    const uint64_t inside = block.word | joining;
    const uint64_t inside_left = inside << 1 | inside_before;
    const uint64_t marks = punctuation ? ~(inside | block.space) : 0;
    begun += PutPlaces((inside & ~inside_left) | marks,
                       [&](size_t i, size_t bit) { extents[begun + i].begin = at + bit; });
    ended +=
        PutPlaces((~inside & inside_left) | marks << 1 | mark_before, [&](size_t i, size_t bit) {
          extents[ended + i].length = at + bit - extents[ended + i].begin;
        });
    const size_t other = FirstOther(text, at, block);
    const uint64_t before_it = other < Block::kBytes ? (uint64_t{1} << other) - 1 : ~uint64_t{0};
    if (const uint64_t spaces = block.space & before_it; spaces != 0) {
      resume = at + static_cast<size_t>(std::bit_width(spaces));
    }
    if (other < Block::kBytes) {
      while (begun > 0 && extents[begun - 1].begin >= resume) --begun;
      extents.resize(begun);
      return resume;
    }
    word_before = block.word >> 63;
    inside_before = inside >> 63;
    mark_before = marks >> 63;
  }
  extents.resize(begun);
  return text.size();
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(SplitAscii);

bool is_contraction(std::string_view letters) {
  constexpr std::array<std::string_view, 14> kEndings = {"s", "t", "d", "m", "re", "ve", "ll",
                                                         "S", "T", "D", "M", "RE", "VE", "LL"};
  return std::find(kEndings.begin(), kEndings.end(), letters) != kEndings.end();
}

size_t split_ascii(std::string_view text, size_t from, bool punctuation,
                   std::vector<TokenBuffer::Extent>& extents) {
  return HWY_DYNAMIC_DISPATCH(SplitAscii)(text, from, punctuation, extents);
}

}  // namespace ockham
#endif  // HWY_ONCE
