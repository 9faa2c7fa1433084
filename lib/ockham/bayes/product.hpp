#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "ockham/bayes/parameter.hpp"
#include "ockham/tensor/blocked_columns.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/noise.hpp"

namespace ockham {

/// A weight matrix W [in, out] as one mini-batch sees it: y = x W, whatever the posterior and the
/// estimator. Rows of x belong to sequences of the mini-batch (their numbers in it), for noise
/// that differs between sequences; where none does (differs_by_sequence), `sequences` may be empty.
/// multiply* may be called from several threads at once, and add_gradient for different slices.
class Product {
 public:
  virtual ~Product() = default;

  /// y (+)= x W.  x [n, in], y [n, out], sequences [n].
  virtual void multiply(ConstMatrixView x, std::span<const uint32_t> sequences, MatrixView y,
                        Accumulate accumulate) const = 0;

  /// dx (+)= g W^T for g = dL/dy of the rows x.
  virtual void multiply_transposed(ConstMatrixView x, ConstMatrixView g,
                                   std::span<const uint32_t> sequences, MatrixView dx,
                                   Accumulate accumulate) const = 0;

  /// Takes up dL/dW of the rows x with output gradients g, as part of a slice's sum.
  virtual void add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                            std::span<const uint32_t> sequences) = 0;

  /// Adds the slices' sums, in slice order, to the gradients of the parameter it was drawn from.
  virtual void finish(Parameter& parameter) = 0;
};

/// What a product is drawn for.
struct ProductShape {
  BlockedColumns columns;  ///< how the output columns are laid out in y
  size_t rows = 0;         ///< x's width, at least the parameter's rows (further ones count as 0)
  size_t slices = 1;       ///< how many gradient sums are kept apart
  bool over_time = false;  ///< W acts at several time steps of a sequence, with the same noise
};

/// True if what `noise` draws for the parameter is not the same for all sequences of a mini-batch,
/// so that a row may stand for one sequence only.
bool differs_by_sequence(const Parameter& parameter, const NoiseSource* noise);

/// Draws W by the parameter's estimator. `noise` null: the expectation, pruned weights 0. `texts`:
/// the number in the data of each sequence in the mini-batch, for noise that differs between
/// sequences. Throws Error where the estimator cannot serve the shape or the posterior.
std::unique_ptr<Product> draw_product(const Parameter& parameter, const ProductShape& shape,
                                      std::span<const uint32_t> texts, const NoiseSource* noise);

}  // namespace ockham
