#include <cmath>
#include <sstream>

#include "ockham/compress/compaction.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/model/classifier_io.hpp"
#include "ockham/train/monte_carlo.hpp"
#include "tests/cli/cli_test.hpp"

// train -> evaluate -> compress -> predict -> report, and the names that scripts rely on.

namespace ockham {
namespace {

using nlohmann::json;

class RoundTrip : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("m");
    write("test.tsv", make_corpus(200, 2));
  }

  /// The labels of predict's lines.
  static std::vector<std::string> labels_of(const std::string& predictions) {
    std::vector<std::string> labels;
    for (const std::string& line : lines_of(predictions)) {
      labels.push_back(line.substr(0, line.find('\t')));
    }
    return labels;
  }

  /// The mean negative log-likelihood of labelled texts.
  static double nll_of(const Matrix& probabilities, const std::vector<std::string>& classes,
                       const std::vector<std::string>& labels) {
    double sum = 0.0;
    for (size_t i = 0; i < labels.size(); ++i) {
      const auto c = std::find(classes.begin(), classes.end(), labels[i]) - classes.begin();
      sum -= std::log(double{probabilities(i, static_cast<size_t>(c))});
    }
    return sum / static_cast<double>(labels.size());
  }

  /// The path's points.
  json points() const { return report("m")["path"]["points"]; }
};

TEST_F(RoundTrip, TrainPrintsThePathOnStdout) {
  write("train.tsv", make_corpus(300));
  const Outcome outcome = run_well("train --train train.tsv --model m" + kQuick);
  EXPECT_EQ(outcome.err, "");
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 1 + points().size());
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '>'), 1);
}

TEST_F(RoundTrip, EvaluationHasThePinnedKeys) {
  const json result = evaluate("m", "test.tsv");
  EXPECT_EQ(result.at("count"), 200);
  EXPECT_GT(result.at("accuracy").get<double>(), 0.8);
  EXPECT_LE(result.at("accuracy").get<double>(), 1.0);
  EXPECT_GT(result.at("nll").get<double>(), 0.0);
  EXPECT_GE(result.at("ece").get<double>(), 0.0);
  EXPECT_LE(result.at("ece").get<double>(), 1.0);
}

TEST_F(RoundTrip, EvaluationSamplesWeightsWhereAsked) {
  const auto sampled = [&](const std::string& options) {
    return without_speed(run_well("evaluate --json --model m --data test.tsv " + options).out);
  };
  const json three = sampled("--samples 3");
  EXPECT_EQ(three, sampled("--samples 3 --threads 2"));
  EXPECT_NE(three.at("nll"), sampled("--samples 4").at("nll"));
  EXPECT_NE(three.at("nll"), evaluate("m", "test.tsv").at("nll"));
  EXPECT_GT(three.at("accuracy").get<double>(), 0.7);
  run_well("compress --model m --output m.ock");
  expect_refusal(run("evaluate --model m.ock --data test.tsv --samples 3"), 1,
                 {"m.ock", "holds no posteriors"});
}

TEST_F(RoundTrip, EvaluationForPeopleSaysTheSame) {
  const Outcome outcome = run_well("evaluate --model m --data test.tsv");
  EXPECT_EQ(outcome.err, "");
  char accuracy[16];
  std::snprintf(accuracy, sizeof accuracy, "%.2f%%",
                100.0 * evaluate("m", "test.tsv").at("accuracy").get<double>());
  EXPECT_NE(outcome.out.find(accuracy), std::string::npos) << outcome.out;
}

TEST_F(RoundTrip, Fp32FileGivesTheFoldersFigures) {
  run_well("compress --model m --output m.ockham --weights fp32");
  const json folder = evaluate("m", "test.tsv"), file = evaluate("m.ockham", "test.tsv");
  for (const std::string key : {"count", "accuracy", "nll", "ece", "brier"}) {
    EXPECT_NEAR(folder.at(key).get<double>(), file.at(key).get<double>(), 1e-5) << key;
  }
  EXPECT_EQ(folder.at("labels"), file.at("labels"));
  EXPECT_EQ(folder.at("confusion"), file.at("confusion"));
}

