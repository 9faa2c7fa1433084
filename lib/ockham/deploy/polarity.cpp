#include "ockham/deploy/polarity.hpp"

#include <algorithm>
#include <cmath>

#include "ockham/deploy/engine.hpp"

namespace ockham {
namespace {

/// log p / (1 - p), for probabilities that may have been rounded to 0 or 1.
double log_odds(float p) {
  constexpr double kLeast = 1e-7;
  const double q = std::clamp(static_cast<double>(p), kLeast, 1.0 - kLeast);
  return std::log(q / (1.0 - q));
}

/// The log odds [texts, classes] of texts of one n-gram each; of none: of one text without any.
std::vector<double> log_odds_of_texts(const Engine& engine, uint32_t first, uint32_t texts) {
  EncodedCorpus corpus;
  for (uint32_t w = first; w < first + texts; ++w) {
    corpus.ids.push_back(w);
    corpus.offsets.push_back(corpus.ids.size());
  }
  if (texts == 0) corpus.offsets.push_back(0);
  Matrix probabilities(corpus.size(), engine.classes().size());
  engine.predict_encoded(corpus, probabilities);
  std::vector<double> odds;
  odds.reserve(probabilities.size());
  for (const float p : probabilities.values()) odds.push_back(log_odds(p));
  return odds;
}

}  // namespace

std::vector<NgramPolarity> ngram_polarities(const FoldedModel& model) {
  constexpr uint32_t kAtATime = 1024;  // models may have 2^24 n-grams, or 65,535 classes
  const Engine engine(model);
  const auto count = static_cast<uint32_t>(model.vocabulary.size());
  const std::vector<double> nothing = log_odds_of_texts(engine, 0, 0);
  std::vector<NgramPolarity> polarities;
  for (uint32_t first = 0; first < count; first += kAtATime) {
    const uint32_t texts = std::min(kAtATime, count - first);
    const std::vector<double> odds = log_odds_of_texts(engine, first, texts);
    for (uint32_t i = 0; i < texts; ++i) {
      NgramPolarity polarity{first + i, 0, -HUGE_VAL};
      for (uint32_t c = 0; c < nothing.size(); ++c) {
        const double change = odds[i * nothing.size() + c] - nothing[c];
        if (change > polarity.log_odds) polarity = {first + i, c, change};
      }
      polarities.push_back(polarity);
    }
  }
  std::ranges::stable_sort(polarities, std::ranges::greater{}, &NgramPolarity::log_odds);
  return polarities;
}

}  // namespace ockham
