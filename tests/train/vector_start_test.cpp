#include "ockham/train/vector_start.hpp"

#include <gtest/gtest.h>

#include "ockham/tensor/atomic_file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/text/text_test_util.hpp"
#include "tests/train/synthetic_corpus.hpp"

namespace ockham {
namespace {

class VectorStartTest : public TemporaryFolder {
 protected:
  std::string write_vectors(const std::string& text) {
    const auto path = folder_ / "vectors.txt";
    write_file_atomically(path, text);
    return path.string();
  }
};

TEST_F(VectorStartTest, AnNgramStartsFromItsWordsMean) {
  const NgramVocabulary vocabulary(std::vector<std::string>{"good", "not good", "odd", "not odd"});
  Parameter embedding("embedding", 1, 4, 2, make_posterior("deterministic"), 0.0f);
  embedding.mean.fill(7.0f);
  const std::string path = write_vectors("4 2\ngood 1 2\nnot 3 -4\nmore 9 9\nGOOD 5 5\n");
  EXPECT_EQ(VectorFile(path).dimensions(), 2u);
  const VectorStart start = start_from_vectors(VectorFile(path), vocabulary, {}, embedding);
  EXPECT_EQ(start.words, 3u);
  EXPECT_EQ(start.matched, 2u);
  EXPECT_EQ(start.ngrams, 2u);
  EXPECT_EQ(start.file_words, 4u);
  const Matrix& m = embedding.mean;
  EXPECT_EQ((std::vector<float>{m(0, 0), m(0, 1)}), (std::vector<float>{1, 2}));
  EXPECT_EQ((std::vector<float>{m(1, 0), m(1, 1)}), (std::vector<float>{2, -1}));
  for (size_t r : {2, 3}) EXPECT_EQ(m(r, 0), 7.0f);
}

TEST_F(VectorStartTest, OtherWidthsAreRefused) {
  const NgramVocabulary vocabulary(std::vector<std::string>{"good"});
  Parameter embedding("embedding", 1, 1, 2, make_posterior("deterministic"), 0.0f);
  const std::string path = write_vectors("good 1 2 3\n");
  const std::string message =
      message_of([&] { start_from_vectors(VectorFile(path), vocabulary, {}, embedding); });
  EXPECT_NE(message.find("have 3 numbers, but words have 2"), std::string::npos) << message;
}

TEST_F(VectorStartTest, PrepareMakesTheNetworkAsWideAsTheVectors) {
  TrainSettings settings = quick_settings();
  settings.embedding = 0;
  settings.naive_bayes = -1.0;
  const VectorFile vectors(write_vectors("good 0.5 1 2 3 4\nfine 1 1 1 1 1\n"));
  const PreparedTraining prepared =
      prepare(signal_corpus(200, 3), settings, nullptr, {.vectors = &vectors});
  ASSERT_TRUE(prepared.vectors);
  EXPECT_EQ(prepared.vectors->matched, 2u);
  const Matrix& mean = prepared.start.network.embedding.mean;
  ASSERT_EQ(mean.cols(), 5u);
  const uint32_t good = prepared.start.vocabulary.find("good");
  EXPECT_EQ(mean(good, 0), 0.5f);  // no log-count ratio is added
  EXPECT_EQ(mean(good, 4), 4.0f);
  EXPECT_FALSE(prepare(signal_corpus(200, 3), quick_settings()).vectors);
}

}  // namespace
}  // namespace ockham
