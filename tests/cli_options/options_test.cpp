#include "apps/options.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <sstream>

#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

enum class Cell { lstm, gru };

struct Settings {
  std::string train;
  std::string valid;
  int epochs = 40;
  size_t threads = 2;
  std::optional<size_t> max_bytes;
  double rate = 0.003;
  float dropout = 0.5f;
  double kl_low = 0.05;
  double kl_high = 4;
  Cell cell = Cell::lstm;
  std::string precision = "auto";
  std::vector<std::string> groups{"vocabulary", "units"};
  bool resume = false;
  bool screen = true;
  std::vector<std::string> files;

  bool operator==(const Settings&) const = default;
};

Command declare(Settings& s) {
  Command command{"train", "Train a classifier and its whole curve of accuracy against size",
                  "ockham train --train reviews.tsv --model reviews"};
  command.group("Data");
  command.required(&s.train, "train", "FILE", "labelled texts");
  command.option(&s.valid, "valid", "FILE", "labelled texts to choose by");
  command.positional(&s.files, "FILE", "texts, one a line");
  command.group("Training");
  command.option(&s.epochs, "epochs", "N", "passes over the data", Range{1, 100000});
  command.option(&s.threads, "threads", "N", "threads to run on", Range{1, 1024});
  command.option(&s.max_bytes, "max-bytes", "N", "size that the model may have");
  command.flag(&s.resume, "resume", "go on from the checkpoint in --model");
  command.group("Model", HelpLevel::expert);
  command.option(&s.rate, "rate", "R", "learning rate", Range::above(0, 1));
  command.option(&s.dropout, "word-dropout", "P", "part of the tokens to drop", Range{0, 1});
  command.interval(&s.kl_low, &s.kl_high, "kl-scale", "X|LO:HI", "KL scale", Range::above(0));
  command.choice<Cell>(&s.cell, "cell", {{"lstm", Cell::lstm}, {"gru", Cell::gru}}, "the cell");
  command.choice(&s.precision, "precision", {"fp32", "bf16", "auto"}, "arithmetic");
  command.choices(&s.groups, "groups", {"vocabulary", "inputs", "units", "gates"},
                  "what may leave");
  command.flag(&s.screen, "screen", "leave out n-grams that tell nothing");
  return command;
}

using Arguments = std::vector<std::string>;

Settings parsed(Arguments arguments) {
  Settings settings;
  arguments.insert(arguments.begin(), {"--train", "t.tsv"});
  declare(settings).parse(arguments);
  return settings;
}

std::string usage_error(const Arguments& arguments) {
  try {
    parsed(arguments);
  } catch (const UsageError& error) {
    return error.what();
  } catch (const Error& error) {
    return std::string("not a UsageError: ") + error.what();
  }
  return "no error";
}

/// An INI file that lives as long as its test.
class Config : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "ockham-options-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ / "recipe.ini";
  }
  void TearDown() override { fs::remove_all(folder_); }

  Settings with(const std::string& text, Arguments arguments = {}) {
    write_file_atomically(path_, text);
    arguments.insert(arguments.end(), {"--config", path_.string()});
    return parsed(arguments);
  }

  /// The message, with the file's path cut to `recipe.ini`.
  std::string error(const std::string& text) {
    try {
      with(text);
    } catch (const UsageError& usage) {
      return std::string("UsageError: ") + usage.what();
    } catch (const Error& failure) {
      std::string message = failure.what();
      const size_t folder = message.find(folder_.string() + "/");
      if (folder != std::string::npos) message.erase(folder, folder_.string().size() + 1);
      return message;
    }
    return "no error";
  }

  fs::path folder_;
  fs::path path_;
};

TEST(Options, DefaultsAreWhatTheFieldsHold) {
  Settings expected;
  expected.train = "t.tsv";
  EXPECT_EQ(parsed({}), expected);
}

TEST(Options, EveryKindOfValueIsRead) {
  const Settings got =
      parsed({"--valid=v.tsv", "--epochs", "7",           "--threads", "1",
              "--max-bytes",   "12000",    "--rate",      "1e-4",      "--word-dropout=0.25",
              "--kl-scale",    "0.1:12",   "--cell",      "gru",       "--precision",
              "bf16",          "--groups", "gates,units", "--resume",  "--no-screen",
              "one.txt",       "-",        "--",          "--odd.txt"});
  Settings expected;
  expected.train = "t.tsv";
  expected.valid = "v.tsv";
  expected.epochs = 7;
  expected.threads = 1;
  expected.max_bytes = 12000;
  expected.rate = 1e-4;
  expected.dropout = 0.25f;
  expected.kl_low = 0.1;
  expected.kl_high = 12;
  expected.cell = Cell::gru;
  expected.precision = "bf16";
  expected.groups = {"gates", "units"};
  expected.resume = true;
  expected.screen = false;
  expected.files = {"one.txt", "-", "--odd.txt"};
  EXPECT_EQ(got, expected);
  EXPECT_EQ(parsed({"--kl-scale", "2"}).kl_low, 2);
  EXPECT_EQ(parsed({"--kl-scale", "2"}).kl_high, 2);
  EXPECT_TRUE(parsed({"--groups", "none"}).groups.empty());
}

