#include "ockham/nn/loss.hpp"

#include <algorithm>
#include <cmath>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

/// log(1 + e^x)
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

/// -sum q log softmax(a) = sum q (log-sum-exp(a) - a);  da = softmax(a) sum q - q
double softmax_row(std::span<const float> a, std::span<const float> q, std::span<float> da) {
  const float log_sum = log_sum_exp(a);
  double loss = 0.0;
  float mass = 0.0f;
  for (size_t k = 0; k < a.size(); ++k) {
    loss += double{q[k]} * (double{log_sum} - a[k]);
    mass += q[k];
  }
  for (size_t k = 0; k < a.size(); ++k) da[k] = mass * std::exp(a[k] - log_sum) - q[k];
  return loss;
}

/// sum softplus(a) - q a;  da = sigm(a) - q
double sigmoid_row(std::span<const float> a, std::span<const float> q, std::span<float> da) {
  double loss = 0.0;
  for (size_t k = 0; k < a.size(); ++k) {
    if (q[k] == kUnknownTarget) {
      da[k] = 0.0f;
      continue;
    }
    loss += softplus(a[k]) - double{q[k]} * a[k];
    da[k] = 1.0f / (1.0f + std::exp(-a[k])) - q[k];
  }
  return loss;
}

}  // namespace

std::string_view output_kind_name(OutputKind kind) {
  return kind == OutputKind::softmax ? "softmax" : "sigmoid";
}

OutputKind parse_output_kind(std::string_view name) {
  if (name == "softmax") return OutputKind::softmax;
  if (name == "sigmoid") return OutputKind::sigmoid;
  fail("unknown output \"", name, "\"; known: softmax, sigmoid");
}

double cross_entropy(OutputKind kind, ConstMatrixView logits, ConstMatrixView targets,
                     std::span<const float> weights, MatrixView gradient) {
  double loss = 0.0;
  for (size_t b = 0; b < logits.rows; ++b) {
    const auto row = kind == OutputKind::softmax ? softmax_row : sigmoid_row;
    const double share =
        (weights.empty() ? 1.0 : double{weights[b]}) / static_cast<double>(logits.rows);
    loss += share * row(logits.row_span(b), targets.row_span(b), gradient.row_span(b));
    scale(static_cast<float>(share), gradient.row_span(b));
  }
  return loss;
}

Matrix class_probabilities(OutputKind kind, ConstMatrixView logits) {
  if (kind == OutputKind::softmax) {
    Matrix p(logits.rows, logits.cols);
    for (size_t b = 0; b < logits.rows; ++b) {
      const float log_sum = log_sum_exp(logits.row_span(b));
      for (size_t k = 0; k < logits.cols; ++k) p(b, k) = std::exp(logits(b, k) - log_sum);
    }
    return p;
  }
  const bool two_classes = logits.cols == 1;
  Matrix p(logits.rows, two_classes ? 2 : logits.cols);
  for (size_t b = 0; b < logits.rows; ++b) {
    for (size_t k = 0; k < logits.cols; ++k) {
      const float yes = 1.0f / (1.0f + std::exp(-logits(b, k)));
      p(b, two_classes ? 1 : k) = yes;
      if (two_classes) p(b, 0) = 1.0f / (1.0f + std::exp(logits(b, k)));
    }
  }
  return p;
}

}  // namespace ockham
