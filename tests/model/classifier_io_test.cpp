#include <set>

#include "ockham/tensor/file.hpp"
#include "tests/model/classifier_folder.hpp"

// What is saved is what is loaded.

namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;
using nlohmann::json;

void expect_same(const Network& got, const Network& expected) {
  std::vector<const Parameter*> others;
  expected.for_each_parameter([&](const Parameter& p) { others.push_back(&p); });
  size_t next = 0;
  got.for_each_parameter([&](const Parameter& p) {
    ASSERT_LT(next, others.size());
    const Parameter& e = *others[next++];
    EXPECT_EQ(p.path, e.path);
    EXPECT_EQ(p.id, e.id) << p.path;
    EXPECT_EQ(p.posterior->name(), e.posterior->name()) << p.path;
    EXPECT_EQ(p.estimator, e.estimator) << p.path;
    EXPECT_EQ(p.mean, e.mean) << p.path;
    EXPECT_EQ(p.spread, e.spread) << p.path;
    EXPECT_EQ(p.row_ids, e.row_ids) << p.path;
    EXPECT_EQ(p.column_ids, e.column_ids) << p.path;
    EXPECT_EQ(p.keep_mask(), e.keep_mask()) << p.path;
  });
  EXPECT_EQ(next, others.size());
}

class ClassifierIo : public ClassifierFolder {
 protected:
  /// Saves, loads and compares everything, the probabilities to the bit.
  void expect_round_trip(const Classifier& classifier) {
    save_classifier(folder_, classifier);
    const Classifier loaded = load_classifier(folder_);
    EXPECT_EQ(loaded.shape, classifier.shape);
    EXPECT_EQ(loaded.classes, classifier.classes);
    EXPECT_EQ(loaded.vocabulary.ngrams(), classifier.vocabulary.ngrams());
    EXPECT_EQ(loaded.max_tokens, classifier.max_tokens);
    EXPECT_EQ(loaded.temperature, classifier.temperature);
    EXPECT_EQ(loaded.several_labels, classifier.several_labels);
    EXPECT_EQ(loaded.thresholds, classifier.thresholds);
    EXPECT_EQ(loaded.seed, classifier.seed);
    EXPECT_EQ(loaded.pruned, classifier.pruned);
    EXPECT_EQ(loaded.paper_weights, classifier.paper_weights);
    EXPECT_EQ(loaded.dense_bytes, classifier.dense_bytes);
    expect_same(loaded.network, classifier.network);
    const PhiloxNoise noise(classifier.seed, 0);
    EXPECT_EQ(sample_probabilities(loaded, nullptr), sample_probabilities(classifier, nullptr));
    EXPECT_EQ(sample_probabilities(loaded, &noise), sample_probabilities(classifier, &noise));
  }
};

TEST_F(ClassifierIo, DenseModel) {
  Classifier classifier = sample_classifier(shape(), kEverything, 1);
  classifier.temperature = 1.7;
  classifier.max_tokens = 6;
  classifier.dense_bytes = 12'345;
  classifier.seed = UINT64_MAX;
  expect_round_trip(classifier);
}

TEST_F(ClassifierIo, PrunedAndCompactedModel) {
  Classifier classifier = sample_classifier(shape(), kSome, 2);
  prune_some(classifier.network, 3);
  classifier.pruned = true;
  classifier.paper_weights = 77;
  expect_round_trip(classifier);
  // A loaded model knows what is pruned for good, biases are never.
  const Classifier loaded = load_classifier(folder_);
  EXPECT_EQ(loaded.network.embedding.kept, classifier.network.embedding.kept);
  EXPECT_TRUE(loaded.network.output_bias.kept.empty());
}

TEST_F(ClassifierIo, SeveralLabelsWithThresholds) {
  NetworkShape several = shape();
  several.output = OutputKind::sigmoid;
  Classifier classifier = sample_classifier(several, kEverything, 3);
  classifier.several_labels = true;
  classifier.thresholds = {0.1f, 0.5f, 0.7f};
  expect_round_trip(classifier);
  const auto refusal_with = [&](const std::function<void(json&)>& edit) {
    json config = json::parse(classifier_config(classifier));
    edit(config);
    write_quickly(folder_ / kConfigFile, config.dump());
    return refusal(kConfigFile);
  };
  EXPECT_EQ(refusal_with([](json& c) {
              c["thresholds"] = {0.5, 0.5};
            }),
            "expected 3 thresholds from 0 to 1, got [0.5,0.5]");
  EXPECT_EQ(refusal_with([](json& c) { c["thresholds"][1] = 1.5; }).rfind("expected 3 thresh", 0),
            0u);
  EXPECT_EQ(refusal_with([](json& c) { c["network"]["output"] = "softmax"; }),
            "several labels a text need sigmoid outputs");
}

