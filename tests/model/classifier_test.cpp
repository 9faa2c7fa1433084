#include "ockham/model/classifier.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/model/sample_classifier.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;

Ids all(size_t n) {
  Ids ids(n);
  std::iota(ids.begin(), ids.end(), 0u);
  return ids;
}

NetworkShape six_words() {
  NetworkShape s;
  s.words = 6;
  s.embedding = 4;
  s.hidden = 3;
  s.outputs = 2;
  s.groups = kAllGroups;
  return s;
}

TEST(CompactNetwork, OfEverythingIsTheDenseNetwork) {
  Groups few;
  few.units = true;
  for (const Groups& groups : {Groups{}, few, kAllGroups}) {
    for (const bool bidirectional : {false, true}) {
      NetworkShape s = six_words();
      s.groups = groups;
      s.bidirectional = bidirectional;
      s.layers = bidirectional ? 3 : 1;
      s.cell = few == groups ? Cell::gru : Cell::lstm;
      const Network dense = make_network(s, 1);
      const Network compact = make_compact_network(s, kept_ids(dense));
      std::vector<const Parameter*> expected;
      dense.for_each_parameter([&](const Parameter& p) { expected.push_back(&p); });
      size_t next = 0;
      compact.for_each_parameter([&](const Parameter& p) {
        ASSERT_LT(next, expected.size());
        const Parameter& e = *expected[next++];
        EXPECT_EQ(p.path, e.path);
        EXPECT_EQ(p.id, e.id) << p.path;
        EXPECT_EQ(p.row_ids, e.row_ids) << p.path;
        EXPECT_EQ(p.column_ids, e.column_ids) << p.path;
        EXPECT_EQ(p.mean, Matrix(e.rows(), e.cols())) << p.path;
        EXPECT_EQ(p.mean_gradient, p.mean) << p.path;
      });
      EXPECT_EQ(next, expected.size());
      EXPECT_EQ(compact.poolings, s.poolings);
      EXPECT_EQ(compact.output, s.output);
    }
  }
}

TEST(CompactNetwork, KeepsWhatItIsTold) {
  const KeptIds kept{{1, 5}, {0, 3}, {{0, 2}, {1}}};
  const Network network = make_compact_network(six_words(), kept);
  EXPECT_EQ(kept_ids(network), kept);
  EXPECT_EQ(network.word_multiplier->row_ids, (Ids{1, 5}));
  EXPECT_EQ(network.input_multiplier->column_ids, (Ids{0, 3}));
  const RecurrentDirection &forward = network.layers[0].directions[0],
                           &reverse = network.layers[0].directions[1];
  const Ids forward_gates{0, 2, 3, 5, 6, 8, 9, 11}, reverse_gates{1, 4, 7, 10};
  EXPECT_EQ(forward.weight_ih.row_ids, (Ids{0, 3}));
  EXPECT_EQ(forward.weight_ih.column_ids, forward_gates);
  EXPECT_EQ(forward.weight_hh.row_ids, (Ids{0, 2}));
  EXPECT_EQ(forward.weight_hh.column_ids, forward_gates);
  EXPECT_EQ(forward.bias.column_ids, forward_gates);
  EXPECT_EQ(forward.gate_multiplier->column_ids, forward_gates);
  EXPECT_EQ(forward.unit_multiplier->column_ids, (Ids{0, 2}));
  EXPECT_EQ(reverse.weight_hh.row_ids, (Ids{1}));
  EXPECT_EQ(reverse.weight_hh.column_ids, reverse_gates);
  // forward max, forward mean, reverse max, reverse mean: three features each
  EXPECT_EQ(network.output_weight.row_ids, (Ids{0, 2, 3, 5, 7, 10}));
  EXPECT_EQ(network.output_weight.column_ids, (Ids{0, 1}));
}

TEST(CompactNetwork, KeepsWhatItIsToldOfEveryLayer) {
  NetworkShape s = six_words();
  s.cell = Cell::gru;
  s.layers = 2;
  const KeptIds kept{{1, 5}, {0, 3}, {{0, 2}, {1}, {}, {0, 1}}};
  const Network network = make_compact_network(s, kept);
  EXPECT_EQ(kept_ids(network), kept);
  const RecurrentDirection &below = network.layers[0].directions[0],
                           &above = network.layers[1].directions[1];
  EXPECT_EQ(below.weight_ih.row_ids, (Ids{0, 3}));
  EXPECT_EQ(below.weight_ih.column_ids, (Ids{0, 2, 3, 5, 6, 8}));
  EXPECT_EQ(below.recurrent_bias->column_ids, (Ids{0, 2}));
  // The units of the forward direction below, then of the reverse one, three each.
  EXPECT_EQ(above.weight_ih.row_ids, (Ids{0, 2, 4}));
  EXPECT_EQ(above.weight_ih.column_ids, (Ids{0, 1, 3, 4, 6, 7}));
  EXPECT_EQ(network.output_weight.row_ids, (Ids{6, 7, 9, 10}));
}

