#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <filesystem>

#include "ockham/tensor/atomic_file.hpp"
#include "tests/cli_options/sample_command.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

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
            "recipe.ini:2: expected 'key = value', found 'threads' (comments begin with #)");
  EXPECT_EQ(error("[train]\n"),
            "recipe.ini:1: expected 'key = value', found '[train]' (comments begin with #)");
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
    if (*rc::gen::arbitrary<bool>()) s.max_bytes = *rc::gen::inRange<size_t>(1, SIZE_MAX);
    s.rate = (*rc::gen::inRange(1, 1000000)) * 1e-6;
    s.dropout = static_cast<float>(*rc::gen::inRange(0, 1000)) / 999;
    s.kl_low = 1e-9 * *rc::gen::inRange(1, 1000000000);
    s.kl_high = s.kl_low * *rc::gen::inRange(1, 1000);
    if (*rc::gen::arbitrary<bool>()) {
      s.noise_first = 0.9 * *rc::gen::inRange(0, 1000) / 999;
      s.noise_last = 0.9 * *rc::gen::inRange(0, 1000) / 999;
    }
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

}  // namespace
}  // namespace ockham
