#include "ockham/compress/compaction.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ockham/bayes/sparse.hpp"
#include "ockham/tensor/error.hpp"
#include "tests/compress/random_classifier.hpp"
#include "tests/support/expect_close.hpp"

namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;
constexpr size_t kWords = 4;
constexpr size_t kHidden = 2;

/// Nothing is pruned: 4 words, 3 inputs, 2 units a direction, 2 poolings, 2 outputs, all ones. The
/// tests then clear the weights that their rule speaks of: an exact 0 is pruned.
Network full_network(bool groups = true, const Encoder& encoder = {}) {
  NetworkShape shape = small_shape(kWords, kHidden, OutputKind::softmax, 2, encoder);
  if (!groups) shape.groups = {};
  Network network = make_network(shape, 1);
  network.for_each_parameter([](Parameter& p) { p.mean.fill(1.0f); });
  return network;
}

void clear_row(Parameter& p, size_t r) {
  std::fill_n(p.mean.row(r), p.cols(), 0.0f);
}

void clear_column(Parameter& p, size_t c) {
  for (size_t r = 0; r < p.rows(); ++r) p.mean(r, c) = 0.0f;
}

Survivors survivors_of(const Network& network) {
  Masks masks = keep_masks(network);
  return find_survivors(network, masks);
}

/// The mask of one parameter after find_survivors().
std::vector<uint8_t> narrowed_mask(const Network& network, const Parameter& wanted) {
  Masks masks = keep_masks(network);
  find_survivors(network, masks);
  std::vector<uint8_t> found;
  size_t i = 0;
  network.for_each_parameter([&](const Parameter& p) {
    if (&p == &wanted) found = masks[i];
    ++i;
  });
  return found;
}

const Survivors kEverything{{0, 1, 2, 3}, {0, 1, 2}, {{0, 1}, {0, 1}}};

TEST(FindSurvivors, KeepsAFullNetwork) {
  EXPECT_EQ(survivors_of(full_network()), kEverything);
  EXPECT_EQ(survivors_of(full_network(false)), kEverything);
}

TEST(FindSurvivors, DropsAWordByItsMultiplierOrItsWholeRow) {
  Network network = full_network();
  network.word_multiplier->mean(1, 0) = 0.0f;
  clear_row(network.embedding, 3);
  network.embedding.mean(0, 0) = 0.0f;  // one weight of three
  EXPECT_EQ(survivors_of(network).words, (Ids{0, 2}));
}

TEST(FindSurvivors, DropsAnInputByItsMultiplierItsColumnOrItsRowsInEveryDirection) {
  Network network = full_network();
  network.input_multiplier->mean(0, 0) = 0.0f;
  EXPECT_EQ(survivors_of(network).inputs, (Ids{1, 2}));
  clear_column(network.embedding, 1);
  EXPECT_EQ(survivors_of(network).inputs, (Ids{2}));

  network = full_network();
  clear_row(network.layers[0].directions[0].weight_ih, 2);
  EXPECT_EQ(survivors_of(network).inputs, (Ids{0, 1, 2})) << "the other direction reads it";
  clear_row(network.layers[0].directions[1].weight_ih, 2);
  EXPECT_EQ(survivors_of(network).inputs, (Ids{0, 1}));
}

TEST(FindSurvivors, DropsAUnitByItsMultiplier) {
  Network network = full_network();
  network.layers[0].directions[1].unit_multiplier->mean(0, 0) = 0.0f;
  EXPECT_EQ(survivors_of(network).units, (std::vector<Ids>{{0, 1}, {1}}));
}

