#include <algorithm>
#include <functional>
#include <random>
#include <utility>

#include "ockham/tensor/file.hpp"
#include "tests/model/classifier_folder.hpp"

// Folders that are no model, or one that was damaged.

namespace ockham {
namespace {

using nlohmann::json;
using DamagedClassifier = ClassifierFolder;

TEST_F(DamagedClassifier, MissingFiles) {
  for (const char* file : {kConfigFile, kTokenizerFile, kTensorFile}) {
    save_classifier(folder_, sample_classifier(shape(), kSome, 1));
    std::filesystem::remove(folder_ / file);
    const std::string message = message_of([&] { load_classifier(folder_); });
    EXPECT_NE(message.find((folder_ / file).string()), std::string::npos) << message;
  }
}

TEST_F(DamagedClassifier, ConfigThatIsNoConfig) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  for (const char* text : {"", "nonsense", "{", "{}", "[]", "7", "null", "{\"format\":7}"}) {
    write_quickly(folder_ / kConfigFile, text);
    EXPECT_FALSE(refusal(kConfigFile).empty()) << text;
  }
  EXPECT_EQ(refusal(kConfigFile), "not an Ockham model");
}

TEST_F(DamagedClassifier, ClassNamesThatLinesOfColumnsCannotHold) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  const auto with_first = [&](const std::string& name) {
    return refusal_of_config([&](json& c) { c["classes"][0] = name; });
  };
  EXPECT_EQ(with_first(load_classifier(folder_).classes[1]), "a class is there twice");
  EXPECT_EQ(with_first("a\tb"), "a class's name has a tab or a line break in it");
  EXPECT_EQ(with_first("a\nb"), "a class's name has a tab or a line break in it");
}

TEST_F(DamagedClassifier, OtherVersions) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  EXPECT_EQ(refusal_of_config([](json& c) { c["version"] = 2; }),
            "written by a newer Ockham (format 2, this one reads up to 1)");
  EXPECT_EQ(refusal_of_config([](json& c) { c["version"] = (uint64_t{1} << 32) + 1; }),
            "written by a newer Ockham (format 4294967297, this one reads up to 1)");
  EXPECT_EQ(refusal_of_config([](json& c) { c["version"] = 0; }),
            "there is no format 0; the file is damaged");
  EXPECT_NE(refusal_of_config([](json& c) { c["version"] = -1; }), "");
  EXPECT_NE(refusal_of_config([](json& c) { c["version"] = "1"; }), "");
}

TEST_F(DamagedClassifier, ModelsFromBeforeThereWereLayersHaveOne) {
  const Classifier classifier = sample_classifier(shape(), kSome, 1);
  save_classifier(folder_, classifier);
  json config = json::parse(read_file(folder_ / kConfigFile));
  config["network"].erase("layers");
  write_quickly(folder_ / kConfigFile, config.dump());
  EXPECT_EQ(load_classifier(folder_).shape, classifier.shape);
}

TEST_F(DamagedClassifier, EveryKeyIsNeeded) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  const json whole = json::parse(read_file(folder_ / kConfigFile));
  for (const char* part : {"", "network", "kept", "posteriors", "estimators"}) {
    const json object = *part ? whole[part] : whole;
    for (const auto& [key, value] : object.items()) {
      const std::string name = key;
      if (name == "layers") continue;  // which older models do not have
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

TEST_F(DamagedClassifier, ValuesThatNobodyKnows) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  EXPECT_EQ(refusal_of_config([](json& c) { c["posteriors"]["output/weight"] = "laplace\nx"; }),
            "unknown posterior \"laplace?x\"; known: deterministic, fixed, sparse, "
            "sparse-fitted, sparse-multiplicative, variational-dropout, gaussian-dropout:ALPHA, "
            "log-normal");
  EXPECT_NE(refusal_of_config([](json& c) {
              c["network"]["dense_layers"] = {"x"};
            }).find("a dense layer must have up to"),
            std::string::npos);
  EXPECT_NE(refusal_of_config([](json& c) {
              c["network"]["dense_layers"] = {3};
            }).find("keeps units of 0 dense layers, its shape has 1"),
            std::string::npos);
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["cell"] = "rnn"; }),
            "unknown cell \"rnn\"; known: lstm, gru");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["layers"] = 0; }),
            "a network needs at least one layer");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["layers"] = 65; }),
            "\"layers\" must be a number up to 64, got 65");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["layers"] = 2; }),
            "the model keeps units of 2 directions, its shape has 4");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["poolings"] = {"median"}; }),
            "unknown pooling \"median\"; known: max, mean, last");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["groups"] = {"heads"}; }),
            "unknown group \"heads\"");
  EXPECT_EQ(refusal_of_config([](json& c) { c["network"]["output"] = "softplus"; }),
            "unknown output \"softplus\"; known: softmax, sigmoid");
}

