#include "ockham/tensor/profile.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace ockham {
namespace {

void wait_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

double seconds_of(Profile& profile, const std::string& phase, const std::string& part) {
  for (const Profile::Row& row : profile.rows()) {
    if (row.phase == phase && row.part == part) return row.seconds;
  }
  return -1.0;
}

TEST(Profile, PartsCountTheirOwnTimeInThePhaseTheyBeganIn) {
  Profile profile;
  {
    const Profile::Phase dense(&profile, "dense");
    const Profile::Part outer(&profile, "outer");
    wait_ms(20);
    {
      const Profile::Part inner(&profile, "inner");
      wait_ms(60);
    }
    const Profile::Phase bayes(&profile, "bayes");
    const Profile::Part inner(&profile, "inner");
    wait_ms(1);
  }
  // Sleeping may take longer, never less.
  EXPECT_GE(seconds_of(profile, "dense", "outer"), 0.020);
  EXPECT_GE(seconds_of(profile, "dense", "inner"), 0.060);
  EXPECT_GE(seconds_of(profile, "bayes", "inner"), 0.001);
  EXPECT_EQ(seconds_of(profile, "", "inner"), -1.0);
  double all = 0.0;
  for (const Profile::Row& row : profile.rows()) all += row.seconds;
  EXPECT_LE(all, profile.seconds());  // nothing counts twice
}

TEST(Profile, APhaseMayHoldOthers) {
  Profile profile;
  {
    const Profile::Phase teachers(&profile, "teachers", Profile::Within::the_same);
    const Profile::Phase dense(&profile, "dense");
    const Profile::Part part(&profile, "part");
  }
  const Profile::Phase dense(&profile, "dense");
  const Profile::Part part(&profile, "part");
  ASSERT_EQ(profile.rows().size(), 2u);
  EXPECT_EQ(profile.rows()[0].phase, "teachers");
  EXPECT_EQ(profile.rows()[1].phase, "dense");
}

TEST(Profile, TimesOfAPartAddUp) {
  Profile profile;
  for (int i = 0; i < 3; ++i) {
    const Profile::Part part(&profile, "part");
    wait_ms(5);
  }
  ASSERT_EQ(profile.rows().size(), 1u);
  EXPECT_GE(profile.rows()[0].seconds, 0.015);
}

TEST(Profile, OtherThreadsAndNoProfileCountNothing) {
  Profile profile;
  std::thread([&] { const Profile::Part part(&profile, "elsewhere"); }).join();
  const Profile::Part part(nullptr, "nowhere");
  const Profile::Phase phase(nullptr, "never");
  EXPECT_TRUE(profile.rows().empty());
}

}  // namespace
}  // namespace ockham
