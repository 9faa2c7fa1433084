#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ockham/bayes/truncated_log_normal.hpp"
#include "ockham/nn/layer_projection.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "tests/support/reference_cell.hpp"

namespace ockham {

/// A whole network in double precision, one text and one token at a time: no packing, no slices, no
/// shared projection. The noise is the library's own numbers.
class ReferenceNetwork {
 public:
  /// One parameter's numbers, free to be changed; a slope is taken by changing one of them.
  struct Tensor {
    const Parameter* source;
    Rows mean, spread;
    bool kept(size_t r, size_t c) const {
      return source->kept.empty() || source->kept[r * source->cols() + c];
    }
  };

  ReferenceNetwork(const Network& network, const NoiseSource* noise,
                   const LayerDropout& dropout = {})
      : network_(network), noise_(noise), dropout_(dropout) {
    network.for_each_parameter([&](const Parameter& p) {
      tensors_[p.path] = {&p, rows(p.mean), rows(p.spread)};
    });
  }

  std::map<std::string, Tensor>& tensors() { return tensors_; }

  Rows logits(const TokenBatch& batch) const {
    Rows all;
    for (size_t b = 0; b < batch.size(); ++b) {
      const uint32_t text = batch.texts[b];
      const Rows embedding = weights(network_.embedding, text);
      Rows x;                 // z_x e_w of each token
      std::vector<double> z;  // z_word
      for (size_t i = batch.offsets[b]; i < batch.offsets[b + 1]; ++i) {
        const uint32_t word = batch.words[i];
        z.push_back(word_factor(text, word));
        const auto z_x = factors(network_.input_multiplier, 0, network_.embedding.cols());
        x.push_back(embedding[word]);
        for (size_t j = 0; j < z_x.size(); ++j) x.back()[j] *= z_x[j];
      }
      std::vector<double> summary;
      for (size_t l = 0; l < network_.layers.size(); ++l) {
        const auto& directions = network_.layers[l].directions;
        const bool top = l + 1 == network_.layers.size();
        Rows outputs(x.size());  // of the forward, then of the reverse direction
        for (size_t d = 0; d < directions.size(); ++d) {
          const Rows y = run_direction(directions[d], d == 1, x, z, text);
          if (top) append_pooled(y, d == 1, summary);
          append_dropped(directions[d], y, text, outputs);
        }
        x = outputs;
        z.assign(x.size(), 1.0);
      }
      all.push_back(output(summary, text));
    }
    return all;
  }

 private:
  static Rows rows(const Matrix& m) {
    Rows all;
    for (size_t r = 0; r < m.rows(); ++r) all.emplace_back(m.row(r), m.row(r) + m.cols());
    return all;
  }

  bool noisy(const Parameter& p) const {
    return noise_ != nullptr && p.posterior->noise() != NoiseKind::none;
  }

  /// w = m + s e, m (1 + sqrt(alpha) e), or the log-normal z of a uniform number; m where there is
  /// no noise; 0 where it is pruned.
  double value(const Parameter& p, size_t r, size_t c, double e) const {
    const Tensor& t = tensors_.at(p.path);
    if (!t.kept(r, c)) return 0.0;
    const double m = t.mean[r][c];
    if (!noisy(p)) return m;
    const double spread = t.spread[r][c];
    if (p.posterior->logarithmic()) return std::exp(TruncatedLogNormal(m, spread).sample(e).log_z);
    return p.posterior->multiplicative() ? m * (1.0 + std::exp(0.5 * spread) * e)
                                         : m + std::exp(spread) * e;
  }

  Matrix drawn(const Parameter& p, const std::vector<uint32_t>& noise_rows) const {
    Matrix e(noise_rows.size(), p.cols());
    if (noisy(p)) noise_->matrix(p.posterior->noise(), p.id, noise_rows, p.column_ids, e);
    return e;
  }

  /// A weight matrix: one sample for the mini-batch, or the text's own.
  Rows weights(const Parameter& p, uint32_t text) const {
    Matrix e(p.rows(), p.cols());
    if (noisy(p) && p.estimator == Estimator::sequence) {
      const std::vector<uint32_t> texts(p.rows(), text);
      noise_->sequence_matrix(NoiseKind::normal, p.id, texts, p.row_ids, p.column_ids, e);
    } else {
      e = drawn(p, p.row_ids);
    }
    Rows w(p.rows(), std::vector<double>(p.cols()));
    for (size_t r = 0; r < p.rows(); ++r) {
      for (size_t c = 0; c < p.cols(); ++c) w[r][c] = value(p, r, c, e(r, c));
    }
    return w;
  }

  /// A row of multipliers, the sample of one text.
  std::vector<double> factors(const std::optional<Parameter>& p, uint32_t text, size_t n) const {
    std::vector<double> z(n, 1.0);
    if (!p) return z;
    const Matrix e = drawn(*p, {text});
    for (size_t j = 0; j < n; ++j) z[j] = value(*p, 0, j, e(0, j));
    return z;
  }

  double word_factor(uint32_t text, uint32_t word) const {
    if (!network_.word_multiplier) return 1.0;
    const Parameter& p = *network_.word_multiplier;
    float e = 0.0f;
    if (noisy(p)) {
      noise_->pairs(p.posterior->noise(), p.id, {&text, 1}, {&p.row_ids[word], 1}, {&e, 1});
    }
    return value(p, word, 0, e);
  }

