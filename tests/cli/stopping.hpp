#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/cli_test.hpp"

namespace ockham {

namespace fs = std::filesystem;

// Long enough that the signal arrives before the end.
inline const std::string kLonger = " --epochs 300 --points 4 --dense-steps 60 --rate 0.003 --quiet";

/// A training that is stopped on its way.
class Stopping : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("train.tsv", make_corpus(600));
  }

  static std::vector<std::string> train_into(const std::string& model) {
    std::vector<std::string> command =
        words_of("ockham train --train train.tsv" + kLonger + " --model");
    command.push_back(model);
    return command;
  }

  size_t count_in_log(const std::string& model, const std::string& what) const {
    if (!fs::exists(folder_ / model / "log.jsonl")) return 0;
    const std::string log = read(model + "/log.jsonl");
    size_t count = 0;
    for (size_t at = 0; (at = log.find(what, at)) != std::string::npos; ++at) ++count;
    return count;
  }

  /// Until the log says one of that more. (A new run starts the log anew.)
  void wait_for(const Program& program, const std::string& model, const std::string& what) const {
    for (size_t seen = count_in_log(model, what); program.running();) {
      const size_t now = count_in_log(model, what);
      if (now > seen) break;
      seen = now;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  /// Waits, and sends the signal.
  Outcome stop(Program& program, const std::string& model, const std::string& what,
               int signal) const {
    wait_for(program, model, what);
    program.send(signal);
    return program.wait();
  }

  /// The command that the message says to go on with.
  static std::string resume_command(const Outcome& outcome) {
    const std::string before = "go on with: ";
    const size_t at = outcome.err.find(before);
    return at == std::string::npos ? "false" : lines_of(outcome.err.substr(at + before.size()))[0];
  }

  /// Without settings.ini's paths too, which are whole ones after a resume.
  Files all_but_log(const std::string& model) const {
    Files files = files_in(model);
    files.erase("log.jsonl");
    if (files.contains("settings.ini")) {
      std::string& settings = files["settings.ini"];
      settings.erase(0, settings.find("\nepochs"));
    }
    return files;
  }
};

inline const std::string kDenseEpoch = "\"phase\":\"dense\"";
inline const std::string kBayesEpoch = "\"phase\":\"bayes\"";
inline const std::string kPoint = "\"event\":\"point\"";

}  // namespace ockham