TEST(Options, UnknownOptionsNameTheNearest) {
  const std::string hint = " (ockham train --help-all lists what there is)";
  EXPECT_EQ(usage_error({"--epocs", "3"}), "unknown option --epocs; did you mean --epochs?" + hint);
  EXPECT_EQ(usage_error({"--epohcs=3"}), "unknown option --epohcs; did you mean --epochs?" + hint);
  EXPECT_EQ(usage_error({"-valid", "x"}), "unknown option -valid; did you mean --valid?" + hint);
  EXPECT_EQ(usage_error({"--dropout", "0"}),
            "unknown option --dropout; did you mean --word-dropout?" + hint);
  EXPECT_EQ(usage_error({"--confg", "x"}), "unknown option --confg; did you mean --config?" + hint);
  EXPECT_EQ(usage_error({"--zzzzqqqq"}), "unknown option --zzzzqqqq" + hint);
  EXPECT_EQ(usage_error({"--epoch", "3"}).substr(0, 22), "unknown option --epoch")
      << "a part of a name must not stand for it";
}

TEST(Options, BadValuesSayWhatIsExpected) {
  const std::string epochs = ": expected a whole number from 1 to 100000";
  for (const std::string bad :
       {"12x", "x", "0", "100001", "-1", "1.5", "+3", " 3", "99999999999999999999"}) {
    EXPECT_EQ(usage_error({"--epochs", bad}), "--epochs " + bad + epochs);
  }
  EXPECT_EQ(usage_error({"--threads", "0"}), "--threads 0: expected a whole number from 1 to 1024");
  EXPECT_EQ(usage_error({"--max-bytes", "-5"}),
            "--max-bytes -5: expected a whole number of at least 0");
  for (const std::string bad : {"0", "1.01", "nan", "inf", "1e400", "0,5"}) {
    EXPECT_EQ(usage_error({"--rate", bad}),
              "--rate " + bad + ": expected a number above 0 and at most 1");
  }
  EXPECT_EQ(usage_error({"--valid", ""}), "--valid '': expected a value that is not empty");
}

TEST(Options, IntervalsAreChecked) {
  for (const std::string bad : {"4:1", "1:", ":1", ":", "1:2:3", "0:1", "a:b", "1-2"}) {
    EXPECT_EQ(usage_error({"--kl-scale", bad}),
              "--kl-scale " + bad + ": expected LO:HI with LO <= HI, each a number above 0");
  }
}

TEST(Options, ChoicesAreNamed) {
  EXPECT_EQ(usage_error({"--cell", "rnn"}), "--cell rnn: expected one of lstm, gru");
  EXPECT_EQ(usage_error({"--precision", "FP32"}),
            "--precision FP32: expected one of fp32, bf16, auto");
  for (const std::string bad : {"words", "units,", ",units", "units,units", "units gates"}) {
    EXPECT_EQ(
        usage_error({"--groups", bad}),
        "--groups " + bad +
            ": expected none or a list, without repetition, of vocabulary,inputs,units,gates");
  }
}

TEST(Options, MissingAndRepeatedAreRefused) {
  EXPECT_EQ(usage_error({"--epochs"}), "--epochs needs a value; see ockham train --help");
  EXPECT_EQ(usage_error({"--epochs="}), "--epochs needs a value; see ockham train --help");
  EXPECT_EQ(usage_error({"--epochs", "--resume"}),
            "--epochs needs a value, not the option --resume");
  EXPECT_EQ(usage_error({"--resume=yes"}), "--resume takes no value; see ockham train --help");
  EXPECT_EQ(usage_error({"--epochs", "1", "--epochs", "2"}), "--epochs is given twice");
  EXPECT_EQ(usage_error({"--resume", "--no-resume"}), "--resume is given twice");
  EXPECT_EQ(usage_error({"--config", "a", "--config", "b"}), "--config is given twice");
}

