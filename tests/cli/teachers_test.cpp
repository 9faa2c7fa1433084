#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "tests/cli/cli_test.hpp"

// Training with teachers, and with texts that only they have labelled.

namespace ockham {
namespace {

namespace fs = std::filesystem;

class TeachersTest : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("train.tsv", make_corpus(60));
    write("test.tsv", make_corpus(400, 3));
    write("more.txt", without_labels(make_corpus(1000, 5)).texts);
  }

  bool same_model(const std::string& a, const std::string& b) const {
    return read(a + "/model.safetensors") == read(b + "/model.safetensors");
  }
};

const std::string kSmall = " --epochs 12 --points 4 --dense-steps 40 --rate 0.02";

/// A word that no labelled text has stands beside words that some have.
TEST_F(TeachersTest, LabelTextsWhoseOtherWordsAreLearned) {
  const Unlabelled more = without_labels(make_corpus(600, 5));
  std::string texts;
  const std::vector<std::string> lines = lines_of(more.texts);
  for (size_t i = 0; i < lines.size(); ++i) {
    texts += lines[i] + (more.labels[i] == "pos" ? " zesty" : " soggy") + "\n";
  }
  write("more.txt", texts);
  const Outcome trained =
      run_well("train --train train.tsv --unlabelled more.txt --model m --teachers 2" + kSmall);
  for (const char* part : {"more.txt: 600 texts without labels",
                           "teacher 1 of 2: ", "teacher 2 of 2: ", "its teachers in "}) {
    EXPECT_NE(trained.err.find(part), std::string::npos) << trained.err;
  }
  size_t begun = 0;  // each training shows its first epoch
  for (const std::string& line : lines_of(trained.err)) begun += line.starts_with("dense 1/");
  EXPECT_EQ(begun, 3u) << trained.err;
  write("new.txt", "zesty\nsoggy\n");
  const std::vector<std::string> answers = lines_of(run_well("predict --model m new.txt").out);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[0].starts_with("pos")) << answers[0];
  EXPECT_TRUE(answers[1].starts_with("neg")) << answers[1];
  EXPECT_FALSE(fs::exists(folder_ / "m" / "teachers"));
}

TEST_F(TeachersTest, GiveTheSameModelAgainAndOnMoreThreads) {
  const std::string command =
      "train --train train.tsv --unlabelled more.txt --teachers 2 --quiet" + kSmall;
  run_well(command + " --threads 1 --model a");
  run_well(command + " --threads 3 --model b");
  EXPECT_TRUE(same_model("a", "b"));
}

TEST_F(TeachersTest, TeachLabelledTextsAlone) {
  run_well("train --train train.tsv --teachers 1 --model m --quiet" + kSmall);
  run_well("train --train train.tsv --model alone --quiet" + kSmall);
  run_well("train --train train.tsv --teachers 1 --teacher-share 0 --model deaf --quiet" + kSmall);
  EXPECT_FALSE(same_model("m", "alone"));
  EXPECT_TRUE(same_model("deaf", "alone"));
}

