#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "ockham/deploy/compact_file.hpp"
#include "tests/deploy/deploy_test_util.hpp"

namespace ockham {
namespace {

const std::string kFolder = OCKHAM_TEST_DATA "/golden/";

struct GoldenLine {
  std::string file;
  std::string text;
  std::vector<float> probabilities;
};

/// Lines of file, text and probabilities, parted by tabs; the first line is a comment.
std::vector<GoldenLine> read_golden_lines(const std::string& name) {
  std::ifstream stream(kFolder + name);
  std::vector<GoldenLine> lines;
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    std::istringstream fields(line);
    GoldenLine& golden = lines.emplace_back();
    std::getline(fields, golden.file, '\t');
    std::getline(fields, golden.text, '\t');
    for (float p; fields >> p;) golden.probabilities.push_back(p);
  }
  return lines;
}

// The files of every version that was ever published stay here and keep their meaning. They are
// never written anew: a new version of the format gets files of its own.
void expect_same_meaning(const std::vector<GoldenLine>& lines) {
  for (const GoldenLine& line : lines) {
    const Engine engine(read_compact(kFolder + line.file));
    const Matrix got = engine_probabilities(engine, {line.text});
    ASSERT_EQ(got.cols(), line.probabilities.size());
    for (size_t k = 0; k < got.cols(); ++k) {
      EXPECT_NEAR(got(0, k), line.probabilities[k], 1e-5f) << line.file << ": " << line.text;
    }
  }
}

TEST(GoldenFile, KeepsItsMeaningForEver) {
  const auto lines = read_golden_lines("v1.tsv");
  ASSERT_EQ(lines.size(), 30u);
  expect_same_meaning(lines);
}

TEST(GoldenFile, OfSubwordsKeepsItsMeaningForEver) {
  const auto lines = read_golden_lines("v1-subwords.tsv");
  ASSERT_EQ(lines.size(), 14u);
  expect_same_meaning(lines);
}

TEST(GoldenFile, OfGrusAndStackedLayersKeepsItsMeaningForEver) {
  const auto lines = read_golden_lines("v1-layers.tsv");
  ASSERT_EQ(lines.size(), 14u);
  expect_same_meaning(lines);
  const FoldedModel gru = read_compact(kFolder + "v1-gru.ockham");
  EXPECT_EQ(gru.cell, Cell::gru);
  EXPECT_EQ(gru.layers.size(), 2u);
  const FoldedModel lstm = read_compact(kFolder + "v1-stacked.ockham");
  EXPECT_EQ(lstm.cell, Cell::lstm);
  EXPECT_EQ(lstm.layers.size(), 2u);
}

TEST(GoldenFile, OfHashesAndDenseLayersKeepsItsMeaningForEver) {
  const auto lines = read_golden_lines("v1-hashed-dense.tsv");
  ASSERT_EQ(lines.size(), 14u);
  expect_same_meaning(lines);
  const FoldedModel hashed = read_compact(kFolder + "v1-hashed.ockham");
  ASSERT_NE(hashed.vocabulary.hashed(), nullptr);
  EXPECT_EQ(hashed.vocabulary.hashed()->hashing(), (NgramHashing{.bits = 14, .max_length = 3}));
  const FoldedModel dense = read_compact(kFolder + "v1-dense.ockham");
  EXPECT_EQ(dense.dense_layers.size(), 1u);
  EXPECT_EQ(dense.gate_function, GateFunction::hard_sigmoid);
  EXPECT_EQ(dense.output, OutputKind::softmax);
}

TEST(GoldenFile, OfHashesToldOfCharactersKeepsItsMeaningForEver) {
  const auto lines = read_golden_lines("v1-characters.tsv");
  ASSERT_EQ(lines.size(), 7u);
  expect_same_meaning(lines);
  const FoldedModel model = read_compact(kFolder + "v1-hashed-characters.ockham");
  EXPECT_EQ(dynamic_cast<const WordTokenizer&>(*model.tokenizer).characters(),
            U"\u00E0\u00E9\u00EF\u2014\U0001F600");
}

TEST(GoldenFile, OfWordsAsATreeKeepsItsMeaningForEver) {
  const auto lines = read_golden_lines("v1-ngram-tree.tsv");
  ASSERT_EQ(lines.size(), 10u);
  expect_same_meaning(lines);
  EXPECT_EQ(read_compact(kFolder + "v1-ngram-tree.ockham").vocabulary.ngrams(),
            read_compact(kFolder + "v1.ockham").vocabulary.ngrams());
}

TEST(GoldenFile, OfFewBitsKeepsItsMeaningForEver) {
  const auto lines = read_golden_lines("v1-weights.tsv");
  ASSERT_EQ(lines.size(), 24u);
  expect_same_meaning(lines);
}

TEST(GoldenFile, HoldsWhatItSays) {
  const FoldedModel model = read_compact(kFolder + "v1.ockham");
  EXPECT_EQ(model.classes, (std::vector<std::string>{"negative", "mixed feelings", "positive"}));
  EXPECT_EQ(model.output, OutputKind::softmax);
  EXPECT_EQ(model.temperature, 1.25);
  EXPECT_EQ(model.max_tokens, 12u);
  EXPECT_EQ(model.dense.bytes, 123'456u);
  EXPECT_EQ(model.dense.paper_weights, 99u);
  EXPECT_EQ(model.poolings, (std::vector<Pooling>{Pooling::max, Pooling::mean}));
  ASSERT_EQ(model.vocabulary.size(), 20u);
  EXPECT_EQ(model.vocabulary.ngram(0), "!");
  EXPECT_EQ(model.vocabulary.ngram(11), "not bad");
  EXPECT_EQ(model.vocabulary.ngram(19), "😀");
  EXPECT_EQ(model.embedding.cols(), 4u);
  EXPECT_EQ(model.layers.at(0).directions.at(1).hidden(), 3u);
}

}  // namespace
}  // namespace ockham
