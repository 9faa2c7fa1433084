#include "ockham/text/subword_training.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sentencepiece_processor.h>

#include "ockham/text/sentencepiece_file.hpp"
#include "ockham/text/subword_words.hpp"
#include "ockham/text/unicode.hpp"
#include "tests/support/sample_subwords.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

TEST(SubwordTraining, LearnsTheSameTwice) {
  const std::vector<std::string> texts = subword_texts(400);
  for (const SubwordKind kind : kSubwordKinds) {
    const SubwordTraining training{.kind = kind, .vocabulary_size = 150};
    const SubwordModel model = learn_subwords(texts, training);
    EXPECT_EQ(learn_subwords(texts, training).pieces(), model.pieces());
    EXPECT_EQ(model.kind(), kind);
    EXPECT_LT(model.pieces().size(), 150u);
    EXPECT_GT(model.pieces().size(), 100u);
  }
}

TEST(SubwordTraining, LearnsWholeWordsAndParts) {
  for (const SubwordKind kind : kSubwordKinds) {
    const SubwordTokenizer tokenizer(sample_subwords(kind));
    const std::string mark(kWordMark);
    EXPECT_EQ(tokens_of(tokenizer, "Play"), std::vector<std::string>{mark + "play"});
    EXPECT_LT(tokens_of(tokenizer, "unkindness").size(), 5u);
    EXPECT_GT(tokens_of(tokenizer, "xylophone").size(), 5u);
  }
}

TEST(SubwordTraining, ASmallTextGivesFewerPieces) {
  for (const SubwordKind kind : kSubwordKinds) {
    const SubwordTraining training{.kind = kind, .vocabulary_size = 1'000'000};
    EXPECT_LT(learn_subwords({"some few words, some words"}, training).pieces().size(), 100u);
    EXPECT_GE(learn_subwords({"a"}, training).pieces().size(), 1u);
  }
}

TEST(SubwordTraining, DrawsASampleOfManyTexts) {
  const std::vector<std::string> texts = subword_texts(3'000);
  const auto learn = [&](size_t bytes) {
    return learn_subwords(texts,
                          {.kind = SubwordKind::bpe, .vocabulary_size = 200, .sample_bytes = bytes})
        .pieces();
  };
  EXPECT_EQ(learn(20'000), learn(20'000));
  EXPECT_NE(learn(2'000), learn(10'000'000));
  // A sample, not the beginning.
  std::vector<std::string> first_only(1'000, "zzz zzzz zzzz");
  first_only.insert(first_only.end(), texts.begin(), texts.end());
  const SubwordModel model = learn_subwords(
      first_only, {.kind = SubwordKind::bpe, .vocabulary_size = 200, .sample_bytes = 10'000});
  const SubwordTokenizer tokenizer(std::make_shared<const SubwordModel>(model));
  EXPECT_LT(tokens_of(tokenizer, "playing").size(), 4u);
}

TEST(SubwordTraining, LearnsFromTextsLongerThanASentence) {
  std::string text, without_spaces;
  for (const std::string& some : subword_texts(400)) text += some;
  for (int i = 0; i < 3'000; ++i) without_spaces += "日本語";
  ASSERT_GT(text.size(), 10'000u);
  for (const SubwordKind kind : kSubwordKinds) {
    const SubwordModel model =
        learn_subwords({text, without_spaces}, {.kind = kind, .vocabulary_size = 150});
    const SubwordTokenizer tokenizer(std::make_shared<const SubwordModel>(model));
    EXPECT_LT(tokens_of(tokenizer, "helpful").size(), 4u);
    EXPECT_LT(tokens_of(tokenizer, "日本語日本語日本語").size(), 8u);
  }
}

TEST(SubwordTraining, SaysWhatIsWrong) {
  for (const SubwordKind kind : kSubwordKinds) {
    const auto refusal = [&](const std::vector<std::string>& texts, size_t size) {
      return message_of([&] { learn_subwords(texts, {.kind = kind, .vocabulary_size = size}); });
    };
    EXPECT_EQ(refusal({}, 10), "texts: holds no word to learn subwords from; give more texts");
    EXPECT_EQ(refusal({"", " \n"}, 10), refusal({}, 10));
    EXPECT_EQ(refusal({"abcdefghijkl"}, 10),
              "texts: has more different characters than the 10 subwords asked for; raise "
              "--vocabulary-size");
  }
}

// What SentencePiece itself makes of the file is what the tokenizer gives.
TEST(SentencePieceFile, CutsAsSentencePieceDoes) {
  for (const SubwordKind kind : kSubwordKinds) {
    const auto model = sample_subwords(kind);
    sentencepiece::SentencePieceProcessor reference;
    ASSERT_TRUE(reference.LoadFromSerializedProto(write_sentencepiece(*model)).ok());
    const SubwordTokenizer tokenizer(model);
    for (const std::string& raw : subword_texts(500, 7)) {
      std::string text;
      normalize_text(raw, {}, text);
      std::vector<std::string> expected;
      ASSERT_TRUE(reference.Encode(text, &expected).ok());
      ASSERT_EQ(tokens_of(tokenizer, text), expected) << text;
    }
  }
}

TEST(SentencePieceFile, ComesBackAsItWas) {
  for (const SubwordKind kind : kSubwordKinds) {
    const auto model = sample_subwords(kind);
    const std::string bytes = write_sentencepiece(*model);
    const SubwordModel again = read_sentencepiece(bytes, "m");
    EXPECT_EQ(again.kind(), kind);
    EXPECT_EQ(again.pieces(), model->pieces());
    EXPECT_EQ(write_sentencepiece(again), bytes);
  }
}

TEST(SentencePieceFile, AnyBytesGiveAModelOrAnError) {
  const auto expect_error_or_model = [](const std::string& bytes) {
    try {
      const SubwordModel model = read_sentencepiece(bytes, "some.model");
      SubwordModel::Scratch scratch;
      std::vector<size_t> ends;
      model.segment("playing", scratch, ends);
      EXPECT_EQ(ends.back(), 7u);
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).rfind("some.model: ", 0), 0u) << error.what();
    }
  };
  const SubwordModel small(SubwordKind::unigram, {{"p", 5}, {"l", 6}, {"pl", 7}, {"ß", 9}},
                           "small");
  const std::string good = write_sentencepiece(small);
  for (size_t at = 0; at < good.size(); ++at) {
    for (const int change : {0x01, 0x08, 0x40, 0x80, 0xFF}) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ change);
      expect_error_or_model(bytes);
    }
    expect_error_or_model(good.substr(0, at));
  }
  EXPECT_TRUE(rc::check([&](const std::string& bytes) { expect_error_or_model(bytes); }));
  EXPECT_NE(message_of([] { read_sentencepiece("", "some.model"); }).find("no SentencePiece model"),
            std::string::npos);
}

}  // namespace
}  // namespace ockham
