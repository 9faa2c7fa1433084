#include "ockham/model/tokenizer_io.hpp"

#include <gtest/gtest.h>

#include "ockham/tensor/file.hpp"
#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/support/sample_subwords.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

class TokenizerIo : public TemporaryFolder {
 protected:
  void write_json(const std::string& text) const { write_quickly(folder_ / kTokenizerFile, text); }

  /// What follows the file's name in the message of load_tokenizer().
  std::string refusal(const char* file = kTokenizerFile) const {
    const std::string message = message_of([&] { load_tokenizer(folder_); });
    const std::string start = (folder_ / file).string() + ": ";
    EXPECT_EQ(message.rfind(start, 0), 0u) << message;
    EXPECT_EQ(message.find(start, 1), std::string::npos) << message;
    return message.substr(std::min(start.size(), message.size()));
  }
};

const std::string kText = "NOT Good, naïve! ﬁve ２０ playing it's";

TokenizerOptions options_of(unsigned bits) {
  return {.lower_case = (bits & 1) != 0,
          .compatibility = (bits & 2) != 0,
          .punctuation = (bits & 4) != 0,
          .fold_numbers = (bits & 8) != 0,
          .length_token = (bits & 16) != 0};
}

TEST_F(TokenizerIo, WordsComeBackAsTheyWere) {
  const std::vector<std::string> ngrams{"good", "not good", "naïve", "\"", "\\", "!", "日本 語"};
  for (unsigned bits = 0; bits < 32; ++bits) {
    const WordTokenizer tokenizer(options_of(bits));
    save_tokenizer(folder_, tokenizer, NgramVocabulary(ngrams));
    const LoadedTokenizer loaded = load_tokenizer(folder_);
    EXPECT_EQ(loaded.vocabulary.ngrams(), ngrams);
    EXPECT_EQ(loaded.vocabulary.words()->max_length(), 2u);
    EXPECT_EQ(dynamic_cast<const WordTokenizer&>(*loaded.tokenizer).options(), tokenizer.options());
    EXPECT_EQ(tokens_of(*loaded.tokenizer, kText), tokens_of(tokenizer, kText));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / kSubwordFile));
}

TEST_F(TokenizerIo, CharactersComeBackAsTheyWere) {
  for (const auto& characters : {std::u32string(), std::u32string(U"\u00E9\u2014\U0001F600")}) {
    save_tokenizer(folder_, WordTokenizer({}, characters), NgramVocabulary());
    const LoadedTokenizer loaded = load_tokenizer(folder_);
    EXPECT_EQ(dynamic_cast<const WordTokenizer&>(*loaded.tokenizer).characters(), characters);
  }
  write_json(R"({"type":"word","lower_case":true,"ngrams":[],"characters":"ba"})");
  EXPECT_NE(refusal().find("characters"), std::string::npos);
}

TEST_F(TokenizerIo, HashesComeBackAsTheyWere) {
  const NgramHashing hashing{.bits = 20, .seed = 7, .max_length = 3};
  const std::vector<uint32_t> buckets{1'048'575, 0, 77};
  save_tokenizer(folder_, WordTokenizer(), HashedVocabulary(hashing, buckets));
  const Vocabulary loaded = load_tokenizer(folder_).vocabulary;
  ASSERT_NE(loaded.hashed(), nullptr);
  EXPECT_EQ(loaded.hashed()->hashing(), hashing);
  EXPECT_TRUE(std::ranges::equal(loaded.hashed()->buckets(), buckets));
  const std::string head = R"({"type":"word","lower_case":true,"hashing":{"bits":)";
  const auto refusal_of = [&](const std::string& text) {
    write_json(text);
    return refusal();
  };
  EXPECT_NE(refusal_of(head + R"(30,"seed":0,"max_length":2},"buckets":[1]})").find("30 bits"),
            std::string::npos);
  EXPECT_NE(refusal_of(head + R"(8,"seed":0,"max_length":2},"buckets":[256]})").find("bucket 256"),
            std::string::npos);
  EXPECT_NE(refusal_of(head + R"(8,"seed":0},"buckets":[1]})").find("max_length"),
            std::string::npos);
}

TEST_F(TokenizerIo, SubwordsComeBackAsTheyWere) {
  const std::vector<std::string> ngrams{"▁play", "▁play ing", "<length:3>"};
  for (const SubwordKind kind : kSubwordKinds) {
    for (const unsigned bits : {0u, 1u, 31u}) {
      const SubwordTokenizer tokenizer(sample_subwords(kind), options_of(bits));
      save_tokenizer(folder_, tokenizer, NgramVocabulary(ngrams));
      const LoadedTokenizer loaded = load_tokenizer(folder_);
      const auto& subwords = dynamic_cast<const SubwordTokenizer&>(*loaded.tokenizer);
      EXPECT_EQ(loaded.vocabulary.ngrams(), ngrams);
      EXPECT_EQ(subwords.options(), tokenizer.options());
      EXPECT_EQ(subwords.model().kind(), kind);
      EXPECT_EQ(subwords.model().pieces(), tokenizer.model().pieces());
    }
  }
}

