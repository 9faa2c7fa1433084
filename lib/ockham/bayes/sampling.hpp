#pragma once

#include <cstdint>
#include <span>

#include "ockham/bayes/parameter.hpp"
#include "ockham/tensor/noise.hpp"

/// What the classes that draw from a parameter share; of no use outside of bayes/.
namespace ockham {

/// Those rows of m, in this order.
Matrix rows_at(ConstMatrixView m, std::span<const uint32_t> rows);

/// x with each row times its draw's row of `factors`, as wide as x at least. draws [x.rows].
Matrix scaled_by_draw(ConstMatrixView x, const Matrix& factors, std::span<const uint32_t> draws);

/// Parameter::zero_pruned() where row i of `drawn` was drawn for the parameter's row rows[i].
void zero_pruned_rows(const Parameter& parameter, std::span<const uint32_t> rows, MatrixView drawn);

}  // namespace ockham
