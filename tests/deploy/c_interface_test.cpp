#include <gtest/gtest.h>

#include <thread>

#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/ockham.h"
#include "tests/deploy/deploy_test_util.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ockham {
namespace {

FoldedModel some_model(bool several_labels) {
  std::mt19937 random(5);
  Classifier classifier = sparse_classifier(
      random, 9, 3, several_labels ? OutputKind::sigmoid : OutputKind::softmax, 3, 1.0);
  classifier.classes = {"good", "b\xC3\xA4", "so so"};
  classifier.several_labels = several_labels;
  if (several_labels) classifier.thresholds = {0.5f, 0.25f, 0.75f};
  return fold(classifier);
}

using Model = std::unique_ptr<ockham_model, decltype(&ockham_close)>;

Model open_bytes(const std::string& bytes, ockham_error* error = nullptr) {
  return {ockham_open_bytes(bytes.data(), bytes.size(), error), ockham_close};
}

TEST(CInterface, GivesWhatTheEngineGives) {
  const FoldedModel model = some_model(false);
  const std::string bytes = encode_compact(model, WeightFormat::fp32);
  ockham_error error;
  const Model opened = open_bytes(bytes, &error);
  ASSERT_NE(opened, nullptr) << error.text;
  ASSERT_EQ(ockham_class_count(opened.get()), 3u);
  EXPECT_STREQ(ockham_class_name(opened.get(), 1), "b\xC3\xA4");
  EXPECT_EQ(ockham_thresholds(opened.get()), nullptr);

  std::mt19937 random(6);
  std::vector<std::string> texts = word_texts(random, 1'300, 9, 30);
  texts[3] = std::string("a1\0a2", 5);
  texts[4] = "";
  std::vector<const char*> starts;
  std::vector<size_t> lengths;
  for (const std::string& text : texts) {
    starts.push_back(text.data());
    lengths.push_back(text.size());
  }
  std::vector<float> probabilities(3 * texts.size());
  ASSERT_EQ(ockham_predict(opened.get(), starts.data(), lengths.data(), texts.size(),
                           probabilities.data(), &error),
            0);
  const Engine engine(decode_compact(bytes, "model"));
  const Matrix expected = engine_probabilities(engine, texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    for (size_t k = 0; k < 3; ++k) ASSERT_EQ(probabilities[3 * i + k], expected(i, k)) << i;
  }
  EXPECT_EQ(ockham_predict(opened.get(), nullptr, nullptr, 0, nullptr, nullptr), 0);
}

TEST(CInterface, SeveralLabelsHaveThresholds) {
  const Model opened = open_bytes(encode_compact(some_model(true), WeightFormat::fp32));
  ASSERT_NE(opened, nullptr);
  const float* thresholds = ockham_thresholds(opened.get());
  ASSERT_NE(thresholds, nullptr);
  EXPECT_EQ(thresholds[1], 0.25f);
}

TEST(CInterface, SaysWhatIsWrong) {
  ockham_error error;
  EXPECT_EQ(open_bytes("OCKHAMx", &error), nullptr);
  EXPECT_NE(std::string(error.text).find("model"), std::string::npos) << error.text;
  EXPECT_EQ(open_bytes("", nullptr), nullptr) << "without wanting to know why";
  const std::string long_name = "/no/" + std::string(2'000, 'x');
  EXPECT_EQ(ockham_open(long_name.c_str(), &error), nullptr);
  EXPECT_EQ(std::string(error.text).size(), sizeof(error.text) - 1) << "cut";
  EXPECT_TRUE(std::string(error.text).find("/no/x") != std::string::npos) << error.text;
  ockham_close(nullptr);
}

using CInterfaceFile = TemporaryFolder;

TEST_F(CInterfaceFile, IsOpened) {
  const auto path = folder_ / "m.ockham";
  write_compact(path, some_model(false), WeightFormat::int8);
  ockham_error error;
  const Model opened{ockham_open(path.c_str(), &error), ockham_close};
  ASSERT_NE(opened, nullptr) << error.text;
  EXPECT_STREQ(error.text, "");
}

TEST(CInterface, ServesSeveralThreads) {
  const Model opened = open_bytes(encode_compact(some_model(false), WeightFormat::fp32));
  const char* text = "a1 a2 a3";
  const size_t length = 8;
  std::array<std::array<float, 3>, 4> answers;
  std::vector<std::thread> threads;
  for (auto& answer : answers) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        ockham_predict(opened.get(), &text, &length, 1, answer.data(), nullptr);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& answer : answers) EXPECT_EQ(answer, answers[0]);
}

}  // namespace
}  // namespace ockham
