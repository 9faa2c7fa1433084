#include "ockham/model/classifier_io.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "ockham/tensor/file.hpp"
#include "tests/model/sample_classifier.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;
using nlohmann::json;

NetworkShape shape() {
  NetworkShape s;
  s.words = 12;
  s.embedding = 5;
  s.hidden = 4;
  s.outputs = 3;
  s.groups = kAllGroups;
  return s;
}

const KeptIds kEverything{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, {0, 1, 2, 3, 4}, {{0, 1, 2, 3}, {0, 1, 2, 3}}};
const KeptIds kSome{{0, 1, 2, 4, 9, 10}, {1, 2, 4}, {{0, 3}, {1, 2, 3}}};

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

class ClassifierIo : public TemporaryFolder {
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

  /// The message of load_classifier(), which must start with the path of `file`, without it.
  std::string refusal(const char* file) {
    const std::string message = message_of([&] { load_classifier(folder_); });
    const std::string start = (folder_ / file).string() + ": ";
    EXPECT_EQ(message.rfind(start, 0), 0u) << message;
    return message.substr(std::min(start.size(), message.size()));
  }

  /// The same with config.json changed by `edit`.
  std::string refusal_of_config(const std::function<void(json&)>& edit) {
    json config = json::parse(classifier_config(sample_classifier(shape(), kSome, 1)));
    edit(config);
    write_quickly(folder_ / kConfigFile, config.dump());
    return refusal(kConfigFile);
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
  classifier.network.directions[1].weight_hh.estimator = Estimator::sequence;
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
  network.directions[0].weight_hh.sharing = Sharing::row;
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
  EXPECT_EQ(loaded.network.directions[0].weight_hh.sharing, Sharing::row);
  const TensorFile file = read_safetensors(folder_ / kTensorFile);
  EXPECT_EQ(file.at("embedding/weight.log_sigma", std::vector<size_t>{1, 1}).values.size(), 1u);
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

TEST_F(ClassifierIo, MissingFiles) {
  for (const char* file : {kConfigFile, kTokenizerFile, kTensorFile}) {
    save_classifier(folder_, sample_classifier(shape(), kSome, 1));
    std::filesystem::remove(folder_ / file);
    const std::string message = message_of([&] { load_classifier(folder_); });
    EXPECT_NE(message.find((folder_ / file).string()), std::string::npos) << message;
  }
}

TEST_F(ClassifierIo, ConfigThatIsNoConfig) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  for (const char* text : {"", "nonsense", "{", "{}", "[]", "7", "null", "{\"format\":7}"}) {
    write_quickly(folder_ / kConfigFile, text);
    EXPECT_FALSE(refusal(kConfigFile).empty()) << text;
  }
  EXPECT_EQ(refusal(kConfigFile), "not an Ockham model");
}

TEST_F(ClassifierIo, ClassNamesThatLinesOfColumnsCannotHold) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  const auto with_first = [&](const std::string& name) {
    return refusal_of_config([&](json& c) { c["classes"][0] = name; });
  };
  EXPECT_EQ(with_first(load_classifier(folder_).classes[1]), "a class is there twice");
  EXPECT_EQ(with_first("a\tb"), "a class's name has a tab or a line break in it");
  EXPECT_EQ(with_first("a\nb"), "a class's name has a tab or a line break in it");
}

TEST_F(ClassifierIo, OtherVersions) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  EXPECT_EQ(refusal_of_config([](json& c) { c["version"] = 2; }),
            "written by a newer Ockham (format 2, this one reads up to 1)");
  EXPECT_EQ(refusal_of_config([](json& c) { c["version"] = (uint64_t{1} << 32) + 1; }),
            "written by a newer Ockham (format 4294967297, this one reads up to 1)");
  EXPECT_EQ(refusal_of_config([](json& c) { c["version"] = 0; }),
            "there is no format 0; the file is damaged");
  EXPECT_NE(refusal_of_config([](json& c) { c["version"] = -1; }), "");
  EXPECT_NE(refusal_of_config([](json& c) { c["version"] = "1"; }), "");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["cell"] = "gru"; }),
            "cell \"gru\" is unknown; it needs a newer Ockham");
}

TEST_F(ClassifierIo, EveryKeyIsNeeded) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  const json whole = json::parse(read_file(folder_ / kConfigFile));
  for (const char* part : {"", "network", "kept", "posteriors", "estimators"}) {
    const json object = *part ? whole[part] : whole;
    for (const auto& [key, value] : object.items()) {
      const std::string name = key;
      const std::string message =
          refusal_of_config([&](json& c) { (*part ? c[part] : c).erase(name); });
      EXPECT_EQ(message, "\"" + name + "\" is missing; the file is damaged");
      // And null is no value for any of them.
      const std::string of_null =
          refusal_of_config([&](json& c) { (*part ? c[part] : c)[name] = nullptr; });
      EXPECT_EQ(of_null.find("json"), std::string::npos) << of_null;
    }
  }
}

TEST_F(ClassifierIo, ValuesThatNobodyKnows) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  EXPECT_EQ(refusal_of_config([](json& c) { c["posteriors"]["output/weight"] = "laplace\nx"; }),
            "unknown posterior \"laplace?x\"; known: deterministic, fixed, sparse, "
            "sparse-fitted, sparse-multiplicative, variational-dropout, gaussian-dropout:ALPHA, "
            "log-normal");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["poolings"] = {"median"}; }),
            "unknown pooling \"median\"; known: max, mean, last");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["groups"] = {"heads"}; }),
            "unknown group \"heads\"");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["output"] = "softplus"; }),
            "unknown output \"softplus\"; known: softmax, sigmoid");
}

