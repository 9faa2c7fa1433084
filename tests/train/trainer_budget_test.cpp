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

TEST(TrainerBudget, WithoutAnyTimeTakesOnePointAndEnds) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  TrainingHooks hooks;
  hooks.time_budget = 0.0;
  const TrainingState state = train_within(prepare(dataset, settings), settings, hooks);
  EXPECT_EQ(state.phase, TrainingState::Phase::done);
  EXPECT_EQ(state.path.size(), 1u);
  EXPECT_EQ(state.epoch, 1u) << "of the Bayes phase";
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
  stopped.budget_began = stopped.seconds;
  ThreadPool pool;
  Trainer resumed(prepared.start, prepared.training, prepared.validation, settings, pool, hooks);
  resumed.restore(stopped);
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
