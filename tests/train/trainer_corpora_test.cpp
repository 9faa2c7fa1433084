#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "ockham/text/class_weights.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/label_metrics.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/metrics.hpp"
#include "ockham/train/trainer.hpp"
#include "tests/train/synthetic_corpus.hpp"

// Corpora unlike the two balanced classes of a review site.
namespace ockham {
namespace {

struct Result {
  PreparedTraining prepared;
  TrainingState state;
  size_t chosen = 0;

  const PathModel& model() const { return state.path[chosen]; }
};

Result trained(const Dataset& dataset, const TrainSettings& wanted) {
  const TrainSettings settings = resolve_settings(wanted, dataset);
  Result result{prepare(dataset, settings),
                {.network = {}, .optimizer = Optimizer({}), .hysteresis = {}, .path = {}}};
  ThreadPool pool(2);
  TrainingHooks hooks;
  hooks.file_bytes = [](const Classifier& model) { return 10 * model.vocabulary.size(); };
  Trainer trainer(result.prepared.start, result.prepared.training, result.prepared.validation,
                  settings, pool, hooks);
  trainer.run();
  result.state = trainer.state();
  std::vector<PathPoint> points;
  for (const PathModel& model : result.state.path) points.push_back(model.point);
  result.chosen = choose_point(
      points, path_measure(result.prepared.validation, result.prepared.start, Criterion::accuracy),
      {});
  return result;
}

/// The chosen model's scores on a dataset with the same classes.
Evaluation evaluate(const Result& result, const Dataset& dataset) {
  const Classifier& model = result.model().model;
  const auto all = all_indices(dataset.size());
  const TrainingSet set = make_training_set(
      dataset, all, encode_corpus(dataset, all, *model.tokenizer, model.vocabulary));
  ThreadPool pool;
  return evaluate_predictions(predict_set(model.network, set, pool), set.labels.ids);
}

TEST(TrainerCorpora, FiveClasses) {
  SyntheticCorpus texts(1);
  for (size_t i = 0; i < 500; ++i) {
    const std::string c = std::to_string(i % 5);
    texts.add("class " + c, {"topic" + c, texts.below(2) ? "about" + c : "on" + c});
  }
  TrainSettings settings = quick_settings();
  settings.embedding = 6;
  settings.hidden = 4;
  settings.dense_steps = 200;
  const Result result = trained(texts.dataset(), settings);
  EXPECT_EQ(result.prepared.start.shape.output, OutputKind::softmax);
  EXPECT_EQ(result.prepared.start.shape.outputs, 5u);
  const Evaluation evaluation = evaluate(result, texts.dataset());
  EXPECT_GE(evaluation.accuracy, 0.95);
  EXPECT_EQ(evaluation.classes.size(), 5u);
}

TEST(TrainerCorpora, OneTextInTwenty) {
  SyntheticCorpus texts(2);
  for (size_t i = 0; i < 600; ++i) {
    const bool rare = i % 20 == 7;
    texts.add(rare ? "rare" : "usual", {rare ? "signal" : "common"});
  }
  const Result result = trained(texts.dataset(), quick_settings());
  const Evaluation evaluation = evaluate(result, texts.dataset());
  EXPECT_GE(evaluation.accuracy, 0.97);
  EXPECT_GE(evaluation.classes[0].recall, 0.9);  // "rare"
}

TEST(TrainerCorpora, ARareClassThatTheFirstModelsMissDoesNotEndThePath) {
  SyntheticCorpus texts(10);
  for (size_t i = 0; i < 600; ++i) {
    const bool rare = i % 20 == 0;
    std::vector<std::string> words;
    if (texts.below(100) < (rare ? 60u : 1u)) words.push_back("signal");
    texts.add(rare ? "rare" : "usual", words);
  }
  TrainSettings settings = quick_settings(10);
  settings.dense_dropout = 0.0;  // so that the dense model knows the noise by heart
  const Result result = trained(texts.dataset(), settings);
  EXPECT_GT(result.state.path.size(), 1u);
  EXPECT_GE(result.model().point.accuracy, 0.95);  // that of always saying "usual"
}

TEST(TrainerCorpora, EmptyTextsAndTextsOfUnknownWords) {
  SyntheticCorpus texts(3);
  for (size_t i = 0; i < 300; ++i) {
    const bool yes = i % 3 == 0;
    const std::string once = std::to_string(i);
    if (i % 7 == 0)
      texts.add(yes ? "yes" : "no", {}, 0);
    else if (i % 7 == 1)
      texts.add(yes ? "yes" : "no", {"once" + once, "odd" + once}, 2);
    else
      texts.add(yes ? "yes" : "no", {yes ? "good" : "bad"}, 5);
  }
  const Dataset dataset = texts.dataset();
  TrainSettings settings = quick_settings();
  settings.length_token = false;
  const Result result = trained(dataset, settings);
  const auto lengths = result.prepared.training.corpus.lengths();
  EXPECT_GE(std::count(lengths.begin(), lengths.end(), 0u), 60);
  // Of 7 texts 5 can be known, and the usual class is the better guess for the others.
  EXPECT_GE(evaluate(result, dataset).accuracy, 0.85);
}

Dataset random_labels(uint32_t seed) {
  SyntheticCorpus texts(seed);
  for (size_t i = 0; i < 200; ++i) texts.add(texts.below(2) ? "yes" : "no", {});
  return texts.dataset();
}

TEST(TrainerCorpora, RandomLabelsEndInAPath) {
  for (const double high : {6.0, 200.0}) {
    TrainSettings settings = quick_settings();
    settings.kl.high = high;
    const Result result = trained(random_labels(4), settings);
    EXPECT_FALSE(result.state.path.empty());
    EXPECT_GT(result.model().point.accuracy, 0.3);
    EXPECT_LE(result.model().point.accuracy, 0.75);  // 3 standard errors, of 40 texts
    // A model that has lost what the best one knew ends the path.
    if (high > 100.0) {
      EXPECT_LT(result.state.epoch, settings.epochs);
    }
  }
}

TEST(TrainerCorpora, WhereNothingSurvivesTheErrorSaysWhatToDo) {
  TrainSettings settings = quick_settings();
  settings.kl = {.low = 1e4, .high = 1e4, .warm_up = 0.0};
  settings.points = 1;
  EXPECT_EQ(message_of([&] { trained(random_labels(5), settings); }),
            "every n-gram was pruned before a model could be taken: the texts do not tell the "
            "classes apart, the KL weighs too much, or the noise starts too wide for the weights, "
            "from --initial-log-sigma -2; give more texts, lower --kl-scale or "
            "--initial-log-sigma, or raise --points");
  settings.method.posterior = "sparse-multiplicative";  // starts from log alpha, near its end
  settings.method.initial_log_alpha = 2.5;
  settings.method.groups = MethodSettings::GroupPosterior::none;
  EXPECT_EQ(message_of([&] { trained(random_labels(5), settings); }),
            "every n-gram was pruned before a model could be taken: the texts do not tell the "
            "classes apart, or the KL weighs too much; give more texts, "
            "lower --kl-scale or raise --points");
}

TEST(TrainerCorpora, FourTexts) {
  const Dataset dataset = dataset_of("a\tx x\nb\ty y\na\tx\nb\ty\n");
  TrainSettings settings = quick_settings();
  settings.epochs = 5;
  settings.points = 2;
  settings.kl = {.low = 1e-3, .high = 1e-2, .warm_up = 0.2};
  EXPECT_FALSE(trained(dataset, settings).state.path.empty());
}

TEST(TrainerCorpora, OneDirectionAndOtherPoolings) {
  TrainSettings settings = quick_settings();
  settings.bidirectional = false;
  settings.poolings = {Pooling::last};
  settings.groups = {};
  settings.dense_steps = 200;
  const Dataset dataset = signal_corpus(400, 6);
  EXPECT_GE(evaluate(trained(dataset, settings), dataset).accuracy, 0.9);
}

TEST(TrainerCorpora, WithoutAPosteriorNothingIsPruned) {
  TrainSettings settings = quick_settings();
  settings.method.posterior = "deterministic";
  settings.epochs = 5;
  settings.points = 1;
  const Result result = trained(signal_corpus(400, 7), settings);
  EXPECT_EQ(result.model().point.ngrams, result.prepared.start.vocabulary.size());
  EXPECT_GE(result.model().point.accuracy, 0.9);
}

/// Texts that are about any of three things; which ones, one word each tells.
Dataset several_labels_corpus(uint32_t seed, size_t texts) {
  SyntheticCorpus corpus(seed);
  for (size_t i = 0; i < texts; ++i) {
    std::string labels;
    std::vector<std::string> words;
    for (const std::string topic : {"art", "food", "sport"}) {
      if (corpus.below(3) > 0) continue;
      labels += (labels.empty() ? "" : ",") + topic;
      words.push_back("on" + topic);
    }
    corpus.add(labels, words);
  }
  std::istringstream stream(corpus.tsv());
  TsvReader reader(stream, "data.tsv");
  reader.take_several_labels(',');
  return read_dataset(reader);
}

TEST(TrainerCorpora, SeveralLabelsATextAreFoundTogetherAndApart) {
  TrainSettings settings = quick_settings();
  settings.several_labels = true;
  settings.dense_steps = 200;
  const Result result = trained(several_labels_corpus(3, 600), settings);
  const NetworkShape& shape = result.prepared.start.shape;
  EXPECT_EQ(shape.output, OutputKind::sigmoid);
  EXPECT_EQ(shape.outputs, 3u);
  const PathModel& best = *std::ranges::max_element(
      result.state.path, {}, [](const PathModel& m) { return m.point.micro_f1; });
  EXPECT_TRUE(best.model.several_labels);
  EXPECT_GE(best.point.micro_f1, 0.95);
  EXPECT_GE(best.point.accuracy, 0.9);  // all labels of a text
  ASSERT_EQ(best.model.thresholds.size(), 3u);

  // What was fitted and measured on validation holds on new texts.
  const Dataset fresh = several_labels_corpus(4, 400);
  const auto all = all_indices(fresh.size());
  const TrainingSet set = make_training_set(
      fresh, all, encode_corpus(fresh, all, *best.model.tokenizer, best.model.vocabulary));
  ThreadPool pool;
  const auto evaluation = evaluate_label_sets(predict_set(best.model.network, set, pool),
                                              set.labels, best.model.thresholds);
  EXPECT_GE(evaluation.micro_f1, 0.93);
}

TEST(TrainerCorpora, TwoLabelsThatDoNotExcludeEachOtherHaveTwoOutputs) {
  SyntheticCorpus corpus(5);
  for (size_t i = 0; i < 200; ++i)
    corpus.add(i % 2 ? "a,b" : i % 4 ? "a" : "", {i % 2 ? "x" : "y"});
  std::istringstream stream(corpus.tsv());
  TsvReader reader(stream, "data.tsv");
  reader.take_several_labels(',');
  const Dataset dataset = read_dataset(reader);
  TrainSettings settings = quick_settings();
  settings.several_labels = true;
  EXPECT_EQ(prepare(dataset, settings).start.shape.outputs, 2u);
}

TEST(TrainerCorpora, BalancedWeightsFindMoreOfARareClass) {
  // 10:1, and the rare class's word stands in a fifth of the others too.
  const auto corpus = [](uint32_t seed) {
    SyntheticCorpus texts(seed);
    for (size_t i = 0; i < 660; ++i) {
      const bool rare = i % 11 == 0;
      const bool word = rare || texts.below(5) == 0;
      texts.add(rare ? "rare" : "usual",
                word ? std::vector<std::string>{"sign"} : std::vector<std::string>{});
    }
    return texts.dataset();
  };
  const Dataset test = corpus(8);
  const auto recall = [&](bool balanced) {
    Dataset dataset = corpus(7);
    if (balanced) weigh_classes(dataset, balanced_class_weights(dataset));
    return evaluate(trained(dataset, quick_settings()), test).classes[0].recall;
  };
  EXPECT_GE(recall(true), 0.9);
  EXPECT_LE(recall(false), 0.5);
}

TEST(TrainerCorpora, AThousandClasses) {
  SyntheticCorpus texts(5);
  for (size_t i = 0; i < 3'000; ++i) {
    texts.add("class" + std::to_string(i % 1'000), {"topic" + std::to_string(i % 1'000)}, 3);
  }
  TrainSettings settings = quick_settings();
  settings.validation = 0.34;
  settings.batch = 128;
  settings.embedding = 32;
  settings.hidden = 16;
  settings.naive_bayes = 0.0;
  settings.dense_steps = 150;
  settings.dense_dropout = 0.0;
  settings.epochs = 2;
  settings.points = 1;
  settings.method.initial_log_sigma = -6.0;
  settings.kl.low = 0.01;
  settings.kl.high = 0.02;
  const Dataset dataset = texts.dataset();
  const Result result = trained(dataset, settings);
  EXPECT_EQ(result.prepared.validation.texts.size(), 1'000u);
  EXPECT_EQ(result.model().model.network.output_bias.cols(), 1'000u);
  EXPECT_GE(result.model().point.accuracy, 0.1);  // a guess: 0.001
}

}  // namespace
}  // namespace ockham
