#pragma once

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cli/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ockham {

/// Options of a training that takes a tenth of a second and whose path has models of all sizes.
inline const std::string kQuick = " --epochs 12 --points 4 --dense-steps 40 --rate 0.02 --quiet";

inline constexpr std::array kGoodWords{"good", "great", "fine", "lovely", "superb"};
inline constexpr std::array kBadWords{"bad", "poor", "awful", "dull", "dreadful"};

/// `label<TAB>text` lines of two classes, `neg` and `pos`, that a few words tell apart most times.
std::string make_corpus(size_t texts, unsigned seed = 1);

/// What evaluate --json said, but for how long it took.
nlohmann::json without_speed(const std::string& evaluation);

/// The texts of a corpus without their labels, and the labels.
struct Unlabelled {
  std::string texts;
  std::vector<std::string> labels;
};
Unlabelled without_labels(const std::string& corpus);

std::vector<std::string> lines_of(const std::string& text);

/// What log.jsonl tells, without the times.
std::vector<nlohmann::json> events_of(const std::string& log);

/// The words of a command line, split at blanks.
std::vector<std::string> words_of(const std::string& text);

/// A test in a folder of its own, where `ockham` runs.
class CliTest : public TemporaryFolder {
 protected:
  using Files = std::map<std::string, std::string>;

  /// `ockham` with arguments that hold no blanks.
  Outcome run(const std::string& arguments, const Surroundings& surroundings = {}) const;
  Outcome run(const std::vector<std::string>& arguments,
              const Surroundings& surroundings = {}) const;
  Outcome shell(const std::string& command) const;
  /// The same, and the test fails unless it exits with 0.
  Outcome run_well(const std::string& arguments, const Surroundings& surroundings = {}) const;

  void write(const std::string& name, std::string_view bytes) const;
  std::string read(const std::string& name) const;
  /// Names, with contents, of all files in a folder and below it.
  Files files_in(const std::string& name) const;

  /// Puts a model that was trained with kQuick under that name; made once for all tests.
  void put_model(const std::string& name) const;
  nlohmann::json evaluate(const std::string& model, const std::string& data) const;
  nlohmann::json report(const std::string& model) const;

  /// The command must exit with `code` and one line on stderr that holds all `parts` in this order,
  /// with nothing on stdout.
  static void expect_refusal(const Outcome& outcome, int code,
                             const std::vector<std::string>& parts);
};

}  // namespace ockham
