#include "ockham/train/checkpoint.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "ockham/tensor/file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/train/same_state.hpp"
#include "tests/train/synthetic_corpus.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

TrainSettings settings() {
  TrainSettings s = quick_settings();
  s.dense_steps = 40;  // 5 epochs of 8 batches
  s.epochs = 16;
  s.kl = {.low = 0.5, .high = 3.0, .warm_up = 0.25};
  s.rate = 2e-2;
  s.points = 4;  // after epochs 7, 10, 13 and 16
  return s;
}

class Checkpoint : public TemporaryFolder {
 protected:
  static constexpr const char* kFingerprint = "of this run";

  static void SetUpTestSuite() {
    prepared_ = new PreparedTraining(prepare(signal_corpus(300, 1), settings()));
  }
  static void TearDownTestSuite() { delete prepared_; }

  /// Runs until `epochs` are finished, counted over both phases, from the checkpoint or the start.
  TrainingState run(size_t epochs, bool resume) {
    TrainingHooks hooks;
    hooks.should_stop = [=](const TrainingState& state) { return state.all_epochs >= epochs; };
    hooks.file_bytes = [](const Classifier& model) { return model.vocabulary.size(); };
    ThreadPool pool;
    Trainer trainer(prepared_->start, prepared_->training, prepared_->validation,
                    resolve_settings(settings(), {}), pool, hooks);
    if (resume) trainer.restore(load_checkpoint(folder_, kFingerprint));
    trainer.run();
    return trainer.state();
  }

  void save(const TrainingState& state) {
    save_checkpoint(folder_, state, prepared_->start, kFingerprint);
  }

  static PreparedTraining* prepared_;
};

PreparedTraining* Checkpoint::prepared_ = nullptr;

TEST_F(Checkpoint, ResumingGivesTheRunThatWasNeverStopped) {
  const TrainingState whole = run(SIZE_MAX, false);
  ASSERT_EQ(whole.phase, TrainingState::Phase::done);
  const size_t dense = whole.all_epochs - whole.epoch;
  ASSERT_EQ(dense, 5u);
  struct Stop {
    const char* where;
    size_t epochs;
    size_t points;
    bool compacted;
  };
  const size_t words = prepared_->start.vocabulary.size();
  for (const Stop& stop :
       {Stop{"in the dense phase", 2, 0, false}, Stop{"at its end", dense, 0, false},
        Stop{"in the Bayes phase before compaction", dense + 2, 0, false},
        Stop{"after the first points", dense + 11, 2, true},
        Stop{"at the end", dense + 16, 4, true}}) {
    SCOPED_TRACE(stop.where);
    const TrainingState stopped = run(stop.epochs, false);
    EXPECT_EQ(stopped.all_epochs, stop.epochs);
    EXPECT_EQ(stopped.path.size(), stop.points);
    EXPECT_EQ(stopped.network.embedding.rows() < words, stop.compacted);
    save(stopped);
    expect_same(load_checkpoint(folder_, kFingerprint), stopped);
    expect_same(run(SIZE_MAX, true), whole);
  }
}

TEST_F(Checkpoint, ARunMayBeStoppedAgainAndAgain) {
  save(run(3, false));
  for (const size_t epochs : {4, 8, 14, 17, 19}) save(run(epochs, true));
  expect_same(run(SIZE_MAX, true), run(SIZE_MAX, false));
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
                ": its checkpoint belongs to other data or options; resume with the "
                "same ones, or start anew without --resume");
}

TEST_F(Checkpoint, MissingIsAnError) {
  const std::string expected = ": no unfinished training there to resume; leave out --resume";
  EXPECT_EQ(message_of([&] { load_checkpoint(folder_, kFingerprint); }),
            folder_.string() + expected);
  EXPECT_EQ(message_of([&] { load_checkpoint(folder_ / "nowhere", kFingerprint); }),
            (folder_ / "nowhere").string() + expected);
}

TEST_F(Checkpoint, DamagedFilesAreNamed) {
  save(run(5 + 11, false));
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / kCheckpointFolder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  ASSERT_EQ(files.size(), 5u + 2u * 3u);  // state, config, tensors, moments, path; two models
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
  const PreparedTraining p = prepare(signal_corpus(40, 1), settings());
  const std::string same = training_fingerprint(p.training, p.validation, "settings");
  EXPECT_EQ(training_fingerprint(p.training, p.validation, "settings"), same);
  EXPECT_NE(training_fingerprint(p.training, p.validation, "settingz"), same);
  EXPECT_NE(training_fingerprint(p.validation, p.training, "settings"), same);
  const auto changed = [&](const auto& change) {
    PreparedTraining other = p;
    change(other);
    return training_fingerprint(other.training, other.validation, "settings") != same;
  };
  EXPECT_TRUE(changed([](auto& other) { other.training.corpus.ids[3] ^= 1; }));
  EXPECT_TRUE(changed([](auto& other) { ++other.training.corpus.offsets[3]; }));
  EXPECT_TRUE(changed([](auto& other) { other.training.labels[3] ^= 1; }));
  EXPECT_TRUE(changed([](auto& other) { other.training.targets(3, 0) = 0.5f; }));
  EXPECT_TRUE(changed([](auto& other) { other.training.weights[3] = 2.0f; }));
  EXPECT_TRUE(changed([](auto& other) { ++other.training.texts[3]; }));
  EXPECT_TRUE(changed([](auto& other) { other.validation.corpus.ids[3] ^= 1; }));
  EXPECT_TRUE(changed([](auto& other) { other.validation.labels[3] ^= 1; }));
}

}  // namespace
}  // namespace ockham
