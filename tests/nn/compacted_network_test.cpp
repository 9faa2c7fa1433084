#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "ockham/nn/network_pass.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/sample_network.hpp"

// Networks whose arrays have shrunk, down to nothing: what progressive compaction makes of them.
namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;
constexpr uint32_t kCompactedWords = 9;

Ids all(size_t n) {
  Ids ids(n);
  std::iota(ids.begin(), ids.end(), 0u);
  return ids;
}

NetworkShape shape() {
  NetworkShape s;
  s.words = kCompactedWords;
  s.embedding = 4;
  s.hidden = 5;
  s.outputs = 2;
  s.groups = kAllGroups;
  return s;
}

/// The columns of these units in all four gates.
Ids gate_columns(const Ids& units, size_t hidden) {
  Ids columns;
  for (uint32_t k = 0; k < gates_of(Cell::lstm); ++k) {
    for (const uint32_t j : units) columns.push_back(k * static_cast<uint32_t>(hidden) + j);
  }
  return columns;
}

void keep_words(Network& network, const Ids& words) {
  network.embedding.select(words, all(network.embedding.cols()));
  network.word_multiplier->select(words, Ids{0});
}

void keep_inputs(Network& network, const Ids& inputs) {
  network.embedding.select(all(network.embedding.rows()), inputs);
  network.input_multiplier->select(Ids{0}, inputs);
  for (RecurrentDirection& d : network.layers[0].directions) {
    d.weight_ih.select(inputs, all(d.weight_ih.cols()));
  }
}

void keep_units(Network& network, size_t d, const Ids& units) {
  RecurrentDirection& direction = network.layers[0].directions[d];
  const size_t hidden = direction.hidden();
  size_t first = 0;  // of the direction's features in the summary
  for (size_t before = 0; before < d; ++before) {
    first += network.layers[0].directions[before].hidden() * network.poolings.size();
  }
  Ids features = all(first);
  for (size_t p = 0; p < network.poolings.size(); ++p) {
    for (const uint32_t j : units)
      features.push_back(static_cast<uint32_t>(first + p * hidden) + j);
  }
  for (size_t f = first + hidden * network.poolings.size(); f < network.summary(); ++f) {
    features.push_back(static_cast<uint32_t>(f));
  }
  network.output_weight.select(features, all(network.output_weight.cols()));
  const Ids columns = gate_columns(units, hidden);
  direction.weight_ih.select(all(direction.weight_ih.rows()), columns);
  direction.weight_hh.select(units, columns);
  direction.bias.select(Ids{0}, columns);
  direction.gate_multiplier->select(Ids{0}, columns);
  direction.unit_multiplier->select(Ids{0}, units);
}

Matrix run(Network& network, const TokenBatch& batch, const NoiseSource* noise) {
  ThreadPool pool(2);
  NetworkPass pass(network, batch, noise, pool);
  pass.backward(network, Matrix(batch.size(), 2, 0.3f), pool);
  return pass.logits();
}

TEST(CompactedNetwork, SurvivorsGiveTheSameLogitsWithTheSameNoise) {
  Network dense = sample_network(shape(), 1);
  // Words 3 and 7 do not occur; dimension 1 and unit 2 forward and unit 0 reverse are always 0.
  const auto silence = [](Parameter& p, size_t column) {
    p.mean(0, column) = 0.0f;
    p.spread(0, column) = -80.0f;
  };
  silence(*dense.input_multiplier, 1);
  silence(*dense.layers[0].directions[0].unit_multiplier, 2);
  silence(*dense.layers[0].directions[1].unit_multiplier, 0);
  Network small = dense;
  keep_words(small, {0, 1, 2, 4, 5, 6, 8});
  keep_inputs(small, {0, 2, 3});
  keep_units(small, 0, {0, 1, 3, 4});
  keep_units(small, 1, {1, 2, 3, 4});
  TokenBatch batch, small_batch;
  batch.add(Ids{8, 0, 6, 2}, 11);
  batch.add(Ids{4, 4, 5}, 12);
  small_batch.add(Ids{6, 0, 5, 2}, 11);
  small_batch.add(Ids{3, 3, 4}, 12);
  const PhiloxNoise noise(1, 2);
  expect_close(run(small, small_batch, &noise), run(dense, batch, &noise), 5e-6, "with noise");
  expect_close(run(small, small_batch, nullptr), run(dense, batch, nullptr), 5e-6, "expectation");
  // And the survivors' gradients are theirs.
  expect_close(small.layers[0].directions[0].weight_hh.mean_gradient,
               select_elements(dense.layers[0].directions[0].weight_hh.mean_gradient,
                               Ids{0, 1, 3, 4}, gate_columns({0, 1, 3, 4}, 5)),
               1e-5, "dW^h");
}

TEST(CompactedNetwork, ADirectionWithoutUnits) {
  Network network = sample_network(shape(), 2);
  keep_units(network, 0, {});
  const TokenBatch batch = sample_batch({3, 1, 0, 4}, kCompactedWords, 3);
  const PhiloxNoise noise(1, 2);
  EXPECT_EQ(network.summary(), 10u);
  const Matrix logits = run(network, batch, &noise);
  EXPECT_NE(logits(0, 0), network.output_bias.mean(0, 0));  // the other direction speaks
  keep_units(network, 1, {});
  for (const Matrix& silent : {run(network, batch, &noise), run(network, batch, nullptr)}) {
    for (size_t b = 0; b < 4; ++b) EXPECT_EQ(silent(b, 1), network.output_bias.mean(0, 1));
  }
}

TEST(CompactedNetwork, WithoutInputDimensionsOnlyTheNumberOfTokensSpeaks) {
  Network network = sample_network(shape(), 4);
  keep_inputs(network, {});
  TokenBatch batch;
  batch.add(Ids{1, 2}, 5);
  batch.add(Ids{3, 8}, 5);
  batch.add(Ids{3, 8, 1}, 5);
  const Matrix logits = run(network, batch, nullptr);
  EXPECT_EQ(logits(0, 0), logits(1, 0));
  EXPECT_NE(logits(0, 0), logits(2, 0));
}

TEST(CompactedNetwork, WithoutWordsEveryTextIsEmpty) {
  Network network = sample_network(shape(), 5);
  keep_words(network, {});
  const PhiloxNoise noise(1, 2);
  const Matrix logits = run(network, sample_batch({0, 0, 0}, 1, 1), &noise);
  for (size_t b = 0; b < 3; ++b) EXPECT_EQ(logits(b, 0), network.output_bias.mean(0, 0));
}

}  // namespace
}  // namespace ockham
