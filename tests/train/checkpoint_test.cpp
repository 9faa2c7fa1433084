#include "ockham/train/checkpoint.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "ockham/tensor/file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/train/same_state.hpp"
#include "tests/train/synthetic_corpus.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

TrainSettings checkpoint_settings() {
  TrainSettings s = quick_settings();
  s.dense_steps = 40;  // 5 epochs of 8 batches
  s.epochs = 16;
  s.kl = {.low = 0.3, .high = 2.0, .warm_up = 0.25};
  s.rate = 2e-2;
  s.points = 4;
  s.fine_tune_epochs = 1;
  return s;
}

class Checkpoint : public TemporaryFolder {
 protected:
  static constexpr const char* kFingerprint = "of this run";

  static void SetUpTestSuite() {
    prepared_ = new PreparedTraining(prepare(signal_corpus(300, 1), checkpoint_settings()));
  }
  static void TearDownTestSuite() { delete prepared_; }

  /// Runs until `epochs` are finished, counted over both phases, from the checkpoint or the start.
  TrainingState run(size_t epochs, bool resume,
                    const std::function<void(const TrainingState&)>& watch = {}) {
    TrainingHooks hooks;
    hooks.should_stop = [&](const TrainingState& state) {
      if (watch) watch(state);
      return state.all_epochs >= epochs;
    };
    hooks.file_bytes = [](const Classifier& model) { return model.vocabulary.size(); };
    ThreadPool pool;
    Trainer trainer(of_->start, of_->training, of_->validation, resolve_settings(settings_, {}),
                    pool, hooks);
    if (resume) trainer.restore(load_checkpoint(folder_, kFingerprint));
    trainer.run();
    return trainer.state();
  }

  void save(const TrainingState& state) {
    save_checkpoint(folder_, state, of_->start, kFingerprint);
  }

  static PreparedTraining* prepared_;
  TrainSettings settings_ = checkpoint_settings();
  const PreparedTraining* of_ = prepared_;  ///< what is trained
};

PreparedTraining* Checkpoint::prepared_ = nullptr;

TEST_F(Checkpoint, ResumingGivesTheRunThatWasNeverStopped) {
  using Phase = TrainingState::Phase;
  const size_t words = prepared_->start.vocabulary.size();
  struct Stop {
    const char* where;
    std::function<bool(const TrainingState&)> reached;
    size_t epochs = 0;  // when it was reached first, counted over both phases
  };
  std::vector<Stop> stops{
      {"in the dense phase", [](auto& s) { return s.epoch == 2; }},
      {"in the Bayes phase before compaction",
       [=](auto& s) { return s.phase == Phase::bayes && s.network.embedding.rows() == words; }},
      {"after compaction before the first point",
       [=](auto& s) { return s.network.embedding.rows() < words && s.path.empty(); }},
      {"after two points", [](auto& s) { return s.path.size() == 2; }}};
  const TrainingState whole = run(SIZE_MAX, false, [&](const TrainingState& state) {
    for (Stop& stop : stops) {
      if (stop.epochs == 0 && stop.reached(state)) stop.epochs = state.all_epochs;
    }
  });
  ASSERT_EQ(whole.phase, Phase::done);
  ASSERT_GT(whole.path.size(), 2u);
  stops.push_back({"at the end of the dense phase", {}, whole.all_epochs - whole.epoch});
  stops.push_back({"at the end", {}, whole.all_epochs});
  for (const Stop& stop : stops) {
    SCOPED_TRACE(stop.where);
    ASSERT_GT(stop.epochs, 0u);
    const TrainingState stopped = run(stop.epochs, false);
    EXPECT_EQ(stopped.all_epochs, stop.epochs);
    save(stopped);
    expect_same(load_checkpoint(folder_, kFingerprint), stopped);
    expect_same(run(SIZE_MAX, true), whole);
  }
}

TEST_F(Checkpoint, APointThatWasGivenUpIsTakenFirst) {
  // Asked before every step of a point's fine-tuning: in the first point's first step, and later.
  for (const size_t asked : {1, 5, 40}) {
    SCOPED_TRACE(asked);
    size_t left = asked;
    TrainingHooks hooks;
    hooks.gives_up_point = [&] { return left == 0 || --left == 0; };
    hooks.should_stop = [&](const TrainingState&) { return left == 0; };
    hooks.file_bytes = [](const Classifier& model) { return model.vocabulary.size(); };
    ThreadPool pool;
    Trainer trainer(of_->start, of_->training, of_->validation, resolve_settings(settings_, {}),
                    pool, hooks);
    trainer.run();
    EXPECT_FALSE(trainer.done());
    EXPECT_TRUE(trainer.state().loss_before_point);
    save(trainer.state());
    EXPECT_EQ(load_checkpoint(folder_, kFingerprint).loss_before_point,
              trainer.state().loss_before_point);
    expect_same(run(SIZE_MAX, true), run(SIZE_MAX, false));
  }
}