  /// y of each token, in the order of the text.
  Rows run_direction(const RecurrentDirection& p, bool reverse, const Rows& x,
                     const std::vector<double>& z, uint32_t text) const {
    const size_t hidden = p.hidden(), columns = gates_of(network_.cell) * hidden;
    // Unless every time step has noise of its own.
    const Rows w = local(p.weight_ih) ? Rows() : weights(p.weight_ih, text);
    Rows inputs;
    for (uint32_t t = 0; t < x.size(); ++t) {
      inputs.push_back(local(p.weight_ih) ? local_product(x[t], p.weight_ih, text, t)
                                          : times(x[t], w, columns));
      for (double& a : inputs.back()) a *= z[t];
    }
    const ReferenceCell cell{
        network_.cell,
        weights(p.weight_hh, text),
        tensors_.at(p.bias.path).mean[0],
        p.recurrent_bias ? tensors_.at(p.recurrent_bias->path).mean[0] : std::vector<double>(),
        factors(p.gate_multiplier, text, columns),
        factors(p.unit_multiplier, text, hidden),
        network_.gate_function};
    if (reverse) std::reverse(inputs.begin(), inputs.end());
    Rows y = cell.run(inputs);
    if (reverse) std::reverse(y.begin(), y.end());
    return y;
  }

  /// y of each token behind what its row holds, some units dropped in all time steps of the text.
  void append_dropped(const RecurrentDirection& p, const Rows& y, uint32_t text,
                      Rows& outputs) const {
    Matrix uniform(1, p.hidden(), 1.0f);
    if (dropout_.rate > 0.0f) {
      dropout_.noise->matrix(NoiseKind::uniform, p.weight_hh.id | kLayerDropoutMask, {&text, 1},
                             p.weight_hh.row_ids, uniform);
    }
    for (size_t t = 0; t < y.size(); ++t) {
      for (size_t j = 0; j < p.hidden(); ++j) {
        const bool kept = uniform(0, j) >= dropout_.rate;
        outputs[t].push_back(kept ? y[t][j] / (1.0 - double{dropout_.rate}) : 0.0);
      }
    }
  }

  void append_pooled(const Rows& y, bool reverse, std::vector<double>& summary) const {
    const size_t hidden = network_.layers.back().directions[reverse ? 1 : 0].hidden();
    for (const Pooling pooling : network_.poolings) {
      for (size_t j = 0; j < hidden; ++j) {
        double pooled = 0.0;
        if (y.empty()) {
          pooled = 0.0;
        } else if (pooling == Pooling::last) {
          pooled = reverse ? y.front()[j] : y.back()[j];
        } else if (pooling == Pooling::mean) {
          for (const auto& row : y) pooled += row[j] / static_cast<double>(y.size());
        } else {
          pooled = y[0][j];
          for (const auto& row : y) pooled = std::max(pooled, row[j]);
        }
        summary.push_back(pooled);
      }
    }
  }

  std::vector<double> affine(const std::vector<double>& x, const Parameter& p,
                             const Parameter& bias, uint32_t text) const {
    std::vector<double> a =
        local(p) ? local_product(x, p, text) : times(x, weights(p, text), p.cols());
    for (size_t k = 0; k < a.size(); ++k) a[k] += tensors_.at(bias.path).mean[0][k];
    return a;
  }

  std::vector<double> output(std::vector<double> x, uint32_t text) const {
    for (const DenseLayer& layer : network_.dense_layers) {
      x = affine(x, layer.weight, layer.bias, text);
      const auto z = factors(layer.unit_multiplier, text, layer.units());
      for (size_t j = 0; j < x.size(); ++j) x[j] = z[j] * std::max(0.0, x[j]);
    }
    return affine(x, network_.output_weight, network_.output_bias, text);
  }

  /// x M + sqrt((x * x) S^2) e of additive noise, e the text's own or that of one of its time
  /// steps.
  std::vector<double> local_product(const std::vector<double>& x, const Parameter& p, uint32_t text,
                                    std::optional<uint32_t> step = {}) const {
    const Tensor& t = tensors_.at(p.path);
    Matrix e(1, p.cols());
    if (step) {
      noise_->sequence_matrix(NoiseKind::normal, p.id, {&text, 1}, {&*step, 1}, p.column_ids, e);
    } else {
      e = drawn(p, {text});
    }
    std::vector<double> a = times(x, t.mean, p.cols());
    for (size_t k = 0; k < a.size(); ++k) {
      double variance = 0.0;
      for (size_t i = 0; i < x.size(); ++i) {
        if (t.kept(i, k)) variance += x[i] * x[i] * std::exp(2 * t.spread[i][k]);
      }
      a[k] += std::sqrt(variance) * e(0, k);
    }
    return a;
  }

  bool local(const Parameter& p) const { return noisy(p) && p.estimator == Estimator::local; }

  static std::vector<double> times(const std::vector<double>& x, const Rows& w, size_t n) {
    std::vector<double> y(n, 0.0);
    for (size_t i = 0; i < x.size(); ++i) {
      for (size_t k = 0; k < n; ++k) y[k] += x[i] * w[i][k];
    }
    return y;
  }

  const Network& network_;
  const NoiseSource* noise_;
  LayerDropout dropout_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace ockham
