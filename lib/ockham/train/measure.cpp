#include "ockham/train/measure.hpp"

#include <algorithm>
#include <map>
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
    measure.guess = guess_score(validation.labels, start.classes.size(), criterion);
  }
  return measure;
}

double guess_score(const LabelLists& labels, size_t classes, Criterion criterion) {
  const auto texts = static_cast<double>(labels.size());
  if (criterion == Criterion::accuracy) {
    std::map<std::vector<uint32_t>, size_t> count;
    size_t most = 0;
    for (size_t i = 0; i < labels.size(); ++i) {
      most = std::max(most, ++count[{labels[i].begin(), labels[i].end()}]);
    }
    return static_cast<double>(most) / texts;
  }
  std::vector<size_t> count(classes, 0);
  for (const uint32_t label : labels.ids) ++count[label];
  std::ranges::sort(count, std::ranges::greater{});
  double best = 0.0, hits = 0.0, given = 0.0;
  for (const size_t of_label : count) {  // F1 = 2 hits / (given + there)
    hits += static_cast<double>(of_label);
    given += texts;
    best = std::max(best, 2.0 * hits / (given + static_cast<double>(labels.ids.size())));
  }
  return best;
}

Criterion usual_criterion(const Classifier& model) {
  return model.several_labels ? Criterion::micro_f1 : Criterion::accuracy;
}

}  // namespace ockham
