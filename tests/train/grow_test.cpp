#include "ockham/train/grow.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "ockham/compress/compaction.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "ockham/train/evaluate.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using Names = std::vector<std::string>;

constexpr uint64_t kSeed = 3;

/// A model of these sizes with random weights and multipliers.
Classifier model_of(const Names& classes, const Names& ngrams, size_t embedding, size_t hidden,
                    bool several_labels = false, Cell cell = Cell::lstm, size_t layers = 1,
                    GateFunction gates = GateFunction::sigmoid,
                    const std::vector<size_t>& dense_layers = {}) {
  Classifier model;
  model.shape.gate_function = gates;
  model.shape.dense_layers = dense_layers;
  model.shape.cell = cell;
  model.shape.layers = layers;
  model.classes = classes;
  model.tokenizer = std::make_shared<WordTokenizer>();
  model.vocabulary = NgramVocabulary(ngrams);
  model.several_labels = several_labels;
  model.shape.words = ngrams.size();
  model.shape.embedding = embedding;
  model.shape.hidden = hidden;
  const bool two = classes.size() == 2 && !several_labels;
  model.shape.output = two || several_labels ? OutputKind::sigmoid : OutputKind::softmax;
  model.shape.outputs = two ? 1 : classes.size();
  model.shape.groups = {.vocabulary = true, .inputs = true, .units = true, .gates = true};
  model.network = make_network(model.shape, kSeed + ngrams.size());
  return model;
}

void randomize(Network& network) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> uniform(-1.5f, 1.5f);
  network.for_each_parameter([&](Parameter& p) {
    for (float& w : p.mean.values()) w = uniform(random);
  });
}

/// The model without its third word, its second input and one unit of the forward direction.
Classifier compacted(Classifier model) {
  Survivors survivors{.words = {0, 1, 3}, .inputs = {0, 2}, .units = {}};
  for (size_t l = 0; l < model.shape.layers; ++l) {
    survivors.units.push_back({1});
    survivors.units.push_back({0, 1});
  }
  for (const size_t units : model.shape.dense_layers) {
    survivors.dense.push_back({0});
    survivors.dense.back().push_back(static_cast<uint32_t>(units - 1));
  }
  const std::vector<Selection> selected = selections(model.network, survivors);
  compact(model.network, selected);
  model.vocabulary = model.vocabulary.select(survivors.words);
  return model;
}

Classifier trained(const Names& classes, bool several_labels = false, Cell cell = Cell::lstm,
                   size_t layers = 1, GateFunction gates = GateFunction::sigmoid,
                   const std::vector<size_t>& dense_layers = {}) {
  Classifier model = model_of(classes, {"a", "b", "lost", "a b"}, 3, 2, several_labels, cell,
                              layers, gates, dense_layers);
  randomize(model.network);
  model.temperature = 1.7;
  return compacted(std::move(model));
}

/// The fresh network around it.
Classifier fresh_for(const Classifier& base, const Names& new_classes, const Names& new_ngrams,
                     size_t more = 2) {
  Names classes = base.classes, ngrams = base.vocabulary.ngrams();
  classes.insert(classes.end(), new_classes.begin(), new_classes.end());
  ngrams.insert(ngrams.end(), new_ngrams.begin(), new_ngrams.end());
  const GrownPart part = part_of(base);
  return model_of(classes, ngrams, part.inputs + more, part.hidden + more, base.several_labels,
                  base.shape.cell, base.shape.layers, base.shape.gate_function,
                  base.shape.dense_layers);
}

const std::vector<std::vector<uint32_t>> kGrownTexts{{0}, {1, 0}, {2, 1, 0, 0, 1}, {}, {1, 1, 2}};

/// [texts, classes] at temperature 1.
Matrix probabilities(const Classifier& model) {
  TrainingSet set;
  for (const auto& text : kGrownTexts) {
    set.texts.push_back(static_cast<uint32_t>(set.texts.size()));
    for (const uint32_t id : text) set.corpus.ids.push_back(id);
    set.corpus.offsets.push_back(set.corpus.ids.size());
  }
  ThreadPool pool;
  return predict_set(model.network, set, pool);
}

/// The same at the model's temperature.
Matrix calibrated(Classifier model) {
  for (Parameter* p : {&model.network.output_weight, &model.network.output_bias}) {
    for (float& w : p->mean.values()) w /= static_cast<float>(model.temperature);
  }
  return probabilities(model);
}

/// The first classes' probabilities, shared out among them where they exclude each other.
Matrix of_old_classes(const Classifier& grown, size_t old_classes) {
  const Matrix all = probabilities(grown);
  Matrix p(all.rows(), old_classes);
  for (size_t i = 0; i < p.rows(); ++i) {
    const float sum = std::accumulate(all.row(i), all.row(i) + old_classes, 0.0f);
    const float share = grown.several_labels ? 1.0f : sum;
    if (!grown.several_labels && all.cols() > old_classes) {
      EXPECT_GT(sum, 0.85f);
      EXPECT_LT(sum, 1.0f);
    }
    for (size_t c = 0; c < old_classes; ++c) p(i, c) = all(i, c) / share;
  }
  return p;
}