TEST(Options, RequiredOnesAreAskedForWithTheExample) {
  Settings settings;
  Command command = declare(settings);
  try {
    command.parse(Arguments{"--epochs", "3"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "ockham train needs --train FILE (labelled texts), for example: ockham train "
                 "--train reviews.tsv --model reviews");
  }
}

TEST(Options, ArgumentsWithoutNameNeedAPlace) {
  Command command{"report", "Report", "ockham report"};
  try {
    command.parse(Arguments{"model"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "unexpected argument 'model'; see ockham report --help");
  }
}

TEST(Options, GivenTellsDefaultsFromChoices) {
  Settings settings;
  Command command = declare(settings);
  command.parse(Arguments{"--train", "t", "--epochs", "40"});
  EXPECT_TRUE(command.given("epochs"));
  EXPECT_FALSE(command.given("threads"));
  command.parse(Arguments{"--train", "t", "--threads", "1"});
  EXPECT_FALSE(command.given("epochs"));
}

TEST(Options, HelpFitsAScreenAndEndsWithTheExample) {
  Settings settings;
  Command command = declare(settings);
  const ParseResult result = command.parse(Arguments{"--nonsense", "--help"});
  ASSERT_TRUE(result.help_wanted);
  EXPECT_EQ(result.help,
            "Usage: ockham train --train FILE [options] [FILE...]\n"
            "\n"
            "Train a classifier and its whole curve of accuracy against size\n"
            "\n"
            "  FILE...                 texts, one a line\n"
            "\n"
            "Data:\n"
            "  --train FILE            labelled texts (required)\n"
            "  --valid FILE            labelled texts to choose by\n"
            "\n"
            "Training:\n"
            "  --epochs N              passes over the data (default 40)\n"
            "  --threads N             threads to run on (default 2)\n"
            "  --max-bytes N           size that the model may have\n"
            "  --[no-]resume           go on from the checkpoint in --model\n"
            "\n"
            "  --config FILE           read settings from an INI file; the command line wins\n"
            "  --help                  this text; --help-all shows all options\n"
            "\n"
            "Example:\n"
            "  ockham train --train reviews.tsv --model reviews\n");
  const Arguments behind_dashes{"--train", "a", "--", "--help"};
  EXPECT_FALSE(command.parse(behind_dashes).help_wanted);
  EXPECT_EQ(settings.files, Arguments{"--help"});
}

TEST(Options, HelpAllShowsEverySettingWithin80Columns) {
  Settings settings;
  Command command = declare(settings);
  const std::string help = command.parse(Arguments{"--help-all"}).help;
  for (const std::string part :
       {"--rate R                learning rate (default 0.003)\n",
        "--kl-scale X|LO:HI      KL scale (default 0.05:4)\n",
        "--cell lstm|gru         the cell (default lstm)\n",
        "--precision fp32|bf16|auto\n                          arithmetic (default auto)\n",
        "what may leave (default vocabulary,units)\n",
        "--[no-]screen           leave out n-grams that tell nothing (default true)\n"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << "\nis not in\n" << help;
  }
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST(Options, LongHelpIsWrapped) {
  Settings settings;
  Command command{"x", "X", "ockham x"};
  std::string words;
  for (int i = 0; i < 60; ++i) words += "word" + std::to_string(i) + " ";
  command.option(&settings.epochs, "epochs", "N", words);
  std::istringstream lines(command.help());
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_GT(count, 8u);
}

TEST_F(Config, TheCommandLineWins) {
  const Settings got =
      with("epochs = 3\nthreads=4\nresume = true\n", {"--epochs", "9", "--no-resume"});
  EXPECT_EQ(got.epochs, 9);
  EXPECT_EQ(got.threads, 4u);
  EXPECT_FALSE(got.resume);
}

TEST_F(Config, CommentsBlanksAndQuotes) {
  const Settings got = with(
      "\xef\xbb\xbf# a recipe\r\n\r\n  epochs\t=  3   # few\r\n"
      "valid = \"a # b.tsv\" # quoted\r\n"
      "cell=gru\t#\n");
  EXPECT_EQ(got.epochs, 3);
  EXPECT_EQ(got.valid, "a # b.tsv");
  EXPECT_EQ(with("valid = C#/b\\c.tsv").valid, "C#/b\\c.tsv");
  EXPECT_EQ(with("valid = \"a\\\"\\\\\\nb\"").valid, "a\"\\\nb");
  EXPECT_EQ(with("").epochs, 40);
}

TEST_F(Config, MayGiveWhatIsRequired) {
  Settings settings;
  write_file_atomically(path_, "train = from-ini.tsv\n");
  declare(settings).parse(Arguments{"--config", path_.string()});
  EXPECT_EQ(settings.train, "from-ini.tsv");
}

TEST_F(Config, ErrorsNameFileAndLine) {
  const std::string hint = " (ockham train --help-all lists what there is)";
  EXPECT_EQ(error("# x\n\nepoch = 3\n"),
            "recipe.ini:3: unknown key 'epoch'; did you mean epochs?" + hint);
  EXPECT_EQ(error("zzzzqqqq = 3"), "recipe.ini:1: unknown key 'zzzzqqqq'" + hint);
  EXPECT_EQ(error("config = a.ini").substr(0, 33), "recipe.ini:1: unknown key 'config");
  EXPECT_EQ(error("epochs = 3\nthreads\n"),
            "recipe.ini:2: expected 'key = value', found 'threads'");
  EXPECT_EQ(error("[train]\n"), "recipe.ini:1: expected 'key = value', found '[train]'");
  EXPECT_EQ(error("epochs = 12x"),
            "recipe.ini:1: epochs = 12x: expected a whole number from 1 to 100000");
  EXPECT_EQ(error("\nepochs ="),
            "recipe.ini:2: epochs = : expected a whole number from 1 to 100000");
  EXPECT_EQ(error("cell = rnn"), "recipe.ini:1: cell = rnn: expected one of lstm, gru");
  EXPECT_EQ(error("resume = maybe"), "recipe.ini:1: resume = maybe: expected true or false");
  EXPECT_EQ(error("epochs = 1\n\nepochs = 2"), "recipe.ini:3: epochs is set already in line 1");
  EXPECT_EQ(error("valid = \"a"),
            "recipe.ini:1: the quoted value of valid does not end with its line");
  EXPECT_EQ(error("valid = \"a\" b"),
            "recipe.ini:1: the quoted value of valid does not end with its line");
}

TEST_F(Config, AnUnreadableFileIsAnErrorButNoUsageError) {
  for (const std::string& path : {folder_.string(), (folder_ / "none.ini").string()}) {
    try {
      parsed({"--config", path});
      FAIL();
    } catch (const UsageError&) {
      FAIL();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
    }
  }
}

TEST_F(Config, PrintedSettingsReadBackTheSame) {
  EXPECT_TRUE(rc::check([this] {
    Settings s;
    const auto text = rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::inRange<char>(32, 127), rc::gen::elementOf(std::string("\"\\#\n\r\t ="))));
    s.train = "t" + *text;
    s.valid = *text;
    s.epochs = *rc::gen::inRange(1, 100001);
    s.threads = *rc::gen::inRange<size_t>(1, 1025);
    if (*rc::gen::arbitrary<bool>()) s.max_bytes = *rc::gen::arbitrary<size_t>();
    s.rate = (*rc::gen::inRange(1, 1000000)) * 1e-6;
    s.dropout = static_cast<float>(*rc::gen::inRange(0, 1000)) / 999;
    s.kl_low = 1e-9 * *rc::gen::inRange(1, 1000000000);
    s.kl_high = s.kl_low * *rc::gen::inRange(1, 1000);
    s.cell = *rc::gen::element(Cell::lstm, Cell::gru);
    s.precision = *rc::gen::element<std::string>("fp32", "bf16", "auto");
    if (*rc::gen::arbitrary<bool>()) s.groups.clear();
    s.resume = *rc::gen::arbitrary<bool>();
    s.screen = *rc::gen::arbitrary<bool>();
    const IniComments comments = *rc::gen::element(IniComments::with, IniComments::without);
    write_file_atomically(path_, declare(s).ini(comments));
    Settings back;
    declare(back).parse(Arguments{"--config", path_.string()});
    RC_ASSERT(back == s);
  }));
}

TEST(Options, CommentedIniExplainsEveryKey) {
  Settings settings;
  settings.train = "t.tsv";
  const std::string ini = declare(settings).ini(IniComments::with);
  EXPECT_EQ(ini.substr(0, ini.find("\n# threads")),
            "# --- Data ---\n\n# labelled texts: a value that is not empty\ntrain = t.tsv\n"
            "\n# labelled texts to choose by: a value that is not empty\n# valid = FILE\n"
            "\n# --- Training ---\n\n# passes over the data: a whole number from 1 to 100000\n"
            "epochs = 40\n");
}

TEST(NearestName, CountsSlipsOfTheKeyboard) {
  const std::vector<std::string> names{"train", "evaluate", "predict", "compress", "report"};
  EXPECT_EQ(nearest_name("trian", names), "train");
  EXPECT_EQ(nearest_name("pedict", names), "predict");
  EXPECT_EQ(nearest_name("eval", names), "evaluate");
  EXPECT_EQ(nearest_name("compres", names), "compress");
  EXPECT_EQ(nearest_name("xyzzy", names), std::nullopt);
  EXPECT_EQ(nearest_name("", names), std::nullopt);
}

}  // namespace
}  // namespace ockham
