#include "ockham/train/measure.hpp"

#include <algorithm>
#include <vector>

#include "ockham/train/evaluate.hpp"
#include "ockham/train/label_metrics.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {

void measure(Classifier& model, const TrainingSet& set, ThreadPool& pool, PathPoint& point) {
  const Matrix probabilities = predict_set(model.network, set, pool);
  if (model.several_labels) {
    model.thresholds = fit_thresholds(probabilities, set.labels);
    const auto evaluation = evaluate_label_sets(probabilities, set.labels, model.thresholds);
    point.accuracy = evaluation.subset_accuracy;
    point.macro_f1 = evaluation.macro_f1;
    point.micro_f1 = evaluation.micro_f1;
    point.nll = evaluation.nll;
    return;
  }
  const Evaluation evaluation = evaluate_predictions(probabilities, set.labels.ids);
  point.accuracy = evaluation.accuracy;
  point.macro_f1 = evaluation.macro_f1;
  point.micro_f1 = evaluation.accuracy;
  point.nll = evaluation.nll;
}

PathMeasure path_measure(const TrainingSet& validation, const Classifier& start,
                         Criterion criterion) {
  PathMeasure measure{.texts = validation.size(), .criterion = criterion};
  if (criterion != Criterion::macro_f1) {
    measure.guess = guess_score(validation.labels, start.classes.size(), start.several_labels);
  }
  return measure;
}

double guess_score(const LabelLists& labels, size_t classes, bool several_labels) {
  std::vector<size_t> count(classes, 0);
  for (const uint32_t label : labels.ids) ++count[label];
  const auto hits = static_cast<double>(*std::ranges::max_element(count));
  const auto texts = static_cast<double>(labels.size());
  // F1 = 2 hits / (given + there)
  return several_labels ? 2.0 * hits / (texts + static_cast<double>(labels.ids.size()))
                        : hits / texts;
}

}  // namespace ockham