TEST_F(TokenizerIo, ATokenizerAloneTrainsAnyModel) {
  const SubwordTokenizer tokenizer(sample_subwords(SubwordKind::bpe), {.fold_numbers = true});
  const std::filesystem::path alone = folder_ / "alone", model = folder_ / "model";
  make_folders(alone);
  make_folders(model);
  save_tokenizer(alone, tokenizer);
  save_tokenizer(model, tokenizer, NgramVocabulary());
  for (const auto& folder : {alone, model}) {
    for (const bool length_token : {false, true}) {
      const auto loaded = load_bare_tokenizer(folder, length_token);
      std::vector<std::string> tokens = tokens_of(*loaded, kText);
      if (length_token) {
        EXPECT_TRUE(tokens.back().starts_with("<length:"));
        tokens.pop_back();
      }
      EXPECT_EQ(tokens, tokens_of(tokenizer, kText));
    }
  }
  EXPECT_EQ(message_of([&] { load_bare_tokenizer(folder_, true); }),
            folder_.string() + ": no tokenizer there (tokenizer.json is missing); --tokenizer " +
                "takes word, sentencepiece or a folder that `ockham tokenizer` made");
}

TEST_F(TokenizerIo, EmptyVocabulary) {
  save_tokenizer(folder_, WordTokenizer(), NgramVocabulary());
  EXPECT_EQ(load_tokenizer(folder_).vocabulary.size(), 0u);
}

TEST_F(TokenizerIo, ReadsWhatOlderVersionsWrote) {
  write_json(R"({"type":"word","lower_case":false,"ngrams":["a"]})");
  const LoadedTokenizer loaded = load_tokenizer(folder_);
  EXPECT_EQ(dynamic_cast<const WordTokenizer&>(*loaded.tokenizer).options(),
            TokenizerOptions{.lower_case = false});
}

TEST_F(TokenizerIo, RefusesWhatItDoesNotKnow) {
  write_json(R"({"type":"future\nkind","lower_case":true,"ngrams":[]})");
  EXPECT_EQ(refusal(), "tokenizer type \"future?kind\" is unknown; the model needs a newer Ockham");
  write_json(R"({"type":"word","lower_case":true,"normalization":"nfd","ngrams":[]})");
  EXPECT_EQ(refusal(), "normalization \"nfd\" is unknown; the model needs a newer Ockham");
  for (const char* damaged : {"[]", "3", "{}", R"({"type":"word"})", R"({"type":1})",
                              R"({"type":"word","lower_case":"yes"})",
                              R"({"type":"word","lower_case":true,"punctuation":3})"}) {
    write_json(damaged);
    EXPECT_TRUE(refusal().ends_with("; the file is damaged")) << refusal();
    EXPECT_EQ(refusal().find("json."), std::string::npos) << refusal();
  }
}

TEST_F(TokenizerIo, RefusesDamagedFiles) {
  const std::string head = R"({"type":"word","lower_case":true,"ngrams":)";
  const auto refusal_of = [&](const std::string& text) {
    write_json(text);
    return refusal();
  };
  EXPECT_EQ(refusal_of(head + R"(["a","a"]})"), "n-gram \"a\" is there twice");
  EXPECT_EQ(refusal_of(head + R"(["a  b"]})"),
            "n-gram \"a  b\" has an empty word; expected words joined with one space");
  EXPECT_EQ(refusal_of(head + R"([""]})"),
            "n-gram \"\" has an empty word; expected words joined with one space");
  EXPECT_NE(refusal_of(head + R"(["a a a a a a a a a a a a a a a a a"]})").find("17 words"),
            std::string::npos);
  EXPECT_EQ(refusal_of(head + "[1]}"),
            "\"ngrams\" must be a list of strings, found a list with something else in it; the "
            "file is damaged");
  EXPECT_NE(refusal_of(R"({"type":"word","lower_case":true})").find("\"ngrams\" is missing"),
            std::string::npos);
  EXPECT_EQ(refusal_of(head + R"(["a")"), "not valid JSON; the file is damaged");
  std::filesystem::remove(folder_ / kTokenizerFile);
  EXPECT_NE(message_of([&] { load_tokenizer(folder_); }).find(kTokenizerFile), std::string::npos);
}

TEST_F(TokenizerIo, RefusesDamagedSubwords) {
  save_tokenizer(folder_, SubwordTokenizer(sample_subwords(SubwordKind::unigram)),
                 NgramVocabulary());
  const std::string whole = read_file(folder_ / kSubwordFile);
  for (const std::string& bytes : {std::string(), whole.substr(0, 100), std::string("junk\n")}) {
    write_quickly(folder_ / kSubwordFile, bytes);
    EXPECT_NE(refusal(kSubwordFile).find("no SentencePiece model, or damaged"), std::string::npos);
  }
  std::filesystem::remove(folder_ / kSubwordFile);
  EXPECT_NE(message_of([&] { load_tokenizer(folder_); }).find(kSubwordFile), std::string::npos);
}

}  // namespace
}  // namespace ockham