TEST(FindSurvivors, DropsAUnitThatNobodyElseReads) {
  Network network = full_network();
  RecurrentDirection& forward = network.layers[0].directions[0];
  clear_row(network.output_weight, 0);            // unit 0, first pooling
  clear_row(network.output_weight, 0 + kHidden);  // unit 0, second pooling
  EXPECT_EQ(survivors_of(network).units[0], (Ids{0, 1})) << "unit 1 reads it";
  for (size_t k = 0; k < gates_of(Cell::lstm); ++k)
    forward.weight_hh.mean(0, k * kHidden + 1) = 0.0f;
  EXPECT_EQ(survivors_of(network).units[0], (Ids{1})) << "read by itself alone";
}

TEST(FindSurvivors, ClearsAGateByItsMultiplierOrItsColumns) {
  Network network = full_network();
  RecurrentDirection& forward = network.layers[0].directions[0];
  constexpr size_t kPruned = 3, kEmpty = 6;
  forward.gate_multiplier->mean(0, kPruned) = 0.0f;
  clear_column(forward.weight_ih, kEmpty);
  clear_column(forward.weight_hh, kEmpty);
  EXPECT_EQ(survivors_of(network), kEverything);
  const auto gates = narrowed_mask(network, *forward.gate_multiplier);
  const auto inputs = narrowed_mask(network, forward.weight_ih);
  for (size_t c = 0; c < gates_of(Cell::lstm) * kHidden; ++c) {
    const bool kept = c != kPruned && c != kEmpty;
    EXPECT_EQ(gates[c], kept);
    EXPECT_EQ(inputs[c], kept);
  }
  const auto bias = narrowed_mask(network, forward.bias);
  EXPECT_EQ(std::count(bias.begin(), bias.end(), 1), 8) << "a constant gate keeps its bias";
}

TEST(FindSurvivors, DropsAUnitThatNoDirectionOfTheNextLayerReads) {
  for (const Cell cell : {Cell::lstm, Cell::gru}) {
    Network network = full_network(true, {cell, 2});
    auto& above = network.layers[1].directions;
    RecurrentDirection& reverse = network.layers[0].directions[1];
    constexpr size_t kRow = kHidden + 1;  // unit 1 of the reverse direction
    clear_row(reverse.weight_hh, 1);
    clear_row(above[0].weight_ih, kRow);
    EXPECT_EQ(survivors_of(network).units, (std::vector<Ids>{{0, 1}, {0, 1}, {0, 1}, {0, 1}}))
        << "the reverse direction above reads it";
    clear_row(above[1].weight_ih, kRow);
    EXPECT_EQ(survivors_of(network).units, (std::vector<Ids>{{0, 1}, {0}, {0, 1}, {0, 1}}));
  }
}

TEST(FindSurvivors, GoesDownThroughTheLayers) {
  // Unit 0 above is the only reader of unit 1 below, and nobody reads it.
  Network network = full_network(true, {Cell::gru, 2});
  network.layers[1].directions[0].unit_multiplier->mean(0, 0) = 0.0f;
  RecurrentDirection& below = network.layers[0].directions[0];
  clear_row(below.weight_hh, 1);
  for (size_t d = 0; d < 2; ++d) {
    Parameter& weights = network.layers[1].directions[d].weight_ih;
    for (size_t c = 0; c < weights.cols(); ++c) {
      if (d == 1 || c % kHidden != 0) weights.mean(1, c) = 0.0f;
    }
  }
  EXPECT_EQ(survivors_of(network).units, (std::vector<Ids>{{0}, {0, 1}, {1}, {0, 1}}));
}

TEST(FindSurvivors, DropsADenseUnitByItsMultiplierItsColumnOrItsRow) {
  Network network = full_network(true, {Cell::lstm, 1, GateFunction::sigmoid, {4, 3}});
  EXPECT_EQ(survivors_of(network).dense, (std::vector<Ids>{{0, 1, 2, 3}, {0, 1, 2}}));
  auto& layers = network.dense_layers;
  layers[0].unit_multiplier->mean(0, 0) = 0.0f;
  clear_column(layers[0].weight, 1);
  clear_row(layers[1].weight, 2);
  clear_row(network.output_weight, 1);
  EXPECT_EQ(survivors_of(network).dense, (std::vector<Ids>{{3}, {0, 2}}));
  EXPECT_EQ(survivors_of(network).units, kEverything.units);
  layers[0].unit_multiplier->mean(0, 3) = 0.0f;
  EXPECT_EQ(survivors_of(network).dense, (std::vector<Ids>{{}, {}}));
}

