#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/cli_test.hpp"

namespace ockham {

inline const std::string kQuickPlan =
    "train = train.tsv\nepochs = 12\ndense-steps = 40\nrate = 0.02\npoints = 4\n";

class Sweep : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("train.tsv", make_corpus(300));
  }

  void plan(const std::string& lines) const { write("sweep.ini", kQuickPlan + lines); }
  Outcome sweep(const std::string& options = "") const {
    return run("sweep --plan sweep.ini --output s " + options);
  }

  template <typename Condition>
  static bool wait_until(const Condition& condition) {
    for (int i = 0; i < 3'000 && !condition(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return condition();
  }

  std::vector<nlohmann::json> results() const {
    std::vector<nlohmann::json> rows;
    for (const std::string& line : lines_of(read("s/results.jsonl"))) {
      rows.push_back(nlohmann::json::parse(line));
    }
    return rows;
  }

  std::filesystem::file_time_type written(const std::string& run) const {
    return std::filesystem::last_write_time(folder_ / "s/runs" / run / "path.json");
  }
};

}  // namespace ockham
