#include "ockham/deploy/tokenizer_coding.hpp"

#include <gtest/gtest.h>

#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/compact_header.hpp"
#include "tests/deploy/deploy_test_util.hpp"

// Of words, in whole files. What becomes of subwords, subword_file_test.cpp tells.

namespace ockham {
namespace {

const std::string kFileName = "some.ockham";

FoldedModel small_model() {
  std::mt19937 random(1);
  return fold(sparse_classifier(random, 5, 2, OutputKind::sigmoid, 2, 0.5));
}

/// Empty where reading succeeds.
std::string refusal(const std::string& bytes) {
  try {
    decode_compact(bytes, kFileName);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TokenizerCoding, KeepsTheOptions) {
  FoldedModel model = small_model();
  for (unsigned bits = 0; bits < 32; ++bits) {
    const TokenizerOptions options{.lower_case = (bits & 1) != 0,
                                   .compatibility = (bits & 2) != 0,
                                   .punctuation = (bits & 4) != 0,
                                   .fold_numbers = (bits & 8) != 0,
                                   .length_token = (bits & 16) != 0};
    model.tokenizer = std::make_shared<WordTokenizer>(options);
    const FoldedModel read = decode_compact(encode_compact(model, WeightFormat::fp32), kFileName);
    const auto& word = dynamic_cast<const WordTokenizer&>(*read.tokenizer);
    EXPECT_EQ(word.options(), options);
  }
}

TEST(TokenizerCoding, KeepsTheCharacters) {
  FoldedModel model = small_model();
  const auto with = [&](const std::u32string& characters) {
    model.tokenizer = std::make_shared<WordTokenizer>(TokenizerOptions{}, characters);
    return encode_compact(model, WeightFormat::fp32);
  };
  const std::u32string few = U"\u0080\u00E9\uD55C\U0010FFFF";
  for (const std::u32string& characters : {std::u32string(), few}) {
    const FoldedModel read = decode_compact(with(characters), kFileName);
    const auto& word = dynamic_cast<const WordTokenizer&>(*read.tokenizer);
    EXPECT_EQ(word.characters(), characters);
    EXPECT_EQ(word.options(), TokenizerOptions{});
  }
  const auto refusal_of = [&](char count, char distance) {
    std::string bytes = with(U"\u0080");
    const size_t options_at = 16;
    EXPECT_EQ(bytes.substr(options_at, 3), "\x21\x01\x01");
    bytes[options_at + 1] = count;
    bytes[options_at + 2] = distance;
    repair_checksum(bytes);
    return refusal(bytes);
  };
  EXPECT_EQ(refusal_of(1, 2), "");
  EXPECT_NE(refusal_of(1, 0).find("a character is there twice"), std::string::npos);
  EXPECT_NE(refusal_of(127, 1), "");
  std::string large = with(U"\U0010FFFF");
  ASSERT_EQ(large.substr(18, 3), "\x80\xFF\x43");
  large[20] = 0x44;
  repair_checksum(large);
  EXPECT_NE(refusal(large).find("the distance to a character"), std::string::npos);
}

}  // namespace
}  // namespace ockham
