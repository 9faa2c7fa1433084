#include "ockham/model/tokenizer_io.hpp"

#include <gtest/gtest.h>

#include "ockham/tensor/file.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using TokenizerIo = TemporaryFolder;

TEST_F(TokenizerIo, ComesBackAsItWas) {
  const std::vector<std::string> ngrams{"good", "not good", "naïve", "\"", "\\", "!", "日本 語"};
  for (const auto& [lower_case, length_token] :
       {std::pair{true, false}, std::pair{false, false}, std::pair{true, true}}) {
    const WordTokenizer tokenizer({.lower_case = lower_case, .length_token = length_token});
    save_tokenizer(folder_ / "t.json", tokenizer, NgramVocabulary(ngrams));
    const LoadedTokenizer loaded = load_tokenizer(folder_ / "t.json");
    EXPECT_EQ(loaded.vocabulary.ngrams(), ngrams);
    EXPECT_EQ(loaded.vocabulary.max_length(), 2u);
    EXPECT_EQ(loaded.tokenizer->type(), "word");
    const std::string text = "NOT Good, naïve!";
    EXPECT_EQ(tokens_of(*loaded.tokenizer, text), tokens_of(tokenizer, text));
  }
}

TEST_F(TokenizerIo, EmptyVocabulary) {
  save_tokenizer(folder_ / "t.json", WordTokenizer(), NgramVocabulary());
  EXPECT_EQ(load_tokenizer(folder_ / "t.json").vocabulary.size(), 0u);
}

TEST(TokenizerJson, ComesBackAsItWas) {
  EXPECT_EQ(tokenizer_json(WordTokenizer()),
            R"({"length_token":false,"lower_case":true,"type":"word"})");
  const auto cased = parse_tokenizer(tokenizer_json(WordTokenizer({.lower_case = false})), "m");
  EXPECT_EQ(tokens_of(*cased, "Aa"), (std::vector<std::string>{"Aa"}));
  // Models from before there was a length token.
  const auto old = parse_tokenizer(R"({"lower_case":true,"type":"word"})", "m");
  EXPECT_EQ(tokens_of(*old, "Aa"), (std::vector<std::string>{"aa"}));
}

TEST(TokenizerJson, RefusalsStartWithTheSource) {
  const auto refusal = [](const std::string& json) {
    return message_of([&] { parse_tokenizer(json, "model.ock"); });
  };
  EXPECT_EQ(refusal(R"({"type":"future\nkind","lower_case":true})"),
            "model.ock: tokenizer type \"future?kind\" is unknown; the model needs a newer Ockham");
  for (const char* json : {"", "{", "[]", "3", "{}", R"({"type":"word"})", R"({"type":1})",
                           R"({"type":"word","lower_case":"yes"})"}) {
    EXPECT_EQ(refusal(json).rfind("model.ock: not what Ockham writes here (", 0), 0u) << json;
  }
}

TEST_F(TokenizerIo, RefusalsStartWithTheFile) {
  const std::filesystem::path file = folder_ / "t.json";
  const auto refusal = [&](const std::string& text) {
    write_quickly(file, text);
    const std::string message = message_of([&] { load_tokenizer(file); });
    const std::string start = file.string() + ": ";
    EXPECT_EQ(message.rfind(start, 0), 0u) << message;
    return message.substr(std::min(start.size(), message.size()));
  };
  const std::string head = R"({"type":"word","lower_case":true,"ngrams":)";
  EXPECT_EQ(refusal(head + R"(["a","a"]})"), "n-gram \"a\" is there twice");
  EXPECT_EQ(refusal(head + R"(["a  b"]})"),
            "n-gram \"a  b\" has an empty word; expected words joined with one space");
  EXPECT_EQ(refusal(head + R"([""]})"),
            "n-gram \"\" has an empty word; expected words joined with one space");
  EXPECT_NE(refusal(head + R"(["a a a a a a a a a a a a a a a a a"]})").find("17 words"),
            std::string::npos);
  EXPECT_NE(refusal(head + "[1]}").find("not what Ockham writes here"), std::string::npos);
  EXPECT_NE(refusal(R"({"type":"word","lower_case":true})").find("'ngrams' not found"),
            std::string::npos);
  EXPECT_EQ(refusal(head + R"(["a")"), "not valid JSON; the file is damaged");
  std::filesystem::remove(file);
  EXPECT_NE(message_of([&] { load_tokenizer(file); }).find(file.string()), std::string::npos);
}

}  // namespace
}  // namespace ockham
