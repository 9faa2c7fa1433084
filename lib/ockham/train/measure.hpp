#pragma once

#include "ockham/model/classifier.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/train/label_metrics.hpp"
#include "ockham/train/metrics.hpp"
#include "ockham/train/path.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// What models are measured on.
struct ValidationSets {
  TrainingSet texts;
  TrainingSet made_up = {};  ///< with the labels of the model that training goes on from; or empty
  bool by_both = false;      ///< points are compared by the mean of both; else by the texts alone
};

/// Measures a model on encoded texts: fills the point's accuracy, F1 scores, NLL and calibration,
/// and on those made up what is kept. Fits the model's temperature first and, where texts have
/// several labels, its thresholds: on the texts, with those made up where points are compared by
/// both; the threshold of a label that no text has, on those made up.
void measure(Classifier& model, const ValidationSets& sets, ThreadPool& pool, PathPoint& point);

/// Fills accuracy, F1 scores and NLL.
void set_scores(const Evaluation& evaluation, PathPoint& point);
void set_scores(const LabelSetEvaluation& evaluation, PathPoint& point);

/// How the path of a training is measured that has these validation sets. A guess has next to no
/// macro-F1, which counts as 0.
PathMeasure path_measure(const ValidationSets& sets, const Classifier& start, Criterion criterion);

/// What the best constant answer reaches: of accuracy the most frequent label, or set of labels,
/// for every text; of micro-F1 as many of the most frequent labels as serve it best.
double guess_score(const LabelLists& labels, size_t classes, Criterion criterion);

/// What a training goes by that is told nothing else: micro-F1 where texts have several labels.
Criterion usual_criterion(bool several_labels);

}  // namespace ockham