/// A model that was trained on other words teaches them.
TEST_F(TeachersTest, MayBeModelsThatAreThere) {
  std::string named;
  for (const std::string& line : lines_of(make_corpus(300, 7))) {
    named += line + (line.starts_with("pos") ? " zesty\n" : " soggy\n");
  }
  write("named.tsv", named);
  write("more.txt", without_labels(named).texts);
  run_well("train --train named.tsv --model knows --quiet" + kSmall);
  const std::string command =
      "train --train train.tsv --unlabelled more.txt" + kSmall + " --model ";
  const Outcome taught = run_well(command + "m --teacher knows");
  EXPECT_EQ(taught.err.find("teacher 1 of"), std::string::npos) << taught.err;
  write("new.txt", "zesty\nsoggy\n");
  const std::vector<std::string> answers = lines_of(run_well("predict --model m new.txt").out);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[0].starts_with("pos")) << answers[0];
  EXPECT_TRUE(answers[1].starts_with("neg")) << answers[1];

  run_well(command + "same --teacher knows --threads 3");
  run_well(command + "twice --teacher knows,knows/path/00");
  run_well(command + "beside --teacher knows --teachers 1");
  EXPECT_TRUE(same_model("m", "same"));
  EXPECT_FALSE(same_model("m", "twice"));
  EXPECT_FALSE(same_model("m", "beside"));

  write("others.tsv", "a\tx y\na\tx z\nb\tv w\nb\tv u\na\tx y\nb\tv t\n");
  run_well("train --train others.tsv --model o" + kQuick);
  expect_refusal(run(command + "n --quiet --teacher o"), 1,
                 {"o", "other labels", "a", "train.tsv", "pos"});
  expect_refusal(run(command + "n --quiet --multi-label --teacher knows"), 1,
                 {"knows", "one label"});
  expect_refusal(run(command + "n --quiet --teacher none"), 1, {"none"});
  expect_refusal(run(command + "n --quiet --teacher knows,"), 2,
                 {"--teacher", "none of them empty"});
  expect_refusal(run(command + "n --quiet --teacher knows,./knows/"), 1, {"knows", "twice"});
  expect_refusal(run(command + "knows --quiet --teacher knows/path/00"), 1, {"knows", "--model"});
  expect_refusal(run(command + "knows --quiet --teacher knows"), 1, {"knows", "--model"});
  run_well(command + "timed --teacher knows --time-budget 60s");
  write("file.ockham", "x");
  expect_refusal(run(command + "n --quiet --teacher file.ockham"), 1,
                 {"file.ockham", "--teacher takes"});
  EXPECT_FALSE(fs::exists(folder_ / "n"));
}

/// Without anybody who labels them, texts are a language model's: of words that always come in the
/// same order it knows more than of the training's sentences.
TEST_F(TeachersTest, MayBeLeftOutWhereALanguageModelReads) {
  std::string regular;
  for (int i = 0; i < 500; ++i) regular += "good bad good bad good bad good bad good bad\n";
  write("regular.txt", regular);
  const std::string rest =
      " --ngrams 1 --screen 0 --min-count 1 --teachers 0 --language-epochs 20 --language-rate 0.03 "
      "--hidden 8 --quiet" +
      kSmall + " --model ";
  const auto language_loss = [&](const std::string& model) {
    double loss = 0.0;
    for (const std::string& line : lines_of(read(model + "/log.jsonl"))) {
      const nlohmann::json event = nlohmann::json::parse(line);
      if (event.value("phase", "") == "language") loss = event.at("loss");
    }
    return loss;
  };
  run_well("train --train train.tsv --unlabelled regular.txt" + rest + "m");
  run_well("train --train train.tsv" + rest + "alone");
  EXPECT_GT(language_loss("alone"), 1.0);
  EXPECT_LT(language_loss("m"), 0.7 * language_loss("alone"));
  expect_refusal(run("train --train train.tsv --unlabelled more.txt --teachers 0 --model n"), 2,
                 {"--unlabelled", "--language-epochs", "--teacher"});
}

TEST_F(TeachersTest, MayTeachSeveralLabelsAndClasses) {
  std::string several, three;
  for (const std::string& line : lines_of(make_corpus(150))) {
    several += (line.starts_with("pos") ? "pos,any" : "any") + line.substr(3) + "\n";
    three += (three.size() % 3 == 0 ? "new" : line.substr(0, 3)) + line.substr(3) + "\n";
  }
  write("several.tsv", several);
  write("three.tsv", three);
  const std::string rest = " --unlabelled more.txt --teachers 1 --quiet" + kSmall;
  run_well("train --multi-label --train several.tsv --model s" + rest);
  run_well("train --train three.tsv --model t" + rest);
  EXPECT_EQ(lines_of(run_well("predict --model s more.txt").out).size(), 1000u);
  EXPECT_EQ(lines_of(run_well("predict --model t more.txt").out).size(), 1000u);
}

