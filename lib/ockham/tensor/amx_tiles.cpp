#include "ockham/tensor/amx_tiles.hpp"

#include <algorithm>
#include <cassert>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/precision.hpp"

#ifdef __x86_64__

#include "ockham/tensor/amx_intrinsics-inl.hpp"

namespace ockham {
namespace {

constexpr size_t kLanes = 16;  // of a vector; a tile's row of words is one
static_assert(kLanes == AmxTile::kWords && kLanes == AmxTile::kRows);

/// Elements [at, at + 16) of a row, zeros from `end` on.
OCKHAM_AMX_INLINE __m512 load(const float* row, size_t at, size_t end) {
  if (at + kLanes <= end) return _mm512_loadu_ps(row + at);
  if (at >= end) return _mm512_setzero_ps();
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << (end - at)) - 1), row + at);
}

OCKHAM_AMX_INLINE void store(__m512i words, AmxTile& tile, size_t row) {
  _mm512_store_si512(tile.words[row], words);
}

/// Rows of 16 numbers that a format packs at once, and vectors of words that they become.
template <class Format>
constexpr size_t kDepth = tile_depth(Format::kFormat) / kLanes;
template <class Format>
constexpr size_t kParts = tile_parts(Format::kFormat);

/// How two rows of 16 numbers become 16 words of two bf16 numbers each.
struct Bf16 {
  static constexpr TileFormat kFormat = TileFormat::bf16;
  static constexpr bool kScaled = false;

  OCKHAM_AMX_INLINE static void pack(const __m512* x, __m512 /*exponent*/, __m512i* parts) {
    const __m512i beside = (__m512i)_mm512_cvtne2ps_pbh(x[1], x[0]);
    const __m512i even = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i odd = _mm512_slli_epi32(_mm512_add_epi32(even, _mm512_set1_epi32(16)), 16);
    parts[0] = _mm512_permutexvar_epi16(_mm512_or_si512(even, odd), beside);
  }
};

/// How four rows of 16 numbers become three times 16 words of four signed bytes each.
struct Int8x3 {
  static constexpr TileFormat kFormat = TileFormat::int8x3;
  static constexpr bool kScaled = true;

  /// e - 6 for magnitudes below 2^(e + 1) / 1.004, whose multiples of 2^(e - 22) have a first byte
  /// of 127 at most; no number for what is none, or infinite. `largest`: their bits.
  OCKHAM_AMX_INLINE static __m512 exponent_of(__m512i largest) {
    const __m512 above = _mm512_mul_ps(_mm512_castsi512_ps(largest), _mm512_set1_ps(1.004f));
    const __m512i biased = _mm512_srli_epi32(_mm512_castps_si512(above), 23);
    const __m512i e = _mm512_max_epi32(biased, _mm512_set1_epi32(127 + kLeastExponent));
    const __m512 exponent = _mm512_cvtepi32_ps(_mm512_sub_epi32(e, _mm512_set1_epi32(127 + 6)));
    const __m512i none = _mm512_set1_epi32(0x7FC00000), infinite = _mm512_set1_epi32(0x7F800000);
    const __mmask16 is_none = _mm512_cmpge_epi32_mask(largest, infinite);
    return _mm512_mask_mov_ps(exponent, is_none, _mm512_castsi512_ps(none));
  }

  /// The bytes of x scale, the last one first, each 128 too large.
  OCKHAM_AMX_INLINE static __m512i bytes(__m512 x, __m512 scale) {
    const __m512i fixed = _mm512_cvtps_epi32(_mm512_mul_ps(x, scale));
    return _mm512_add_epi32(fixed, _mm512_set1_epi32(0x808080));
  }

  /// The bits of a where the mask has ones, those of b elsewhere.
  OCKHAM_AMX_INLINE static __m512i select(int mask, __m512i a, __m512i b) {
    return _mm512_ternarylogic_epi32(_mm512_set1_epi32(mask), a, b, 0xCA);
  }

