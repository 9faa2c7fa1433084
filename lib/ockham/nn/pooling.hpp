#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ockham/nn/packed_batch.hpp"
#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// How a direction's outputs become one vector a text; always over the text's live tokens only.
/// A text without tokens gives zeros.
enum class Pooling {
  max,   ///< gradient to the first maximum in the text
  mean,  ///< sum / number of tokens
  last,  ///< the output after the direction's last step
};

std::string_view pooling_name(Pooling pooling);
Pooling parse_pooling(std::string_view name);

/// The packed rows that gave each maximum, for the backward pass.
using PoolingChoice = std::vector<uint32_t>;

/// Pools y [rows, >= width] of one slice into summary columns [0, width) of its sequences' rows.
/// summary [sequences, width]. `reverse`: time runs backwards in y (for the first maximum).
void pool_forward(Pooling pooling, const Slice& slice, ConstMatrixView y, bool reverse,
                  MatrixView summary, PoolingChoice& choice);

/// dy += the gradient of pooling, for dsummary [sequences, width].
void pool_backward(Pooling pooling, const Slice& slice, ConstMatrixView dsummary,
                   const PoolingChoice& choice, MatrixView dy);

}  // namespace ockham