TEST_F(TeachersTest, AreKeptWhereTrainingIsStopped) {
  const std::string command =
      "train --train train.tsv --unlabelled more.txt --teachers 3 --quiet" + kSmall + " --model ";
  run_well(command + "whole");
  Program program(words_of("ockham " + command + "m"), folder_);
  while (program.running() && !fs::exists(folder_ / "m" / "teachers" / "0")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  program.send(SIGINT);
  const Outcome stopped = program.wait();
  expect_refusal(stopped, 1, {"stopped", "ockham train --config", "--resume"});
  expect_refusal(run(command + "m"), 1, {"holds an unfinished training"});
  const Outcome other =
      run("train --train train.tsv --valid test.tsv --unlabelled more.txt "
          "--teachers 3 --quiet --model m --resume" +
          kSmall);
  expect_refusal(other, 1, {"other data or options"});
  expect_refusal(run("train --train train.tsv --quiet --model m --resume" + kSmall), 1,
                 {"no unfinished training there to resume"});
  ASSERT_TRUE(fs::exists(folder_ / "m" / "teachers" / "0"));
  const Outcome resumed = run_well("train --config m/checkpoint.ini --resume --no-quiet");
  EXPECT_NE(resumed.err.find("teacher 1 of 3: ready"), std::string::npos) << resumed.err;
  EXPECT_TRUE(same_model("m", "whole"));
}

/// Names of events in their order, each only where it is another than the one before.
std::vector<std::string> course_of(const std::vector<nlohmann::json>& events) {
  std::vector<std::string> course;
  for (const nlohmann::json& event : events) {
    std::string name = event.at("event");
    if (event.contains("teacher")) name += " " + event["teacher"].dump();
    if (course.empty() || course.back() != name) course.push_back(name);
  }
  return course;
}

TEST_F(TeachersTest, AreToldInTheLog) {
  run_well("train --train train.tsv --teachers 2 --model m --log run.jsonl --quiet" + kSmall);
  EXPECT_EQ(read("run.jsonl"), read("m/log.jsonl"));
  const auto events = events_of(read("m/log.jsonl"));
  std::vector<nlohmann::json> first, own;
  for (const nlohmann::json& event : events) {
    if (event.value("teacher", 0) == 1) first.push_back(event);
    if (!event.contains("teacher")) own.push_back(event);
  }
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first.front()["event"], "teacher_start");
  EXPECT_EQ(first.front()["texts"], 60);
  EXPECT_NE(first.front()["settings"], own.front()["settings"]);
  EXPECT_EQ(first.back()["event"], "teacher_end");
  std::vector<double> accuracies;
  for (const nlohmann::json& event : first) {
    if (event["event"] == "teacher_point") accuracies.push_back(event["accuracy"]);
  }
  ASSERT_GE(accuracies.size(), 4u);
  for (const nlohmann::json& event : first) {
    if (event["event"] == "teacher_point") {
      EXPECT_GT(event["bytes"], 100);
    }
  }
  const auto best = std::ranges::max_element(accuracies);  // the largest of the best
  EXPECT_EQ(first.back()["chosen"], best - accuracies.begin());

  EXPECT_EQ(events[0], first[0]) << "teachers come first";
  EXPECT_EQ(own.front()["event"], "start");
  EXPECT_EQ(own.back(), events.back());
  EXPECT_EQ(own.back()["event"], "end");
  EXPECT_EQ(own.back()["chosen"], nlohmann::json::parse(read("m/path.json"))["chosen"]);

  run_well("report --html of_model.html --model m");
  run_well("report --html of_log.html --log run.jsonl");
  for (const char* page : {"of_model.html", "of_log.html"}) {
    const std::string html = read(page);
    const size_t at = html.find("<section id=\"teachers\"");
    ASSERT_NE(at, std::string::npos);
    const std::string section = html.substr(at, html.find("</section>", at) - at);
    char accuracy[16];
    std::snprintf(accuracy, sizeof accuracy, ">%.2f%%<", 100 * *best);
    for (const std::string& part : {std::string(accuracy), std::string("teacher 2")}) {
      EXPECT_NE(section.find(part), std::string::npos) << part;
    }
  }
}

