#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/compact_header.hpp"
#include "ockham/deploy/subword_coding.hpp"
#include "ockham/deploy/tokenizer_coding.hpp"
#include "ockham/text/utf8.hpp"
#include "tests/deploy/deploy_test_util.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/sample_subwords.hpp"

namespace ockham {
namespace {

const std::string kName = "some.ockham";

/// A classifier of subwords that texts of subword_texts() hold, and of pairs of them.
Classifier subword_classifier(std::shared_ptr<const SubwordModel> model) {
  auto tokenizer = std::make_shared<SubwordTokenizer>(
      std::move(model), TokenizerOptions{.fold_numbers = true, .length_token = true});
  std::set<std::string> ngrams{"<length:12>"};
  TokenBuffer tokens;
  for (const std::string& text : subword_texts(40, 5)) {
    tokenizer->split(text, tokens);
    for (size_t i = 1; i < tokens.size(); i += 3) {
      ngrams.emplace(tokens[i]);
      ngrams.insert(std::string(tokens[i - 1]) + " " + std::string(tokens[i]));
    }
  }
  std::mt19937 random(1);
  const NetworkShape shape = small_shape(ngrams.size(), 3, OutputKind::softmax, 3);
  Classifier classifier =
      make_classifier(random_network(random, shape, 0.4), shape, 3, {ngrams.begin(), ngrams.end()});
  classifier.tokenizer = std::move(tokenizer);
  return classifier;
}

SubwordModel read_back(const SubwordModel& model) {
  ByteWriter writer;
  write_subwords(model, writer);
  ByteReader reader(writer.bytes(), kName);
  SubwordModel back = read_subwords(model.kind(), reader, writer.bytes().size());
  EXPECT_EQ(reader.left(), 0u);
  return back;
}

TEST(SubwordFile, GivesTheProbabilitiesOfTheTrainedModel) {
  for (const SubwordKind kind : kSubwordKinds) {
    const Classifier classifier = subword_classifier(sample_subwords(kind));
    const std::string bytes = encode_compact(fold(classifier), WeightFormat::fp32);
    const Engine engine(decode_compact(bytes, kName));
    std::vector<std::string> texts = subword_texts(100, 9);
    texts.insert(texts.end(), {"", "12 \U0001F600 xylophone", "PLAYING \xFF"});
    const Matrix expected = classifier_probabilities(classifier, texts);
    expect_close(engine_probabilities(engine, texts), expected, 1e-5, "probabilities");
    EXPECT_EQ(encode_compact(decode_compact(bytes, kName), WeightFormat::fp32), bytes);
  }
}

TEST(SubwordFile, KeepsThePiecesThatCuttingHangsOn) {
  for (const SubwordKind kind : kSubwordKinds) {
    const auto model = sample_subwords(kind);
    const SubwordModel back = read_back(*model);
    EXPECT_TRUE(std::ranges::is_permutation(back.pieces(), model->needed_pieces()));
    SubwordModel::Scratch scratch;
    std::vector<size_t> expected, got;
    for (const std::string& text : subword_texts(300, 4)) {
      model->segment(text, scratch, expected);
      back.segment(text, scratch, got);
      ASSERT_EQ(got, expected) << text;
    }
  }
  // Nothing but single characters was learned: nothing is needed.
  EXPECT_EQ(read_back({SubwordKind::unigram, {{"a", 1}, {"b", 2}}, "m"}).pieces().size(), 0u);
  EXPECT_EQ(read_back({SubwordKind::bpe, {{"a", 0}, {"b", 0}}, "m"}).pieces().size(), 0u);
}

TEST(SubwordFile, KeepsAnyUnigramModel) {
  EXPECT_TRUE(rc::check([](const std::vector<std::vector<uint8_t>>& drawn) {
    std::map<std::string, uint32_t> costs{{"a", 4095}, {"é", 0}, {"日", 7}, {"▁", 3}};
    for (const auto& letters : drawn) {
      constexpr std::string_view kLetters[] = {"a", "é", "日", "▁"};
      std::string text;
      for (const uint8_t letter : letters) text += kLetters[letter % 4];
      text.resize(std::min<size_t>(text.size(), 40) / 12 * 12);
      if (!text.empty() && decode_utf8(text.substr(text.size() - 1)).valid) costs[text] = 11;
    }
    std::vector<SubwordPiece> pieces;
    for (const auto& [text, cost] : costs) pieces.push_back({text, cost});
    const SubwordModel model(SubwordKind::unigram, pieces, "random");
    RC_ASSERT(std::ranges::is_permutation(read_back(model).pieces(), model.needed_pieces()));
  }));
}

TEST(SubwordFile, RefusesJoinsOfWhatIsNotThere) {
  ByteWriter writer;
  EXPECT_THROW(write_subwords({SubwordKind::bpe, {{"abc", 0}, {"ab", 0}}, "m"}, writer), Error);
}

TEST(SubwordFile, CountsTheTokenizersBytes) {
  for (const SubwordKind kind : kSubwordKinds) {
    const FoldedModel model = fold(subword_classifier(sample_subwords(kind)));
    const std::string bytes = encode_compact(model, WeightFormat::int8);
    ByteWriter tokenizer;
    write_tokenizer(*model.tokenizer, tokenizer);
    const CompactSummary summary = summarize_compact(bytes, kName);
    EXPECT_EQ(summary.tokenizer_bytes, tokenizer.bytes().size());
    EXPECT_GT(summary.tokenizer_bytes, 100u);
    EXPECT_LT(summary.tokenizer_bytes, 4 * 120u) << "not small";
    EXPECT_EQ(summary.tokenizer_bytes + summary.vocabulary_bytes + summary.weight_bytes +
                  summary.other_bytes,
              bytes.size());
  }
}

/// A model, or an Error that names the file.
void expect_error_or_valid(std::string bytes, size_t at) {
  repair_checksum(bytes);
  Matrix probabilities;
  try {
    const Engine engine(decode_compact(bytes, "hostile.ockham"));
    probabilities = engine_probabilities(engine, {"", "playing unkindness", "\u65E5 \xFF"});
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << at;
    EXPECT_EQ(message.rfind("hostile.ockham: ", 0), 0u) << at << message;
    return;
  }
  for (const float p : probabilities.values()) ASSERT_TRUE(p >= 0.0f && p <= 1.0f) << at;
}

std::string small_file(SubwordKind kind) {
  std::mt19937 random(1);
  FoldedModel model = fold(sparse_classifier(random, 4, 1, OutputKind::softmax, 2, 0.5));
  const auto pieces = kind == SubwordKind::bpe
                          ? std::vector<SubwordPiece>{{"pl", 0}, {"pla", 0}, {"▁un", 0}, {"in", 0}}
                          : std::vector<SubwordPiece>{{"p", 9}, {"l", 9}, {"pl", 8}, {"▁", 7}};
  std::vector<SubwordPiece> complete = pieces;
  if (kind == SubwordKind::bpe) complete.insert(complete.begin(), {"▁u", 0});
  model.tokenizer = std::make_shared<SubwordTokenizer>(
      std::make_shared<const SubwordModel>(kind, complete, "small"));
  return encode_compact(model, WeightFormat::int8);
}

TEST(SubwordFile, AnyByteMayBeAnything) {
  for (const SubwordKind kind : kSubwordKinds) {
    const std::string good = small_file(kind);
    const size_t tokenizer = summarize_compact(good, kName).tokenizer_bytes;
    ASSERT_GT(tokenizer, 10u);
    for (size_t at = 12; at < 20 + tokenizer; ++at) {
      for (const int change : {0x01, 0x10, 0x40, 0x7F, 0x80, 0xFF}) {
        std::string bytes = good;
        bytes[at] = static_cast<char>(bytes[at] ^ change);
        expect_error_or_valid(bytes, at);
      }
      std::string shorter = good, longer = good;
      shorter.erase(at, 1);
      longer.insert(at, 2, good[at]);
      expect_error_or_valid(shorter, at);
      expect_error_or_valid(longer, at);
    }
  }
}

TEST(SubwordFile, RefusesTruncatedFiles) {
  for (const SubwordKind kind : kSubwordKinds) {
    const std::string good = small_file(kind);
    for (size_t length = 0; length < good.size(); ++length) {
      std::string bytes = good.substr(0, length);
      repair_checksum(bytes);
      EXPECT_THROW(decode_compact(bytes, kName), Error) << length;
    }
  }
}

TEST(SubwordFile, GetsNoMemoryForMereClaims) {
  for (const SubwordKind kind : kSubwordKinds) {
    for (const char fill : {'\0', '\x01', '\x55', '\xFE', '\xFF'}) {
      for (const size_t length : {1u, 30u, 3'000u}) {
        ByteWriter writer;
        writer.varint(SubwordModel::kMostPieces);
        if (kind == SubwordKind::bpe) writer.varint(SubwordModel::kMostPieces);
        writer.string(std::string(length, fill));
        ByteReader reader(writer.bytes(), kName);
        EXPECT_THROW(read_subwords(kind, reader, writer.bytes().size()), Error);
      }
    }
  }
}

}  // namespace
}  // namespace ockham
