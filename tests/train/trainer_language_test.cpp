#include <gtest/gtest.h>

#include "ockham/train/trainer.hpp"
#include "tests/train/synthetic_corpus.hpp"

// Trainings that start from a language model.

namespace ockham {
namespace {

TrainSettings language_settings() {
  TrainSettings settings = quick_settings();
  settings.epochs = settings.points = 1;
  settings.language_epochs = 20;
  settings.language_rate = 0.02;
  settings.embedding = settings.hidden = 8;
  return settings;
}

/// Words of the made-up texts follow one another at random but for their frequencies, which the
/// drawn words have too: there is a little to learn, and the classes know nothing of it.
TEST(TrainerLanguage, StartsTheClassifierWhereAskedTo) {
  std::vector<double> losses;
  std::vector<std::string> phases;
  Matrix learned, after;
  TrainingHooks hooks;
  hooks.on_epoch = [&](const EpochReport& report) {
    if (phases.empty() || phases.back() != report.phase) phases.push_back(report.phase);
    if (report.phase == "language") losses.push_back(report.loss);
  };
  hooks.should_stop = [&](const TrainingState& state) {
    if (phases.back() == "language") learned = state.network.embedding.mean;
    if (phases.back() == "dense" && after.size() == 0) after = state.network.embedding.mean;
    return false;
  };
  TrainSettings settings = language_settings();
  settings.dense_rate = 1e-30;  // the next phase leaves its start alone
  const Dataset dataset = signal_corpus(kSignalTexts, 3);
  settings = resolve_settings(settings, dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  const Matrix fresh = prepared.start.network.embedding.mean;
  ThreadPool pool;
  Trainer(prepared.start, prepared.training, prepared.validation, settings, pool, hooks).run();
  EXPECT_EQ(phases, (std::vector<std::string>{"language", "dense", "bayes"}));
  ASSERT_EQ(losses.size(), settings.language_epochs);
  EXPECT_LT(losses.back(), losses.front());
  EXPECT_NE(learned, fresh);
  EXPECT_EQ(after, learned);
}

/// Texts of their own, in which one word follows another, as none does in the training's.
TEST(TrainerLanguage, ReadsTheTextsItIsGiven) {
  const Dataset dataset = signal_corpus(kSignalTexts, 3);
  const TrainSettings settings = resolve_settings(language_settings(), dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  EncodedCorpus counting;
  for (uint32_t i = 0; i < 300; ++i) {
    for (uint32_t t = 0; t < 12; ++t) counting.ids.push_back((i + t) % 5);
    counting.offsets.push_back(counting.ids.size());
  }
  const auto last_loss = [&](const EncodedCorpus& language) {
    double last = 0.0;
    TrainingHooks hooks;
    hooks.on_epoch = [&](const EpochReport& report) {
      if (report.phase == "language") last = report.loss;
    };
    ThreadPool pool;
    Trainer trainer(prepared.start, prepared.training, prepared.validation, settings, pool, hooks,
                    language);
    trainer.run();
    EXPECT_TRUE(trainer.done());
    return last;
  };
  EXPECT_LT(last_loss(counting), 0.2);
  EXPECT_GT(last_loss({}), 1.0);
}

}  // namespace
}  // namespace ockham
