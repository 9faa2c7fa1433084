#include "tests/cli/cli_test.hpp"

// Several labels a text, weights of classes, and what models are then compared by.

namespace ockham {
namespace {

/// Each line of the corpus, which tells good from bad, gets a second label that one word tells.
std::string several_labels_corpus(size_t texts, unsigned seed = 1) {
  std::string tsv;
  size_t i = 0;
  for (const std::string& line : lines_of(make_corpus(texts, seed))) {
    const size_t tab = line.find('\t');
    const bool pos = line.starts_with("pos"), funny = i++ % 3 == 0;
    tsv += std::string(pos ? "pos" : "") + (pos && funny ? "," : "") + (funny ? "funny" : "");
    tsv += line.substr(tab) + (funny ? " laugh" : "") + "\n";
  }
  return tsv;
}

class LabelsTest : public CliTest {};

TEST_F(LabelsTest, SeveralATextFromTrainingToPrediction) {
  write("train.tsv", several_labels_corpus(300));
  write("test.tsv", several_labels_corpus(120, 2));
  const Outcome trained = run_well("train --multi-label --train train.tsv --model m" + kQuick);
  EXPECT_NE(trained.out.find("micro-f1"), std::string::npos) << trained.out;
  run_well("compress --model m --output m.ockham --weights fp32");
  for (const std::string model : {"m", "m.ockham"}) {
    const auto scores = evaluate(model, "test.tsv");
    EXPECT_GE(scores.at("micro_f1"), 0.85) << model;
    EXPECT_GE(scores.at("classes").at("funny").at("f1"), 0.9) << model;
    for (const char* key : {"count", "accuracy", "nll", "ece", "macro_f1"}) {
      EXPECT_TRUE(scores.contains(key)) << key;
    }
    EXPECT_TRUE(report(model).at("several_labels"));
    EXPECT_EQ(report(model).at("thresholds").size(), 2u);
  }
  EXPECT_EQ(report("m").at("path").at("criterion"), "micro-f1");
  // Thresholds are fitted anew where files are measured, but for a label that no text has there.
  std::string no_fun;
  for (const std::string& line : lines_of(read("test.tsv"))) {
    if (line.find("laugh") == std::string::npos) no_fun += line + "\n";
  }
  write("no_fun.tsv", no_fun);
  run_well("compress --model m --output v.ockham --max-bytes 100000 --valid no_fun.tsv");
  const Outcome measured =
      run_well("compress --model m --output w.ockham --weights auto --valid test.tsv");
  EXPECT_NE(measured.err.find("% micro-f1 on 120 validation texts"), std::string::npos)
      << measured.err;
  const auto labels = report("m").at("labels");
  const size_t funny = labels[0] == "funny" ? 0 : 1;
  const auto learned = [&](const std::string& model) {
    std::vector<double> thresholds;
    for (size_t i = 0; i < report("m").at("path").at("points").size(); ++i) {
      const std::string point = model + "/path/0" + std::to_string(i);
      if (i < 10) thresholds.push_back(report(point).at("thresholds")[funny]);
    }
    return thresholds;
  };
  const std::vector<double> known = learned("m");
  EXPECT_NE(std::ranges::find(known, report("v.ockham").at("thresholds")[funny].get<double>()),
            known.end());
  expect_refusal(run("evaluate --model m --data none.tsv --errors 2"), 2, {"--errors"});
  // Labels are compared, whatever their order in the model.
  const auto same =
      nlohmann::json::parse(run_well("evaluate --json --model m --compare m --data test.tsv").out);
  EXPECT_EQ(same.at("agreement"), 1.0);
  EXPECT_EQ(same.at("models")[0].at("accuracy"), evaluate("m", "test.tsv").at("accuracy"));
  // The same answers from the folder and from the file, one a line.
  write("texts", without_labels(read("test.tsv")).texts);
  const Outcome folder = run_well("predict --model m texts");
  EXPECT_EQ(folder.out, run_well("predict --model m.ockham texts").out);
  EXPECT_EQ(lines_of(folder.out).size(), 120u);
  EXPECT_NE(folder.out.find("-\t-\n"), std::string::npos);
  EXPECT_NE(folder.out.find(","), std::string::npos);
}

TEST_F(LabelsTest, AnotherSeparatorAndJsonArraysMeanTheSame) {
  std::string bars, jsonl;
  for (const std::string& line : lines_of(several_labels_corpus(120))) {
    const size_t tab = line.find('\t');
    nlohmann::json labels = nlohmann::json::array();
    std::string field = line.substr(0, tab);
    for (const char* label : {"pos", "funny"}) {
      if (field.find(label) != std::string::npos) labels.push_back(label);
    }
    jsonl += nlohmann::json{{"label", labels}, {"text", line.substr(tab + 1)}}.dump() + "\n";
    std::ranges::replace(field, ',', '|');
    bars += field + line.substr(tab) + "\n";
  }
  write("a.tsv", several_labels_corpus(120));
  write("bars.tsv", bars);
  write("a.jsonl", jsonl);
  const auto weights = [&](const std::string& arguments) {
    run_well("train --multi-label --model m" + kQuick + " --train " + arguments);
    return read("m/model.safetensors");
  };
  const std::string expected = weights("a.tsv");
  EXPECT_EQ(weights("a.jsonl"), expected);
  EXPECT_EQ(weights("bars.tsv --label-separator |"), expected);
}

TEST_F(LabelsTest, ClassWeightsChangeTheTrainingAndTheCriterion) {
  // Of the texts with "maybe" one in four is pos: a weight of 9 makes that the better guess.
  const auto with_maybe = [](const std::string& corpus) {
    std::string more = corpus;
    for (size_t i = 0; i < 100; ++i) more += i % 4 == 0 ? "pos\tmaybe\n" : "neg\tmaybe\n";
    return more;
  };
  write("train.tsv", with_maybe(make_corpus(200)));
  write("weights", "pos\t9\n");
  run_well("train --train train.tsv --model plain" + kQuick);
  run_well("train --train train.tsv --model weighed --class-weights weights" + kQuick);
  run_well("train --train train.tsv --model balanced --class-weights balanced" + kQuick);
  EXPECT_NE(read("weighed/model.safetensors"), read("plain/model.safetensors"));
  EXPECT_EQ(report("plain").at("path").at("criterion"), "accuracy");
  EXPECT_EQ(report("weighed").at("path").at("criterion"), "macro-f1");
  EXPECT_EQ(report("balanced").at("path").at("criterion"), "macro-f1");
  write("test.tsv", with_maybe(make_corpus(200, 3)));
  const auto recall = [&](const std::string& model) {
    return evaluate(model, "test.tsv").at("classes").at("pos").at("recall").get<double>();
  };
  // 25 of 125 texts of pos say maybe.
  EXPECT_GT(recall("weighed"), recall("plain") + 0.1);
}

TEST_F(LabelsTest, ThatNobodyCanLearnAreToldAtTheEnd) {
  std::string corpus = "Rare \tw1\nRare \tw2\n";
  for (size_t i = 0; i < 300; ++i) {
    corpus += (i % 50 == 0 ? "rare\tw" : "usual\tw") + std::to_string(i % 7) + "\n";
  }
  write("train.tsv", corpus);
  const std::string loud = " --epochs 4 --points 2 --dense-steps 60";
  const std::string all_words = " --screen 0 --min-count 1" + loud;
  std::string told = run_well("train --train train.tsv --model m" + all_words).err;
  EXPECT_NE(told.find("not clearly better than always giving the usual label"), std::string::npos)
      << told;
  EXPECT_NE(told.find("differ in blanks or capitals alone: \"Rare \", \"rare\""), std::string::npos)
      << told;
  write("good.tsv", make_corpus(200));
  told = run_well("train --train good.tsv --model good" + loud).err;
  EXPECT_EQ(told.find("clearly better than"), std::string::npos) << told;
  EXPECT_EQ(told.find("differ in blanks"), std::string::npos) << told;
}

TEST_F(LabelsTest, MisuseIsToldInOneLine) {
  write("train.tsv", several_labels_corpus(60));
  write("one.tsv", make_corpus(60));
  write("weights", "good\t2\n");
  expect_refusal(run("train --multi-label --class-weights balanced --train train.tsv --model m"), 2,
                 {"--class-weights", "--multi-label"});
  expect_refusal(run("train --class-weights weights --train one.tsv --model m --quiet"), 1,
                 {"weights:1", "good"});
  expect_refusal(run("train --class-weights nowhere --train one.tsv --model m --quiet"), 1,
                 {"nowhere", "no such file"});
  expect_refusal(run("train --train train.tsv --model m --quiet"), 1,
                 {"train.tsv:", "empty label", "--multi-label"});
  expect_refusal(run("train --criterion f2 --train one.tsv --model m"), 2,
                 {"criterion", "macro-f1"});
  write("mixed.jsonl", "{\"label\":[\"a\"],\"text\":\"x\"}\n{\"label\":\"b\",\"text\":\"y\"}\n");
  expect_refusal(run("train --multi-label --train mixed.jsonl --model m --quiet"), 1,
                 {"mixed.jsonl:2", "one label", "array"});
}

TEST_F(LabelsTest, AWordNearBalancedIsASlip) {
  write("train.tsv", make_corpus(20));
  expect_refusal(run("train --train train.tsv --model m --class-weights ballanced"), 2,
                 {"no file \"ballanced\"", "did you mean \"balanced\"?"});
  const Outcome missing = run("train --train train.tsv --model m --class-weights weights.tsv");
  EXPECT_EQ(missing.code, 1);
  EXPECT_NE(missing.err.find("weights.tsv: no such file"), std::string::npos) << missing.err;
}

TEST_F(LabelsTest, OneTextAndOneClassAreSingular) {
  write("one.tsv", "a\tgood\n");
  const Outcome outcome = run("train --train one.tsv --model m");
  EXPECT_NE(outcome.err.find("one.tsv: 1 text, 1 class (a 1)"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace ockham
