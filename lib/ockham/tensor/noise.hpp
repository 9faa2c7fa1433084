#pragma once

#include <cstdint>
#include <span>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

enum class NoiseKind {
  none,
  normal,   ///< N(0, 1)
  uniform,  ///< U(0, 1), ends excluded
};

/// What is drawn for a parameter beside its own noise has the parameter's number with one of these
/// bits, so that no two of them are the same numbers.
inline constexpr uint32_t kFlipoutInputSigns = 1u << 28;
inline constexpr uint32_t kFlipoutOutputSigns = 1u << 29;
inline constexpr uint32_t kLayerDropoutMask = 1u << 30;

/// Where a forward pass takes its random numbers from. An element's noise depends on what it is
/// (tensor, row, column), never on who asks or in which order.
class NoiseSource {
 public:
  virtual ~NoiseSource() = default;

  /// out(i, j) = noise of element (rows[i], columns[j]) of `tensor`. Rows are a matrix's original
  /// rows or, for what is drawn per sequence, the texts' numbers.
  virtual void matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> rows,
                      std::span<const uint32_t> columns, MatrixView out) const = 0;

  /// The same where every sequence has a sample of its own: row i of `out` is noise of the elements
  /// (rows[i], columns[j]) in the sample of text texts[i].
  virtual void sequence_matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> texts,
                               std::span<const uint32_t> rows, std::span<const uint32_t> columns,
                               MatrixView out) const = 0;

  /// out[i] = noise of the pair (rows[i], groups[i]) of `tensor`: one number per (text, word).
  /// A tensor is read either through matrix() or through pairs(), not both.
  virtual void pairs(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> rows,
                     std::span<const uint32_t> groups, std::span<float> out) const = 0;
};

/// Noise as a pure function: Philox4x32-10 (Salmon et al. 2011) with the seed as key and
/// (step, tensor, row, block of four columns) as counter; normal numbers by Box and Muller. A
/// sample of one text's own has the text's number mixed into the key.
/// A run can be repeated, resumed to the bit and shared out over any number of threads.
class PhiloxNoise final : public NoiseSource {
 public:
  PhiloxNoise(uint64_t seed, uint32_t step) : seed_(seed), step_(step) {}

  void matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> rows,
              std::span<const uint32_t> columns, MatrixView out) const override;
  void sequence_matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> texts,
                       std::span<const uint32_t> rows, std::span<const uint32_t> columns,
                       MatrixView out) const override;
  void pairs(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> rows,
             std::span<const uint32_t> groups, std::span<float> out) const override;

 private:
  uint64_t seed_;
  uint32_t step_;
};

}  // namespace ockham
