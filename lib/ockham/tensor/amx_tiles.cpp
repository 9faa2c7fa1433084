#include "ockham/tensor/amx_tiles.hpp"

#include <algorithm>

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

/// The nearest bf16 number, ties to even, in the upper half of its element; x is what is left. What
/// is no number stays none.
HWY_INLINE hn::Vec<Bits> TakePart(hn::Vec<D>& x) {
  const D d;
  const Bits bits;
  const auto b = hn::BitCast(bits, x);
  const auto odd = hn::And(hn::ShiftRight<16>(b), hn::Set(bits, 1));
  const auto up = hn::Add(b, hn::Add(odd, hn::Set(bits, 0x7FFF)));
  const auto number = hn::RebindMask(bits, hn::Eq(x, x));
  const auto part = hn::And(hn::IfThenElse(number, up, b), hn::Set(bits, 0xFFFF0000u));
  x = hn::Sub(x, hn::BitCast(d, part));
  return part;
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
HWY_INLINE void StoreParts(hn::Vec<D> x, size_t parts, AmxTile* tile, size_t step, size_t row,
                           size_t column) {
  const hn::Rebind<uint16_t, D> halves;
  for (size_t p = 0; p < parts; ++p) {
    const auto part = hn::TruncateTo(halves, hn::ShiftRight<16>(TakePart(x)));
    hn::StoreU(part, halves, tile[p * step].values[row] + column);
  }
}

void CutLeft(ConstMatrixView a, size_t parts, AmxTile* tiles) {
  const D d;
  const size_t blocks = amx_blocks(a.cols);
  float padded[kAmxBlock];
  for (size_t k = 0; k < blocks; ++k) {
    for (size_t r = 0; r < kAmxBlock; ++r) {
      const size_t columns = r < a.rows ? a.cols : 0;
      const float* from = Elements(a.row(r), k * kAmxBlock, kAmxBlock, columns, padded);
      AmxTile* const tile = tiles + k * 2 + r / AmxTile::kRows;
      for (size_t j = 0; j < kAmxBlock; j += hn::Lanes(d)) {
        StoreParts(hn::LoadU(d, from + j), parts, tile, blocks * 2, r % AmxTile::kRows, j);
      }
    }
  }
}

/// Gathers what stands one below the other: writing a transposed copy first took twice as long.
void CutLeftTransposed(ConstMatrixView a, size_t parts, AmxTile* tiles) {
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
          StoreParts(x, parts, tile, blocks * 2, c % AmxTile::kRows, j);
          continue;
        }
        std::fill_n(padded, lanes, 0.0f);
        for (size_t r = 0; r < rows; ++r) padded[r] = a(first + r, c);
        StoreParts(hn::LoadU(d, padded), parts, tile, blocks * 2, c % AmxTile::kRows, j);
      }
    }
  }
}

void CutRight(ConstMatrixView b, size_t parts, AmxTile* tiles) {
  const D d;
  const Bits bits;
  const size_t blocks = amx_blocks(b.rows), column_tiles = amx_blocks(b.cols) * 2;
  float padded[2][kTileColumns];
  for (size_t tile = 0; tile < blocks * column_tiles; ++tile) {
    const size_t k = tile / column_tiles, c = tile % column_tiles;
    AmxTile* const at = tiles + (c / 2 * parts * blocks + k) * 2 + c % 2;
    for (size_t pair = 0; pair < AmxTile::kRows; ++pair) {
      const auto elements = [&](size_t odd) HWY_ATTR {
        const size_t row = k * kAmxBlock + 2 * pair + odd;
        return Elements(b.row(row), c * kTileColumns, kTileColumns, row < b.rows ? b.cols : 0,
                        padded[odd]);
      };
      const float *even = elements(0), *odd = elements(1);
      for (size_t j = 0; j < kTileColumns; j += hn::Lanes(d)) {
        auto x = hn::LoadU(d, even + j), y = hn::LoadU(d, odd + j);
        for (size_t p = 0; p < parts; ++p) {
          const auto both = hn::Or(hn::ShiftRight<16>(TakePart(x)), TakePart(y));
          uint16_t* const to = at[p * blocks * 2].values[pair] + 2 * j;
          hn::StoreU(both, bits, reinterpret_cast<uint32_t*>(to));
        }
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(CutLeft);
HWY_EXPORT(CutLeftTransposed);
HWY_EXPORT(CutRight);

AmxTiles make_amx_tiles(size_t outer, size_t inner, Bf16Parts parts) {
  const size_t tiles = amx_blocks(outer) * amx_blocks(inner) * 2 * count_of(parts);
  return std::make_unique_for_overwrite<AmxTile[]>(tiles);
}

void cut_left(ConstMatrixView a, Bf16Parts parts, AmxTile* tiles) {
  HWY_DYNAMIC_DISPATCH(CutLeft)(a, count_of(parts), tiles);
}

void cut_left_transposed(ConstMatrixView a, Bf16Parts parts, AmxTile* tiles) {
  HWY_DYNAMIC_DISPATCH(CutLeftTransposed)(a, count_of(parts), tiles);
}

void cut_right(ConstMatrixView b, Bf16Parts parts, AmxTile* tiles) {
  HWY_DYNAMIC_DISPATCH(CutRight)(b, count_of(parts), tiles);
}

}  // namespace ockham
#endif  // HWY_ONCE
