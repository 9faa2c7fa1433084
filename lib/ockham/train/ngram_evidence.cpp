#include "ockham/train/ngram_evidence.hpp"

#include <algorithm>
#include <array>

#include "ockham/text/likelihood_ratio_screen.hpp"

namespace ockham {
namespace {

constexpr double kSignificant = 1.92;  // nats: twice that is the 95% point of chi-squared, 1 degree

enum class Tie { less, more };

/// Whether texts with an n-gram have a label less or more often than the others, beyond chance.
/// `both`: texts with n-gram and label, of `total`.
bool is_tied(Tie tie, uint32_t both, uint32_t with_ngram, uint64_t with_label, uint64_t total) {
  if (with_ngram == 0 || with_label == 0 || with_label == total) return false;
  const bool more = uint64_t{both} * total > uint64_t{with_ngram} * with_label;
  if (more != (tie == Tie::more)) return false;
  constexpr std::array<uint32_t, 2> kYesAndNo{0, 1};
  const std::array<uint32_t, 2> texts{both, with_ngram - both};
  const std::array<uint64_t, 2> all{with_label, total - with_label};
  return likelihood_ratio(kYesAndNo, texts, all) > kSignificant;
}

/// For each n-gram the class whose probability it raises by the largest factor.
std::vector<uint32_t> favourites(const Matrix& alone) {
  constexpr float kTiny = 1e-9f;
  const size_t words = alone.rows() - 1;
  std::vector<uint32_t> favourite(words);
  for (size_t w = 0; w < words; ++w) {
    const auto gain = [&](size_t c) { return alone(w, c) / (alone(words, c) + kTiny); };
    for (uint32_t c = 1; c < alone.cols(); ++c) {
      if (gain(c) > gain(favourite[w])) favourite[w] = c;
    }
  }
  return favourite;
}

/// Numbers of texts.
struct Counts {
  uint64_t total = 0;
  std::vector<uint64_t> labelled;        // [classes]
  std::vector<uint32_t> with_ngram;      // [n-grams]
  std::vector<uint32_t> with_favourite;  // [n-grams] and its favourite
  std::vector<uint32_t> with_new;        // [n-grams, new classes]
};

Counts count(const TrainingSet& texts, const std::vector<uint32_t>& favourite, size_t old_classes,
             size_t classes, bool several_labels) {
  const size_t words = favourite.size(), new_classes = classes - old_classes;
  Counts counts{.labelled = std::vector<uint64_t>(classes),
                .with_ngram = std::vector<uint32_t>(words),
                .with_favourite = std::vector<uint32_t>(words),
                .with_new = std::vector<uint32_t>(several_labels ? words * new_classes : 0)};
  std::vector<uint32_t> last_text(words, UINT32_MAX);
  for (uint32_t i = 0; i < texts.size(); ++i) {
    const auto labels = texts.labels[i];
    const auto is_old = [&](uint32_t label) { return label < old_classes; };
    // A new label that excludes the old ones says nothing about which of them the n-gram is for.
    if (!several_labels && std::ranges::none_of(labels, is_old)) continue;
    ++counts.total;
    for (const uint32_t label : labels) ++counts.labelled[label];
    for (const uint32_t w : texts.corpus.tokens(i)) {
      if (w >= words || last_text[w] == i) continue;
      last_text[w] = i;
      ++counts.with_ngram[w];
      for (const uint32_t label : labels) {
        if (label == favourite[w]) ++counts.with_favourite[w];
        if (several_labels && !is_old(label)) {
          ++counts.with_new[w * new_classes + label - old_classes];
        }
      }
    }
  }
  return counts;
}

}  // namespace

NgramEvidence weigh_evidence(const TrainingSet& texts, const Matrix& alone, size_t classes,
                             bool several_labels) {
  const size_t old_classes = alone.cols(), new_classes = classes - old_classes;
  const std::vector<uint32_t> favourite = favourites(alone);
  const Counts counts = count(texts, favourite, old_classes, classes, several_labels);
  NgramEvidence evidence;
  for (size_t w = 0; w < favourite.size(); ++w) {
    evidence.contradicted.push_back(is_tied(Tie::less, counts.with_favourite[w],
                                            counts.with_ngram[w], counts.labelled[favourite[w]],
                                            counts.total));
  }
  for (size_t i = 0; i < counts.with_new.size(); ++i) {
    evidence.speaks_for_new.push_back(
        is_tied(Tie::more, counts.with_new[i], counts.with_ngram[i / new_classes],
                counts.labelled[old_classes + i % new_classes], counts.total));
  }
  return evidence;
}

}  // namespace ockham