TEST_F(RoundTrip, HardSigmoidGatesGoTheWholeWay) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model h --gates hard-sigmoid" + kQuick);
  run_well("compress --model h --output h.ockham --weights fp32");
  const json folder = evaluate("h", "test.tsv"), file = evaluate("h.ockham", "test.tsv");
  EXPECT_GT(folder.at("accuracy").get<double>(), 0.8);
  EXPECT_NEAR(folder.at("nll").get<double>(), file.at("nll").get<double>(), 1e-5);
  EXPECT_EQ(json::parse(read("h/config.json")).at("network").at("gates"), "hard-sigmoid");
  // What goes on from it has its gates.
  run_well("train --train train.tsv --model on --init h" + kQuick);
  EXPECT_EQ(json::parse(read("on/config.json")).at("network").at("gates"), "hard-sigmoid");
  expect_refusal(run("train --train train.tsv --model no --init h --gates sigmoid" + kQuick), 2,
                 {"--gates differs from the model in h"});
}

TEST_F(RoundTrip, WithoutFineTuningTheWholePosteriorCanBeJudged) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model p" + kQuick + " --fine-tune-epochs 0");
  const auto nll = [&](const std::string& options) {
    const Outcome outcome = run_well("evaluate --model p --data test.tsv --json " + options);
    return json::parse(outcome.out).at("nll").get<double>();
  };
  Classifier posterior = load_classifier(folder_ / "p");
  unprune(posterior.network);
  const Unlabelled test = without_labels(read("test.tsv"));
  const std::vector<std::string> lines = lines_of(test.texts);
  const std::vector<std::string_view> texts(lines.begin(), lines.end());
  ThreadPool pool;
  const Engine engine(fold(posterior));
  Matrix of_means;
  engine.predict(texts, pool, of_means);
  EXPECT_NEAR(nll("--unpruned"), nll_of(of_means, posterior.classes, test.labels), 1e-6);
  EXPECT_GT(std::abs(nll("--unpruned") - nll("")), 1e-4);
  EncodedCorpus corpus;
  TextEncoder encoder = engine.encoder();
  for (const std::string_view text : texts) encoder.encode(text, corpus);
  const Matrix of_draws = sample_predictions(posterior, corpus, 3, pool).mean;
  EXPECT_NEAR(nll("--unpruned --samples 3"), nll_of(of_draws, posterior.classes, test.labels),
              1e-6);
  EXPECT_GT(std::abs(nll("--unpruned --samples 3") - nll("--samples 3")), 1e-4);
  // The deployable file has what is kept.
  run_well("compress --model p --output p.ockham --weights fp32");
  EXPECT_NEAR(evaluate("p.ockham", "test.tsv").at("nll").get<double>(), nll(""), 1e-5);
  expect_refusal(run("evaluate --model p.ockham --data test.tsv --unpruned"), 1,
                 {"holds no posteriors"});
  expect_refusal(run("evaluate --model m --data test.tsv --unpruned"), 1,
                 {"m: the means of what was pruned are not in this model", "--fine-tune-epochs 0"});
}

TEST_F(RoundTrip, DenseLayersGoTheWholeWay) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model d --dense-layers 8,6 --local output,dense" + kQuick);
  run_well("compress --model d --output d.ockham --weights fp32");
  const json folder = evaluate("d", "test.tsv"), file = evaluate("d.ockham", "test.tsv");
  EXPECT_GT(folder.at("accuracy").get<double>(), 0.8);
  EXPECT_NEAR(folder.at("nll").get<double>(), file.at("nll").get<double>(), 1e-5);
  const json config = json::parse(read("d/config.json"));
  EXPECT_EQ(config.at("network").at("dense_layers"), json({8, 6}));
  EXPECT_EQ(config.at("estimators").at("dense_0/weight"), "local");
  EXPECT_EQ(report("d").at("layers").at("dense").size(), 2u);
  for (const char* key : {"layers", "dense_units_kept", "weights_total"}) {
    EXPECT_EQ(report("d").at(key), report("d.ockham").at(key)) << key;
  }
  run_well("train --train train.tsv --model on --init d" + kQuick);
  EXPECT_EQ(json::parse(read("on/config.json")).at("network").at("dense_layers"), json({8, 6}));
  expect_refusal(run("train --train train.tsv --model no --dense-layers 8,,6"), 2,
                 {"--dense-layers", "none or a list"});
  expect_refusal(run("train --train train.tsv --model no --local dense"), 2,
                 {"--local dense has no layer to act on", "--dense-layers"});
}