TEST_F(Checkpoint, WhoGivesUpAPointStopsTheRunWhateverElseIsSaid) {
  for (const size_t asked : {1, 5, 40}) {
    SCOPED_TRACE(asked);
    size_t times = 0;
    TrainingHooks hooks;
    hooks.gives_up_point = [&] { return ++times == asked; };
    hooks.file_bytes = [](const Classifier& model) { return model.vocabulary.size(); };
    ThreadPool pool;
    Trainer silent(of_->start, of_->training, of_->validation, resolve_settings(settings_, {}),
                   pool, hooks);
    silent.run();
    EXPECT_FALSE(silent.done());
    EXPECT_TRUE(silent.state().loss_before_point);

    times = 0;
    hooks.should_stop = [&](const TrainingState& state) {
      if (state.loss_before_point) save(state);
      return false;
    };
    Trainer saving(of_->start, of_->training, of_->validation, resolve_settings(settings_, {}),
                   pool, hooks);
    saving.run();
    EXPECT_FALSE(saving.done());
    expect_same(run(SIZE_MAX, true), run(SIZE_MAX, false));
  }
}

TEST_F(Checkpoint, ARunMayBeStoppedAgainAndAgain) {
  save(run(3, false));
  for (const size_t epochs : {4, 8, 14, 17, 19}) save(run(epochs, true));
  expect_same(run(SIZE_MAX, true), run(SIZE_MAX, false));
}

TEST_F(Checkpoint, OfStackedGrusWithHardGatesAndDenseLayersIsResumedToTheBit) {
  settings_.cell = Cell::gru;
  settings_.gate_function = GateFunction::hard_sigmoid;
  settings_.layers = 2;
  settings_.layer_dropout = 0.2;
  settings_.dense_layers = {6, 4};
  const PreparedTraining prepared = prepare(signal_corpus(300, 1), settings_);
  of_ = &prepared;
  const TrainingState whole = run(SIZE_MAX, false);
  ASSERT_GT(whole.path.size(), 2u);
  ASSERT_LT(whole.network.embedding.rows(), prepared.start.vocabulary.size());
  for (const size_t epochs : {size_t{3}, whole.all_epochs - 1}) {
    save(run(epochs, false));
    expect_same(run(SIZE_MAX, true), whole);
  }
}

TEST_F(Checkpoint, AFinishedRunStaysFinished) {
  const TrainingState whole = run(SIZE_MAX, false);
  save(whole);
  expect_same(run(SIZE_MAX, true), whole);
}

TEST_F(Checkpoint, OfAnotherRunIsRefused) {
  save(run(2, false));
  EXPECT_EQ(message_of([&] { load_checkpoint(folder_, "of another run"); }),
            folder_.string() +
                ": its checkpoint belongs to other data or options, or another version of ockham "
                "(--precision auto is another one on a processor without bf16); resume with the "
                "same ones, or remove " +
                (folder_ / "checkpoint").string() + " to start anew");
}

TEST_F(Checkpoint, MissingIsAnError) {
  const std::string expected =
      ": no unfinished training there to resume; leave out --resume, or "
      "name with --model where the folder is now";
  EXPECT_EQ(message_of([&] { load_checkpoint(folder_, kFingerprint); }),
            folder_.string() + expected);
  EXPECT_EQ(message_of([&] { load_checkpoint(folder_ / "nowhere", kFingerprint); }),
            (folder_ / "nowhere").string() + expected);
}

TEST_F(Checkpoint, DamagedFilesAreNamed) {
  const TrainingState state = run(SIZE_MAX, false);
  ASSERT_FALSE(state.path.empty());
  save(state);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / kCheckpointFolder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  ASSERT_EQ(files.size(), 5 + 3 * state.path.size());  // state, config, tensors, moments, path
  for (const fs::path& file : files) {
    const std::string whole = read_file(file);
    for (const size_t length : {size_t{0}, whole.size() / 2, whole.size() - 2}) {
      write_quickly(file, std::string_view(whole).substr(0, length));
      const std::string message = message_of([&] { load_checkpoint(folder_, kFingerprint); });
      EXPECT_EQ(message.rfind(file.string() + ": ", 0), 0u) << message;
    }
    write_quickly(file, whole);
  }
  load_checkpoint(folder_, kFingerprint);
}

