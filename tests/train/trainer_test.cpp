#include "ockham/train/trainer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "ockham/train/evaluate.hpp"
#include "ockham/train/metrics.hpp"
#include "tests/train/same_state.hpp"
#include "tests/train/synthetic_corpus.hpp"
#include "tests/train/whole_training.hpp"

namespace ockham {
namespace {

size_t count_used(const Network& network) {
  size_t used = 0;
  network.for_each_parameter([&](const Parameter& p) {
    if (is_bias(network, p) || is_multiplier(network, p)) return;
    const Matrix value = p.expectation();
    used += value.size() -
            static_cast<size_t>(std::count(value.values().begin(), value.values().end(), 0.0f));
  });
  return used;
}

/// Of thirty seeds some three have no point with just these words: chance, as any rounding.
TEST(Trainer, FindsTheWordsThatCarryTheLabel) {
  size_t runs_with_them = 0;
  for (const uint64_t seed : {1, 2, 3, 4, 5, 6}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const TrainingState state =
        train(signal_corpus(kSignalTexts, static_cast<uint32_t>(seed) + 10), quick_settings(seed));
    const auto found = std::find_if(state.path.begin(), state.path.end(), [](const PathModel& m) {
      std::vector<std::string> words = m.model.vocabulary.ngrams();
      std::sort(words.begin(), words.end());
      return words == kSignalWords;
    });
    if (found == state.path.end()) continue;
    ++runs_with_them;
    EXPECT_GE(found->point.accuracy, 0.97);
  }
  EXPECT_GE(runs_with_them, 4u);
}

TEST(Trainer, FindsThemWithWeightNoiseOfEverySequencesOwn) {
  TrainSettings settings = quick_settings();
  settings.method.noise = Estimator::sequence;
  const Dataset dataset = signal_corpus(kSignalTexts, 11);
  const TrainingState state = train(dataset, settings);
  EXPECT_EQ(state.network.embedding.estimator, Estimator::sequence);
  EXPECT_EQ(state.network.layers[0].directions[0].weight_hh.estimator, Estimator::sequence);
  EXPECT_TRUE(std::ranges::any_of(state.path, [](const PathModel& m) {
    std::vector<std::string> words = m.model.vocabulary.ngrams();
    std::ranges::sort(words);
    return words == kSignalWords && m.point.accuracy >= 0.97;
  }));
  settings.method.noise = Estimator::batch;
  EXPECT_NE(train(dataset, settings).network.output_weight.mean, state.network.output_weight.mean);
}

TEST(Trainer, FindsThemWithEveryCellAndWithStackedLayers) {
  struct Encoder {
    Cell cell;
    size_t layers;
    double dropout;
  };
  for (const auto& [cell, layers, dropout] :
       {Encoder{Cell::gru, 1, 0.0}, Encoder{Cell::lstm, 2, 0.0}, Encoder{Cell::gru, 2, 0.1}}) {
    SCOPED_TRACE(std::string(cell_name(cell)) + ", layers: " + std::to_string(layers));
    TrainSettings settings = quick_settings();
    settings.cell = cell;
    settings.layers = layers;
    settings.layer_dropout = dropout;
    const TrainingState state = train(signal_corpus(kSignalTexts, 11), settings);
    EXPECT_EQ(state.network.cell, cell);
    EXPECT_EQ(state.network.layers.size(), layers);
    EXPECT_TRUE(std::ranges::any_of(state.path, [](const PathModel& m) {
      std::vector<std::string> words = m.model.vocabulary.ngrams();
      std::ranges::sort(words);
      return words == kSignalWords && m.point.accuracy >= 0.97;
    }));
  }
}

TEST(Trainer, TheLossFallsInTheDensePhase) {
  std::vector<double> losses;
  TrainingHooks hooks;
  hooks.on_epoch = [&](const EpochReport& report) {
    if (report.phase == "dense") losses.push_back(report.loss);
  };
  TrainSettings settings = quick_settings();
  settings.epochs = settings.points = 1;
  train(signal_corpus(kSignalTexts, 3), settings, hooks);
  ASSERT_GE(losses.size(), 3u);
  EXPECT_LT(losses.back(), 0.6 * losses.front());
}

TEST(Trainer, RecordsAPathFromLargeToSmall) {
  const TrainSettings settings = quick_settings();
  const TrainingState state = train(signal_corpus(kSignalTexts, 4), settings);
  ASSERT_EQ(state.path.size(), settings.points);
  for (size_t i = 1; i < state.path.size(); ++i) {
    const PathPoint &before = state.path[i - 1].point, &point = state.path[i].point;
    EXPECT_GT(point.kl_scale, before.kl_scale);
    EXPECT_LE(static_cast<double>(point.weights), 1.25 * static_cast<double>(before.weights));
    EXPECT_LE(point.ngrams, before.ngrams + 1);
  }
  EXPECT_LT(3 * state.path.back().point.weights, state.path.front().point.weights);
  EXPECT_DOUBLE_EQ(state.path.back().point.kl_scale, settings.kl.high);
}

TEST(Trainer, APointSaysWhatItsModelIs) {
  const Dataset dataset = signal_corpus(kSignalTexts, 5);
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  const PreparedTraining prepared = prepare(dataset, settings);
  TrainingHooks hooks;
  std::vector<PathPoint> told;
  hooks.on_point = [&](const PathPoint& point, std::span<const NoiseHistogram>) {
    told.push_back(point);
  };
  hooks.file_bytes = [](const Classifier& model) { return 100 + model.vocabulary.size(); };
  const TrainingState state = train(prepared, settings, hooks);
  ASSERT_EQ(told.size(), state.path.size());
  ThreadPool pool;
  for (size_t i = 0; i < told.size(); ++i) {
    const auto& [point, model] = state.path[i];
    EXPECT_EQ(told[i], point);
    EXPECT_EQ(point.ngrams, model.vocabulary.size());
    EXPECT_EQ(point.ngrams, model.network.embedding.rows());
    EXPECT_EQ(point.bytes, 100 + point.ngrams);
    EXPECT_EQ(point.weights, count_used(model.network));
    EXPECT_GE(model.paper_weights, point.weights);
    EXPECT_TRUE(model.pruned);
    EXPECT_EQ(model.shape, prepared.start.shape);
    EXPECT_EQ(model.dense_bytes, prepared.start.dense_bytes);
    EXPECT_EQ(model.vocabulary.ngrams(),
              prepared.start.vocabulary.select(model.network.embedding.row_ids).ngrams());
    // The validation texts, encoded anew with the model's own vocabulary.
    const TrainingSet validation =
        make_training_set(dataset, prepared.validation.texts.texts,
                          encode_corpus(dataset, prepared.validation.texts.texts, *model.tokenizer,
                                        model.vocabulary));
    const Evaluation evaluation =
        evaluate_predictions(predict_set(model.network, validation, pool), validation.labels.ids);
    EXPECT_EQ(point.accuracy, evaluation.accuracy);
    EXPECT_NEAR(point.nll, evaluation.nll, 1e-6);
  }
}

TEST(Trainer, TextsWithoutKnownWordsGetTheConstant) {
  const TrainingState state = train(signal_corpus(kSignalTexts, 6), quick_settings());
  const Network& network = state.path.back().model.network;
  TrainingSet set;
  set.corpus.offsets = {0, 0, 0};
  set.texts = {0, 1};
  ThreadPool pool;
  const Matrix p = predict_set(network, set, pool);
  const float bias = network.output_bias.mean(0, 0);
  EXPECT_NEAR(p(0, 1), 1.0f / (1.0f + std::exp(-bias)), 1e-6f);
  EXPECT_EQ(p(0, 1), p(1, 1));
  EXPECT_LT(p(0, 1), 0.5f);  // no word that says yes
}

TEST(Trainer, WhereTheTextsAreChangesNothing) {
  const SpillPlace files{.memory_bytes = 100};
  const PreparedTraining prepared =
      prepare(signal_corpus(kSignalTexts, 7, files), short_settings());
  EXPECT_TRUE(prepared.training.corpus.ids.in_file());
  EXPECT_TRUE(prepared.validation.texts.corpus.ids.in_file());
  EXPECT_FALSE(
      prepare(signal_corpus(kSignalTexts, 7), short_settings()).training.corpus.ids.in_file());
  expect_same(train(signal_corpus(kSignalTexts, 7, files), short_settings()),
              train(signal_corpus(kSignalTexts, 7), short_settings()));
}

TEST(Trainer, ReportsEveryEpoch) {
  TrainSettings settings = short_settings();
  settings.group_kl = 3.0;
  const PreparedTraining prepared = prepare(signal_corpus(kSignalTexts, 7), settings);
  const auto texts = static_cast<double>(prepared.training.size());
  std::vector<EpochReport> reports;
  TrainingHooks hooks;
  hooks.on_epoch = [&](const EpochReport& report) { reports.push_back(report); };
  hooks.should_stop = [&](const TrainingState& state) {  // of the network that was reported
    double of_weights = 0.0, of_groups = 0.0;
    state.network.for_each_parameter([&](const Parameter& p) {
      (is_multiplier(state.network, p) ? of_groups : of_weights) += p.kl();
    });
    const bool bayes = reports.back().phase == "bayes";
    EXPECT_EQ(of_groups > 0.0, bayes);
    const double expected = reports.back().kl_scale * (of_weights + 3.0 * of_groups) / texts;
    EXPECT_NEAR(reports.back().kl, bayes ? expected : 0.0, 1e-9 * expected);
    return false;
  };
  train(prepared, resolve_settings(settings, signal_corpus(kSignalTexts, 7)), hooks);
  ASSERT_FALSE(reports.empty());
  const size_t dense = reports.front().epochs;
  ASSERT_EQ(reports.size(), dense + settings.epochs);
  for (size_t i = 0; i < reports.size(); ++i) {
    const EpochReport& report = reports[i];
    const bool bayes = i >= dense;
    EXPECT_EQ(report.phase, bayes ? "bayes" : "dense");
    EXPECT_EQ(report.epoch, bayes ? i - dense + 1 : i + 1);
    EXPECT_EQ(report.epochs, bayes ? settings.epochs : dense);
    EXPECT_GT(report.loss, 0.0);
    EXPECT_EQ(report.kl_scale > 0.0, bayes);
    EXPECT_GE(report.score, 0.0);
    EXPECT_LE(report.score, 1.0);
    if (i > 0) {
      EXPECT_LE(report.ngrams, reports[i - 1].ngrams);
      EXPECT_LE(report.units, reports[i - 1].units);
    }
  }
  EXPECT_DOUBLE_EQ(reports.back().kl_scale, settings.kl.high);
}

TEST(Trainer, ReportsAndPointsCountTheSameUnits) {
  TrainSettings settings = short_settings();
  settings.dense_layers = {3};
  settings.epochs = settings.points = 1;
  settings.kl.high = settings.kl.low = 1e-6;  // nothing goes
  settings.method.initial_log_sigma = -6.0;
  std::vector<EpochReport> reports;
  TrainingHooks hooks;
  hooks.on_epoch = [&](const EpochReport& report) { reports.push_back(report); };
  const TrainingState state = train(signal_corpus(kSignalTexts, 7), settings, hooks);
  EXPECT_EQ(reports.back().units, 2 * settings.hidden);
  EXPECT_EQ(state.path.back().point.units, 2 * settings.hidden);
}

TEST(Trainer, ADenseUnitThatBecameAConstantLeavesItToItsReaders) {
  TrainSettings settings = short_settings();
  settings.dense_layers = {3};
  settings.epochs = 2;
  settings.points = 1;
  settings.rate = 0.0;  // nothing moves
  settings.kl.warm_up = 0.0;
  settings.method.initial_log_sigma = -12.0;  // and nothing else is pruned
  const PreparedTraining prepared = prepare(signal_corpus(kSignalTexts / 2, 8), settings);
  Network network = prepared.start.network;
  apply_method(settings.method, network);
  DenseLayer& layer = network.dense_layers[0];
  for (size_t r = 0; r < layer.weight.rows(); ++r) layer.weight.mean(r, 1) = 0.0f;
  layer.bias.mean(0, 1) = 2.0f;
  network.output_weight.mean(1, 0) = 1.5f;

  ThreadPool pool;
  Trainer trainer(prepared.start, prepared.training, prepared.validation, settings, pool, {});
  trainer.restore({.phase = TrainingState::Phase::bayes,
                   .loss_before_point = {},
                   .network = network,
                   .optimizer = Optimizer(network),
                   .hysteresis = {},
                   .path = {}});
  trainer.run();
  const Network& after = trainer.state().network;
  ASSERT_EQ(after.dense_layers[0].weight.column_ids, (std::vector<uint32_t>{0, 2}));
  ASSERT_EQ(after.embedding.row_ids, network.embedding.row_ids);
  const Matrix expected = predict_set(network, prepared.validation.texts, pool);
  const Matrix p = predict_set(after, prepared.validation.texts, pool);
  for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p.values()[i], expected.values()[i], 1e-6);
}

TEST(Trainer, TheNumberOfThreadsChangesNothing) {
  const Dataset dataset = signal_corpus(kSignalTexts / 2, 8);
  const TrainingState alone = train(dataset, short_settings());
  for (const size_t threads : {2, 3}) {
    SCOPED_TRACE(threads);
    expect_same(train(dataset, short_settings(), {}, threads), alone);
  }
}

TEST(Trainer, SeedsDiffer) {
  const Dataset dataset = signal_corpus(kSignalTexts / 2, 8);
  const TrainingState one = train(dataset, short_settings(1));
  expect_same(train(dataset, short_settings(1)), one);
  EXPECT_NE(train(dataset, short_settings(2)).path.front().point.nll, one.path.front().point.nll);
}

TEST(Trainer, WatchingChangesNothing) {
  const Dataset dataset = signal_corpus(kSignalTexts / 2, 8);
  TrainingHooks hooks;
  hooks.on_epoch = [](const EpochReport&) {};
  hooks.on_point = [](const PathPoint&, std::span<const NoiseHistogram>) {};
  hooks.should_stop = [](const TrainingState&) { return false; };
  expect_same(train(dataset, short_settings(), hooks), train(dataset, short_settings()));
}

TEST(Trainer, EndsWhereTheModelsKnowNothingAnyMore) {
  TrainSettings settings = quick_settings();
  settings.kl.high = 3000.0;
  settings.seed = 2;  // of 1 the first point's accuracy hangs on how sums are rounded
  const TrainingState state = train(signal_corpus(kSignalTexts, 10), settings);
  EXPECT_LT(state.epoch, settings.epochs);
  EXPECT_LT(state.path.size(), settings.points);
  EXPECT_GE(state.path.front().point.accuracy, 0.95);
  for (size_t i = 0; i + 1 < state.path.size(); ++i) {
    EXPECT_GE(state.path[i].point.accuracy, 0.7);
  }
}

TEST(Trainer, TakesTheLastPointAtTheEndWhateverTheNumbers) {
  const Dataset dataset = signal_corpus(kSignalTexts / 2, 9);
  TrainSettings settings = short_settings();
  settings.kl.high = 1.0;
  for (const auto& [epochs, points, warm_up] : {std::tuple{7, 3, 0.12}, std::tuple{3, 20, 0.0},
                                                std::tuple{1, 1, 0.5}, std::tuple{4, 2, 1.0}}) {
    settings.epochs = static_cast<size_t>(epochs);
    settings.points = static_cast<size_t>(points);
    settings.kl.warm_up = warm_up;
    const TrainingState state = train(dataset, settings);
    EXPECT_EQ(state.epoch, settings.epochs);
    EXPECT_GE(state.path.size(), 1u);
    EXPECT_LE(state.path.size(), std::min(settings.points, settings.epochs));
    EXPECT_DOUBLE_EQ(state.path.back().point.kl_scale, warm_up < 1.0 ? 1.0 : settings.kl.low);
  }
}

}  // namespace
}  // namespace ockham
