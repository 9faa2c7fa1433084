#include "apps/options.hpp"

#include <gtest/gtest.h>
#include <algorithm>

#include <sstream>
#include <tuple>

#include "ockham/text/nearest_name.hpp"
#include "tests/cli_options/sample_command.hpp"

namespace ockham {
namespace {

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
            "--max-bytes -5: expected a number of bytes above 0 such as 4000, 4k or 1.5M");
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

TEST(Options, CoursesMayRiseAndFallAndAreWantedOrNot) {
  for (const auto& [text, first, last] : {std::tuple{"0.7:0.45", 0.7, 0.45},
                                          {"0.1:0.9", 0.1, 0.9},
                                          {"0.3", 0.3, 0.3},
                                          {"0", 0.0, 0.0},
                                          {"-1", -1.0, -1.0}}) {
    const Settings got = parsed({"--noise", text});
    EXPECT_EQ(got.noise_first, first) << text;
    EXPECT_EQ(got.noise_last, last) << text;
  }
  for (const std::string bad :
       {"0.5:-1", "-1:0.5", "-1:-1", "-0.5", "0.5:1", "0.5:", ":0.5", "0.1:0.2:0.3", "a"}) {
    EXPECT_EQ(usage_error({"--noise", bad}),
              "--noise " + bad + ": expected -1, or P or FIRST:LAST, each a number from 0 to 0.9");
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

TEST(Options, CharactersStandAlone) {
  const std::pair<std::string, char> good[] = {{";", ';'}, {"|", '|'},    {"#", '#'},
                                               {" ", ' '}, {"tab", '\t'}, {"\t", '\t'}};
  for (const auto& [text, character] : good) {
    Settings settings;
    Command command = declare(settings);
    command.parse(Arguments{"--train", "t.tsv", "--delimiter", text});
    EXPECT_EQ(settings.delimiter, character) << text;
  }
  for (const std::string bad : {"ab", "\"", "\n", "\r", "\x7F", "\u00e9", "Tab"}) {
    EXPECT_EQ(usage_error({"--delimiter", bad}),
              "--delimiter " + bad + ": expected one character, or tab");
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

/// A shell's variable that is not set, in quotes: not standard input, nor a file without a name.
TEST(Options, AnArgumentWithoutNameIsNotEmpty) {
  Command command{"predict", "Predict", "ockham predict"};
  std::vector<std::string> files;
  command.positional(&files, "FILE", "texts");
  try {
    command.parse(Arguments{"a", ""});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "FILE '': expected a value that is not empty");
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
            "  --max-bytes BYTES       size that the model may have\n"
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

TEST(Options, SizesTakeUnits) {
  const auto bytes = [](const std::string& text) {
    return parsed({"--max-bytes", text}).max_bytes;
  };
  EXPECT_EQ(bytes("4000"), 4000u);
  EXPECT_EQ(bytes("4k"), 4000u);
  EXPECT_EQ(bytes("4KB"), 4000u);
  EXPECT_EQ(bytes("4KiB"), 4096u);
  EXPECT_EQ(bytes("1.5M"), 1'500'000u);
  EXPECT_EQ(bytes("0.5MiB"), 524'288u);
  EXPECT_EQ(bytes("18446744073709551615"), UINT64_MAX);
  for (const std::string bad :
       {"", "k", "0", "0.0001k", "1.5", "4 k", "4kk", "4G", "1e3", "-4k", "1e20",
        "18446744073709551616", "99999999999999999999M", "nan", "0x10"}) {
    EXPECT_NE(usage_error({"--max-bytes", bad}).find("such as 4000, 4k or 1.5M"), std::string::npos)
        << bad;
  }
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

TEST(Options, InfoIsTheWholeDeclaration) {
  Settings settings;
  Command command = declare(settings);
  command.option(&settings.threads, "cores", "N", "cores to run on", Range{1, 1024});
  command.describe_default("all");
  const CommandInfo info = command.info();
  EXPECT_EQ(info.name, "train");
  EXPECT_EQ(info.usage, "Usage: ockham train --train FILE [options] [FILE...]");
  EXPECT_EQ(info.positional_name, "FILE");
  const auto option = [&](const std::string& name) {
    const auto found = std::ranges::find(info.options, name, &OptionInfo::name);
    return found == info.options.end() ? OptionInfo{} : *found;
  };
  EXPECT_EQ(option("train").help, "labelled texts (required)");
  EXPECT_EQ(option("train").group, "Data");
  EXPECT_EQ(option("threads").help, "threads to run on (default 2)");
  EXPECT_EQ(option("cores").help, "cores to run on (default all)");
  EXPECT_EQ(option("screen").value_name, "");
  EXPECT_EQ(option("rate").group, "Model");  // those of --help-all too
  EXPECT_EQ(option("cell").choices, (std::vector<std::string>{"lstm", "gru"}));
  EXPECT_FALSE(option("cell").is_list);
  EXPECT_EQ(option("groups").choices.size(), 4u);
  EXPECT_TRUE(option("groups").is_list);
  EXPECT_TRUE(option("epochs").choices.empty());
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
