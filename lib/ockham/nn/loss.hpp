#pragma once

#include <span>
#include <string_view>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// What the outputs mean and how they are trained.
enum class OutputKind {
  softmax,  ///< one of K classes excludes the others
  sigmoid,  ///< K independent yes/no outputs; K = 1 for two classes (yes = the second one)
};

std::string_view output_kind_name(OutputKind kind);
OutputKind parse_output_kind(std::string_view name);

/// The target of a sigmoid that the loss leaves out: not known.
inline constexpr float kUnknownTarget = -1.0f;

/// Cross-entropy in nats, summed over the outputs, times the sequence's weight, averaged over the
/// sequences:
///     softmax: -sum_k q_k log softmax(a)_k        sigmoid: -sum_k q_k log p_k + (1-q_k) log(1-p_k)
/// logits a and targets q [sequences, K] (hard or soft; softmax targets sum to 1), weights
/// [sequences] or empty (all 1); weights whose mean over the data is 1 make it the data's weighted
/// mean. Writes dL/da.
double cross_entropy(OutputKind kind, ConstMatrixView logits, ConstMatrixView targets,
                     std::span<const float> weights, MatrixView gradient);

/// Class probabilities [sequences, classes] from logits [sequences, K]; one sigmoid output gives
/// the two columns 1 - p, p.
Matrix class_probabilities(OutputKind kind, ConstMatrixView logits);

}  // namespace ockham
