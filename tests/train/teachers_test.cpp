#include "ockham/train/teachers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "ockham/train/encode_texts.hpp"
#include "ockham/train/evaluate.hpp"
#include "tests/train/synthetic_corpus.hpp"

namespace ockham {
namespace {

/// An untrained classifier of the dataset, whose output bias moves the log odds.
Classifier leaning(const Dataset& dataset, float bias) {
  Classifier model = prepare(dataset, quick_settings()).start;
  model.network.output_bias.mean.fill(bias);
  return model;
}

float opinion_of(const Classifier& teacher, const Dataset& dataset, size_t text) {
  ThreadPool pool;
  return ask_teachers(std::span(&teacher, 1), dataset, dataset.classes, OutputKind::sigmoid, pool)(
      text, 0);
}

TEST(Teachers, TheirLogOddsAreAveraged) {
  const Dataset dataset = signal_corpus(40, 1);
  const std::vector<Classifier> teachers{leaning(dataset, -1.0f), leaning(dataset, 3.0f)};
  ThreadPool pool(2);
  const Matrix joint = ask_teachers(teachers, dataset, dataset.classes, OutputKind::sigmoid, pool);
  ASSERT_EQ(joint.rows(), dataset.size());
  ASSERT_EQ(joint.cols(), 1u);
  for (size_t i = 0; i < dataset.size(); ++i) {
    double log_odds = 0.0;
    for (const Classifier& teacher : teachers) {
      const double p = opinion_of(teacher, dataset, i);
      log_odds += 0.5 * std::log(p / (1.0 - p));
    }
    // Floats of size 3 in the logarithms.
    EXPECT_NEAR(joint(i, 0), 1.0 / (1.0 + std::exp(-log_odds)), 1e-6);
  }
}

TEST(Teachers, MayKnowTheClassesInAnotherOrder) {
  const Dataset dataset = signal_corpus(20, 1);
  Classifier teacher = leaning(dataset, 1.5f);
  const float before = opinion_of(teacher, dataset, 3);
  std::ranges::reverse(teacher.classes);
  EXPECT_NEAR(opinion_of(teacher, dataset, 3), 1.0f - before, 1e-6);
}

/// As it predicts: logits divided by its temperature.
TEST(Teachers, SpeakWithTheirTemperature) {
  const Dataset dataset = signal_corpus(20, 1);
  Classifier teacher = leaning(dataset, 1.5f);
  std::vector<float> plain;
  for (size_t i = 0; i < dataset.size(); ++i) plain.push_back(opinion_of(teacher, dataset, i));
  teacher.temperature = 3.0;
  for (size_t i = 0; i < dataset.size(); ++i) {
    const double logit = std::log(double{plain[i]} / (1.0 - double{plain[i]}));
    EXPECT_NEAR(opinion_of(teacher, dataset, i), 1.0 / (1.0 + std::exp(-logit / 3.0)), 1e-6);
  }
}

TEST(Teachers, AStudentOfTwoOutputsGetsBothProbabilities) {
  const Dataset dataset = signal_corpus(20, 1);
  const std::vector<Classifier> teachers{leaning(dataset, -1.0f), leaning(dataset, -1.0f)};
  ThreadPool pool;
  const Matrix one = ask_teachers(teachers, dataset, dataset.classes, OutputKind::sigmoid, pool);
  const Matrix two = ask_teachers(teachers, dataset, dataset.classes, OutputKind::softmax, pool);
  ASSERT_EQ(two.cols(), 2u);
  for (size_t i = 0; i < dataset.size(); ++i) {
    EXPECT_NEAR(two(i, 0) + two(i, 1), 1.0, 1e-6);
    EXPECT_NEAR(two(i, 1), one(i, 0), 1e-6);
  }
}

/// Three classes, or three labels of which a text may have any number: against the probabilities of
/// each teacher alone, in double precision.
TEST(Teachers, OfThreeClassesAreAveragedInLogarithms) {
  for (const bool several : {false, true}) {
    SCOPED_TRACE(several);
    std::string tsv;
    for (int i = 0; i < 30; ++i) {
      tsv +=
          std::string(1, static_cast<char>('a' + i % 3)) + "\tw" + std::to_string(i % 3) + " x\n";
    }
    const Dataset dataset = dataset_of(tsv);
    std::vector<Classifier> teachers;
    for (const uint64_t seed : {1, 2}) {
      TrainSettings settings = quick_settings(seed);
      settings.several_labels = several;
      teachers.push_back(prepare(dataset, settings).start);
      teachers.back().network.output_bias.mean(0, seed) += 2.0f;
    }
    ThreadPool pool;
    const Matrix joint =
        ask_teachers(teachers, dataset, dataset.classes, OutputKind::sigmoid, pool);
    std::vector<Matrix> alone;
    for (const Classifier& teacher : teachers) {
      TrainingSet set =
          make_training_set(dataset, all_indices(dataset.size()),
                            encode_texts(dataset, all_indices(dataset.size()), *teacher.tokenizer,
                                         teacher.vocabulary, 0, pool));
      alone.push_back(predict_set(teacher.network, set, pool));
    }
    for (size_t i = 0; i < dataset.size(); ++i) {
      std::array<double, 3> expected{};
      double sum = 0.0;
      for (size_t k = 0; k < 3; ++k) {
        const double p = alone[0](i, k), q = alone[1](i, k);
        const double odds = std::sqrt(p * q) / std::sqrt((1.0 - p) * (1.0 - q));
        expected[k] = several ? odds / (1.0 + odds) : std::sqrt(p * q);
        sum += expected[k];
      }
      for (size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(joint(i, k), several ? expected[k] : expected[k] / sum, 1e-6);
      }
    }
  }
}

TEST(Teachers, WhatTheyLabelWeighsAsItsClass) {
  Dataset dataset = dataset_of("no\tfirst\nyes\tsecond\nyes\tthird\n");
  dataset.weights = {6.0f, 1.0f, 2.0f};
  Matrix targets(2, 1);
  targets(0, 0) = 0.9f;
  append_unlabelled(dataset_of("?\tx\n?\ty\n"), targets, false, dataset);
  EXPECT_FLOAT_EQ(dataset.weights[3], 1.5f);
  EXPECT_FLOAT_EQ(dataset.weights[4], 6.0f);
}

TEST(Teachers, WhatTheyLabelIsAppended) {
  Dataset dataset = dataset_of("no\tfirst\nyes\tsecond\n");
  const Dataset more = dataset_of("?\tthird\n?\tfourth text\n");
  Matrix targets(2, 1);
  targets(0, 0) = 0.8f;
  targets(1, 0) = 0.3f;
  append_unlabelled(more, targets, false, dataset);
  ASSERT_EQ(dataset.size(), 4u);
  EXPECT_EQ(dataset.text(2), "third");
  EXPECT_EQ(dataset.text(3), "fourth text");
  EXPECT_EQ(dataset.label(2), 1u);
  EXPECT_EQ(dataset.label(3), 0u);
}

TEST(Teachers, OfSeveralLabelsAllLikelyOnesAreGiven) {
  Dataset dataset = dataset_of("a\tx\nb\tx\nc\tx\n");
  Matrix targets(2, 3);
  targets(0, 0) = 0.9f;
  targets(0, 2) = 0.6f;
  targets(1, 1) = 0.4f;
  append_unlabelled(dataset_of("?\tboth\n?\tnone\n"), targets, true, dataset);
  EXPECT_EQ(std::vector<uint32_t>(dataset.labels(3).begin(), dataset.labels(3).end()),
            (std::vector<uint32_t>{0, 2}));
  EXPECT_TRUE(dataset.labels(4).empty());
}

TEST(Teachers, LabelledTextsLearnAMixtureAndOthersTheOpinion) {
  Dataset dataset = dataset_of("no\tx y\nyes\tx z\n");
  Lesson lesson{.targets = Matrix(3, 1), .labelled = 2, .share = 0.75};
  lesson.targets(0, 0) = 0.4f;
  lesson.targets(1, 0) = 0.6f;
  lesson.targets(2, 0) = 0.2f;
  append_unlabelled(dataset_of("?\tz\n"), Matrix(1, 1), false, dataset);
  const auto indices = all_indices(dataset.size());
  TrainingSet set = make_training_set(dataset, indices, {});
  put_soft_targets(lesson, set);
  const Matrix targets = targets_of(set, indices, 1);
  EXPECT_FLOAT_EQ(targets(0, 0), 0.75f * 0.4f);
  EXPECT_FLOAT_EQ(targets(1, 0), 0.25f + 0.75f * 0.6f);
  EXPECT_FLOAT_EQ(targets(2, 0), 0.2f);
}

TEST(Teachers, HoldOutWhatTheStudentDoes) {
  const Dataset labelled = signal_corpus(100, 1);
  TrainSettings wished = quick_settings();
  wished.validation = 0.0;
  Dataset all = labelled;
  append_unlabelled(signal_corpus(300, 2), Matrix(300, 1), false, all);
  const TrainSettings teacher = teacher_settings(wished, labelled, 0);
  const PreparedTraining of_teacher = prepare(labelled, teacher);
  wished.validation = teacher.validation;
  const Lesson lesson{.targets = Matrix(all.size(), 1), .labelled = labelled.size()};
  const PreparedTraining of_student = prepare(all, wished, nullptr, {.lesson = &lesson});
  EXPECT_EQ(of_student.validation.texts.texts, of_teacher.validation.texts.texts);
  EXPECT_EQ(of_student.training.size(), of_teacher.training.size() + 300);
  EXPECT_EQ(of_student.training.soft.size(), of_student.training.size());
}

TEST(Teachers, HaveSeedsOfTheirOwn) {
  const Dataset labelled = signal_corpus(50, 1);
  const TrainSettings wished = quick_settings(7);
  const TrainSettings a = teacher_settings(wished, labelled, 0);
  const TrainSettings b = teacher_settings(wished, labelled, 1);
  EXPECT_NE(a.seed, wished.seed);
  EXPECT_NE(a.seed, b.seed);
  EXPECT_EQ(a.epochs, b.epochs);
}

}  // namespace
}  // namespace ockham
