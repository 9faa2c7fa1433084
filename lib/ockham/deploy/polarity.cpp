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

}  // namespace

std::vector<NgramPolarity> ngram_polarities(const FoldedModel& model) {
  const Engine engine(model);
  const auto count = static_cast<uint32_t>(model.vocabulary.size());
  // A text for each n-gram, and one without any.
  EncodedCorpus corpus;
  for (uint32_t w = 0; w < count; ++w) {
    corpus.ids.push_back(w);
    corpus.offsets.push_back(corpus.ids.size());
  }
  corpus.offsets.push_back(corpus.ids.size());
  Matrix probabilities(corpus.size(), model.classes.size());
  engine.predict_encoded(corpus, probabilities);

  std::vector<NgramPolarity> polarities;
  for (uint32_t w = 0; w < count; ++w) {
    NgramPolarity polarity{w, 0, -HUGE_VAL};
    for (uint32_t c = 0; c < model.classes.size(); ++c) {
      const double change = log_odds(probabilities(w, c)) - log_odds(probabilities(count, c));
      if (change > polarity.log_odds) polarity = {w, c, change};
    }
    polarities.push_back(polarity);
  }
  std::stable_sort(
      polarities.begin(), polarities.end(),
      [](const NgramPolarity& a, const NgramPolarity& b) { return a.log_odds > b.log_odds; });
  return polarities;
}

}  // namespace ockham
