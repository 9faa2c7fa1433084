#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/deploy/engine.hpp"

namespace ockham {

/// A word of a text, as the tokenizer leaves it.
struct ExplainedWord {
  std::string text;
  bool known = false;   ///< it is part of an n-gram that the model keeps
  double log_odds = 0;  ///< by how much the label's log odds fall when the word is left out
};

/// Why a text got a label.
struct Explanation {
  uint32_t label = 0;        ///< class
  double probability = 0;    ///< of the label
  double log_odds = 0;       ///< of the label, natural logarithm
  double without_words = 0;  ///< the same of a text without any known n-gram
  std::vector<ExplainedWord> words;
};

/// What explaining a text takes: it is judged once without each word that counts.
struct ExplainingCost {
  size_t words = 0;   ///< of known n-grams
  size_t ngrams = 0;  ///< known

  size_t steps() const { return words * ngrams; }  ///< of the network
  /// It takes some five seconds and more.
  bool is_long() const { return steps() >= 100'000'000; }
};

/// Explains a model's answers by leaving words out (Robnik-Sikonja & Kononenko 2008): a word's part
/// is what the log odds of the label lose when all n-grams that hold the word are taken from the
/// text. That is exact, of this model and this text; the parts do not add up to the whole.
class Explainer {
 public:
  /// Throws Error as Engine does.
  explicit Explainer(FoldedModel model);

  const std::vector<std::string>& classes() const { return engine_.classes(); }

  ExplainingCost cost(std::string_view text) const;

  /// `label`: whose log odds; nothing: of the most probable one. Takes cost().steps() steps.
  Explanation explain(std::string_view text, std::optional<uint32_t> label = std::nullopt) const;

 private:
  struct Ngram {
    uint32_t id;
    size_t first, last;  // words
  };

  std::vector<Ngram> mark_known(std::vector<ExplainedWord>& words) const;
  std::vector<double> log_odds(const EncodedCorpus& texts, uint32_t label) const;

  FoldedModel model_;
  Engine engine_;
};

}  // namespace ockham