void expect_near(const Matrix& got, const Matrix& expected) {
  ASSERT_EQ(got.rows(), expected.rows());
  ASSERT_EQ(got.cols(), expected.cols());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got.values()[i], expected.values()[i], 1e-5) << i;
  }
}

TEST(Grow, SaysOfOldTextsWhatTheOldModelSays) {
  for (const Names& classes : {Names{"x", "y"}, Names{"x", "y", "w"}}) {
    for (const bool several : {false, true}) {
      for (const Names& more : {Names{}, Names{"z"}, Names{"z", "q"}}) {
        SCOPED_TRACE(std::to_string(classes.size()) + "+" + std::to_string(more.size()) +
                     (several ? " sigmoids" : ""));
        const Classifier base = trained(classes, several);
        const Classifier grown = grow(base, fresh_for(base, more, {"c", "b c"}));
        expect_near(of_old_classes(grown, classes.size()), calibrated(base));
      }
    }
  }
}

TEST(Grow, OfEitherCellAndSeveralLayers) {
  for (const Cell cell : {Cell::lstm, Cell::gru}) {
    for (const size_t layers : {1, 2, 3}) {
      for (const auto gates : {GateFunction::sigmoid, GateFunction::hard_sigmoid}) {
        SCOPED_TRACE(std::string(cell_name(cell)) + std::to_string(layers));
        const Classifier base = trained({"x", "y", "w"}, false, cell, layers, gates);
        const Classifier grown = grow(base, fresh_for(base, {"z"}, {"c", "b c"}));
        expect_near(of_old_classes(grown, 3), calibrated(base));
      }
    }
  }
}

TEST(Grow, WithDenseLayers) {
  for (const Names& classes : {Names{"x", "y"}, Names{"x", "y", "w"}}) {
    const Classifier base = trained(classes, false, Cell::lstm, 1, GateFunction::sigmoid, {5, 3});
    ASSERT_EQ(base.network.dense_layers[1].units(), 2u);
    const Classifier grown = grow(base, fresh_for(base, {"z"}, {"c", "b c"}));
    EXPECT_EQ(grown.network.dense_layers[0].units(), 5u);
    expect_near(of_old_classes(grown, classes.size()), calibrated(base));
    Classifier other = fresh_for(base, {}, {});
    other.shape.dense_layers = {};
    EXPECT_NE(message_of([&] { grow(base, other); }).find("dense layers"), std::string::npos);
  }
}

TEST(Grow, WhatIsNewCanLearn) {
  const Classifier base = trained({"x", "y"});
  const Classifier fresh = fresh_for(base, {"z"}, {"c"});
  const Classifier grown = grow(base, fresh);
  const Network& network = grown.network;
  EXPECT_EQ(grown.temperature, 1.0);
  EXPECT_FALSE(grown.pruned);
  // A fresh unit and a fresh input carry something, and nothing reads them yet.
  const size_t unit = part_of(base).hidden, input = part_of(base).inputs;
  EXPECT_EQ(network.layers[0].directions[0].weight_hh.mean(unit, unit),
            fresh.network.layers[0].directions[0].weight_hh.mean(unit, unit));
  EXPECT_EQ(network.layers[0].directions[0].weight_hh.mean(unit, 0), 0.0f);
  EXPECT_EQ(network.layers[0].directions[0].weight_ih.mean(input, unit),
            fresh.network.layers[0].directions[0].weight_ih.mean(input, unit));
  EXPECT_EQ(network.layers[0].directions[0].weight_ih.mean(input, 0), 0.0f);
  EXPECT_EQ(network.embedding.mean(3, input), fresh.network.embedding.mean(3, input));
  EXPECT_EQ(network.embedding.mean(3, 0), 0.0f);
  for (size_t k = 0; k < 3; ++k) EXPECT_EQ(network.output_weight.mean(unit, k), 0.0f);
}

TEST(Grow, RefusesWhatDoesNotFit) {
  const Classifier base = trained({"x", "y"});
  const auto message = [&](const Classifier& fresh) {
    return message_of([&] { grow(base, fresh); });
  };
  Classifier fresh = fresh_for(base, {}, {});
  EXPECT_NO_THROW(grow(base, fresh));
  fresh.classes = {"y", "x"};
  EXPECT_NE(message(fresh).find("its own classes first"), std::string::npos);
  fresh = fresh_for(base, {}, {});
  fresh.vocabulary = NgramVocabulary(Names{"b", "a", "a b"});
  EXPECT_NE(message(fresh).find("its own n-grams first"), std::string::npos);
  fresh = model_of(base.classes, base.vocabulary.ngrams(), 1, 2);
  EXPECT_NE(message(fresh).find("as large as it"), std::string::npos);
  fresh = fresh_for(base, {}, {});
  fresh.network.layers[0].directions.pop_back();
  EXPECT_NE(message(fresh).find("same cell, layers, directions"), std::string::npos);
  fresh = fresh_for(base, {}, {});
  fresh.network.gate_function = GateFunction::hard_sigmoid;
  EXPECT_NE(message(fresh).find("directions, gates, poolings"), std::string::npos);
}

}  // namespace
}  // namespace ockham