  OCKHAM_AMX_INLINE static void pack(const __m512* x, __m512 exponent, __m512i* parts) {
    const __m512 last_bit = _mm512_sub_ps(_mm512_set1_ps(16.0f), exponent);
    const __m512 scale = _mm512_scalef_ps(_mm512_set1_ps(1.0f), last_bit);
    const __m512i a = bytes(x[0], scale), b = bytes(x[1], scale);
    const __m512i c = bytes(x[2], scale), d = bytes(x[3], scale);
    const int even = 0x00FF00FF, low = 0x0000FFFF;
    const __m512i even_ab = select(even, a, _mm512_slli_epi32(b, 8));
    const __m512i even_cd = select(even, c, _mm512_slli_epi32(d, 8));
    const __m512i odd_ab = select(even, _mm512_srli_epi32(a, 8), b);
    const __m512i odd_cd = select(even, _mm512_srli_epi32(c, 8), d);
    const __m512i last = select(low, even_ab, _mm512_slli_epi32(even_cd, 16));
    const __m512i middle = select(low, odd_ab, _mm512_slli_epi32(odd_cd, 16));
    const __m512i first = select(low, _mm512_srli_epi32(even_ab, 16), even_cd);
    const __m512i too_large = _mm512_set1_epi8(static_cast<char>(128));
    parts[0] = _mm512_xor_si512(first, too_large);
    parts[1] = _mm512_xor_si512(middle, too_large);
    parts[2] = _mm512_xor_si512(last, too_large);
  }

 private:
  static constexpr int kLeastExponent = -100;
};

OCKHAM_AMX_INLINE __m512i magnitude(__m512 x) {
  return _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7FFFFFFF));
}

OCKHAM_AMX_INLINE __m512 exponent_of_row(const float* row, size_t columns) {
  __m512i largest = _mm512_setzero_si512();
  for (size_t k = 0; k < columns; k += kLanes) {
    largest = _mm512_max_epi32(largest, magnitude(load(row, k, columns)));
  }
  return Int8x3::exponent_of(_mm512_set1_epi32(_mm512_reduce_max_epi32(largest)));
}

/// The exponents of columns [at, at + 16).
OCKHAM_AMX_INLINE __m512 exponent_of_columns(ConstMatrixView a, size_t at) {
  __m512i largest = _mm512_setzero_si512();
  for (size_t r = 0; r < a.rows; ++r) {
    largest = _mm512_max_epi32(largest, magnitude(load(a.row(r), at, a.cols)));
  }
  return Int8x3::exponent_of(largest);
}

/// The same of all columns, row by row, as they stand in memory. exponents [columns, rounded up to
/// 16].
OCKHAM_AMX void find_exponents(ConstMatrixView b, float* exponents) {
  const size_t columns = (b.cols + kLanes - 1) / kLanes * kLanes;
  std::fill_n(exponents, columns, 0.0f);
  for (size_t r = 0; r < b.rows; ++r) {
    const float* row = b.row(r);
    for (size_t c = 0; c < b.cols; c += kLanes) {
      const __m512i largest = _mm512_castps_si512(_mm512_loadu_ps(&exponents[c]));
      const __m512i larger = _mm512_max_epi32(largest, magnitude(load(row, c, b.cols)));
      _mm512_storeu_ps(&exponents[c], _mm512_castsi512_ps(larger));
    }
  }
  for (size_t c = 0; c < columns; c += kLanes) {
    const __m512i largest = _mm512_castps_si512(_mm512_loadu_ps(&exponents[c]));
    _mm512_storeu_ps(&exponents[c], Int8x3::exponent_of(largest));
  }
}

