#include "tests/cli/cli_test.hpp"

// The page of report --html as a file; tests/browser looks at it in a browser.

namespace ockham {
namespace {

class ReportPage : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("m");
    write("test.tsv", make_corpus(200, 9));
  }

  std::string page(const std::string& options) const {
    run_well("report --html page.html " + options);
    return read("page.html");
  }

  static bool has_section(const std::string& page, const std::string& id) {
    return page.find("<section id=\"" + id + "\"") != std::string::npos;
  }
};

TEST_F(ReportPage, HoldsWhatItWasGiven) {
  const std::string all = page("--model m --data test.tsv");
  for (const char* id : {"test", "kept", "path", "ngrams-kept", "training", "noise"}) {
    EXPECT_TRUE(has_section(all, id)) << id;
  }
  EXPECT_LT(all.size(), 300'000u);
  EXPECT_EQ(all.find("http"), std::string::npos) << "something is fetched";
  EXPECT_NE(all.find("<html lang=\"en\">"), std::string::npos);
  EXPECT_EQ(run_well("report --html page.html --model m").out, "");
  const nlohmann::json figures = evaluate("m", "test.tsv");
  char accuracy[16];
  std::snprintf(accuracy, sizeof accuracy, ">%.2f%%<", 100 * figures["accuracy"].get<double>());
  EXPECT_NE(all.find(accuracy), std::string::npos) << accuracy;

  const std::string alone = page("--model m");
  EXPECT_FALSE(has_section(alone, "test"));
  EXPECT_TRUE(has_section(alone, "training"));
  const std::string point = page("--model m/path/01");
  EXPECT_TRUE(has_section(point, "noise")) << "the log of the training above";
  run_well("compress --model m --output m.ockham");
  const std::string file = page("--model m.ockham");
  EXPECT_TRUE(has_section(file, "kept"));
  EXPECT_FALSE(has_section(file, "training"));
  EXPECT_TRUE(has_section(page("--model m.ockham --log m/log.jsonl"), "training"));
  const std::string run = page("--log m/log.jsonl");
  EXPECT_EQ(page("--log m"), run);
  EXPECT_TRUE(has_section(run, "training"));
  EXPECT_FALSE(has_section(run, "kept"));
}

TEST_F(ReportPage, NothingInItActs) {
  std::string corpus = make_corpus(300);
  const std::string evil = "<script>alert(1)</script>";
  for (size_t at = corpus.find("neg\t"); at != std::string::npos; at = corpus.find("neg\t", at)) {
    corpus.replace(at, 3, evil);
    at += evil.size();
  }
  write("evil.tsv", corpus);
  run_well("train --train evil.tsv --model evil" + kQuick);
  const std::string html = page("--model evil --data evil.tsv");
  EXPECT_EQ(html.find(evil), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;alert(1)&lt;/script&gt;"), std::string::npos);
  EXPECT_NE(html.find("\\u003cscript>alert(1)"), std::string::npos) << "in the search's data";
}

TEST_F(ReportPage, RefusesWhatMakesNoPage) {
  expect_refusal(run("report"), 2, {"--model", "--html and --log"});
  expect_refusal(run("report --model m --log m/log.jsonl"), 2, {"--html"});
  expect_refusal(run("report --html p.html --data test.tsv --log m/log.jsonl"), 2, {"--model"});
  expect_refusal(run("report --model m --html p.html --json"), 2, {"exclude"});
  expect_refusal(run("report --model m --html test.tsv --data test.tsv"), 1,
                 {"test.tsv", "--html"});
  expect_refusal(run("report --model m --html m/p.html"), 1, {"--html"});
  std::filesystem::create_directory(folder_ / "logs");
  std::filesystem::copy(folder_ / "m/log.jsonl", folder_ / "logs");
  expect_refusal(run("report --html logs/log.jsonl --log logs"), 1, {"logs/log.jsonl", "--html"});
  write("bad.jsonl", "{\"event\":\"epoch\"}\n");
  expect_refusal(run("report --html p.html --log bad.jsonl"), 1, {"bad.jsonl:1", "log.jsonl"});
  expect_refusal(run("report --html p.html --log none.jsonl"), 1, {"none.jsonl"});
  write("empty.tsv", "");
  expect_refusal(run("report --model m --html p.html --data empty.tsv"), 1, {"empty.tsv"});
}

/// A language model's loss is of words, some 5 nats where a text's is under 1.
TEST_F(ReportPage, ShowsALanguageModelApart) {
  std::string log = read("m/log.jsonl"), language;
  for (const double loss : {4000.0, 6000.0}) {
    const nlohmann::json epoch = {{"event", "epoch"}, {"phase", "language"}, {"epoch", 1},
                                  {"loss", loss},     {"kl", 0.0},           {"kl_scale", 0.0},
                                  {"accuracy", 0.5},  {"ngrams", 10},        {"units", 4},
                                  {"weights", 100},   {"seconds", 1.0}};
    language += epoch.dump() + "\n";
  }
  write("language.jsonl", log.insert(log.find('\n') + 1, language));
  const std::string html = page("--log language.jsonl"), without = page("--log m/log.jsonl");
  EXPECT_EQ(without.find("language model"), std::string::npos);
  const size_t figure = html.find("Loss of the language model");
  ASSERT_NE(figure, std::string::npos);
  // Its numbers stand on its own axis and on no other.
  const std::string tick = ">5k<";
  const size_t next = html.find("<figure", figure);
  EXPECT_NE(html.substr(figure, next - figure).find(tick), std::string::npos);
  EXPECT_EQ(html.find(tick, next), std::string::npos);
}

/// The curves of another training would be taken for the model's.
TEST_F(ReportPage, TakesNoLogOfAnotherTraining) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model other --seed 7" + kQuick);
  expect_refusal(run("report --html p.html --model m --log other/log.jsonl"), 1,
                 {"other/log.jsonl", "another training", "m"});
  expect_refusal(run("report --html p.html --model m/path/01 --log other/log.jsonl"), 1,
                 {"other/log.jsonl", "another training", "m"});
  EXPECT_EQ(page("--model m/path/01 --log m/log.jsonl"), page("--model m/path/01"));
  EXPECT_EQ(page("--model m/"), page("--model m"));
  run_well("compress --model m/path/00 --weights fp32 --output first.ockham");
  const std::string first = page("--model first.ockham --log m/log.jsonl");
  EXPECT_TRUE(has_section(first, "noise"));
  EXPECT_EQ(first.substr(first.find("id=\"noise\"")), [&] {
    const std::string point = page("--model m/path/00");
    return point.substr(point.find("id=\"noise\""));
  }());
}

/// While another training is at work in the folder, or where a disk lost a part.
TEST_F(ReportPage, DoesWithoutALogThatIsNotTheModels) {
  write("train.tsv", make_corpus(300));
  run_well("train --train train.tsv --model other --seed 7" + kQuick);
  const std::string own = read("m/log.jsonl"), other = read("other/log.jsonl");
  for (const std::string& log : {other, other.substr(0, 3000), own + "}{\n" + own}) {
    write("m/log.jsonl", log);
    const Outcome made = run_well("report --html page.html --model m");
    EXPECT_FALSE(has_section(read("page.html"), "training"));
    EXPECT_FALSE(has_section(read("page.html"), "noise"));
    EXPECT_TRUE(has_section(read("page.html"), "kept"));
    const char* reason = log.starts_with(own) ? "is no line of a training" : "of another training";
    EXPECT_NE(made.err.find("m/log.jsonl:"), std::string::npos) << made.err;
    EXPECT_NE(made.err.find(reason), std::string::npos) << made.err;
  }
  write("huge.jsonl", R"({"event":"epoch","phase":"dense","epoch":1,"loss":1e308,"kl":1e308,)"
                      R"("kl_scale":0,"accuracy":1,"ngrams":1,"units":1,"seconds":1})");
  write("huge.jsonl", read("huge.jsonl") + "\n\n");
  expect_refusal(run("report --html p.html --log huge.jsonl"), 1, {"huge.jsonl:1", "log.jsonl"});
}

/// The log of the model's training with that of its teachers, each as long as `epochs` says.
std::string with_teachers(const std::string& log, const std::vector<size_t>& epochs) {
  std::string result;
  for (size_t teacher = 0; teacher < epochs.size(); ++teacher) {
    size_t told = 0;
    nlohmann::json last;
    for (const std::string& line : lines_of(log)) {
      nlohmann::json event = nlohmann::json::parse(line);
      event["event"] = "teacher_" + event["event"].get<std::string>();
      event["teacher"] = teacher + 1;
      if (event["event"] == "teacher_epoch") {
        if (told == epochs[teacher]) continue;
        ++told;
        last = event;
      }
      if (event["event"] == "teacher_end") {
        for (; told < epochs[teacher]; ++told) {  // up and down
          last["loss"] = static_cast<double>(told * 7919 % 1000) / 1000.0;
          last["accuracy"] = static_cast<double>(told * 104729 % 1000) / 1000.0;
          result += last.dump() + "\n";
        }
      }
      result += event.dump() + "\n";
    }
  }
  return result + log;
}

TEST_F(ReportPage, ShowsTeachersOfAnyLog) {
  const std::string log = read("m/log.jsonl");
  const auto section = [&](const std::string& text) {
    write("t.jsonl", text);
    const std::string html = page("--log t.jsonl");
    const size_t at = html.find("<section id=\"teachers\"");
    return at == std::string::npos ? "" : html.substr(at, html.find("</section>", at) - at);
  };
  const auto count = [](const std::string& text, const std::string& part) {
    size_t n = 0;
    for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  EXPECT_EQ(section(log), "");
  const std::string five = section(with_teachers(log, {9, 9, 9, 9, 12}));
  EXPECT_EQ(count(five, "<th scope=\"row\">"), 5u);
  EXPECT_EQ(count(five, "of the first four"), 2u);
  EXPECT_NE(five.find("over 9 epochs"), std::string::npos) << "as long as what is drawn";
  EXPECT_EQ(count(five, "–"), 0u);
  EXPECT_EQ(count(section(with_teachers(log, {0})), "<figure"), 0u);

  std::string odd;  // the first has not ended, the second ended with what is not there
  for (const std::string& line : lines_of(with_teachers(log, {9, 9}))) {
    nlohmann::json event = nlohmann::json::parse(line);
    const bool end = event["event"] == "teacher_end";
    if (end && event["teacher"] == 1) continue;
    if (end) event["chosen"] = 99;
    odd += event.dump() + "\n";
  }
  EXPECT_EQ(count(section(odd), ">–<"), 8u);
  const size_t second = odd.find("\"teacher\":2");
  const std::string begun = section(odd.substr(0, odd.find('\n', second) + 1));
  EXPECT_EQ(count(begun, "<th scope=\"row\">"), 2u) << "the second has just begun";
  write("zero.jsonl", R"({"event":"teacher_start","teacher":0})"
                      "\n" +
                          log);
  expect_refusal(run("report --html p.html --log zero.jsonl"), 1, {"zero.jsonl:1"});
}

TEST_F(ReportPage, StaysSmallHoweverLongTheTraining) {
  std::string log = with_teachers(read("m/log.jsonl"), {6000, 6000, 6000, 6000});
  std::string of_teacher, longer;
  for (const std::string& line : lines_of(log)) {
    nlohmann::json event = nlohmann::json::parse(line);
    if (event.value("teacher", 0) == 1 && event["event"] == "teacher_epoch") {
      event["event"] = "epoch";
      for (const char* key : {"ngrams", "units", "weights"}) {
        event[key] = 1 + longer.size() * 7919 % 10'000;
      }
      event["kl_scale"] = event["kl"] = event["loss"];
      longer += event.dump() + "\n";
    }
  }
  const size_t first = log.find("{\"accuracy\"", log.find("\"event\":\"start\""));
  ASSERT_NE(first, std::string::npos);
  write("long.jsonl", log.insert(first, longer));
  // The n-grams of a large model take 150 KB, test texts some 30.
  EXPECT_LT(page("--log long.jsonl").size(), 120'000u);
}

/// 600 labels with names of a thousand letters, and texts of words of two hundred.
TEST_F(ReportPage, StaysSmallHoweverManyLabels) {
  const std::string filling(1'000, '<'), letters(200, 'w');
  std::string texts;
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i / 2);
    texts += filling + number + "\t";
    for (const char* begin : {"a", "b", "c", "d", "e", "f"}) {
      texts += begin + number + letters + number + " ";
    }
    texts += "\n";
  }
  write("labels.tsv", texts);
  run_well(
      "train --train labels.tsv --valid labels.tsv --model labels --epochs 2 --points 1 "
      "--dense-steps 2 --hidden 2 --ngrams 1 --screen 0 --quiet");
  const std::string html = page("--model labels --data labels.tsv");
  EXPECT_LT(html.size(), 300'000u);
  EXPECT_NE(html.find("the 100 with most texts of 150"), std::string::npos);
  EXPECT_EQ(html.find(letters), std::string::npos);
  // Labels begin alike, and are told apart.
  EXPECT_NE(html.find("&lt;~&lt;"), std::string::npos);
  EXPECT_NE(html.find("&lt;10</th>"), std::string::npos);
}

/// Older logs lack kept weights and noise.
TEST_F(ReportPage, ReadsLogsOfOlderVersions) {
  std::string old;
  for (const std::string& line : lines_of(read("m/log.jsonl"))) {
    nlohmann::json event = nlohmann::json::parse(line);
    event.erase("log_alpha");
    if (event["event"] == "epoch") event.erase("weights");
    old += event.dump() + "\n";
  }
  write("old.jsonl", old);
  write("cut.jsonl", old + R"({"event":"epo)");
  EXPECT_TRUE(has_section(page("--log cut.jsonl"), "training")) << "as it is while it grows";
  write("nothing.jsonl", "");
  expect_refusal(run("report --html p.html --log nothing.jsonl"), 1, {"nothing.jsonl", "no epoch"});
  const std::string html = page("--log old.jsonl");
  EXPECT_TRUE(has_section(html, "training"));
  EXPECT_FALSE(has_section(html, "noise"));
}

}  // namespace
}  // namespace ockham
