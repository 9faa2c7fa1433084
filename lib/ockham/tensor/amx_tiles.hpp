#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "ockham/tensor/matrix.hpp"

/// Matrices cut into what the tile registers of AMX hold.
namespace ockham {

/// Of how many bf16 numbers an fp32 number becomes the sum. Each is the nearest to what the ones
/// before leave, 2^-8 of the last at most (a third one cuts off what numbers below 2^-110 leave).
enum class Bf16Parts : size_t {
  one = 1,    ///< rounded
  two = 2,    ///< 16 bits
  three = 3,  ///< exact from 2^-110 to 3.39e38; more, and infinity, become no number
};

constexpr size_t count_of(Bf16Parts parts) {
  return static_cast<size_t>(parts);
}

/// A tile register's 16 rows of 64 bytes.
struct alignas(64) AmxTile {
  static constexpr size_t kRows = 16;
  uint16_t values[kRows][32];
};

/// Rows, columns and inner elements go by 32 together, two tiles; zeros fill up what is missing.
constexpr size_t kAmxBlock = 32;

constexpr size_t amx_blocks(size_t n) {
  return (n + kAmxBlock - 1) / kAmxBlock;
}

using AmxTiles = std::unique_ptr<AmxTile[]>;

/// Without values, for a factor of `outer` rows (of A) or columns (of B).
AmxTiles make_amx_tiles(size_t outer, size_t inner, Bf16Parts parts);

/// A [m, k] of m <= 32 as a product's left factor: by part, by 32 inner elements, two tiles of 16
/// rows.
void cut_left(ConstMatrixView a, Bf16Parts parts, AmxTile* tiles);

/// A^T's, of A [k, m].
void cut_left_transposed(ConstMatrixView a, Bf16Parts parts, AmxTile* tiles);

/// B [k, n] as the right one: by 32 columns, by part, by 32 inner elements, two tiles of 16
/// columns. A tile's row are two of B's, whose elements of one column stand together.
void cut_right(ConstMatrixView b, Bf16Parts parts, AmxTile* tiles);

}  // namespace ockham