template <class Format>
OCKHAM_AMX void cut_left_as(ConstMatrixView a, AmxTile* tiles, float* exponents) {
  const size_t blocks = tile_blocks(a.cols, Format::kFormat);
  const size_t rows = a.rows > AmxTile::kRows ? kAmxOuter : AmxTile::kRows;
  for (size_t r = 0; r < rows; ++r) {
    const size_t columns = r < a.rows ? a.cols : 0;
    const float* const row = columns > 0 ? a.row(r) : nullptr;
    __m512 exponent = _mm512_setzero_ps();
    if constexpr (Format::kScaled) {
      exponent = exponent_of_row(row, columns);
      exponents[r] = _mm512_cvtss_f32(exponent);
    }
    for (size_t k = 0; k < blocks; ++k) {
      __m512 x[kDepth<Format>];
      __m512i parts[kParts<Format>];
      for (size_t i = 0; i < kDepth<Format>; ++i) {
        x[i] = load(row, (k * kDepth<Format> + i) * kLanes, columns);
      }
      Format::pack(x, exponent, parts);
      for (size_t p = 0; p < kParts<Format>; ++p) {
        store(parts[p], tiles[(k * kParts<Format> + p) * 2 + r / kLanes], r % kLanes);
      }
    }
  }
}

/// Rows become columns, in place.
OCKHAM_AMX_INLINE void transpose(__m512i* rows) {
  __m512i x[kLanes];
  for (size_t i = 0; i < kLanes; i += 2) {
    x[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    x[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  for (size_t i = 0; i < kLanes; i += 4) {
    rows[i] = _mm512_unpacklo_epi64(x[i], x[i + 2]);
    rows[i + 1] = _mm512_unpackhi_epi64(x[i], x[i + 2]);
    rows[i + 2] = _mm512_unpacklo_epi64(x[i + 1], x[i + 3]);
    rows[i + 3] = _mm512_unpackhi_epi64(x[i + 1], x[i + 3]);
  }
  const int even = 0x88, odd = 0xDD;  // of four blocks, two of each
  for (size_t i = 0; i < 4; ++i) {
    x[i] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], even);
    x[i + 4] = _mm512_shuffle_i32x4(rows[i], rows[i + 4], odd);
    x[i + 8] = _mm512_shuffle_i32x4(rows[i + 8], rows[i + 12], even);
    x[i + 12] = _mm512_shuffle_i32x4(rows[i + 8], rows[i + 12], odd);
  }
  for (size_t i = 0; i < 4; ++i) {
    rows[i] = _mm512_shuffle_i32x4(x[i], x[i + 8], even);
    rows[i + 8] = _mm512_shuffle_i32x4(x[i], x[i + 8], odd);
    rows[i + 4] = _mm512_shuffle_i32x4(x[i + 4], x[i + 12], even);
    rows[i + 12] = _mm512_shuffle_i32x4(x[i + 4], x[i + 12], odd);
  }
}

/// Words [16 inner elements of the block's, 16 columns] of B, or of A^T, by part.
template <class Format>
OCKHAM_AMX_INLINE void pack_columns(ConstMatrixView b, size_t block, size_t row, size_t column,
                                    __m512 exponent, __m512i* parts) {
  __m512 x[kDepth<Format>];
  for (size_t i = 0; i < kDepth<Format>; ++i) {
    const size_t r = (block * kDepth<Format> + i) * kLanes + row;
    x[i] = r < b.rows ? load(b.row(r), column, b.cols) : _mm512_setzero_ps();
  }
  Format::pack(x, exponent, parts);
}

template <class Format>
OCKHAM_AMX void cut_left_transposed_as(ConstMatrixView a, AmxTile* tiles, float* exponents) {
  const size_t blocks = tile_blocks(a.rows, Format::kFormat);
  for (size_t half = 0; half * kLanes < a.cols; ++half) {
    __m512 exponent = _mm512_setzero_ps();
    if constexpr (Format::kScaled) {
      exponent = exponent_of_columns(a, half * kLanes);
      _mm512_storeu_ps(&exponents[half * kLanes], exponent);
    }
    for (size_t k = 0; k < blocks; ++k) {
      __m512i words[kParts<Format>][kLanes];
      for (size_t row = 0; row < kLanes; ++row) {
        __m512i parts[kParts<Format>];
        pack_columns<Format>(a, k, row, half * kLanes, exponent, parts);
        for (size_t p = 0; p < kParts<Format>; ++p) words[p][row] = parts[p];
      }
      for (size_t p = 0; p < kParts<Format>; ++p) {
        transpose(words[p]);
        AmxTile& tile = tiles[(k * kParts<Format> + p) * 2 + half];
        for (size_t column = 0; column < kLanes; ++column) store(words[p][column], tile, column);
      }
    }
  }
}

template <class Format>
OCKHAM_AMX void cut_right_as(ConstMatrixView b, AmxTile* tiles, float* exponents) {
  if constexpr (Format::kScaled) find_exponents(b, exponents);
  const size_t blocks = tile_blocks(b.rows, Format::kFormat);
  const size_t column_tiles = (b.cols + kAmxOuter - 1) / kAmxOuter * 2;
  for (size_t k = 0; k < blocks; ++k) {
    for (size_t row = 0; row < kLanes; ++row) {
      for (size_t c = 0; c < column_tiles; ++c) {
        __m512 exponent = _mm512_setzero_ps();
        if constexpr (Format::kScaled) exponent = _mm512_loadu_ps(&exponents[c * kLanes]);
        __m512i parts[kParts<Format>];
        pack_columns<Format>(b, k, row, c * kLanes, exponent, parts);
        AmxTile* const to = tiles + (c * blocks + k) * kParts<Format>;
        for (size_t p = 0; p < kParts<Format>; ++p) store(parts[p], to[p], row);
      }
    }
  }
}

}  // namespace