TEST_F(DamagedClassifier, ImpossibleCounts) {
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
      "\"embedding\" must be a number up to 65535, got 1000000");
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

TEST_F(DamagedClassifier, ANetworkThatTheTensorsCannotFillIsNotAllocated) {
  save_classifier(folder_, sample_classifier(shape(), kSome, 1));
  const std::string message = refusal_of_config([](json& c) {
    c["network"]["words"] = 100'000;
    c["network"]["embedding"] = 16'000;
    c["kept"]["words"] = all_indices(100'000);
    c["kept"]["inputs"] = all_indices(16'000);
  });
  EXPECT_EQ(message.rfind("describes a network of 16003", 0), 0u) << message;
}

TEST_F(DamagedClassifier, FilesThatDoNotFitTogether) {
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

TEST_F(DamagedClassifier, MasksOfWhatIsPruned) {
  Classifier classifier = sample_classifier(shape(), kSome, 1);
  classifier.pruned = true;
  Parameter& output = classifier.network.output_weight;
  output.kept.assign(output.mean.size(), 1);
  output.kept[2] = 0;  // with its mean beneath
  const auto save = [&](const std::function<void(NamedTensor&)>& edit) {
    save_classifier(folder_, classifier);
    std::vector<NamedTensor> tensors = network_tensors(classifier.network);
    const auto mask = std::ranges::find(tensors, "output/weight.kept", &NamedTensor::name);
    ASSERT_NE(mask, tensors.end());
    edit(*mask);
    write_safetensors(folder_ / kTensorFile, tensors);
  };
  const auto refusal_of_mask = [&](const std::function<void(NamedTensor&)>& edit) {
    save(edit);
    return refusal(kTensorFile);
  };
  EXPECT_EQ(refusal_of_mask([](NamedTensor& mask) { mask.values[4] = 0.5f; }),
            "tensor \"output/weight.kept\" holds 0.5, expected 0 or 1; the file is damaged");
  EXPECT_NE(refusal_of_mask([](NamedTensor& mask) { mask.values[0] = -1.0f; }).find("holds -1"),
            std::string::npos);
  EXPECT_NE(refusal_of_mask([](NamedTensor& mask) {
              std::swap(mask.shape[0], mask.shape[1]);
            }).find("has shape"),
            std::string::npos);
  // A bias has no mask, and a model that is not pruned has none at all.
  EXPECT_NE(refusal_of_mask([](NamedTensor& mask) {
              mask = {"output/bias.kept", {1, 3}, FloatVector(3, 1.0f)};
            }).find("tensor \"output/bias.kept\" says what is pruned, but nothing is"),
            std::string::npos);
  classifier.pruned = false;
  EXPECT_NE(refusal_of_mask([](NamedTensor&) {}).find("\"output/weight.kept\" says what is pruned"),
            std::string::npos);
  classifier.pruned = true;
  save([](NamedTensor& mask) { std::ranges::fill(mask.values, 0.0f); });
  const Classifier constant = load_classifier(folder_);
  EXPECT_TRUE(std::ranges::count(constant.network.output_weight.kept, 0) > 0 &&
              std::ranges::count(constant.network.output_weight.kept, 1) == 0);
  const Matrix p = sample_probabilities(constant, nullptr);
  for (size_t r = 1; r < p.rows(); ++r) {
    for (size_t k = 0; k < p.cols(); ++k) EXPECT_EQ(p(r, k), p(0, k));
  }
}

TEST_F(DamagedClassifier, EveryTruncationIsNoticed) {
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

TEST_F(DamagedClassifier, DamagedBytesGiveAModelOrAnError) {
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
