#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "ockham/bayes/parameter.hpp"
#include "ockham/tensor/blocked_columns.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/noise.hpp"

namespace ockham {

/// How a weight matrix's noise enters its product.
enum class Estimator {
  batch,  ///< one weight sample for the mini-batch, shared by all sequences and time steps
  local,  ///< local reparametrization (Kingma et al. 2015): noise on the product's outputs, drawn
          ///< anew for every row; only where a weight is used once per text
};

/// A weight matrix W [in, out] as one mini-batch sees it: y = x W, whatever the posterior and the
/// estimator. Rows of x belong to sequences of the mini-batch (their numbers in it), for noise
/// that differs between sequences. multiply* may be called from several threads at once, and
/// add_gradient for different slices.
class Product {
 public:
  virtual ~Product() = default;

  /// True if a row's product does not depend on its sequence, so that equal rows of different
  /// sequences can be multiplied once.
  virtual bool shared() const = 0;

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
};

/// Draws W. `noise` null: the expectation, pruned weights 0. `texts`: the number in the data of
/// each sequence in the mini-batch, for noise that differs between sequences.
std::unique_ptr<Product> draw_product(const Parameter& parameter, Estimator estimator,
                                      const ProductShape& shape, std::span<const uint32_t> texts,
                                      const NoiseSource* noise);

}  // namespace ockham
