#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "apps/train_options.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

const std::string kPath = OCKHAM_CONFIGS "/default.ini";

// configs/default.ini says what a bare `ockham train` does: every key, with the built-in value.
TEST(DefaultIni, HoldsTheBuiltInDefaults) {
  TrainOptions options;
  const std::vector<std::string> arguments{"--config", kPath, "--train", "a", "--model", "b"};
  options.command().parse(arguments);
  EXPECT_TRUE(options.settings() == TrainSettings{});
}

TEST(DefaultIni, GivesEveryKeyThatHasADefault) {
  TrainOptions options;
  const std::string file = read_file(kPath);
  std::istringstream lines(options.command().ini());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("threads")) continue;  // the machine's own number
    EXPECT_NE(file.find("\n" + line + "\n"), std::string::npos) << line;
  }
}

/// Every recipe is one that `ockham train` takes, and says something that the defaults do not.
TEST(Recipes, AreAllUnderstood) {
  size_t recipes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(OCKHAM_CONFIGS)) {
    if (entry.path().extension() != ".ini" || entry.path().filename() == "default.ini") continue;
    SCOPED_TRACE(entry.path().string());
    ++recipes;
    TrainOptions options;
    const std::vector<std::string> arguments{
        "--config", entry.path().string(), "--train", "a", "--model", "b"};
    options.command().parse(arguments);
    EXPECT_FALSE(options.settings() == TrainSettings{});
  }
  EXPECT_EQ(recipes, 9u);
}

}  // namespace
}  // namespace ockham
