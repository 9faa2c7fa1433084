#include "ockham/deploy/file_choice.hpp"

#include <gtest/gtest.h>

namespace ockham {
namespace {

std::vector<MadeFile> files(double unrounded, std::vector<std::pair<size_t, double>> all) {
  std::vector<MadeFile> made;
  for (const auto& [bytes, score] : all) {
    MadeFile& file = made.emplace_back();
    file.bytes.assign(bytes, 'x');
    file.score = score;
    file.unrounded = unrounded;
  }
  return made;
}

TEST(ChooseRounded, LosesAtMostAFifthOfAPoint) {
  const std::vector<std::pair<size_t, double>> all = {
      {900, 0.900}, {800, 0.899}, {700, 0.8985}, {600, 0.890}};
  EXPECT_EQ(choose_rounded(files(0.900, all)), 2u);
  EXPECT_EQ(choose_rounded(files(0.9009, all)), 1u);
  EXPECT_EQ(choose_rounded(files(0.880, all)), 3u);
}

TEST(ChooseRounded, TakesTheSmallestOfTheBestWhereAllLoseMore) {
  EXPECT_EQ(choose_rounded(files(0.9, {{900, 0.85}, {800, 0.84}, {700, 0.85}, {600, 0.8}})), 2u);
}

}  // namespace
}  // namespace ockham
