#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ockham/tensor/matrix.hpp"

/// Element-wise and row-wise kernels, compiled for every instruction set and chosen at run time.
namespace ockham {

// Element by element; in and out may be the same span. Error bounds in simd_math-inl.hpp;
// `exponential` stays at e^88 for larger x.
void sigmoid(std::span<const float> x, std::span<float> y);
void tanh_fast(std::span<const float> x, std::span<float> y);
void exponential(std::span<const float> x, std::span<float> y);

/// The nearest bf16 numbers, the upper halves of fp32's; ties to even. What is past the largest
/// becomes infinite. The NaN that arithmetic makes stays one; others may become infinite or 0.
void round_to_bf16(std::span<const float> x, std::span<uint16_t> y);

/// log sum_i exp(x_i), without overflow. x must not be empty.
float log_sum_exp(std::span<const float> x);

/// y_i += a x_i
void add_scaled(float a, std::span<const float> x, std::span<float> y);
/// y_i *= a
void scale(float a, std::span<float> y);
/// y_i *= x_i
void multiply(std::span<const float> x, std::span<float> y);
/// sum_i x_i^2; partial sums of 4,096 elements are added in double precision.
double sum_of_squares(std::span<const float> x);
/// sum_i x_i y_i, in single precision
float dot(std::span<const float> x, std::span<const float> y);

/// Asks for the rows index[i] of a table that are about to be read or written, so that other work
/// goes on while they come from memory.
void prefetch_rows(ConstMatrixView table, std::span<const uint32_t> index);

/// out row i = factor[i] * table row index[i]; an empty `factor` means 1. out [n, table.cols].
void gather_rows(ConstMatrixView table, std::span<const uint32_t> index,
                 std::span<const float> factor, MatrixView out);

/// sum_i += sum over the members g of factor[g] * rows row g, in the order of `members`; an empty
/// `factor` means 1. sum [rows.cols].
void add_rows(ConstMatrixView rows, std::span<const uint32_t> members,
              std::span<const float> factor, std::span<float> sum);

}  // namespace ockham