TEST(PassOnConstants, GivesTheReadersWhatAUnitWithoutInputsSays) {
  Network network = full_network(true, {Cell::lstm, 1, GateFunction::sigmoid, {3, 2}});
  auto& layers = network.dense_layers;
  layers[0].bias.mean(0, 0) = 0.5f;
  layers[0].bias.mean(0, 1) = -0.5f;
  layers[0].unit_multiplier->mean(0, 0) = 3.0f;
  layers[1].weight.mean(0, 1) = -2.0f;
  for (const size_t j : {0, 1}) clear_column(layers[0].weight, j);
  const Matrix before = layers[1].bias.mean;
  pass_on_constants(network, survivors_of(network));
  EXPECT_EQ(layers[1].bias.mean(0, 0), before(0, 0) + 0.5f * 3.0f);
  EXPECT_EQ(layers[1].bias.mean(0, 1), before(0, 1) - 2.0f * 0.5f * 3.0f);
}

TEST(FindSurvivors, ClearsTheResetGateOfAConstantCandidate) {
  Network network = full_network(true, {Cell::gru, 1});
  RecurrentDirection& forward = network.layers[0].directions[0];
  forward.gate_multiplier->mean(0, 2 * kHidden) = 0.0f;  // n of unit 0
  const auto gates = narrowed_mask(network, *forward.gate_multiplier);
  EXPECT_EQ(gates, (std::vector<uint8_t>{0, 1, 1, 1, 0, 1}));
}

TEST(FindSurvivors, KeepsTheMultiplierOfACandidateThatReadsOnlyItsBias) {
  // n = tanh(z_n r b_hn + b_n) still hangs on r.
  Network network = full_network(true, {Cell::gru, 1});
  RecurrentDirection& forward = network.layers[0].directions[0];
  clear_column(forward.weight_ih, 2 * kHidden);
  clear_column(forward.weight_hh, 2 * kHidden);
  const auto gates = narrowed_mask(network, *forward.gate_multiplier);
  EXPECT_EQ(gates, (std::vector<uint8_t>{1, 1, 1, 1, 1, 1}));
}

TEST(FindSurvivors, GoesOnUntilNothingMoreLeaves) {
  // Unit 1 of the forward direction is the only reader of input 2, of which word 3 consists alone.
  // It is read by unit 0 only, whose multiplier is pruned.
  Network network = full_network();
  RecurrentDirection& forward = network.layers[0].directions[0];
  forward.unit_multiplier->mean(0, 0) = 0.0f;
  clear_row(network.output_weight, 1);
  clear_row(network.output_weight, 1 + kHidden);
  clear_row(forward.weight_ih, 2);
  for (size_t k = 0; k < gates_of(Cell::lstm); ++k)
    forward.weight_ih.mean(2, k * kHidden + 1) = 1.0f;
  clear_row(network.layers[0].directions[1].weight_ih, 2);
  clear_row(network.embedding, 3);
  network.embedding.mean(3, 2) = 1.0f;
  EXPECT_EQ(survivors_of(network), (Survivors{{0, 1, 2}, {0, 1}, {{}, {0, 1}}}));
}

class CompactionOf : public testing::TestWithParam<Encoder> {};
INSTANTIATE_TEST_SUITE_P(Encoders, CompactionOf, testing::ValuesIn(kEncoders));

