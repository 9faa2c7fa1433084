#include "ockham/nn/network.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/kernels.hpp"
#include "tests/support/sample_network.hpp"

namespace ockham {
namespace {

NetworkShape shape_with(const Groups& groups) {
  NetworkShape shape;
  shape.words = 50;
  shape.embedding = 6;
  shape.hidden = 5;
  shape.outputs = 3;
  shape.groups = groups;
  return shape;
}

TEST(MakeNetwork, HasTheShapesAndGroupsThatWereAskedFor) {
  const Network network = make_network(shape_with(kAllGroups), 1);
  EXPECT_EQ(network.embedding.rows(), 50u);
  EXPECT_EQ(network.embedding.cols(), 6u);
  EXPECT_EQ(network.word_multiplier->rows(), 50u);
  EXPECT_EQ(network.input_multiplier->cols(), 6u);
  ASSERT_EQ(network.layers[0].directions.size(), 2u);
  for (const RecurrentDirection& d : network.layers[0].directions) {
    EXPECT_EQ(d.weight_ih.rows(), 6u);
    EXPECT_EQ(d.weight_ih.cols(), 20u);
    EXPECT_EQ(d.weight_hh.rows(), 5u);
    EXPECT_EQ(d.gate_multiplier->cols(), 20u);
    EXPECT_EQ(d.unit_multiplier->cols(), 5u);
  }
  EXPECT_EQ(network.summary(), 20u);  // 2 directions, max and mean, 5 units
  EXPECT_EQ(network.output_weight.rows(), 20u);
  EXPECT_EQ(network.output_weight.cols(), 3u);

  const Network plain = make_network(shape_with({}), 1);
  EXPECT_FALSE(plain.word_multiplier || plain.input_multiplier);
  EXPECT_FALSE(plain.layers[0].directions[0].gate_multiplier ||
               plain.layers[0].directions[1].unit_multiplier);
}

TEST(MakeNetwork, StartsAsTheHeaderSays) {
  const Network network = make_network(shape_with(kAllGroups), 1);
  for (const float z : network.word_multiplier->mean.values()) EXPECT_EQ(z, 1.0f);
  double largest = 0.0;
  for (const float e : network.embedding.mean.values()) {
    largest = std::max(largest, std::abs(double{e}));
  }
  EXPECT_LE(largest, 0.05);
  EXPECT_GT(largest, 0.045);
  for (const RecurrentDirection& d : network.layers[0].directions) {
    for (size_t j = 0; j < 20; ++j) EXPECT_EQ(d.bias.mean(0, j), j / 5 == 1 ? 1.0f : 0.0f);
    // Each gate's W^h times its transpose is the identity.
    for (size_t k = 0; k < gates_of(Cell::lstm); ++k) {
      for (size_t r = 0; r < 5; ++r) {
        for (size_t q = 0; q < 5; ++q) {
          double inner = 0.0;
          for (size_t j = 0; j < 5; ++j) {
            inner += double{d.weight_hh.mean(r, k * 5 + j)} * d.weight_hh.mean(q, k * 5 + j);
          }
          EXPECT_NEAR(inner, r == q ? 1.0 : 0.0, 1e-5);
        }
      }
    }
    const double glorot = std::sqrt(6.0 / (6 + 5));  // a gate at a time
    for (const float w : d.weight_ih.mean.values()) EXPECT_LE(std::abs(w), glorot);
    EXPECT_GT(sum_of_squares(d.weight_ih.mean.values()), 0.2 * 120 * glorot * glorot);
  }
}

TEST(MakeNetwork, StacksLayersOfEitherCell) {
  NetworkShape shape = shape_with(kAllGroups);
  shape.cell = Cell::gru;
  shape.layers = 2;
  const Network network = make_network(shape, 1);
  EXPECT_EQ(network.cell, Cell::gru);
  ASSERT_EQ(network.layers.size(), 2u);
  EXPECT_EQ(network.directions().size(), 4u);
  EXPECT_EQ(network.directions()[3], &network.layers[1].directions[1]);
  EXPECT_EQ(network.layers[0].directions[0].weight_ih.rows(), 6u);
  for (const RecurrentDirection& d : network.layers[1].directions) {
    EXPECT_EQ(d.weight_ih.rows(), 10u) << "both directions below";
    EXPECT_EQ(d.weight_ih.cols(), 15u);
    EXPECT_EQ(d.weight_hh.cols(), 15u);
    EXPECT_EQ(d.gate_multiplier->cols(), 15u);
    EXPECT_EQ(d.recurrent_bias->cols(), 5u);
    EXPECT_TRUE(is_bias(network, *d.recurrent_bias));
    EXPECT_FALSE(is_multiplier(network, *d.recurrent_bias));
    EXPECT_EQ(d.bias.mean, Matrix(1, 15)) << "a GRU forgets by no gate";
  }
  EXPECT_EQ(network.summary(), 20u) << "of the top layer alone";
  std::set<std::string> paths;
  std::set<uint32_t> ids;
  network.for_each_parameter([&](const Parameter& p) {
    paths.insert(p.path);
    ids.insert(p.id);
  });
  EXPECT_EQ(paths.size(), 5u + 4 * 6);
  EXPECT_EQ(ids.size(), paths.size());
  EXPECT_TRUE(paths.contains("encoder/gru_0/input_multiplier"));
  EXPECT_TRUE(paths.contains("encoder/gru_1/reverse/recurrent_bias"));

  shape.cell = Cell::lstm;
  EXPECT_FALSE(make_network(shape, 1).layers[1].directions[0].recurrent_bias);
}

TEST(Cell, NamesAreReadBack) {
  for (const Cell cell : {Cell::lstm, Cell::gru}) EXPECT_EQ(parse_cell(cell_name(cell)), cell);
  EXPECT_THROW(parse_cell("rnn"), Error);
}

TEST(GateFunction, NamesAreReadBack) {
  for (const auto function : {GateFunction::sigmoid, GateFunction::hard_sigmoid}) {
    EXPECT_EQ(parse_gate_function(gate_function_name(function)), function);
  }
  EXPECT_THROW(parse_gate_function("relu"), Error);
}

TEST(GateFunction, HardSigmoidIsAClippedLine) {
  const auto hard = [](float a) { return gate_value(GateFunction::hard_sigmoid, a); };
  EXPECT_EQ(hard(0.0f), 0.5f);
  EXPECT_FLOAT_EQ(hard(1.0f), 0.7f);
  EXPECT_FLOAT_EQ(hard(-2.0f), 0.1f);
  EXPECT_EQ(hard(3.0f), 1.0f);
  EXPECT_EQ(hard(-3.0f), 0.0f);
  EXPECT_FLOAT_EQ(gate_value(GateFunction::sigmoid, 1.0f), 0.7310586f);
}

TEST(MakeNetwork, HangsOnTheSeedAlone) {
  const auto means = [](uint64_t seed) {
    std::vector<Matrix> all;
    make_network(shape_with(kAllGroups), seed).for_each_parameter([&](const Parameter& p) {
      all.push_back(p.mean);
    });
    return all;
  };
  EXPECT_EQ(means(1), means(1));
  EXPECT_NE(means(1), means(2));
}

TEST(MakeNetwork, ManyWordsDoNotChangeTheFirstOnes) {
  // Noise is keyed by row: a longer vocabulary only adds rows.
  NetworkShape longer = shape_with(kAllGroups);
  longer.words = 80;
  const Network a = make_network(shape_with(kAllGroups), 1), b = make_network(longer, 1);
  for (size_t r = 0; r < 50; ++r) {
    for (size_t c = 0; c < 6; ++c) EXPECT_EQ(a.embedding.mean(r, c), b.embedding.mean(r, c));
  }
}

TEST(Network, ParametersHaveNamesAndNumbersOfTheirOwn) {
  const Network network = make_network(shape_with(kAllGroups), 1);
  std::set<std::string> paths;
  std::set<uint32_t> ids;
  size_t count = 0, multipliers = 0, biases = 0;
  network.for_each_parameter([&](const Parameter& p) {
    ++count;
    paths.insert(p.path);
    ids.insert(p.id);
    multipliers += is_multiplier(network, p);
    biases += is_bias(network, p);
  });
  EXPECT_EQ(count, 15u);
  EXPECT_EQ(paths.size(), count);
  EXPECT_EQ(ids.size(), count);
  EXPECT_EQ(multipliers, 6u);
  EXPECT_EQ(biases, 3u);
  EXPECT_TRUE(paths.contains("encoder/lstm_0/forward/weight_ih"));
  EXPECT_TRUE(is_multiplier(network, *network.layers[0].directions[1].unit_multiplier));
  EXPECT_FALSE(is_multiplier(network, network.embedding));
  EXPECT_FALSE(is_bias(network, network.output_weight));
}

}  // namespace
}  // namespace ockham
