#include "ockham/deploy/explanation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ockham {
namespace {

std::vector<ExplainedWord> words_of(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<ExplainedWord> words;
  TokenBuffer tokens;
  visit_tokens(tokenizer, text, tokens, [&](const TokenBuffer& piece) {
    for (size_t i = 0; i < piece.size(); ++i) words.push_back({std::string(piece[i])});
  });
  return words;
}

size_t longest_ngram(const Vocabulary& vocabulary) {
  const HashedVocabulary* hashed = vocabulary.hashed();
  return hashed != nullptr ? hashed->hashing().max_length : vocabulary.words()->max_length();
}

}  // namespace

Explainer::Explainer(FoldedModel model) : model_(std::move(model)), engine_(model_) {}

/// In the order of Vocabulary::encode(): by their last words, the shorter first.
std::vector<Explainer::Ngram> Explainer::mark_known(std::vector<ExplainedWord>& words) const {
  const size_t longest = longest_ngram(model_.vocabulary);
  std::vector<Ngram> ngrams;
  for (size_t last = 0; last < words.size(); ++last) {
    std::string ngram;
    for (size_t first = last + 1; first-- > 0 && last - first < longest;) {
      ngram = ngram.empty() ? words[first].text : words[first].text + " " + ngram;
      const uint32_t id = model_.vocabulary.find(ngram);
      if (id != Vocabulary::kNotFound) ngrams.push_back({id, first, last});
    }
  }
  if (model_.max_tokens > 0) ngrams.resize(std::min(ngrams.size(), model_.max_tokens));
  for (const Ngram& ngram : ngrams) {
    for (size_t w = ngram.first; w <= ngram.last; ++w) words[w].known = true;
  }
  return ngrams;
}

ExplainingCost Explainer::cost(std::string_view text) const {
  std::vector<ExplainedWord> words = words_of(*model_.tokenizer, text);
  const size_t ngrams = mark_known(words).size();
  return {static_cast<size_t>(std::ranges::count(words, true, &ExplainedWord::known)), ngrams};
}

std::vector<double> Explainer::log_odds(const EncodedCorpus& texts, uint32_t label) const {
  constexpr double kLeast = 1e-7;  // what a float close to 1 can be away from it
  Matrix probabilities(texts.size(), classes().size());
  engine_.predict_encoded(texts, probabilities);
  std::vector<double> odds;
  for (size_t i = 0; i < texts.size(); ++i) {
    const double of_label = probabilities(i, label);
    double of_others = 1.0 - of_label;
    if (!model_.several_labels) {  // a small sum says more than what a large one leaves of 1
      of_others = 0.0;
      for (size_t c = 0; c < classes().size(); ++c) {
        if (c != label) of_others += probabilities(i, c);
      }
    }
    odds.push_back(std::log(std::max(of_label, kLeast) / std::max(of_others, kLeast)));
  }
  return odds;
}

Explanation Explainer::explain(std::string_view text, std::optional<uint32_t> label) const {
  constexpr size_t kAtATime = 256;
  Explanation explanation;
  explanation.words = words_of(*model_.tokenizer, text);
  const std::vector<Ngram> ngrams = mark_known(explanation.words);
  const auto add_without = [&](size_t left_out, EncodedCorpus& texts) {
    for (const Ngram& ngram : ngrams) {
      if (left_out < ngram.first || left_out > ngram.last) texts.ids.push_back(ngram.id);
    }
    texts.offsets.push_back(texts.ids.size());
  };

  EncodedCorpus whole;
  add_without(explanation.words.size(), whole);  // nothing
  Matrix probabilities(1, classes().size());
  engine_.predict_encoded(whole, probabilities);
  const std::span<const float> p = probabilities.view().row_span(0);
  explanation.label =
      label.value_or(static_cast<uint32_t>(std::ranges::max_element(p) - p.begin()));
  explanation.probability = p[explanation.label];
  whole.offsets.push_back(whole.ids.size());  // and a text without any
  const std::vector<double> odds = log_odds(whole, explanation.label);
  explanation.log_odds = odds[0];
  explanation.without_words = odds[1];

  for (size_t w = 0; w < explanation.words.size();) {
    EncodedCorpus texts;
    std::vector<size_t> left_out;
    for (; w < explanation.words.size() && left_out.size() < kAtATime; ++w) {
      if (!explanation.words[w].known) continue;
      left_out.push_back(w);
      add_without(w, texts);
    }
    const std::vector<double> without = log_odds(texts, explanation.label);
    for (size_t i = 0; i < left_out.size(); ++i) {
      explanation.words[left_out[i]].log_odds = odds[0] - without[i];
    }
  }
  return explanation;
}

}  // namespace ockham
