#include "ockham/train/going_on.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "ockham/train/rehearsal.hpp"

namespace ockham {

size_t rehearsal_texts(double rehearsal, size_t new_texts, size_t base_ngrams) {
  constexpr size_t kFewest = 500, kMost = 5'000;
  const size_t counted = std::max(new_texts, std::clamp(base_ngrams * 3 / 2, kFewest, kMost));
  return static_cast<size_t>(std::ceil(rehearsal * static_cast<double>(counted)));
}

namespace {

/// Of a few texts beside thousands of made-up ones nothing is learned: those whose labels are all
/// new weigh more, half-way (in logarithms) to 500 for a label, or to as many as there are made up
/// for an old one, but at most five times as much. 30 reviews as a new label of a model of
/// sentences: 31% of other reviews get it (0% without), and sentences are right as often.
void weigh_new_labels(size_t old_classes, double texts_of_old, TrainingSet& set) {
  constexpr double kEnough = 500.0, kMost = 5.0;
  std::vector<double> texts;  // of each class
  for (const uint32_t label : set.labels.ids) {
    if (label >= texts.size()) texts.resize(label + 1);
    ++texts[label];
  }
  const double enough = std::min(kEnough, texts_of_old);
  for (size_t i = 0; i < set.size(); ++i) {
    const auto labels = set.labels[i];
    if (labels.empty() || std::ranges::min(labels) < old_classes) continue;
    double rarest = enough;
    for (const uint32_t label : labels) rarest = std::min(rarest, texts[label]);
    set.weights[i] = static_cast<float>(std::min(kMost, std::sqrt(enough / rarest)));
  }
}

}  // namespace

GoingOn go_on_from(const Classifier& base, const Classifier& start, const TrainSettings& settings,
                   const NewTexts& texts, TrainingSet& training, ValidationSets& validation,
                   ThreadPool& pool) {
  GoingOn going_on;
  going_on.labels = base.classes.size();
  going_on.new_labels = start.classes.size() - base.classes.size();
  going_on.ngrams = base.vocabulary.size();
  going_on.new_ngrams = start.vocabulary.size() - base.vocabulary.size();
  std::vector<uint8_t> seen(start.vocabulary.size());
  for (const uint32_t id : training.corpus.ids) seen[id] = 1;
  going_on.matched_ngrams = static_cast<size_t>(
      std::count(seen.begin(), seen.begin() + static_cast<ptrdiff_t>(going_on.ngrams), 1));

  const size_t to_train = rehearsal_texts(settings.rehearsal, training.size(), going_on.ngrams);
  const Rehearsal rehearsal(base, start, training, to_train, pool);
  going_on.matched_labels = static_cast<size_t>(std::ranges::count(rehearsal.unmentioned(), 0));
  going_on.contradicted = static_cast<size_t>(std::ranges::count(rehearsal.contradicted(), 1));
  if (settings.rehearsal <= 0.0) return going_on;
  // Numbers and noise of their own.
  const auto first = static_cast<uint32_t>(texts.count);
  constexpr size_t kToTrainForOne = 10;
  TrainingSet with_rehearsal = training;  // the real texts stay as they are while texts are made up
  if (!texts.weighted) {
    weigh_new_labels(going_on.labels,
                     static_cast<double>(to_train) / static_cast<double>(going_on.labels),
                     with_rehearsal);
  }
  rehearsal.complete_soft(with_rehearsal);
  with_rehearsal.first_whole = training.size();
  rehearsal.add_soft(to_train, first, settings.seed, with_rehearsal);
  if (texts.held_out) rehearsal.complete_hard(validation.texts);
  rehearsal.add_hard((to_train + kToTrainForOne - 1) / kToTrainForOne, first, settings.seed + 1,
                     validation.made_up);
  validation.by_both = texts.held_out;
  going_on.rehearsed = with_rehearsal.size() - training.size();
  training = std::move(with_rehearsal);
  return going_on;
}

}  // namespace ockham
