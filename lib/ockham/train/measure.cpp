#include "ockham/train/measure.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "ockham/train/evaluate.hpp"
#include "ockham/train/temperature.hpp"

namespace ockham {

namespace {

/// Both matrices' rows, and both sets' labels.
void join(const Matrix& a, const Matrix& b, Matrix& probabilities, LabelLists& labels,
          const LabelLists& more) {
  probabilities = Matrix(a.rows() + b.rows(), a.cols());
  std::ranges::copy(a.values(), probabilities.values().begin());
  std::ranges::copy(b.values(), probabilities.values().begin() + static_cast<ptrdiff_t>(a.size()));
  for (size_t i = 0; i < more.size(); ++i) labels.add(more[i]);
}

/// `of_texts`, `of_made_up`: probabilities.
std::vector<float> thresholds(const ValidationSets& sets, const Matrix& of_texts,
                              const Matrix& of_made_up) {
  if (sets.by_both && sets.made_up.size() > 0) {
    Matrix probabilities;
    LabelLists labels = sets.texts.labels;
    join(of_texts, of_made_up, probabilities, labels, sets.made_up.labels);
    return fit_thresholds(probabilities, labels);
  }
  std::vector<float> fitted = fit_thresholds(of_texts, sets.texts.labels);
  if (sets.made_up.size() == 0) return fitted;
  std::vector<uint8_t> there(fitted.size(), 0);
  for (const uint32_t label : sets.texts.labels.ids) there[label] = 1;
  const std::vector<float> others = fit_thresholds(of_made_up, sets.made_up.labels);
  for (size_t c = 0; c < fitted.size(); ++c) {
    if (there[c] == 0) fitted[c] = others[c];
  }
  return fitted;
}

}  // namespace

void set_scores(const Evaluation& evaluation, PathPoint& point) {
  point.accuracy = evaluation.accuracy;
  point.macro_f1 = evaluation.macro_f1;
  point.micro_f1 = evaluation.accuracy;
  point.nll = evaluation.nll;
}

void set_scores(const LabelSetEvaluation& evaluation, PathPoint& point) {
  point.accuracy = evaluation.subset_accuracy;
  point.macro_f1 = evaluation.macro_f1;
  point.micro_f1 = evaluation.micro_f1;
  point.nll = evaluation.nll;
}

namespace {

/// Of both, where points are compared by both.
double fit(const ValidationSets& sets, ClassRelation relation, const Matrix& of_texts,
           const Matrix& of_made_up) {
  if (!sets.by_both || sets.made_up.size() == 0) {
    return fit_temperature(of_texts, sets.texts.labels, relation);
  }
  Matrix probabilities;
  LabelLists labels = sets.texts.labels;
  join(of_texts, of_made_up, probabilities, labels, sets.made_up.labels);
  return fit_temperature(probabilities, labels, relation);
}

double ece_of(const Classifier& model, const Matrix& probabilities, const LabelLists& labels) {
  if (!model.several_labels) return evaluate_predictions(probabilities, labels.ids).ece;
  const std::vector<float> any(probabilities.cols(), 0.5f);
  return evaluate_label_sets(probabilities, labels, any).ece;
}

}  // namespace

void measure(Classifier& model, const ValidationSets& sets, ThreadPool& pool, PathPoint& point) {
  const bool made_up = sets.made_up.size() > 0;
  Matrix of_texts = predict_set(model.network, sets.texts, pool);
  Matrix of_made_up = made_up ? predict_set(model.network, sets.made_up, pool) : Matrix();
  const auto relation =
      model.several_labels ? ClassRelation::independent : ClassRelation::exclusive;
  point.ece_unscaled = ece_of(model, of_texts, sets.texts.labels);
  point.temperature = model.temperature = fit(sets, relation, of_texts, of_made_up);
  apply_temperature(model.temperature, relation, of_texts);
  apply_temperature(model.temperature, relation, of_made_up);
  point.ece = ece_of(model, of_texts, sets.texts.labels);
  if (model.several_labels) {
    model.thresholds = thresholds(sets, of_texts, of_made_up);
    set_scores(evaluate_label_sets(of_texts, sets.texts.labels, model.thresholds), point);
    if (!made_up) return;
    point.kept = evaluate_label_sets(of_made_up, sets.made_up.labels, model.thresholds).micro_f1;
    return;
  }
  set_scores(evaluate_predictions(of_texts, sets.texts.labels.ids), point);
  if (made_up) point.kept = evaluate_predictions(of_made_up, sets.made_up.labels.ids).accuracy;
}

PathMeasure path_measure(const ValidationSets& sets, const Classifier& start, Criterion criterion) {
  PathMeasure measure{.texts = sets.texts.size(), .criterion = criterion};
  measure.made_up_texts = sets.made_up.size();
  measure.by_kept = sets.by_both && measure.made_up_texts > 0;
  const size_t classes = start.classes.size();
  if (criterion != Criterion::macro_f1) {
    measure.guess = guess_score(sets.texts.labels, classes, criterion);
  }
  if (measure.by_kept) {
    const double of_made_up =
        guess_score(sets.made_up.labels, classes, usual_criterion(start.several_labels));
    const double share = validation_share(measure);
    measure.guess = share * measure.guess + (1.0 - share) * of_made_up;
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

Criterion usual_criterion(bool several_labels) {
  return several_labels ? Criterion::micro_f1 : Criterion::accuracy;
}

}  // namespace ockham
