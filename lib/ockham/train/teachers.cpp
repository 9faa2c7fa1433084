#include "ockham/train/teachers.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "ockham/nn/loss.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/train/encode_texts.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/prepare.hpp"
#include "ockham/train/temperature.hpp"

namespace ockham {
namespace {

/// A probability that has a finite logarithm, as its complement has.
double inside(float p) {
  constexpr double kMargin = 1e-6;
  return std::clamp(double{p}, kMargin, 1.0 - kMargin);
}

double log_odds(float p) {
  return std::log(inside(p)) - std::log1p(-inside(p));
}

/// Class probabilities [texts, classes] of one teacher, as it predicts them: with its temperature,
/// in its own order.
Matrix opinion(const Classifier& teacher, const Dataset& dataset, ThreadPool& pool) {
  TrainingSet set;
  set.texts = all_indices(dataset.size());
  set.corpus = encode_texts(dataset, set.texts, *teacher.tokenizer, teacher.vocabulary,
                            teacher.max_tokens, pool);
  Matrix probabilities = predict_set(teacher.network, set, pool);
  apply_temperature(teacher.temperature,
                    teacher.several_labels ? ClassRelation::independent : ClassRelation::exclusive,
                    probabilities);
  return probabilities;
}

/// Of the texts of each class, and of all.
std::vector<float> mean_weights(const Dataset& dataset) {
  const size_t classes = dataset.classes.size();
  std::vector<double> sums(classes + 1, 0.0), counts(classes + 1, 0.0);
  for (size_t i = 0; i < dataset.size(); ++i) {
    const auto add = [&](size_t c) {
      sums[c] += dataset.weights[i];
      counts[c] += 1.0;
    };
    for (const uint32_t label : dataset.labels(i)) add(label);
    add(classes);
  }
  std::vector<float> means;
  for (size_t c = 0; c <= classes; ++c) {
    means.push_back(counts[c] > 0.0 ? static_cast<float>(sums[c] / counts[c]) : 1.0f);
  }
  return means;
}

}  // namespace

TrainSettings teacher_settings(const TrainSettings& wished, const Dataset& labelled,
                               size_t number) {
  TrainSettings s;
  s.length_token = wished.length_token;
  s.max_tokens = wished.max_tokens;
  s.several_labels = wished.several_labels;
  s.validation = wished.validation;
  s.two_class_output = wished.two_class_output;
  s.tokenizer = wished.tokenizer;
  s.precision = wished.precision;
  s.seed = wished.seed + number + 1;
  s = resolve_settings(s, labelled);
  s.epochs = std::max<size_t>(1, s.epochs / 2);
  s.points = (s.points + 1) / 2;
  s.kl.high = std::sqrt(s.kl.low * s.kl.high);
  return s;
}

Matrix ask_teachers(std::span<const Classifier> teachers, const Dataset& dataset,
                    std::span<const std::string> classes, OutputKind two_class_output,
                    ThreadPool& pool) {
  const bool several = teachers.front().several_labels;
  const bool sigmoid = several || (classes.size() == 2 && two_class_output == OutputKind::sigmoid);
  const size_t outputs = sigmoid && !several ? 1 : classes.size();
  const auto weight = 1.0f / static_cast<float>(teachers.size());
  Matrix logits(dataset.size(), outputs);
  for (const Classifier& teacher : teachers) {
    const Matrix p = opinion(teacher, dataset, pool);
    for (size_t k = 0; k < outputs; ++k) {
      const std::string& name = classes[outputs == 1 ? 1 : k];
      const auto column =
          static_cast<size_t>(std::ranges::find(teacher.classes, name) - teacher.classes.begin());
      assert(column < teacher.classes.size());
      for (size_t i = 0; i < p.rows(); ++i) {
        const double a = sigmoid ? log_odds(p(i, column)) : std::log(inside(p(i, column)));
        logits(i, k) += weight * static_cast<float>(a);
      }
    }
  }
  const OutputKind kind = sigmoid ? OutputKind::sigmoid : OutputKind::softmax;
  Matrix probabilities = class_probabilities(kind, logits.view());
  if (outputs > 1) return probabilities;
  for (size_t i = 0; i < logits.rows(); ++i) logits(i, 0) = probabilities(i, 1);
  return logits;
}

void append_unlabelled(const Dataset& unlabelled, const Matrix& targets, bool several_labels,
                       Dataset& dataset) {
  const std::vector<float> weights = mean_weights(dataset);
  std::vector<uint32_t> labels;
  for (size_t i = 0; i < unlabelled.size(); ++i) {
    const auto p = targets.view().row_span(i);
    labels.clear();
    if (p.size() == 1) {
      labels.push_back(p[0] > 0.5f ? 1 : 0);
    } else if (!several_labels) {
      labels.push_back(static_cast<uint32_t>(std::ranges::max_element(p) - p.begin()));
    } else {
      for (uint32_t c = 0; c < p.size(); ++c) {
        if (p[c] > 0.5f) labels.push_back(c);
      }
    }
    const float weight = several_labels ? weights.back() : weights[labels.front()];
    append_text(unlabelled, i, labels, weight, dataset);
  }
}

Lesson make_lesson(std::span<const Classifier> teachers, const Dataset* unlabelled, double share,
                   OutputKind two_class_output, Dataset& dataset, ThreadPool& pool) {
  Lesson lesson{.targets = ask_teachers(teachers, dataset, dataset.classes, two_class_output, pool),
                .labelled = dataset.size(),
                .share = share};
  if (unlabelled == nullptr) return lesson;
  const Matrix more = ask_teachers(teachers, *unlabelled, dataset.classes, two_class_output, pool);
  append_unlabelled(*unlabelled, more, teachers.front().several_labels, dataset);
  Matrix all(lesson.targets.rows() + more.rows(), more.cols());
  std::ranges::copy(lesson.targets.values(), all.values().begin());
  std::ranges::copy(more.values(),
                    all.values().begin() + static_cast<ptrdiff_t>(lesson.targets.size()));
  lesson.targets = std::move(all);
  return lesson;
}

void put_soft_targets(const Lesson& lesson, TrainingSet& set) {
  const size_t outputs = lesson.targets.cols();
  Matrix targets = targets_of(set, counting(set.size()), outputs);
  const auto share = static_cast<float>(lesson.share);
  for (size_t i = 0; i < set.size(); ++i) {
    const bool labelled = set.texts[i] < lesson.labelled;
    const float* taught = lesson.targets.row(set.texts[i]);
    for (size_t k = 0; k < outputs; ++k) {
      float& target = targets(i, k);
      target = labelled ? target + share * (taught[k] - target) : taught[k];
    }
  }
  set.soft = counting(set.size());
  set.soft_targets.assign(targets.values().begin(), targets.values().end());
}

}  // namespace ockham
