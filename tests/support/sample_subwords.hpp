#pragma once

#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/subword_training.hpp"

namespace ockham {

/// Texts of made-up words that share stems and endings, so that there are subwords to learn.
inline std::vector<std::string> subword_texts(size_t count, unsigned seed = 1) {
  constexpr std::string_view kStems[] = {"play", "look", "walk", "un",
                                         "kind", "help", "größ", "日本"};
  constexpr std::string_view kEndings[] = {"", "", "s", "ed", "ing", "er", "ful", "ly", "ness"};
  constexpr std::string_view kMarks[] = {"", "", "", ",", ".", "!", "'s", "-10"};
  std::mt19937 random(seed);  // its numbers are the same everywhere
  std::vector<std::string> texts(count);
  for (std::string& text : texts) {
    for (size_t words = 1 + random() % 9; words > 0; --words) {
      if (random() % 4 == 0) text += kStems[random() % 8];
      text += kStems[random() % 8];
      text += kEndings[random() % 9];
      text += kMarks[random() % 8];
      text += ' ';
    }
  }
  return texts;
}

inline SubwordModel learn_subwords(const std::vector<std::string>& texts,
                                   const SubwordTraining& training,
                                   const TokenizerOptions& options = {}) {
  return train_subwords(std::vector<std::string_view>(texts.begin(), texts.end()), options,
                        training, "texts");
}

/// The models of both kinds that many tests look at; learned once.
inline std::shared_ptr<const SubwordModel> sample_subwords(SubwordKind kind) {
  static const auto learn = [](SubwordKind of) {
    return std::make_shared<const SubwordModel>(
        learn_subwords(subword_texts(300), {.kind = of, .vocabulary_size = 120}));
  };
  static const auto unigram = learn(SubwordKind::unigram);
  static const auto bpe = learn(SubwordKind::bpe);
  return kind == SubwordKind::unigram ? unigram : bpe;
}

inline constexpr SubwordKind kSubwordKinds[] = {SubwordKind::unigram, SubwordKind::bpe};

}  // namespace ockham
