#include "tests/cli/cli_test.hpp"

// Why a text got its label; tests/deploy checks the numbers.

namespace ockham {
namespace {

using nlohmann::json;

class Explain : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("m");
  }
};

TEST_F(Explain, ATextOrAFileOfThem) {
  const std::string text = "a good great film , not bad";
  write("texts", text + "\n\n" + text + "\n");
  const std::vector<std::string> one =
      lines_of(shell("ockham explain --model m --json '" + text + "'").out);
  const std::vector<std::string> three = lines_of(run_well("explain --model m --json texts").out);
  ASSERT_EQ(one.size(), 1u);
  ASSERT_EQ(three.size(), 3u);
  EXPECT_EQ(three[0], one[0]);
  EXPECT_EQ(three[2], one[0]);
  const json why = json::parse(one[0]);
  const std::vector<std::string> answer =
      lines_of(run_well("predict --model m", {.input = text + "\n"}).out);
  EXPECT_EQ(answer[0].substr(0, answer[0].find('\t')), why.at("label"));
  bool any = false;
  for (const json& word : why.at("words")) any |= word.at("log_odds").get<double>() != 0.0;
  EXPECT_TRUE(any) << one[0];
  EXPECT_EQ(json::parse(three[1]).at("log_odds"),
            json::parse(three[1]).at("log_odds_without_words"));
  // Of the other label the same with the sign turned.
  const std::string other = why.at("label") == "pos" ? "neg" : "pos";
  const json turned = json::parse(
      shell("ockham explain --model m --json --label " + other + " '" + text + "'").out);
  EXPECT_EQ(turned.at("label"), other);
  EXPECT_NEAR(turned.at("log_odds"), -why.at("log_odds").get<double>(), 1e-9);
  EXPECT_EQ(lines_of(run_well("explain --model m --json -", {.input = text + "\n"}).out), one);
}

TEST_F(Explain, ColoursAreForTerminals) {
  const std::string explain = "ockham explain --model m 'good great film'";
  const Outcome plain = shell(explain);
  EXPECT_EQ(plain.out.find('\033'), std::string::npos);
  EXPECT_NE(plain.out.find("(+"), std::string::npos) << plain.out;
  EXPECT_NE(plain.out.find("strongest: "), std::string::npos);
  EXPECT_NE(shell(explain + " --color always").out.find("\033[32m"), std::string::npos);
  for (const std::string& line : lines_of(plain.out)) EXPECT_LE(line.size(), 90u) << line;
}

TEST_F(Explain, APageHoldsNothingThatActs) {
  write("texts", "good great film <script>alert(1)</script> & \"more\"\n");
  run_well("explain --model m texts --html why.html");
  const std::string page = read("why.html");
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(page.ends_with("</html>\n"));
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos);
  EXPECT_NE(page.find("&lt;"), std::string::npos);
  EXPECT_NE(page.find("class=\"for\""), std::string::npos);
}

TEST_F(Explain, WarnsOfTextsThatTakeLong) {
  std::string text;
  for (int i = 0; i < 11'000; ++i) text += "good ";
  write("long", text + "\n");
  write("short", "good and not long\n");
  // It is said before the work begins, so the work need not be waited for.
  const Outcome warned = shell(R"(
    ockham explain --model m long 2>said &
    for i in $(seq 1000); do grep -q count said && break; sleep 0.02; done
    kill $!; wait $!; cat said)");
  EXPECT_NE(warned.out.find("11,000 words count"), std::string::npos) << warned.out;
  EXPECT_EQ(run_well("explain --model m short").err, "");
}

TEST_F(Explain, SaysWhatIsWrong) {
  write("nothing", "");
  expect_refusal(run("explain --model m nothing"), 1, {"nothing", "no text"});
  expect_refusal(run("explain --model m -"), 1, {"stdin", "no text"});
  write("texts", "good great film\n");
  expect_refusal(run("explain --model m texts --html texts"), 1, {"texts: is read as well"});
  expect_refusal(run("explain --model m texts --html why.html --json"), 2, {"--json", "--html"});
  expect_refusal(run("explain --model m nofile.txt"), 1, {"nofile.txt", "a text has spaces"});
  expect_refusal(run("explain --model m"), 2, {"needs a text"});
  expect_refusal(run("explain --model m --label poss -"), 2, {"\"poss\"", "did you mean"});
}

}  // namespace
}  // namespace ockham