TEST_F(ClassifierIo, ImpossibleCounts) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  const auto has = [](const std::string& message, const char* part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  has(refusal_of_config([](json& c) {
        c["classes"] = {"a", "b"};
      }),
      "3 outputs do not fit 2 classes");
  has(refusal_of_config([](json& c) { c["network"]["outputs"] = 4; }),
      "4 outputs do not fit 3 classes");
  has(refusal_of_config([](json& c) { c["temperature"] = 0; }), "temperature must be positive");
  has(refusal_of_config([](json& c) { c["network"]["hidden"] = -1; }), "\"hidden\" must be");
  has(refusal_of_config([](json& c) { c["network"]["hidden"] = 1e6; }), "\"hidden\" must be");
  has(refusal_of_config([](json& c) { c["network"]["embedding"] = 1'000'000; }),
      "\"embedding\" must be a number up to 16384, got 1000000");
  has(refusal_of_config([](json& c) { c["network"]["words"] = UINT64_MAX; }), "\"words\" must be");
  has(refusal_of_config([](json& c) {
        c["network"]["words"] = 1 << 26;
        c["network"]["embedding"] = 1 << 14;
      }),
      "too large");
  has(refusal_of_config([](json& c) { c["network"]["poolings"] = json::array(); }),
      "must be a list of 1 to 3 names");
  has(refusal_of_config([](json& c) { c["network"]["poolings"] = json::array_t(4, "max"); }),
      "must be a list of 1 to 3 names");
  has(refusal_of_config([](json& c) {
        c["kept"]["words"] = {0, 1, 12};
      }),
      "kept words are not ascending numbers below 12");
  has(refusal_of_config([](json& c) {
        c["kept"]["units"][1] = {2, 1};
      }),
      "kept units are not ascending");
  has(refusal_of_config([](json& c) { c["kept"]["inputs"][0] = (uint64_t{1} << 32) + 1; }),
      "4294967297 is no number of a word, input or unit");
  has(refusal_of_config([](json& c) { c["kept"]["inputs"][0] = -1; }), "-1 is no number");
  has(refusal_of_config([](json& c) { c["kept"]["inputs"][0] = 1.5; }), "1.5 is no number");
  has(refusal_of_config([](json& c) { c["network"]["bidirectional"] = false; }),
      "keeps units of 2 directions, its shape has 1");
}

TEST_F(ClassifierIo, ANetworkThatTheTensorsCannotFillIsNotAllocated) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  const std::string message = refusal_of_config([](json& c) {
    c["network"]["words"] = 100'000;
    c["network"]["embedding"] = 16'000;
    c["kept"]["words"] = all_indices(100'000);
    c["kept"]["inputs"] = all_indices(16'000);
  });
  EXPECT_EQ(message.rfind("describes a network of 16003", 0), 0u) << message;
}

TEST_F(ClassifierIo, FilesThatDoNotFitTogether) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  const std::string tokenizer = read_file(folder_ / kTokenizerFile);
  const std::string tensors = read_file(folder_ / kTensorFile);
  save_classifier(folder_, sample_classifier(shape(), kEverything, 1));
  const std::string whole_tensors = read_file(folder_ / kTensorFile);
  write_quickly(folder_ / kTokenizerFile, tokenizer);
  EXPECT_EQ(refusal(kTokenizerFile),
            "holds 6 n-grams, but " + (folder_ / kConfigFile).string() + " keeps 12");
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  write_quickly(folder_ / kTensorFile, whole_tensors);
  EXPECT_NE(refusal(kTensorFile).find("has shape"), std::string::npos);

  Classifier sparse = sample_classifier(shape(), kSome, 1);
  Classifier plain = sparse;
  plain.network.for_each_parameter(
      [](Parameter& p) { p.set_posterior(make_posterior("deterministic"), 0.0f); });
  save_classifier(folder_, sparse);
  write_safetensors(folder_ / kTensorFile, network_tensors(plain.network));
  EXPECT_EQ(refusal(kTensorFile), "tensor \"embedding/weight.log_sigma\" is missing");
}

TEST_F(ClassifierIo, EveryTruncationIsNoticed) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  for (const char* file : {kConfigFile, kTokenizerFile, kTensorFile}) {
    const std::string whole = read_file(folder_ / file);
    const size_t end = whole.size() - (whole.back() == '\n' ? 1 : 0);
    for (size_t length = 0; length < end; length += 1 + length / 50) {
      write_quickly(folder_ / file, std::string_view(whole).substr(0, length));
      refusal(file);
    }
    write_quickly(folder_ / file, whole);
  }
  load_classifier(folder_);
}

TEST_F(ClassifierIo, DamagedBytesGiveAModelOrAnError) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  std::mt19937 random(1);
  size_t refused = 0;
  for (const char* file : {kConfigFile, kTokenizerFile, kTensorFile}) {
    const std::string whole = read_file(folder_ / file);
    for (int i = 0; i < 150; ++i) {
      std::string damaged = whole;
      for (int k = 0; k < 1 + i % 3; ++k) {
        damaged[random() % damaged.size()] = static_cast<char>(random());
      }
      write_quickly(folder_ / file, damaged);
      try {
        sample_probabilities(load_classifier(folder_), nullptr);
      } catch (const Error& error) {
        ++refused;
        EXPECT_EQ(std::string(error.what()).rfind(folder_.string(), 0), 0u) << error.what();
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      }
    }
    write_quickly(folder_ / file, whole);
  }
  EXPECT_GT(refused, 100u);
}

}  // namespace
}  // namespace ockham
