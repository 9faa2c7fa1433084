#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ockham/bayes/parameter.hpp"
#include "ockham/tensor/blocked_columns.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/noise.hpp"

namespace ockham {

/// How far one sample of noise reaches in a mini-batch, from the farthest to the nearest.
enum class NoiseScope {
  batch,     ///< all rows share it, or there is none
  sequence,  ///< the rows of one sequence share it: a row may stand for one sequence only
  row,       ///< every row has its own: a row may stand for one use of the weights only
};

/// Whether there is noise and the posterior draws any: else its expectation is all there is.
bool draws_noise(const Parameter& parameter, const NoiseSource* noise);

/// The scope of what `noise` draws for the parameter.
NoiseScope noise_scope(const Parameter& parameter, const NoiseSource* noise);

/// What the noise of a mini-batch's rows is drawn for: its sequences or, one by one, their tokens.
struct Draws {
  std::vector<uint32_t> texts;  ///< [draws] the sequence's number in the data
  std::vector<uint32_t> steps;  ///< [draws] the token's place in it; empty: draws are sequences
};

/// A weight matrix W [in, out] as one mini-batch sees it: y = x W, whatever the posterior and the
/// estimator. Rows of x come with the number of their draw in `Draws`; where all rows share one
/// sample (noise_scope), `draws` may be empty.
/// multiply* may be called from several threads at once, and add_gradient for different slices.
class Product {
 public:
  virtual ~Product() = default;

  /// y (+)= x W.  x [n, in], y [n, out], draws [n].
  virtual void multiply(ConstMatrixView x, std::span<const uint32_t> draws, MatrixView y,
                        Accumulate accumulate) const = 0;

  /// dx (+)= g W^T for g = dL/dy of the rows x.
  virtual void multiply_transposed(ConstMatrixView x, ConstMatrixView g,
                                   std::span<const uint32_t> draws, MatrixView dx,
                                   Accumulate accumulate) const = 0;

  /// Takes up dL/dW of the rows x with output gradients g, as part of a slice's sum.
  virtual void add_gradient(size_t slice, ConstMatrixView x, ConstMatrixView g,
                            std::span<const uint32_t> draws) = 0;

  /// W itself [in, out], for kernels that multiply by it; null where rows have weights of their
  /// own, or where it is so large that it is kept in another form.
  virtual const Matrix* shared_weights() const { return nullptr; }
  /// A slice's sum of dL/dW [in, out], to be added to. Throws Error where there are no shared
  /// weights. May be called for different slices at once, as add_gradient.
  virtual MatrixView shared_gradient(size_t slice);

  /// Adds the slices' sums, in slice order, to the gradients of the parameter it was drawn from.
  virtual void finish(Parameter& parameter) = 0;
};

/// What a product is drawn for.
struct ProductShape {
  BlockedColumns columns;  ///< how the output columns are laid out in y
  size_t rows = 0;         ///< x's width, at least the parameter's rows (further ones count as 0)
  size_t slices = 1;       ///< how many gradient sums are kept apart
  bool over_time = false;  ///< one sample has to serve all time steps of a sequence
  Precision precision = Precision::fp32;  ///< of its products
};

/// Draws W by the parameter's estimator. `noise` null: the expectation, pruned weights 0. `draws`
/// may be empty where all rows share one sample. Throws Error where the estimator cannot serve the
/// shape or the posterior.
std::unique_ptr<Product> draw_product(const Parameter& parameter, const ProductShape& shape,
                                      const Draws& draws, const NoiseSource* noise);

}  // namespace ockham