TEST_F(RoundTrip, StackedGrusGoTheWholeWay) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model g --cell gru --layers 2 --layer-dropout 0.1" + kQuick);
  run_well("compress --model g --output g.ockham --weights fp32");
  const json folder = evaluate("g", "test.tsv"), file = evaluate("g.ockham", "test.tsv");
  EXPECT_GT(folder.at("accuracy").get<double>(), 0.8);
  EXPECT_NEAR(folder.at("nll").get<double>(), file.at("nll").get<double>(), 1e-5);
  EXPECT_EQ(folder.at("confusion"), file.at("confusion"));
  const json config = json::parse(read("g/config.json"));
  EXPECT_EQ(config.at("network").at("cell"), "gru");
  EXPECT_EQ(config.at("network").at("layers"), 2);
  EXPECT_EQ(report("g").at("units_kept"), report("g.ockham").at("units_kept"));
  const Unlabelled test = without_labels(read("test.tsv"));
  EXPECT_EQ(labels_of(run_well("predict --model g.ockham", {.input = test.texts}).out).size(),
            test.labels.size());
}

TEST_F(RoundTrip, PredictedLabelsGiveTheEvaluatedAccuracy) {
  const Unlabelled test = without_labels(read("test.tsv"));
  run_well("compress --model m --output m.ockham");
  for (const std::string model : {"m", "m.ockham"}) {
    const auto labels = labels_of(run_well("predict --model " + model, {.input = test.texts}).out);
    ASSERT_EQ(labels.size(), test.labels.size());
    double right = 0;
    for (size_t i = 0; i < labels.size(); ++i) right += labels[i] == test.labels[i];
    EXPECT_DOUBLE_EQ(right / double(labels.size()),
                     evaluate(model, "test.tsv").at("accuracy").get<double>());
  }
}

TEST_F(RoundTrip, HashesOfFewerBitsAreSmallerAndSayTheSame) {
  write("train.tsv", make_corpus(200, 1));
  run_well("compress --model m --output words.ockham --weights int6");
  const auto chosen =
      run("compress --model m --output hashed.ockham --weights int6 --vocabulary hashed --train "
          "train.tsv");
  EXPECT_EQ(chosen.code, 0) << chosen.err;
  EXPECT_NE(chosen.err.find("others are taken for one of them"), std::string::npos) << chosen.err;
  EXPECT_EQ(chosen.err.find("--train FILE"), std::string::npos) << chosen.err;
  const Outcome widest =
      run_well("compress --model m --output widest.ockham --weights int6 --vocabulary hashed");
  EXPECT_NE(widest.err.find("hashes of 24 bits; with the training's texts, --train FILE"),
            std::string::npos)
      << widest.err;
  const Outcome few = run_well(
      "compress --model m --output few.ockham --weights int6 --vocabulary hashed:8 "
      "--train train.tsv");
  const std::string warning = "so few bits cost accuracy; --vocabulary hashed:24";
  EXPECT_NE(few.err.find(warning), std::string::npos) << few.err;
  EXPECT_EQ(chosen.err.find(warning) & widest.err.find(warning), std::string::npos);
  EXPECT_LT(read("hashed.ockham").size(), read("widest.ockham").size());
  EXPECT_LT(read("few.ockham").size(), read("words.ockham").size());
  const double by_words = evaluate("words.ockham", "test.tsv").at("accuracy").get<double>();
  EXPECT_NEAR(evaluate("hashed.ockham", "test.tsv").at("accuracy").get<double>(), by_words, 0.03);
  EXPECT_EQ(report("hashed.ockham").at("words_kept"), report("words.ockham").at("words_kept"));
}