/// At the second teacher, which begins anew, and at the model.
TEST_F(TeachersTest, AreToldOnceWhereTrainingIsStopped) {
  const std::string longer =
      "train --train train.tsv --teachers 2 --epochs 2000 --points 4 --dense-steps 40 --quiet "
      "--model m";
  // What goes on names its files by whole paths.
  const auto told = [&] {
    auto events = events_of(read("m/log.jsonl"));
    for (nlohmann::json& event : events) {
      if (event["event"] == "start") event.erase("settings");
    }
    return events;
  };
  run_well(longer);
  const auto whole = told();
  for (const char* moment : {"\"teacher\":2,\"units\"", "\"phase\":\"bayes\",\"seconds\""}) {
    SCOPED_TRACE(moment);
    fs::remove_all(folder_ / "m");
    Program program(words_of("ockham " + longer), folder_);
    const bool of_teacher = std::string(moment).find("teacher") != std::string::npos;
    while (program.running()) {
      const std::string log = fs::exists(folder_ / "m/log.jsonl") ? read("m/log.jsonl") : "";
      const size_t own = log.find("\"event\":\"start\"");
      const size_t from = of_teacher ? 0 : own;
      if (from != std::string::npos && log.find(moment, from) != std::string::npos) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    program.send(SIGINT);
    expect_refusal(program.wait(), 1,
                   {of_teacher ? "stopped while teacher 2" : "stopped after epoch", "--resume"});
    EXPECT_NE(course_of(told()), course_of(whole));
    run_well("report --html unfinished.html --log m/log.jsonl");
    EXPECT_EQ(read("unfinished.html").find("The log ends while teacher 2") != std::string::npos,
              of_teacher);
    run_well("train --config m/checkpoint.ini --resume --log late.jsonl");
    ASSERT_EQ(course_of(told()), course_of(whole));
    EXPECT_EQ(told(), whole);
    EXPECT_EQ(read("late.jsonl"), read("m/log.jsonl"));
  }
}

TEST_F(TeachersTest, RefuseWhatMakesNoSense) {
  const std::string train = "train --train train.tsv --model m --quiet";
  write("labelled.tsv", make_corpus(20));
  write("empty.txt", "");
  write("several.tsv", "a,b\tgood\nb\tbad\na\tgood\nb\tbad\n");
  write("alike.tsv", "a\t.\nb\t.\na\t.\nb\t.\n");
  expect_refusal(run("train --multi-label --train several.tsv --model m --quiet --unlabelled "
                     "several.tsv"),
                 1, {"several.tsv", "label and a tab"});
  expect_refusal(run("train --train alike.tsv --model m --quiet --teachers 1"), 1, {"alike.tsv"});
  expect_refusal(run(train + " --unlabelled labelled.tsv"), 1, {"labelled.tsv", "label and a tab"});
  expect_refusal(run(train + " --unlabelled empty.txt"), 1, {"empty.txt", "no text"});
  write("blank.txt", "\n \n\t\n");
  expect_refusal(run(train + " --unlabelled blank.txt"), 1, {"blank.txt", "no text"});
  expect_refusal(run(train + " --unlabelled none.txt"), 1, {"none.txt"});
  expect_refusal(run(train + " --teacher-share 0.5"), 2, {"--teacher-share", "--teachers"});
  put_model("base");
  expect_refusal(run(train + " --teacher base --init base"), 2, {"--init", "--teacher"});
  expect_refusal(run(train + " --unlabelled more.txt --init base"), 2, {"--init", "--unlabelled"});
  EXPECT_FALSE(fs::exists(folder_ / "m"));
}

TEST_F(TeachersTest, ReadUnlabelledTextsInTheFormatOfTheLabelled) {
  std::string labelled, more;
  for (const std::string& line : lines_of(make_corpus(60))) {
    labelled += R"({"label": ")" + line.substr(0, 3) + R"(", "text": ")" + line.substr(4) + "\"}\n";
  }
  for (const std::string& text : lines_of(without_labels(make_corpus(100, 5)).texts)) {
    more += R"({"text": ")" + text + "\"}\n";
  }
  write("train.jsonl", labelled);
  const Outcome trained = run_well(
      "train --format jsonl --train train.jsonl --unlabelled - --teachers 1 --model m" + kSmall,
      {.input = more});
  EXPECT_NE(trained.err.find("100 texts without labels"), std::string::npos) << trained.err;
  expect_refusal(run("train --format jsonl --train train.jsonl --unlabelled - --teachers 1 --quiet "
                     "--model n",
                     {.input = "good\n"}),
                 1, {"stdin:1"});
}