TEST_F(Checkpoint, APlanByTimeIsKept) {
  TrainingState state = run(7, false);
  EXPECT_FALSE(state.plan);
  state.plan =
      TimePlan{.epochs = 9, .points = 3, .epoch = 4, .taken = 1, .done = 0.3, .tuned_epoch = 0.25};
  state.budget_began = 12.5;
  save(state);
  const TrainingState loaded = load_checkpoint(folder_, kFingerprint);
  ASSERT_TRUE(loaded.plan);
  EXPECT_EQ(*loaded.plan, *state.plan);
  EXPECT_EQ(loaded.budget_began, 12.5);
  const TrainingState end = run(SIZE_MAX, true);
  EXPECT_EQ(end.epoch, 9u) << "of the Bayes phase, as planned";
  EXPECT_EQ(end.phase, TrainingState::Phase::done);
}

TEST_F(Checkpoint, EveryPartOfTheStateIsNeeded) {
  save(run(2, false));
  const fs::path file = folder_ / kCheckpointFolder / "state.json";
  const nlohmann::json whole = nlohmann::json::parse(read_file(file));
  const auto refusal = [&](const nlohmann::json& state) {
    write_quickly(file, state.dump());
    const std::string message = message_of([&] { load_checkpoint(folder_, kFingerprint); });
    EXPECT_EQ(message.rfind(file.string() + ": ", 0), 0u) << message;
    return message;
  };
  for (const auto& [key, value] : whole.items()) {
    nlohmann::json state = whole;
    state.erase(key);
    EXPECT_NE(refusal(state).find(key), std::string::npos);
  }
  nlohmann::json state = whole;
  state["phase"] = "asleep";
  EXPECT_NE(refusal(state).find("unknown phase \"asleep\""), std::string::npos);
  state = whole;
  state["step"] = "many";
  refusal(state);
}

TEST_F(Checkpoint, AnInterruptedSaveLeavesTheOlderOne) {
  const TrainingState older = run(2, false);
  save(older);
  TrainingState broken = run(4, false);
  // The last file but one cannot be written.
  broken.optimizer.moments().back().mean2.fill(std::numeric_limits<float>::quiet_NaN());
  EXPECT_NE(message_of([&] { save(broken); }).find("moments"), std::string::npos);
  expect_same(load_checkpoint(folder_, kFingerprint), older);
  // Nothing else is left, and what a killed process left does no harm.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
  fs::create_directory(folder_ / (std::string(kCheckpointFolder) + ".partial-1"));
  const TrainingState newer = run(3, false);
  save(newer);
  expect_same(load_checkpoint(folder_, kFingerprint), newer);
}

TEST(TrainingFingerprint, ChangesWithEverythingThatTheRunDependsOn) {
  const PreparedTraining p = prepare(signal_corpus(40, 1), checkpoint_settings());
  const std::string same = training_fingerprint(p.training, p.validation, "settings");
  EXPECT_EQ(training_fingerprint(p.training, p.validation, "settings"), same);
  EXPECT_NE(training_fingerprint(p.training, p.validation, "settingz"), same);
  EXPECT_NE(training_fingerprint(p.validation.texts, {p.training}, "settings"), same);
  EXPECT_NE(training_fingerprint(p.training, p.validation, "settings", p.training.corpus), same);
  const auto changed = [&](const auto& change) {
    PreparedTraining other = p;
    change(other);
    return training_fingerprint(other.training, other.validation, "settings") != same;
  };
  EXPECT_TRUE(changed([](auto& other) { other.training.corpus.ids[3] ^= 1; }));
  EXPECT_TRUE(changed([](auto& other) { ++other.training.corpus.offsets[3]; }));
  EXPECT_TRUE(changed([](auto& other) { other.training.labels.ids[3] ^= 1; }));
  EXPECT_TRUE(changed([](auto& other) { --other.training.labels.offsets[3]; }));
  EXPECT_TRUE(changed([](auto& other) { other.training.weights[3] = 2.0f; }));
  EXPECT_TRUE(changed([](auto& other) { ++other.training.texts[3]; }));
  EXPECT_TRUE(changed([](auto& other) { other.validation.texts.corpus.ids[3] ^= 1; }));
  EXPECT_TRUE(changed([](auto& other) { other.validation.texts.labels.ids[3] ^= 1; }));
}

}  // namespace
}  // namespace ockham
