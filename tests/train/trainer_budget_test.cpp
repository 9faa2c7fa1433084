#include <gtest/gtest.h>

#include <algorithm>

#include "ockham/train/trainer.hpp"
#include "tests/train/same_state.hpp"
#include "tests/train/synthetic_corpus.hpp"

// Trainings that are to end in some time, or with a model of some size.

namespace ockham {
namespace {

TrainingState train_within(const PreparedTraining& prepared, const TrainSettings& settings,
                           TrainingHooks hooks) {
  ThreadPool pool;
  Trainer trainer(prepared.start, prepared.training, prepared.validation, settings, pool,
                  std::move(hooks));
  trainer.run();
  return trainer.state();
}

TrainingState stopped_after_two_points(const PreparedTraining& prepared,
                                       const TrainSettings& settings) {
  TrainingHooks hooks;
  hooks.should_stop = [](const TrainingState& state) { return state.path.size() == 2; };
  return train_within(prepared, settings, hooks);
}

TEST(TrainerBudget, WithoutAnyTimeTakesOnePointAndEnds) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  TrainingHooks hooks;
  hooks.time_budget = 0.0;
  const PreparedTraining prepared = prepare(dataset, settings);
  ThreadPool pool;
  Trainer trainer(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  trainer.run();
  EXPECT_EQ(trainer.path_end(), PathEnd::out_of_time);
  const TrainingState& state = trainer.state();
  EXPECT_EQ(state.phase, TrainingState::Phase::done);
  EXPECT_EQ(state.path.size(), 1u);
  EXPECT_EQ(state.epoch, 1u) << "of the Bayes phase";
}

/// What a plan leaves of the epochs and points takes the KL's scale on from where it was.
TEST(TrainerBudget, APlanOfFewerEpochsTakesThePathToItsEnd) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  TrainingState stopped = stopped_after_two_points(prepared, settings);
  ASSERT_EQ(stopped.path.size(), 2u);
  const double done = static_cast<double>(stopped.epoch) / static_cast<double>(settings.epochs);
  const double scale = settings.kl.scale(done);
  ASSERT_GT(settings.epochs, stopped.epoch + 12);
  stopped.plan = TimePlan{
      .epochs = stopped.epoch + 6, .points = 5, .epoch = stopped.epoch, .taken = 2, .done = done};
  std::vector<double> scales{scale};
  TrainingHooks hooks;
  hooks.on_epoch = [&](const EpochReport& report) {
    scales.push_back(report.kl_scale);
    EXPECT_EQ(report.epochs, stopped.epoch + 6);
  };
  ThreadPool pool;
  Trainer trainer(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  trainer.restore(stopped);
  trainer.run();
  EXPECT_EQ(trainer.path_end(), PathEnd::whole);
  EXPECT_EQ(trainer.state().epoch, stopped.epoch + 6);
  EXPECT_EQ(trainer.state().path.size(), 5u);
  ASSERT_EQ(scales.size(), 7u);
  EXPECT_DOUBLE_EQ(scales.back(), settings.kl.high);
  EXPECT_DOUBLE_EQ(scales[3], settings.kl.scale(done + 0.5 * (1.0 - done))) << "halfway";
  for (size_t i = 1; i < scales.size(); ++i) EXPECT_GT(scales[i], scales[i - 1]);
}

/// With another budget what was cut comes back, and the KL's scale stays where it was.
TEST(TrainerBudget, WhatWasCutComesBackWhereTheScaleIs) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  TrainingState stopped = stopped_after_two_points(prepared, settings);
  stopped.plan = TimePlan{.epochs = stopped.epoch + 2,
                          .points = 3,
                          .epoch = stopped.epoch - 1,
                          .taken = 1,
                          .done = 0.4};
  const double done = 0.4 + 0.6 / 3.0;
  std::vector<double> scales;
  TrainingHooks hooks;
  hooks.on_epoch = [&](const EpochReport& report) { scales.push_back(report.kl_scale); };
  ThreadPool pool;
  Trainer trainer(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  trainer.restore(stopped);
  trainer.begin_budget();
  EXPECT_EQ(trainer.state().budget_began, stopped.seconds);
  trainer.run();
  const auto left = static_cast<size_t>(0.4 * static_cast<double>(settings.epochs) + 1e-9);
  ASSERT_EQ(scales.size(), left);
  EXPECT_NEAR(scales.front(), settings.kl.scale(done + (1.0 - done) / static_cast<double>(left)),
              1e-9);
  EXPECT_DOUBLE_EQ(scales.back(), settings.kl.high);
  EXPECT_GT(trainer.state().path.size(), 3u);
}

/// A cut path that has come to its end stays there with another budget.
TEST(TrainerBudget, AtTheScalesEndNothingComesBack) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  TrainingState stopped = stopped_after_two_points(prepared, settings);
  ASSERT_LT(stopped.epoch, settings.epochs);
  stopped.plan = TimePlan{
      .epochs = stopped.epoch, .points = 3, .epoch = stopped.epoch - 2, .taken = 1, .done = 0.4};
  stopped.loss_before_point = 0.5;
  ThreadPool pool;
  Trainer trainer(prepared.start, prepared.training, prepared.validation, settings, pool, {});
  trainer.restore(stopped);
  trainer.begin_budget();
  trainer.run();
  EXPECT_EQ(trainer.path_end(), PathEnd::whole);
  EXPECT_EQ(trainer.state().epoch, stopped.epoch);
  ASSERT_EQ(trainer.state().path.size(), 3u);
  EXPECT_DOUBLE_EQ(trainer.state().path[2].point.kl_scale, settings.kl.high);
}

/// A point that was given up is made up for where the time is over, and nothing more.
TEST(TrainerBudget, WithoutTimeAnOwedPointIsTheLast) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  TrainingState stopped = stopped_after_two_points(prepared, settings);
  stopped.loss_before_point = 0.5;
  TrainingHooks hooks;
  hooks.time_budget = 0.0;
  ThreadPool pool;
  Trainer trainer(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  trainer.restore(stopped);
  trainer.run();
  EXPECT_EQ(trainer.path_end(), PathEnd::out_of_time);
  EXPECT_EQ(trainer.state().epoch, stopped.epoch);
  EXPECT_EQ(trainer.state().path.size(), 3u);

  stopped.plan = TimePlan{
      .epochs = stopped.epoch, .points = 3, .epoch = stopped.epoch - 2, .taken = 1, .done = 0.4};
  Trainer at_end(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  at_end.restore(stopped);
  at_end.run();
  EXPECT_EQ(at_end.path_end(), PathEnd::whole) << "it was the path's last one";
  EXPECT_EQ(at_end.state().path.size(), 3u);
}

/// Models that know little are made all the same where one is wanted that is smaller still.
TEST(TrainerBudget, AWantedSizeLetsThePathGoOn) {
  SyntheticCorpus corpus(4);
  for (size_t i = 0; i < 2 * kSignalTexts; ++i) {  // the rarer a word, the sooner it is gone
    const size_t word = corpus.below(1 + corpus.below(40));
    corpus.add(word % 2 == 0 ? "even" : "odd", {"w" + std::to_string(word)}, 4);
  }
  const Dataset dataset = corpus.dataset();
  TrainSettings wished = quick_settings();
  wished.kl.high = 100.0;
  wished.points = 99;  // one after every epoch
  const TrainSettings settings = resolve_settings(wished, dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  ThreadPool pool;
  TrainingHooks hooks;
  hooks.file_bytes = [](const Classifier& model) { return model.vocabulary.size(); };
  Trainer usual(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  usual.run();
  EXPECT_EQ(usual.path_end(), PathEnd::knows_too_little);
  hooks.max_bytes = 0;  // which no model has
  Trainer wants(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  wants.run();
  EXPECT_EQ(wants.path_end(), PathEnd::whole);
  EXPECT_GT(wants.state().epoch, usual.state().epoch);
}

/// The one point of a run without time may be given up too; the run goes on with it.
TEST(TrainerBudget, WithoutAnyTimeMayBeStoppedAtItsPoint) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  TrainingHooks hooks;
  hooks.time_budget = 0.0;
  const TrainingState whole = train_within(prepared, settings, hooks);
  size_t saved_at = 0, saves = 0;
  double reported = 0.0, saved_seconds = 0.0;
  hooks.on_epoch = [&](const EpochReport& report) { reported = report.seconds; };
  hooks.gives_up_point = [] { return true; };
  hooks.should_stop = [&](const TrainingState& state) {
    saved_at = state.all_epochs;
    ++saves;
    saved_seconds = state.seconds;
    return false;
  };
  ThreadPool pool;
  Trainer stopped(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  stopped.run();
  EXPECT_FALSE(stopped.done());
  EXPECT_EQ(saved_at, whole.all_epochs);
  EXPECT_EQ(saves, whole.all_epochs + 1) << "after every epoch, and where the point was given up";
  EXPECT_GE(saved_seconds, reported);
  hooks.gives_up_point = nullptr;
  Trainer resumed(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  resumed.restore(stopped.state());
  resumed.run();
  EXPECT_TRUE(resumed.done());
  EXPECT_EQ(resumed.state().all_epochs, whole.all_epochs);
  ASSERT_EQ(resumed.state().path.size(), 1u);
  EXPECT_EQ(resumed.state().path[0].point.nll, whole.path[0].point.nll);
}

/// A budget that is given when the training is gone on with is for what is left of it.
TEST(TrainerBudget, MayBeGivenLate) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  TrainingHooks hooks;
  hooks.should_stop = [](const TrainingState& state) {
    return state.phase == TrainingState::Phase::bayes && state.epoch == 8;
  };
  TrainingState stopped = train_within(prepared, settings, hooks);
  ASSERT_EQ(stopped.epoch, 8u);
  ASSERT_TRUE(stopped.path.empty());
  hooks = {};
  const double epoch = stopped.seconds / static_cast<double>(stopped.all_epochs);
  hooks.time_budget = 5'000 * epoch;  // enough, but for a hundredth of what was before
  stopped.seconds += 1'000;           // what was before does not count, however long it was
  ThreadPool pool;
  Trainer resumed(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  resumed.restore(stopped);
  resumed.begin_budget();
  resumed.run();
  EXPECT_TRUE(resumed.done());
  EXPECT_FALSE(resumed.state().path.empty());
  EXPECT_GE(resumed.state().epoch, 8u);
  ASSERT_TRUE(resumed.state().plan);
  EXPECT_EQ(resumed.state().plan->epochs, settings.epochs);
}

TEST(TrainerBudget, WithTimeEnoughDoesAsWithout) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  TrainingHooks hooks;
  hooks.time_budget = 1e6;
  TrainingState state = train_within(prepare(dataset, settings), settings, hooks);
  ASSERT_TRUE(state.plan);
  state.plan.reset();
  expect_same(state, train_within(prepare(dataset, settings), settings, {}));
}

TEST(TrainerBudget, TakesOneMorePointWhereAWantedSizeIsReached) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  TrainingHooks hooks;
  hooks.file_bytes = [](const Classifier& model) { return model.vocabulary.size(); };
  const TrainingState usual = train_within(prepare(dataset, settings), settings, hooks);
  const auto bytes = [](const PathModel& model) { return model.point.bytes; };
  // Between two neighbours with room between them.
  size_t wide = 0;
  for (size_t i = 0; i + 1 < usual.path.size(); ++i) {
    const auto gap = [&](size_t k) {  // a later one may be larger by a word
      return static_cast<ptrdiff_t>(bytes(usual.path[k])) -
             static_cast<ptrdiff_t>(bytes(usual.path[k + 1]));
    };
    if (gap(i) > gap(wide)) wide = i;
  }
  ASSERT_GT(bytes(usual.path[wide]), bytes(usual.path[wide + 1]) + 2);
  hooks.max_bytes = bytes(usual.path[wide]) - 1;
  const TrainingState more = train_within(prepare(dataset, settings), settings, hooks);
  const auto fits = [&](const PathModel& model) { return bytes(model) <= *hooks.max_bytes; };
  const auto first = std::ranges::find_if(more.path, fits);
  ASSERT_NE(first, more.path.end());
  EXPECT_GE(bytes(*first), bytes(usual.path[wide + 1]));
  EXPECT_GE(more.path.size(), usual.path.size());
}

}  // namespace
}  // namespace ockham