TEST_F(TeachersTest, ReadNoBlankLines) {
  const std::string texts = without_labels(make_corpus(20, 5)).texts;
  write("some.txt", texts);
  write("gaps.txt", "\n" + texts + " \n\n" + texts.substr(0, texts.find('\n')));
  write("none.txt", texts + texts.substr(0, texts.find('\n')) + "\n");
  const std::string train = "train --train train.tsv --teachers 1" + kSmall;
  const Outcome trained = run_well(train + " --unlabelled gaps.txt --model gaps");
  EXPECT_NE(trained.err.find("gaps.txt: 21 texts without labels; 3 blank lines skipped"),
            std::string::npos)
      << trained.err;
  run_well(train + " --unlabelled none.txt --model none");
  EXPECT_EQ(read("gaps/model.safetensors"), read("none/model.safetensors"));
}

TEST_F(TeachersTest, HaveNoTimeBudget) {
  expect_refusal(run("train --train train.tsv --model m --unlabelled more.txt --time-budget 5s"), 2,
                 {"--time-budget", "--teacher"});
  expect_refusal(run("train --train train.tsv --model m --teachers 2 --time-budget 5s"), 2,
                 {"--time-budget", "--teacher"});
}

/// The passes of compress: a word that only texts without labels tell more about gets its weight
/// from them.
TEST_F(TeachersTest, TeachWeightsThatLearnToBeRounded) {
  run_well("train --train train.tsv --model m --quiet" + kSmall);
  const std::string compress =
      "compress --model m --train train.tsv --weights int4 --fine-tune-epochs 6 --output ";
  run_well(compress + "labels.ockham");
  run_well(compress + "taught.ockham --unlabelled more.txt");
  run_well(compress + "again.ockham --unlabelled more.txt --threads 1");
  run_well(compress + "alone.ockham --teacher m/path/00");
  EXPECT_EQ(read("taught.ockham"), read("again.ockham"));
  EXPECT_NE(read("taught.ockham"), read("labels.ockham"));
  EXPECT_NE(read("alone.ockham"), read("labels.ockham"));
  EXPECT_NE(read("alone.ockham"), read("taught.ockham"));
  // The same texts are held out, and the teacher's opinion is followed: on texts that it has
  // labelled the pupil is nearer to it than without.
  const auto nll_to_teacher = [&](const std::string& model) {
    const std::vector<std::string> teacher =
        lines_of(run_well("predict --jsonl --all --model m/path/00 more.txt").out);
    const std::vector<std::string> pupil =
        lines_of(run_well("predict --jsonl --all --model " + model + " more.txt").out);
    double sum = 0;
    for (size_t i = 0; i < pupil.size(); ++i) {
      const nlohmann::json p = nlohmann::json::parse(pupil[i])["probabilities"];
      const nlohmann::json q = nlohmann::json::parse(teacher[i])["probabilities"];
      for (const auto& [label, probability] : q.items()) {
        sum -= probability.get<double>() * std::log(std::max(1e-9, p[label].get<double>()));
      }
    }
    return sum;
  };
  EXPECT_LT(nll_to_teacher("alone.ockham"), nll_to_teacher("labels.ockham"));

  expect_refusal(run("compress --model m --output o --unlabelled more.txt"), 2,
                 {"--unlabelled", "--fine-tune-epochs"});
  expect_refusal(run(compress + "o --unlabelled none.txt"), 1, {"none.txt"});
  expect_refusal(run(compress + "more.txt --unlabelled more.txt"), 1, {"more.txt", "--output"});
  write("others.tsv", "a\tx y\na\tx z\nb\tv w\nb\tv u\na\tx y\nb\tv t\n");
  run_well("train --train others.tsv --model o" + kQuick);
  expect_refusal(run(compress + "p --teacher o"), 1, {"o", "other labels", "m"});
}

}  // namespace
}  // namespace ockham
