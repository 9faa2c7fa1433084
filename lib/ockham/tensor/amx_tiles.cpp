#include "ockham/tensor/amx_tiles.hpp"

#include <hwy/cache_control.h>

#include <algorithm>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/tensor/amx_tiles.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t kTileColumns = kAmxBlock / 2;  // sums
using D = hn::CappedTag<float, kTileColumns>;
using Bits = hn::RebindToUnsigned<D>;

/// Takes the nearest bf16 number out of x: its bits, above 16 zeros.
HWY_INLINE hn::Vec<Bits> TakeNearest(hn::Vec<D>& x) {
  const D d;
  const Bits bits;
  const auto b = hn::BitCast(bits, x);
  const auto odd = hn::And(hn::ShiftRight<16>(b), hn::Set(bits, 1));
  const auto up = hn::Add(b, hn::Add(odd, hn::Set(bits, 0x7FFF)));
  const auto part = hn::And(up, hn::Set(bits, 0xFFFF0000u));
  x = hn::Sub(x, hn::BitCast(d, part));
  return part;
}

/// The same of the first part, where what is no number stays none: rounded up it might become 0,
/// and cut off infinite.
HWY_INLINE hn::Vec<Bits> TakeFirst(hn::Vec<D>& x) {
  const Bits bits;
  const auto quiet = hn::Or(hn::BitCast(bits, x), hn::Set(bits, 0x00400000u));
  const auto number = hn::RebindMask(bits, hn::Eq(x, x));
  return hn::IfThenElse(number, TakeNearest(x), quiet);
}

/// Calls store(p, part) for all parts of x: their upper 16 bits; the lower ones may be anything.
template <size_t kParts, class Store>
HWY_INLINE void ForEachPart(hn::Vec<D> x, const Store& store) {
  store(0, TakeFirst(x));
  if constexpr (kParts > 1) store(1, TakeNearest(x));
  if constexpr (kParts > 2) store(2, hn::BitCast(Bits(), x));  // 8 bits are left at most
}

/// The elements [at, at + count) of a row, or these before its end and zeros, in `padded`.
HWY_INLINE const float* Elements(const float* row, size_t at, size_t count, size_t end,
                                 float* padded) {
  if (at + count <= end) return row + at;
  std::fill_n(padded, count, 0.0f);
  if (at < end) std::copy(row + at, row + end, padded);
  return padded;
}

/// Stores the parts of x as elements of a row of the tiles at `tile`, which stand `step` apart.
template <size_t kParts>
HWY_INLINE void StoreParts(hn::Vec<D> x, AmxTile* tile, size_t step, size_t row, size_t column) {
  const hn::Rebind<uint16_t, D> halves;
  ForEachPart<kParts>(x, [&](size_t p, hn::Vec<Bits> part) HWY_ATTR {
    hn::StoreU(hn::TruncateTo(halves, hn::ShiftRight<16>(part)), halves,
               tile[p * step].values[row] + column);
  });
}

template <size_t kParts>
HWY_INLINE void CutLeft(ConstMatrixView a, AmxTile* tiles) {
  const D d;
  const size_t blocks = amx_blocks(a.cols);
  float padded[kAmxBlock];
  for (size_t k = 0; k < blocks; ++k) {
    for (size_t r = 0; r < kAmxBlock; ++r) {
      const size_t columns = r < a.rows ? a.cols : 0;
      const float* from = Elements(a.row(r), k * kAmxBlock, kAmxBlock, columns, padded);
      AmxTile* const tile = tiles + k * 2 + r / AmxTile::kRows;
      for (size_t j = 0; j < kAmxBlock; j += hn::Lanes(d)) {
        StoreParts<kParts>(hn::LoadU(d, from + j), tile, blocks * 2, r % AmxTile::kRows, j);
      }
    }
  }
}

/// Gathers what stands one below the other: writing a transposed copy first took twice as long.
template <size_t kParts>
HWY_INLINE void CutLeftTransposed(ConstMatrixView a, AmxTile* tiles) {
  const D d;
  const hn::RebindToSigned<D> indices;
  const size_t lanes = hn::Lanes(d), blocks = amx_blocks(a.rows);
  const auto below = hn::Mul(hn::Iota(indices, 0), hn::Set(indices, static_cast<int>(a.stride)));
  float padded[kAmxBlock];
  for (size_t k = 0; k < blocks; ++k) {
    for (size_t c = 0; c < kAmxBlock; ++c) {
      AmxTile* const tile = tiles + k * 2 + c / AmxTile::kRows;
      for (size_t j = 0; j < kAmxBlock; j += lanes) {
        const size_t first = k * kAmxBlock + j;
        const size_t rows = c < a.cols && first < a.rows ? std::min(lanes, a.rows - first) : 0;
        if (rows == lanes) {
          const auto x = hn::GatherIndex(d, a.row(first) + c, below);
          StoreParts<kParts>(x, tile, blocks * 2, c % AmxTile::kRows, j);
          continue;
        }
        std::fill_n(padded, lanes, 0.0f);
        for (size_t r = 0; r < rows; ++r) padded[r] = a(first + r, c);
        StoreParts<kParts>(hn::LoadU(d, padded), tile, blocks * 2, c % AmxTile::kRows, j);
      }
    }
  }
}

