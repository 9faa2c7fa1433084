#include "ockham/deploy/engine.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "ockham/deploy/distinct_rows.hpp"
#include "ockham/nn/loss.hpp"
#include "ockham/tensor/kernels.hpp"

namespace ockham {
namespace {

// Texts of a slice are sorted by length, so that texts that run side by side end together; more
// texts sort better, fewer share out better.
constexpr size_t kLargestSlice = 512;
constexpr size_t kSmallestSlice = 2 * kTextLanes;
constexpr size_t kSlicesPerThread = 4;

std::vector<uint32_t> longest_first(const EncodedCorpus& corpus) {
  std::vector<uint32_t> order(corpus.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](uint32_t a, uint32_t b) { return corpus.length(a) > corpus.length(b); });
  return order;
}

FoldedModel checked(FoldedModel model) {
  check_folded(model);
  return model;
}

}  // namespace

/// What a call works with, kept from text to text.
struct Engine::Working {
  Matrix summary;        // [features, lanes]
  Matrix dense, before;  // a dense layer's outputs and those of the one before [units, lanes]
  LaneScratch scratch;
  LaneOutputs below, outputs;
};

Engine::Engine(FoldedModel unchecked) {
  FoldedModel model = checked(std::move(unchecked));
  classes_ = std::move(model.classes);
  if (model.several_labels) {
    thresholds_ = std::move(model.thresholds);
    if (thresholds_.empty()) thresholds_.assign(classes_.size(), 0.5f);
  }
  output_ = model.output;
  inverse_temperature_ = static_cast<float>(1.0 / model.temperature);
  max_tokens_ = model.max_tokens;
  tokenizer_ = std::move(model.tokenizer);
  vocabulary_ = std::move(model.vocabulary);
  poolings_ = std::move(model.poolings);
  const DistinctRows words = distinct_rows(std::move(model.embedding));
  for (const FoldedLayer& from : model.layers) {
    const DistinctRows* first_layers = layers_.empty() ? &words : nullptr;
    Layer& layer = layers_.emplace_back();
    layer.units = from.outputs();
    for (const FoldedDirection& direction : from.directions) {
      layer.directions.emplace_back(direction, model.cell, model.gate_function, first_layers,
                                    !layer.directions.empty());
    }
  }
  dense_layers_ = std::move(model.dense_layers);
  output_weight_ = std::move(model.output_weight);
  output_bias_ = std::move(model.output_bias);
}

void Engine::predict(std::span<const std::string_view> texts, ThreadPool& pool,
                     Matrix& probabilities) const {
  probabilities.reshape(texts.size(), classes_.size());
  const size_t share = texts.size() / (kSlicesPerThread * pool.size()) + 1;
  const size_t slice = std::clamp(share, kSmallestSlice, kLargestSlice);
  pool.for_each((texts.size() + slice - 1) / slice, [&](size_t i) {
    const size_t first = i * slice;
    const size_t count = std::min(slice, texts.size() - first);
    predict(texts.subspan(first, count), probabilities.view().row_range(first, count));
  });
}

void Engine::predict(std::span<const std::string_view> texts, MatrixView probabilities) const {
  EncodedCorpus corpus;
  TextEncoder text_encoder = encoder();
  for (const std::string_view text : texts) text_encoder.encode(text, corpus);
  predict_encoded(corpus, probabilities);
}

void Engine::predict_encoded(const EncodedCorpus& corpus, MatrixView probabilities) const {
  const std::vector<uint32_t> order = longest_first(corpus);
  Matrix logits(corpus.size(), output_bias_.cols());
  Working working;
  working.summary = Matrix(layers_.back().units * poolings_.size(), kTextLanes);
  for (size_t first = 0; first < order.size(); first += kTextLanes) {
    const auto group = std::span(order).subspan(first, std::min(kTextLanes, order.size() - first));
    LaneTexts lanes;
    for (size_t lane = 0; lane < group.size(); ++lane) {
      const auto tokens = corpus.tokens(group[lane]);
      lanes.tokens[lane] = tokens.data();
      lanes.lengths[lane] = static_cast<uint32_t>(tokens.size());
    }
    run_layers(lanes, working);
    add_logits(run_dense_layers(working), group, logits);
  }
  const Matrix p = class_probabilities(output_, logits);
  for (size_t i = 0; i < p.rows(); ++i) std::copy_n(p.row(i), p.cols(), probabilities.row(i));
}

void Engine::run_layers(const LaneTexts& lanes, Working& working) const {
  for (size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    const bool top = l + 1 == layers_.size();
    if (!top) working.outputs.reshape(lanes, layer.units);
    size_t unit = 0;
    for (const LaneDirection& direction : layer.directions) {
      LaneSink sink;
      if (top) {
        sink.poolings = poolings_;
        sink.summary = working.summary.view().row_range(unit * poolings_.size(),
                                                        direction.hidden * poolings_.size());
      } else {
        sink.outputs = &working.outputs;
        sink.first_unit = unit;
      }
      run_lanes(direction, lanes, l == 0 ? nullptr : &working.below, working.scratch, sink);
      unit += direction.hidden;
    }
    std::swap(working.below, working.outputs);
  }
}

/// max(0, x W + b) for all lanes and dense layers; gives back what the output layer reads.
const Matrix& Engine::run_dense_layers(Working& working) const {
  const Matrix* x = &working.summary;
  for (const FoldedDense& layer : dense_layers_) {
    std::swap(working.before, working.dense);
    if (x != &working.summary) x = &working.before;
    working.dense.reshape(layer.bias.cols(), kTextLanes);
    for (size_t j = 0; j < layer.bias.cols(); ++j) {
      float* sums = working.dense.row(j);
      std::fill_n(sums, kTextLanes, layer.bias(0, j));
      for (size_t i = 0; i < x->rows(); ++i) {
        const float weight = layer.weight(i, j);
        const float* inputs = x->row(i);
        for (size_t lane = 0; lane < kTextLanes; ++lane) sums[lane] += weight * inputs[lane];
      }
      for (size_t lane = 0; lane < kTextLanes; ++lane) sums[lane] = std::max(sums[lane], 0.0f);
    }
    x = &working.dense;
  }
  return *x;
}

/// logits = (features W + b) / temperature for the texts in the lanes; features [features, lanes]
void Engine::add_logits(ConstMatrixView features, std::span<const uint32_t> texts,
                        MatrixView logits) const {
  for (size_t k = 0; k < logits.cols; ++k) {
    std::array<float, kTextLanes> sums;
    sums.fill(output_bias_(0, k));
    for (size_t f = 0; f < features.rows; ++f) {
      const float weight = output_weight_(f, k);
      for (size_t lane = 0; lane < kTextLanes; ++lane) sums[lane] += weight * features(f, lane);
    }
    for (size_t lane = 0; lane < texts.size(); ++lane) {
      logits(texts[lane], k) = sums[lane] * inverse_temperature_;
    }
  }
}

Engine make_engine(const Classifier& classifier) {
  return Engine(fold(classifier));
}

}  // namespace ockham