/// Keeps five words, three dimensions and some units of every layer, and compares with the dense
/// network in which the same groups are silent.
void expect_masked_logits(const NetworkShape& s, const KeptIds& kept) {
  Network dense = sample_network(s, 3);
  const Network compact = part_of(dense, s, kept);
  const auto silence = [](std::optional<Parameter>& p, size_t i) {
    p->mean.values()[i] = 0.0f;
    p->spread.values()[i] = -80.0f;
  };
  silence(dense.input_multiplier, 1);
  const auto directions = dense.directions();
  for (size_t d = 0; d < directions.size(); ++d) {
    for (uint32_t j = 0; j < s.hidden; ++j) {
      if (std::ranges::count(kept.units[d], j) == 0) silence(directions[d]->unit_multiplier, j);
    }
  }
  TokenBatch batch, compact_batch;
  batch.add(Ids{4, 0, 5, 2, 2}, 11);
  batch.add(Ids{1}, 12);
  compact_batch.add(Ids{3, 0, 4, 2, 2}, 11);
  compact_batch.add(Ids{1}, 12);
  ThreadPool pool;
  const PhiloxNoise philox(7, 3);
  for (const NoiseSource* noise :
       {static_cast<const NoiseSource*>(&philox), static_cast<const NoiseSource*>(nullptr)}) {
    const LayerDropout dropout{0.3f, noise};
    expect_close(NetworkPass(compact, compact_batch, noise, pool, {.dropout = dropout}).logits(),
                 NetworkPass(dense, batch, noise, pool, {.dropout = dropout}).logits(), 5e-6,
                 "logits");
  }
}

TEST(CompactNetwork, GivesTheLogitsOfTheMaskedNetwork) {
  const KeptIds one{{0, 1, 2, 4, 5}, {0, 2, 3}, {{1, 2}, {0}}};
  KeptIds two = one;
  two.units.insert(two.units.end(), {{0, 2}, {1, 2}});
  for (const Cell cell : {Cell::lstm, Cell::gru}) {
    NetworkShape s = six_words();
    s.cell = cell;
    expect_masked_logits(s, one);
    s.layers = 2;
    expect_masked_logits(s, two);
  }
}

TEST(CompactNetwork, TakesTheMemoryOfWhatIsKept) {
  NetworkShape s = six_words();
  s.words = size_t{1} << 26;  // dense: terabytes
  s.embedding = s.hidden = size_t{1} << 14;
  const Network network = make_compact_network(s, {{1u << 25}, {9}, {{16383}, {}}});
  EXPECT_EQ(network.embedding.mean.size(), 1u);
  EXPECT_EQ(network.layers[0].directions[0].weight_hh.column_ids,
            (Ids{16383, 32767, 49151, 65535}));
  EXPECT_EQ(network.layers[0].directions[1].weight_hh.mean.size(), 0u);
  EXPECT_EQ(network.output_weight.row_ids, (Ids{16383, 32767}));
}

TEST(CompactNetwork, RefusesImpossibleIds) {
  const auto refusal = [](const KeptIds& kept) {
    return message_of([&] { make_compact_network(six_words(), kept); });
  };
  const Ids words = all(6), inputs = all(4), units = all(3);
  EXPECT_EQ(refusal({{0, 6}, inputs, {units, units}}),
            "the kept words are not ascending numbers below 6");
  EXPECT_EQ(refusal({{1, 1}, inputs, {units, units}}),
            "the kept words are not ascending numbers below 6");
  EXPECT_EQ(refusal({words, {3, 2}, {units, units}}),
            "the kept inputs are not ascending numbers below 4");
  EXPECT_EQ(refusal({words, inputs, {units, {3}}}),
            "the kept units are not ascending numbers below 3");
  EXPECT_EQ(refusal({words, inputs, {units}}),
            "the model keeps units of 1 directions, its shape has 2");
}

TEST(DenseModel, BytesAreWeightsBiasesAndLinesOfText) {
  NetworkShape s = six_words();
  s.words = 2;
  s.bidirectional = false;
  const std::vector<std::string> ngrams{"not", "not good"};
  const size_t weights = 2 * 4 + (4 + 3 + 1) * 12 + 6 * 2 + 2;
  EXPECT_EQ(dense_model_bytes(make_network(s, 1), NgramVocabulary(ngrams)), 4 * weights + 4 + 9);
}

}  // namespace
}  // namespace ockham