TEST_F(RoundTrip, AModelMayBeTrainedWithHashes) {
  write("train.tsv", make_corpus(600, 1));
  run_well("train --train train.tsv --model h --epochs 8 --vocabulary hashed:16 --quiet");
  run_well("compress --model h --output h.ockham --weights fp32");
  const json folder = evaluate("h", "test.tsv");
  EXPECT_GT(folder.at("accuracy").get<double>(), 0.75);
  EXPECT_EQ(folder.at("accuracy"), evaluate("h.ockham", "test.tsv").at("accuracy"));
  // The report says how far hashes can be trusted.
  const json hash = report("h.ockham").at("hash");
  EXPECT_EQ(hash.at("bits"), 16);
  EXPECT_DOUBLE_EQ(hash.at("false_hit_chance").get<double>(),
                   report("h.ockham").at("words_kept").get<double>() / 65'536);
  EXPECT_FALSE(hash.contains("false_hits"));
  const json counted =
      json::parse(run_well("report --model h.ockham --json --train train.tsv").out).at("hash");
  EXPECT_GT(counted.at("hits"), counted.at("false_hits"));
  const std::string shown = run_well("report --model h --train train.tsv").out;
  for (const std::string& line : lines_of(shown)) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_NE(shown.find("false hits"), std::string::npos);
  expect_refusal(run("report --model m --train train.tsv"), 1, {"as words", "--train"});
  for (const char* other : {"words", "hashed:17"}) {
    expect_refusal(run(std::string("compress --model h --output x.ockham --vocabulary ") + other),
                   1, {"was trained with hashes of 16 bits"});
  }
  run_well("compress --model h --output x.ockham --weights fp32 --vocabulary hashed:16");
  EXPECT_EQ(read("x.ockham"), read("h.ockham"));
  // The texts tell of which characters its hashes are.
  EXPECT_NE(run_well("compress --model h --output x.ockham").err.find("--train FILE, tell which"),
            std::string::npos);
  EXPECT_EQ(run_well("compress --model h --output t.ockham --train train.tsv").err.find("tell"),
            std::string::npos);
  EXPECT_NE(run_well("report --model t.ockham").out.find("\ncharacters"), std::string::npos);
  EXPECT_EQ(run_well("report --model x.ockham").out.find("\ncharacters"), std::string::npos);
  expect_refusal(run("compress --model m --output x.ockham --train train.tsv"), 2,
                 {"--train is for --vocabulary hashed"});
  expect_refusal(run("train --train train.tsv --model i --init h"), 2, {"--init", "hashed"});
}

TEST_F(RoundTrip, ReportHasThePinnedKeys) {
  for (const std::string weights : {"fp32", "fp16", "int8"}) {
    SCOPED_TRACE(weights);
    run_well("compress --model m --output m.ockham --weights " + weights);
    const json folder = report("m"), file = report("m.ockham");
    for (const std::string key : {"weights_total", "weights_kept", "compression", "bytes_dense",
                                  "words_kept", "units_kept", "gates_kept"}) {
      EXPECT_GT(folder.at(key).get<double>(), 0.0) << key;
      EXPECT_EQ(folder.at(key), file.at(key)) << key;
    }
    EXPECT_EQ(file.at("bytes_file"), read("m.ockham").size());
    if (weights == "int8") {
      EXPECT_EQ(file.at("bytes_file"), folder.at("bytes_file"));
    }
    EXPECT_DOUBLE_EQ(
        folder.at("compression").get<double>(),
        folder.at("weights_total").get<double>() / folder.at("weights_kept").get<double>());
    EXPECT_EQ(file.at("words").size(), file.at("words_kept").get<size_t>());
  }
}

TEST_F(RoundTrip, ReportKnowsTheWordsThatMatter) {
  const auto holds = [](const std::string& ngram, const auto& words) {
    return std::any_of(words.begin(), words.end(), [&](const char* word) {
      return (" " + ngram + " ").find(std::string(" ") + word + " ") != std::string::npos;
    });
  };
  std::map<std::string, json> strongest;  // by label
  const json words = report("m").at("words");
  for (const json& word : words) {
    json& best = strongest[word.at("label")];
    if (best.is_null() || word.at("polarity") > best.at("polarity")) best = word;
  }
  ASSERT_EQ(strongest.size(), 2u);
  EXPECT_TRUE(holds(strongest["pos"].at("ngram"), kGoodWords)) << strongest["pos"];
  EXPECT_TRUE(holds(strongest["neg"].at("ngram"), kBadWords)) << strongest["neg"];

  const Outcome outcome = run_well("report --model m");
  EXPECT_EQ(outcome.err, "");
  for (const auto& [label, word] : strongest) {
    const auto ngram = word.at("ngram").get<std::string>();
    EXPECT_NE(outcome.out.find(ngram.substr(0, 20)), std::string::npos) << outcome.out;
  }
}

TEST_F(RoundTrip, ManyClasses) {
  std::string corpus;
  const std::vector<std::string> labels{"news", "a label", "\xc3\xa9t\xc3\xa9", "4", "{\"x\"}"};
  for (size_t i = 0; i < 200; ++i) {
    const std::string topic = std::to_string(i % labels.size());
    corpus += labels[i % labels.size()] + "\ttopic" + topic + " and thing" + topic + " again\n";
  }
  write("topics.tsv", corpus);
  run_well(
      "train --train topics.tsv --model topics --points 2 --quiet --epochs 12 "
      "--dense-steps 80 --rate 0.02");
  EXPECT_GT(evaluate("topics", "topics.tsv").at("accuracy").get<double>(), 0.9);
  EXPECT_EQ(report("topics").at("labels").size(), labels.size());
  const Outcome predicted = run_well("predict --jsonl --model topics topics.tsv");
  for (const std::string& line : lines_of(predicted.out)) {
    EXPECT_EQ(json::parse(line).at("probabilities").size(), labels.size());
  }
}

}  // namespace
}  // namespace ockham