TEST_P(CompactionOf, IsAFixedPoint) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    const Network network =
        random_network(random, small_shape(6, 3, OutputKind::softmax, 2, GetParam()), 0.25);
    Masks masks = keep_masks(network);
    const Survivors once = find_survivors(network, masks);
    const Masks narrowed = masks;
    EXPECT_EQ(find_survivors(network, masks), once);
    EXPECT_EQ(masks, narrowed);
  }
}

TEST_P(CompactionOf, KeepsTheProbabilitiesOfTheMaskedNetwork) {
  size_t smaller = 0;
  for (uint32_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const NetworkShape shape = small_shape(8, 4, OutputKind::softmax, 3, GetParam());
    Network network = random_network(random, shape, 0.1);
    for (RecurrentDirection* direction : network.directions()) {
      for (float& z : direction->gate_multiplier->mean.values()) {
        if (random() % 4 == 0) z = 0.0f;
      }
    }
    // Units of dense layers that are constants, on and off.
    for (DenseLayer& layer : network.dense_layers) clear_column(layer.weight, random() % 3);
    Network compacted = network;
    const Pruning pruning = prune_and_compact(compacted);
    smaller +=
        pruning.words.size() < 8 && compacted.output_weight.rows() < network.output_weight.rows();
    // The masked network sees the kept words only: pruned ones leave the sequence.
    const Sequences short_ids = random_sequences(random, 10, pruning.words.size(), 9);
    Sequences long_ids = short_ids;
    for (auto& sequence : long_ids) {
      for (uint32_t& word : sequence) word = pruning.words[word];
    }
    expect_close(network_probabilities(compacted, short_ids),
                 network_probabilities(network, long_ids), 1e-5, "compacted");
  }
  EXPECT_GT(smaller, 10u);
}

TEST(PruneAndCompact, RemembersOriginalIds) {
  Network network = full_network();
  clear_row(network.embedding, 1);
  network.input_multiplier->mean(0, 0) = 0.0f;
  network.layers[0].directions[0].unit_multiplier->mean(0, 0) = 0.0f;
  EXPECT_EQ(prune_and_compact(network).words, (Ids{0, 2, 3}));
  EXPECT_EQ(network.embedding.row_ids, (Ids{0, 2, 3}));
  EXPECT_EQ(network.embedding.column_ids, (Ids{1, 2}));
  EXPECT_EQ(network.layers[0].directions[0].weight_hh.row_ids, (Ids{1}));
  EXPECT_EQ(network.layers[0].directions[0].bias.column_ids, (Ids{1, 3, 5, 7}));
  EXPECT_EQ(network.output_weight.row_ids, (Ids{1, 3, 4, 5, 6, 7}));

  clear_row(network.embedding, 0);
  EXPECT_EQ(prune_and_compact(network).words, (Ids{1, 2}));
  EXPECT_EQ(network.embedding.row_ids, (Ids{2, 3})) << "numbers of the first network";
}

TEST(PruneAndCompact, KeepsTheMeansOfWhatIsPrunedIfAsked) {
  std::mt19937 random(1);
  Network network = random_network(random, small_shape(6, 3, OutputKind::softmax, 2));
  network.for_each_parameter([&](Parameter& p) {
    if (is_bias(network, p)) return;
    const Matrix mean = p.mean;
    p.set_posterior(std::make_shared<Sparse>(), -1.0f);  // prunes |m| under 0.08
    p.mean = mean;
  });
  Network cleared = network, kept = network;
  prune_and_compact(cleared);
  prune_and_compact(kept, PrunedMeans::kept);
  EXPECT_FALSE(has_pruned_means(cleared));
  EXPECT_TRUE(has_pruned_means(kept));
  const Sequences sequences = random_sequences(random, 5, kept.embedding.rows(), 6);
  EXPECT_EQ(network_probabilities(kept, sequences), network_probabilities(cleared, sequences));
  EXPECT_THROW(unprune(cleared), Error);
  unprune(kept);
  EXPECT_NE(network_probabilities(kept, sequences), network_probabilities(cleared, sequences));
  // Nothing had to leave here, so that this is the whole posterior's mean.
  ASSERT_EQ(kept.embedding.rows(), network.embedding.rows());
  EXPECT_EQ(network_probabilities(kept, sequences), network_probabilities(network, sequences));
}