TEST_F(ClassifierIo, EstimatorsOfEveryMatrix) {
  Classifier classifier = sample_classifier(shape(), kEverything, 3);
  classifier.network.embedding.estimator = Estimator::sequence;
  classifier.network.layers[0].directions[1].weight_hh.estimator = Estimator::sequence;
  classifier.network.output_weight.estimator = Estimator::local;
  expect_round_trip(classifier);
  EXPECT_EQ(refusal_of_config([](json& c) { c["estimators"]["output/weight"] = "laplace"; }),
            "unknown estimator \"laplace\"; known: batch, sequence, flipout, activation, local");
}

TEST_F(ClassifierIo, EveryKindOfNetwork) {
  uint32_t seed = 4;
  for (const bool bidirectional : {false, true}) {
    for (const Groups& groups : {Groups{}, Groups{true, false, true, true}}) {
      NetworkShape s = shape();
      s.bidirectional = bidirectional;
      s.groups = groups;
      s.poolings = {Pooling::last};
      s.output = OutputKind::sigmoid;
      s.outputs = 1;
      KeptIds kept = kSome;
      kept.units.resize(bidirectional ? 2 : 1);
      expect_round_trip(sample_classifier(s, kept, ++seed));
    }
  }
}

TEST_F(ClassifierIo, SharedSpreadsAndPrunedLogNormalGroups) {
  Classifier classifier = sample_classifier(shape(), kSome, 1);
  Network& network = classifier.network;
  network.embedding.sharing = Sharing::layer;
  network.output_weight.sharing = Sharing::column;
  network.layers[0].directions[0].weight_hh.sharing = Sharing::row;
  network.output_weight.set_posterior(make_posterior("gaussian-dropout:0.5"), 0.0f);
  network.for_each_parameter([&](Parameter& p) {
    if (is_multiplier(network, p)) p.set_posterior(make_posterior("log-normal"), -3.0f);
    if (p.posterior->has_spread()) p.set_shared_spread(p.shared_spread());
  });
  prune_some(network, 2);
  classifier.pruned = true;
  expect_round_trip(classifier);
  const Classifier loaded = load_classifier(folder_);
  EXPECT_EQ(loaded.network.embedding.sharing, Sharing::layer);
  EXPECT_EQ(loaded.network.layers[0].directions[0].weight_hh.sharing, Sharing::row);
  const TensorFile file = read_safetensors(folder_ / kTensorFile);
  EXPECT_EQ(file.at("embedding/weight.log_sigma", std::vector<size_t>{1, 1}).values.size(), 1u);
}

TEST_F(ClassifierIo, EveryCellAndSeveralLayers) {
  uint32_t seed = 40;
  for (const Cell cell : {Cell::lstm, Cell::gru}) {
    for (const size_t layers : {1, 3}) {
      NetworkShape s = shape();
      s.cell = cell;
      s.layers = layers;
      KeptIds kept = kSome;
      for (size_t l = 1; l < layers; ++l) {
        kept.units.push_back({0, 3});
        kept.units.push_back({1});
      }
      expect_round_trip(sample_classifier(s, kept, ++seed));
    }
  }
}

TEST_F(ClassifierIo, MeansOfWhatIsPruned) {
  Classifier classifier = sample_classifier(shape(), kSome, 1);
  prune_some(classifier.network, 2);
  classifier.pruned = true;
  save_classifier(folder_, classifier);
  const auto masks = [&] {
    size_t count = 0;
    for (const auto& [name, tensor] : read_safetensors(folder_ / kTensorFile).tensors) {
      count += name.ends_with(".kept");
    }
    return count;
  };
  EXPECT_EQ(masks(), 0u) << "zeros say it";
  Parameter& p = classifier.network.output_weight;
  const auto pruned = std::ranges::find(p.kept, 0) - p.kept.begin();
  ASSERT_LT(static_cast<size_t>(pruned), p.kept.size());
  p.mean.values()[static_cast<size_t>(pruned)] = 0.25f;
  expect_round_trip(classifier);
  EXPECT_EQ(masks(), 1u);
  const Network loaded = load_classifier(folder_).network;
  EXPECT_EQ(loaded.output_weight.kept, p.kept);
  EXPECT_EQ(loaded.output_weight.mean, p.mean);
}