void AmxTiles::cut_left(ConstMatrixView a) {
  take_shape(a.rows, a.cols);
  const auto cut = format_ == TileFormat::bf16 ? cut_left_as<Bf16> : cut_left_as<Int8x3>;
  cut(a, tiles_.get(), exponents_.data());
}

void AmxTiles::cut_left_transposed(ConstMatrixView a) {
  take_shape(a.cols, a.rows);
  const bool bf16 = format_ == TileFormat::bf16;
  const auto cut = bf16 ? cut_left_transposed_as<Bf16> : cut_left_transposed_as<Int8x3>;
  cut(a, tiles_.get(), exponents_.data());
}

void AmxTiles::cut_right(ConstMatrixView b) {
  take_shape(b.cols, b.rows);
  const auto cut = format_ == TileFormat::bf16 ? cut_right_as<Bf16> : cut_right_as<Int8x3>;
  cut(b, tiles_.get(), exponents_.data());
}

}  // namespace ockham

#else  // no x86: there are no AmxTiles to cut

namespace ockham {

void AmxTiles::cut_left(ConstMatrixView) {}
void AmxTiles::cut_left_transposed(ConstMatrixView) {}
void AmxTiles::cut_right(ConstMatrixView) {}

}  // namespace ockham

#endif

namespace ockham {

AmxTiles::AmxTiles(size_t outer, size_t inner, TileFormat format)
    : format_(format), outer_(0), inner_(0), most_outer_(outer), most_inner_(inner) {
  if (!multiplies_tiles()) {
    fail("this processor has no AMX, or the system does not let it be used");
  }
  const size_t columns = (outer + kAmxOuter - 1) / kAmxOuter * kAmxOuter;
  const size_t tiles = columns / AmxTile::kRows * tile_blocks(inner, format) * tile_parts(format);
  tiles_ = std::make_unique_for_overwrite<AmxTile[]>(tiles);
  if (format == TileFormat::int8x3) exponents_.resize(columns);
}

void AmxTiles::take_shape(size_t outer, size_t inner) {
  assert(outer <= most_outer_ && inner <= most_inner_);
  outer_ = outer;
  inner_ = inner;
}

}  // namespace ockham