TEST(PruneAndCompact, CountsConstantGatesAsThePapersDo) {
  Network network = full_network();
  const size_t dense = prune_and_compact(network).weights_with_constant_gates;
  EXPECT_EQ(dense, 4u * 3 + 2 * (3 * 8 + 2 * 8) + 8 * 2);
  network.layers[0].directions[0].gate_multiplier->mean(0, 0) = 0.0f;
  EXPECT_EQ(prune_and_compact(network).weights_with_constant_gates, dense);
}

TEST(KeepMasks, AskThePosteriorAndNeverPruneABias) {
  Network network = full_network();
  network.embedding.set_posterior(std::make_shared<Sparse>(), 0.0f);
  network.embedding.mean(2, 1) = 0.1f;  // under a twentieth of the variance 1
  network.output_bias.mean.fill(0.0f);
  const Masks masks = keep_masks(network);
  EXPECT_EQ(std::count(masks.front().begin(), masks.front().end(), 0), 1);
  EXPECT_EQ(masks.front()[2 * 3 + 1], 0);
  EXPECT_EQ(masks.back(), (std::vector<uint8_t>{1, 1}));
}

TEST(Hysteresis, WatchesDenseUnitsToo) {
  const Network network = full_network(true, {Cell::lstm, 1, GateFunction::sigmoid, {3}});
  Survivors everything = kEverything, found = kEverything;
  everything.dense = {{0, 1, 2}};
  found.dense = {{0, 2}};
  Hysteresis hysteresis;
  EXPECT_EQ(hysteresis.filter(network, found), everything);
  EXPECT_EQ(hysteresis.state(), (Hysteresis::State{{}, {}, {}, {}, {1}}));
  EXPECT_EQ(hysteresis.filter(network, found), found);
}

TEST(Hysteresis, DropsOnTheSecondCallRunning) {
  const Network network = full_network();
  Survivors found = kEverything;
  found.words = {0, 1, 3};
  found.inputs = {0, 2};
  found.units[1] = {1};
  Hysteresis hysteresis;
  EXPECT_EQ(hysteresis.filter(network, found), kEverything);
  EXPECT_EQ(hysteresis.state(), (Hysteresis::State{{2}, {1}, {}, {0}}));
  EXPECT_EQ(hysteresis.filter(network, found), found);
}

TEST(Hysteresis, ForgetsWhatCameBack) {
  const Network network = full_network();
  Survivors found = kEverything;
  found.words = {0, 1, 3};
  Hysteresis hysteresis;
  EXPECT_EQ(hysteresis.filter(network, found), kEverything);
  EXPECT_EQ(hysteresis.filter(network, kEverything), kEverything);
  EXPECT_EQ(hysteresis.filter(network, found), kEverything);
}

TEST(Hysteresis, CountsByOriginalIdsAcrossACompaction) {
  Network network = full_network();
  Hysteresis hysteresis;
  Survivors found = kEverything;
  found.words = {0, 1, 2};  // word 3 is pruned for the first time
  hysteresis.filter(network, found);
  Survivors without_first = kEverything;
  without_first.words = {1, 2, 3};
  compact(network, selections(network, without_first));
  found.words = {0, 1};  // the last row is word 3 still
  EXPECT_EQ(hysteresis.filter(network, found).words, (Ids{0, 1}));
}

TEST(Hysteresis, GoesOnFromARestoredState) {
  const Network network = full_network();
  Survivors found = kEverything;
  found.units[0] = {0};
  Hysteresis first;
  first.filter(network, found);
  Hysteresis second;
  second.restore(first.state());
  EXPECT_EQ(second.filter(network, found), found);
}

}  // namespace
}  // namespace ockham
