#include "tests/cli/cli_test.hpp"

namespace ockham {
namespace {

constexpr size_t kScreenLines = 40;
constexpr size_t kScreenColumns = 80;

const std::vector<std::string> kCommands{"train",  "evaluate", "compress",  "predict",    "export",
                                         "report", "data",     "tokenizer", "sample-data"};

class Help : public CliTest {
 protected:
  std::string help(const std::string& command) const {
    const Outcome outcome = run_well(command + " --help");
    EXPECT_EQ(outcome.err, "");
    return outcome.out;
  }

  /// The command line that a help ends with.
  std::string example(const std::string& command) const {
    const std::string line = lines_of(help(command)).back();
    return line.substr(line.find_first_not_of(' '));
  }
};

TEST_F(Help, FitsAScreenAndEndsWithAnExample) {
  for (const std::string& command : kCommands) {
    SCOPED_TRACE(command);
    const auto lines = lines_of(help(command));
    EXPECT_LE(lines.size(), kScreenLines);
    for (const std::string& line : lines) EXPECT_LE(line.size(), kScreenColumns) << line;
    EXPECT_TRUE(lines[0].starts_with("Usage: ockham " + command)) << lines[0];
    ASSERT_GT(lines.size(), 2u);
    EXPECT_EQ(lines[lines.size() - 2], "Example:");
    EXPECT_NE(lines.back().find("ockham " + command + " --"), std::string::npos) << lines.back();
  }
}

TEST_F(Help, WinsOverEverythingElse) {
  for (const std::string& command : kCommands) {
    EXPECT_EQ(run_well(command + " --nonsense --help").out, help(command));
    EXPECT_EQ(run_well(command + " -h").out, help(command));
    EXPECT_EQ(run_well("help " + command).out, help(command));
  }
}

TEST_F(Help, ExpertOptionsStandInHelpAllOnly) {
  const std::string all = run_well("train --help-all").out;
  for (const std::string option : {"--kl-scale", "--embedding", "--dense-steps", "--points"}) {
    EXPECT_EQ(help("train").find(option), std::string::npos) << option;
    EXPECT_NE(all.find(option), std::string::npos) << option;
  }
  EXPECT_NE(help("train").find("--help-all"), std::string::npos);
}

TEST_F(Help, OfTheProgramNamesAllCommands) {
  const Outcome outcome = run_well("--help");
  EXPECT_EQ(outcome.err, "");
  for (const std::string& command : kCommands) {
    EXPECT_NE(outcome.out.find("\n  " + command + " "), std::string::npos) << command;
  }
  for (const char* same : {"help", "help help", "--help --help", "-h --version"}) {
    EXPECT_EQ(run_well(same).out, outcome.out) << same;
  }
  EXPECT_EQ(run_well("-h").out, outcome.out);
  EXPECT_TRUE(run_well("--version").out.starts_with("ockham "));
}

TEST_F(Help, ExamplesRun) {
  write("reviews.tsv", make_corpus(200));
  write("test.tsv", make_corpus(50, 2));
  for (const std::string& command : kCommands) {
    // Only the training is made shorter.
    const std::string line = example(command) + (command == "train" ? kQuick : "");
    const Outcome outcome = shell(line);
    EXPECT_EQ(outcome.code, 0) << line << "\n" << outcome.err;
  }
}

}  // namespace
}  // namespace ockham
