#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ockham/model/classifier.hpp"
#include "ockham/tensor/matrix.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/settings.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// What teachers say of all texts of a dataset, for a student to be trained on (knowledge
/// distillation, Hinton, Vinyals & Dean 2015; of texts without labels: self-training).
struct Lesson {
  Matrix targets;       ///< [texts, outputs of the student]
  size_t labelled = 0;  ///< the first texts of the dataset; the others have teachers' labels alone
  double share = 0.7;   ///< of the teachers in what the labelled ones are trained on
};

/// The settings of teacher `number` (0, 1, ...) of a student: those of a bare training on the
/// labelled texts, cut and held out as the student's, with a seed of its own, for the first half of
/// the path, where the most accurate models are. `wished` are the student's, not resolved.
TrainSettings teacher_settings(const TrainSettings& wished, const Dataset& labelled, size_t number);

/// The teachers' joint opinion [texts, outputs], of each as it predicts, with its temperature: the
/// softmax of their mean log probabilities or, of sigmoid outputs, the sigmoid of their mean log
/// odds. At least one teacher, each with these classes, in any order; outputs are in this one.
/// `two_class_output`: the student's, of two classes that exclude each other.
Matrix ask_teachers(std::span<const Classifier> teachers, const Dataset& dataset,
                    std::span<const std::string> classes, OutputKind two_class_output,
                    ThreadPool& pool);

/// Appends texts without labels to a labelled dataset, with the most probable class by `targets`
/// as their label or, where texts may have several, all that are more probable than not. They weigh
/// as the labelled texts of their class do on average; where texts may have several, as all do.
void append_unlabelled(const Dataset& unlabelled, const Matrix& targets, bool several_labels,
                       Dataset& dataset);

/// Has the teachers label all texts, and appends those of `unlabelled`, if any, to the dataset.
/// `share`: of their opinion on labelled texts.
Lesson make_lesson(std::span<const Classifier> teachers, const Dataset* unlabelled, double share,
                   OutputKind two_class_output, Dataset& dataset, ThreadPool& pool);

/// Gives the set's texts, which are numbered as in the dataset, the lesson's targets. Those of
/// labelled texts are mixed with their labels.
void put_soft_targets(const Lesson& lesson, TrainingSet& set);

}  // namespace ockham
