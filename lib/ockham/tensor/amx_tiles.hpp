#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ockham/tensor/matrix.hpp"

/// Matrices cut into what the tile registers of AMX hold. All of it is for processors with AMX
/// (multiplies_tiles()): elsewhere it throws Error.
namespace ockham {

/// What stands in tiles for fp32 numbers.
enum class TileFormat {
  bf16,    ///< the nearest bf16 number; 0 for denormals
  int8x3,  ///< fixed point: three signed bytes, as below
};

/// A tile register's 16 rows of 64 bytes: words of two bf16 numbers or of four bytes, which are of
/// inner elements 16 apart.
struct alignas(64) AmxTile {
  static constexpr size_t kRows = 16, kWords = 16;
  uint32_t words[kRows][kWords];
};

/// Inner elements that a tile holds.
constexpr size_t tile_depth(TileFormat format) {
  return AmxTile::kWords * (format == TileFormat::bf16 ? 2 : 4);
}
/// Tiles for every `tile_depth` of them: one for each byte of a number.
constexpr size_t tile_parts(TileFormat format) {
  return format == TileFormat::bf16 ? 1 : 3;
}
constexpr size_t tile_blocks(size_t inner, TileFormat format) {
  return (inner + tile_depth(format) - 1) / tile_depth(format);
}

/// Rows of A and columns of B go by 32 together, two tiles; zeros fill up what is missing.
constexpr size_t kAmxOuter = 32;

/// A factor of a product. With bytes, an element of row i of A, or column i of B, is
/// 2^exponents[i] (byte_0 + byte_1 / 2^8 + byte_2 / 2^16): the row's largest has 22 bits and a sign
/// at least, and smaller ones have as many fewer as they are smaller. (Of rows below 2^-100 all
/// have.) What row holds something that is no number, or infinite, has no number as its exponent.
class AmxTiles {
 public:
  /// Without values yet, with room for so many rows (of A, 32 at most) or columns (of B), `outer`,
  /// and inner elements.
  AmxTiles(size_t outer, size_t inner, TileFormat format);

  /// A [m, k], m <= 32, the left factor: by `tile_depth` inner elements, by part, two tiles of 16
  /// rows.
  void cut_left(ConstMatrixView a);
  /// A^T's, of A [k, m].
  void cut_left_transposed(ConstMatrixView a);
  /// B [k, n], the right one: by 16 columns, by `tile_depth` inner elements, by part.
  void cut_right(ConstMatrixView b);

  TileFormat format() const { return format_; }
  size_t outer() const { return outer_; }  ///< of what was cut last
  size_t inner() const { return inner_; }
  const AmxTile* tiles() const { return tiles_.get(); }
  const float* exponents() const { return exponents_.data(); }

 private:
  void take_shape(size_t outer, size_t inner);

  TileFormat format_;
  size_t outer_, inner_;
  [[maybe_unused]] size_t most_outer_, most_inner_;  // there is room for
  std::unique_ptr<AmxTile[]> tiles_;
  std::vector<float> exponents_;  // of bytes; else none
};

}  // namespace ockham