TEST_F(ClassifierIo, DenseLayers) {
  expect_round_trip(sample_classifier(shape(), kSome, 1));
  const json without = json::parse(read_file(folder_ / kConfigFile));
  EXPECT_FALSE(without["network"].contains("dense_layers") || without["kept"].contains("dense"));
  NetworkShape s = shape();
  s.dense_layers = {6, 4};
  KeptIds kept = kSome;
  kept.dense = {{0, 2, 5}, {3}};
  expect_round_trip(sample_classifier(s, kept, 2));
  kept.dense = {{}, {1, 2}};
  expect_round_trip(sample_classifier(s, kept, 3));
  EXPECT_EQ(kept_ids(load_classifier(folder_).network), kept);
}

TEST_F(ClassifierIo, SaysOfGatesOnlyThatTheyAreHardSigmoids) {
  expect_round_trip(sample_classifier(shape(), kSome, 1));
  EXPECT_FALSE(json::parse(read_file(folder_ / kConfigFile))["network"].contains("gates"));
  NetworkShape s = shape();
  s.gate_function = GateFunction::hard_sigmoid;
  expect_round_trip(sample_classifier(s, kSome, 1));
  EXPECT_EQ(load_classifier(folder_).network.gate_function, GateFunction::hard_sigmoid);
  EXPECT_EQ(json::parse(read_file(folder_ / kConfigFile))["network"]["gates"], "hard-sigmoid");
}

TEST_F(ClassifierIo, DeterministicPosteriors) {
  Classifier classifier = sample_classifier(shape(), kSome, 9);
  classifier.network = make_network(shape(), 9);
  classifier.vocabulary = sample_classifier(shape(), kEverything, 9).vocabulary;
  expect_round_trip(classifier);
}

TEST_F(ClassifierIo, NetworksOfNearlyNothing) {
  const Ids none;
  for (const KeptIds& kept : {KeptIds{none, none, {none, none}},      // a constant
                              KeptIds{{}, {0, 2}, {{1}, {2}}},        // no words
                              KeptIds{{3, 4}, {}, {{1}, {2, 3}}},     // no inputs
                              KeptIds{{3, 4}, {0, 2}, {{}, {2, 3}}},  // one direction
                              KeptIds{{3, 4}, {0, 2}, {none, none}}}) {
    expect_round_trip(sample_classifier(shape(), kept, 5));
  }
}

TEST_F(ClassifierIo, TensorsHavePathsAsNames) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  const TensorFile file = read_safetensors(folder_ / kTensorFile);
  std::set<std::string> names;
  for (const auto& [name, tensor] : file.tensors) names.insert(name);
  std::set<std::string> expected{"output/bias.mean"};
  const auto add = [&](const std::string& path) {
    expected.insert(path + ".mean");
    expected.insert(path + ".log_sigma");
  };
  add("embedding/weight");
  add("embedding/word_multiplier");
  add("encoder/lstm_0/input_multiplier");
  for (const std::string direction : {"encoder/lstm_0/forward/", "encoder/lstm_0/reverse/"}) {
    for (const char* leaf : {"weight_ih", "weight_hh", "gate_multiplier", "unit_multiplier"}) {
      add(direction + leaf);
    }
    expected.insert(direction + "bias.mean");
  }
  add("output/weight");
  EXPECT_EQ(names, expected);
  EXPECT_EQ(file.at("encoder/lstm_0/forward/weight_ih.mean").shape, (std::vector<size_t>{3, 8}));
}

TEST_F(ClassifierIo, SavesOverAnOlderModel) {
  save_classifier(folder_, sample_classifier(shape(), kEverything, 1));
  expect_round_trip(sample_classifier(shape(), kSome, 2));
}

TEST_F(ClassifierIo, TheDenseSizesTakeNoMemory) {
  NetworkShape s = shape();
  s.words = 100'000'000 / 2;
  s.embedding = 32;
  s.hidden = 16'000;
  expect_round_trip(sample_classifier(shape(), kSome, 1));
  json config = json::parse(read_file(folder_ / kConfigFile));
  config["network"]["words"] = s.words;
  config["network"]["embedding"] = s.embedding;
  config["network"]["hidden"] = s.hidden;
  write_quickly(folder_ / kConfigFile, config.dump());
  const Classifier loaded = load_classifier(folder_);
  EXPECT_EQ(loaded.shape, s);
  EXPECT_EQ(kept_ids(loaded.network), kSome);
}

}  // namespace
}  // namespace ockham
