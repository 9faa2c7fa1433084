#include <gtest/gtest.h>

#include <vector>

#include "tests/train/whole_training.hpp"

// What is dropped of texts and between layers, and when.

namespace ockham {
namespace {

TEST(TrainerDropout, BetweenLayersItActsInEveryPhase) {
  TrainSettings settings = short_settings();
  settings.layers = 2;
  settings.epochs = settings.points = 1;
  settings.rate = 0.0;  // the Bayes phase changes nothing: what is fine-tuned is the same
  settings.method.initial_log_sigma = -12.0;
  const Dataset dataset = signal_corpus(kSignalTexts, 12);
  struct Seen {
    double first_loss, nll;
  };
  const auto run = [&](double dropout) {
    settings.layer_dropout = dropout;
    std::vector<double> losses;
    TrainingHooks hooks;
    hooks.on_epoch = [&](const EpochReport& report) { losses.push_back(report.loss); };
    const TrainingState state = train(dataset, settings, hooks);
    return Seen{losses.front(), state.path.front().point.nll};
  };
  EXPECT_NE(run(0.5).first_loss, run(0.0).first_loss) << "dense";
  settings.dense_start = false;
  const Seen without = run(0.0), with = run(0.5);
  EXPECT_NE(with.first_loss, without.first_loss) << "Bayes";
  EXPECT_NE(with.nll, without.nll) << "fine-tuning";
  settings.fine_tune_epochs = 0;
  EXPECT_EQ(run(0.5).nll, run(0.0).nll);
}

TEST(TrainerDropout, OfWordsGoesItsCourseThroughTheBayesPhase) {
  TrainSettings settings = short_settings();
  settings.epochs = 2;
  settings.points = 3;  // one after each epoch
  const Dataset dataset = signal_corpus(kSignalTexts, 13);
  struct Seen {
    std::vector<double> losses;  // of the Bayes phase
    std::vector<double> points;
  };
  const auto run = [&](DropoutSchedule dropout, DropoutSchedule fine_tune) {
    settings.dropout = dropout;
    settings.fine_tune_dropout = fine_tune;
    Seen seen;
    TrainingHooks hooks;
    hooks.on_epoch = [&](const EpochReport& report) {
      if (report.phase == "bayes") seen.losses.push_back(report.loss);
    };
    const TrainingState state = train(dataset, settings, hooks);
    for (const PathModel& model : state.path) seen.points.push_back(model.point.nll);
    return seen;
  };
  const Seen steady = run({0.6, 0.6}, {0.4, 0.4});
  const Seen falling = run({0.6, 0.0}, {0.4, 0.4});
  ASSERT_EQ(steady.losses.size(), 2u);
  EXPECT_EQ(falling.losses[0], steady.losses[0]);
  EXPECT_NE(falling.losses[1], steady.losses[1]);
  // A point's is that of where it is: halfway, and at the end.
  const Seen crossing = run({0.6, 0.6}, {0.2, 0.6});
  ASSERT_EQ(steady.points.size(), 2u);
  EXPECT_EQ(crossing.points[0], steady.points[0]);
  EXPECT_NE(crossing.points[1], steady.points[1]);
  EXPECT_EQ(run({0.6, 0.6}, {0.8, 0.4}).points[1], steady.points[1]);
}

TEST(TrainerDropout, PointsAreTunedByTheSquareOfWhatIsDone) {
  TrainSettings settings = short_settings();
  settings.epochs = 2;
  settings.points = 3;
  settings.fine_tune_epochs = 4;
  std::vector<size_t> asked{0};  // before every step and after every epoch
  TrainingHooks hooks;
  hooks.gives_up_point = [&] {
    ++asked.back();
    return false;
  };
  hooks.on_point = [&](const PathPoint&, std::span<const NoiseHistogram>) { asked.push_back(0); };
  train(signal_corpus(kSignalTexts, 13), settings, hooks);
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0] * 12, asked[1] * 6);  // 4 (1 + 2/4) and 4 (1 + 2) epochs
}

}  // namespace
}  // namespace ockham
