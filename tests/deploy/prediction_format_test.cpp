#include "ockham/deploy/prediction_format.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ockham/tensor/error.hpp"
#include "tests/deploy/deploy_test_util.hpp"

// How answers look.

namespace ockham {
namespace {

Engine engine_of(OutputKind output, bool several) {
  std::mt19937 random(1);
  Classifier classifier = sparse_classifier(random, 9, 3, output, 3, 1.0);
  classifier.classes = {"good", "so \"so\"", "b\xC3\xA4"};
  classifier.several_labels = several;
  if (several) classifier.thresholds = {0.5f, 0.2f, 0.4f};
  return make_engine(classifier);
}

const std::vector<float> kProbabilities{0.25f, 0.625f, 0.125f};

std::string line(const PredictionStyle& style, std::string_view text = {},
                 std::string_view others = {}, bool several = false) {
  const Engine engine = engine_of(several ? OutputKind::sigmoid : OutputKind::softmax, several);
  std::string out;
  PredictionFormatter(engine, style).append(kProbabilities, text, others, out);
  return out;
}

constexpr PredictionFormat kJson = PredictionFormat::json_lines;

TEST(PredictionFormat, ShowsTheMostProbableLabels) {
  EXPECT_EQ(line({}), "so \"so\"\t0.625000\n");
  EXPECT_EQ(line({.top = 2}), "so \"so\"\t0.625000\tgood\t0.250000\n");
  EXPECT_EQ(line({.top = 99}), "so \"so\"\t0.625000\tgood\t0.250000\tb\xC3\xA4\t0.125000\n");
  EXPECT_EQ(line({.format = kJson, .top = 2}),
            "{\"label\":\"so \\\"so\\\"\",\"probability\":0.625000,\"probabilities\":"
            "{\"so \\\"so\\\"\":0.625000,\"good\":0.250000}}\n");
}

TEST(PredictionFormat, AbstainsBelowAProbability) {
  EXPECT_EQ(line({.abstain_below = 0.625}), "so \"so\"\t0.625000\n");
  EXPECT_EQ(line({.abstain_below = 0.7}), "-\t0.625000\n");
  EXPECT_EQ(line({.top = 2, .abstain_below = 0.7}), "-\t0.625000\tgood\t0.250000\n");
  const auto answer = nlohmann::json::parse(line({.format = kJson, .abstain_below = 0.7}));
  EXPECT_TRUE(answer.at("label").is_null());
  EXPECT_EQ(answer.at("probability"), 0.625);
}

TEST(PredictionFormat, CopiesTheText) {
  EXPECT_EQ(line({.copy_text = true}, "a\tb"), "so \"so\"\t0.625000\ta\tb\n");
  EXPECT_EQ(line({.copy_text = true}, "a\r\nb\n"), "so \"so\"\t0.625000\ta  b \n");
  const auto answer = nlohmann::json::parse(line({.format = kJson, .copy_text = true}, "a\"\r\nb"));
  EXPECT_EQ(answer.at("text"), "a\"\r\nb");
}

TEST(PredictionFormat, KeepsOtherMembers) {
  EXPECT_EQ(line({.format = kJson, .top = 1, .copy_text = true}, "t", "\"id\":7,\"x\":[1]"),
            "{\"id\":7,\"x\":[1],\"text\":\"t\",\"label\":\"so \\\"so\\\"\",\"probability\":"
            "0.625000,\"probabilities\":{\"so \\\"so\\\"\":0.625000}}\n");
  EXPECT_EQ(line({}, "t", "\"id\":7"), "so \"so\"\t0.625000\n");
}

TEST(PredictionFormat, SeveralLabelsHaveThresholds) {
  EXPECT_EQ(line({}, {}, {}, true), "so \"so\"\t0.625000\n");
  EXPECT_EQ(line({.top = 2}, {}, {}, true), "so \"so\"\t0.625000\tgood\t0.250000\n");
  const auto answer = nlohmann::json::parse(line({.format = kJson, .top = 2}, {}, {}, true));
  EXPECT_EQ(answer.at("labels"), nlohmann::json({"so \"so\""}));
  EXPECT_EQ(answer.at("probabilities").size(), 2u);
  EXPECT_THROW(line({.abstain_below = 0.1}, {}, {}, true), Error);
}

}  // namespace
}  // namespace ockham