template <size_t kParts>
HWY_INLINE void CutRight(ConstMatrixView b, AmxTile* tiles) {
  const D d;
  const Bits bits;
  const size_t blocks = amx_blocks(b.rows), column_tiles = amx_blocks(b.cols) * 2;
  float padded[2][kTileColumns];
  for (size_t tile = 0; tile < blocks * column_tiles; ++tile) {
    const size_t k = tile / column_tiles, c = tile % column_tiles;
    AmxTile* const at = tiles + (c / 2 * kParts * blocks + k) * 2 + c % 2;
    for (size_t pair = 0; pair < AmxTile::kRows; ++pair) {
      const auto elements = [&](size_t odd) HWY_ATTR {
        const size_t row = k * kAmxBlock + 2 * pair + odd;
        return Elements(b.row(row), c * kTileColumns, kTileColumns, row < b.rows ? b.cols : 0,
                        padded[odd]);
      };
      const float *even = elements(0), *odd = elements(1);
      const size_t below = (k + 1) * kAmxBlock + 2 * pair;
      if (below + 1 < b.rows && c * kTileColumns < b.cols) {
        // Nothing else foresees these (of a step at the papers' size 1%, with bf16 2%).
        hwy::Prefetch(b.row(below) + c * kTileColumns);
        hwy::Prefetch(b.row(below + 1) + c * kTileColumns);
      }
      for (size_t j = 0; j < kTileColumns; j += hn::Lanes(d)) {
        hn::Vec<Bits> of_even[kParts];
        ForEachPart<kParts>(hn::LoadU(d, even + j),
                            [&](size_t p, hn::Vec<Bits> part) HWY_ATTR { of_even[p] = part; });
        ForEachPart<kParts>(hn::LoadU(d, odd + j), [&](size_t p, hn::Vec<Bits> part) HWY_ATTR {
          const auto both =
              hn::OrAnd(hn::ShiftRight<16>(of_even[p]), part, hn::Set(bits, 0xFFFF0000u));
          uint16_t* const to = at[p * blocks * 2].values[pair] + 2 * j;
          hn::StoreU(both, bits, reinterpret_cast<uint32_t*>(to));
        });
      }
    }
  }
}

/// Calls body with how many parts, known where they are taken: what the last one leaves is not
/// worked out (of three parts a quarter of the time).
template <class Body>
HWY_INLINE void WithParts(Bf16Parts parts, const Body& body) {
  switch (parts) {
    case Bf16Parts::one:
      return body(std::integral_constant<size_t, 1>());
    case Bf16Parts::two:
      return body(std::integral_constant<size_t, 2>());
    case Bf16Parts::three:
      return body(std::integral_constant<size_t, 3>());
  }
}

void CutLeftParts(ConstMatrixView a, Bf16Parts parts, AmxTile* tiles) {
  WithParts(parts, [=](auto count) HWY_ATTR { CutLeft<count()>(a, tiles); });
}
void CutLeftTransposedParts(ConstMatrixView a, Bf16Parts parts, AmxTile* tiles) {
  WithParts(parts, [=](auto count) HWY_ATTR { CutLeftTransposed<count()>(a, tiles); });
}
void CutRightParts(ConstMatrixView b, Bf16Parts parts, AmxTile* tiles) {
  WithParts(parts, [=](auto count) HWY_ATTR { CutRight<count()>(b, tiles); });
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(CutLeftParts);
HWY_EXPORT(CutLeftTransposedParts);
HWY_EXPORT(CutRightParts);

AmxTiles make_amx_tiles(size_t outer, size_t inner, Bf16Parts parts) {
  const size_t tiles = amx_blocks(outer) * amx_blocks(inner) * 2 * count_of(parts);
  return std::make_unique_for_overwrite<AmxTile[]>(tiles);
}

void cut_left(ConstMatrixView a, Bf16Parts parts, AmxTile* tiles) {
  HWY_DYNAMIC_DISPATCH(CutLeftParts)(a, parts, tiles);
}

void cut_left_transposed(ConstMatrixView a, Bf16Parts parts, AmxTile* tiles) {
  HWY_DYNAMIC_DISPATCH(CutLeftTransposedParts)(a, parts, tiles);
}

void cut_right(ConstMatrixView b, Bf16Parts parts, AmxTile* tiles) {
  HWY_DYNAMIC_DISPATCH(CutRightParts)(b, parts, tiles);
}

}  // namespace ockham
#endif  // HWY_ONCE
