#include "tests/cli/cli_test.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <sstream>

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr size_t kTextWords = 8;
constexpr size_t kFillers = 40;

/// The model that tests share; it goes with the program.
class SharedModel {
 public:
  SharedModel() {
    std::string pattern = (fs::temp_directory_path() / "ockham-model-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    std::ofstream(folder_ / "train.tsv") << make_corpus(300);
    std::vector<std::string> command =
        words_of("ockham train --train train.tsv --model m" + kQuick);
    const Outcome outcome = Program(command, folder_).wait();
    if (outcome.code != 0) throw std::runtime_error("training failed: " + outcome.err);
  }
  ~SharedModel() { fs::remove_all(folder_); }
  SharedModel(const SharedModel&) = delete;
  SharedModel& operator=(const SharedModel&) = delete;

  fs::path model() const { return folder_ / "m"; }

 private:
  fs::path folder_;
};

}  // namespace

std::string make_corpus(size_t texts, unsigned seed) {
  std::mt19937 random(seed);  // its numbers are the same everywhere; distributions are not
  std::string corpus;
  for (size_t i = 0; i < texts; ++i) {
    const bool positive = i % 2 == 1;
    corpus += positive ? "pos\t" : "neg\t";
    for (size_t w = 0; w < kTextWords; ++w) {
      const bool wrong = random() % 6 == 0;
      const auto& polar = positive != wrong ? kGoodWords : kBadWords;
      const std::string word = w % 3 == 1 ? polar[random() % polar.size()]
                                          : "word" + std::to_string(random() % kFillers);
      corpus += (w == 0 ? "" : " ") + word;
    }
    corpus += "\n";
  }
  return corpus;
}

Unlabelled without_labels(const std::string& corpus) {
  Unlabelled result;
  for (const std::string& line : lines_of(corpus)) {
    const size_t tab = line.find('\t');
    result.labels.push_back(line.substr(0, tab));
    result.texts += line.substr(tab + 1) + "\n";
  }
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<nlohmann::json> events_of(const std::string& log) {
  std::vector<nlohmann::json> events;
  for (const std::string& line : lines_of(log)) {
    events.push_back(nlohmann::json::parse(line));
    events.back().erase("seconds");
  }
  return events;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

Outcome CliTest::run(const std::string& arguments, const Surroundings& surroundings) const {
  return run(words_of(arguments), surroundings);
}

Outcome CliTest::run(const std::vector<std::string>& arguments,
                     const Surroundings& surroundings) const {
  std::vector<std::string> command{"ockham"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Program(command, folder_, surroundings).wait();
}

Outcome CliTest::shell(const std::string& command) const {
  return Program({"/bin/sh", "-c", command}, folder_).wait();
}

Outcome CliTest::run_well(const std::string& arguments, const Surroundings& surroundings) const {
  const Outcome outcome = run(arguments, surroundings);
  EXPECT_EQ(outcome.code, 0) << arguments << "\n" << outcome.err;
  return outcome;
}

void CliTest::write(const std::string& name, std::string_view bytes) const {
  write_quickly(folder_ / name, bytes);
}

std::string CliTest::read(const std::string& name) const {
  std::ifstream stream(folder_ / name, std::ios::binary);
  EXPECT_TRUE(stream.good()) << name;
  return {std::istreambuf_iterator<char>(stream), {}};
}

CliTest::Files CliTest::files_in(const std::string& name) const {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / name)) {
    if (!entry.is_regular_file()) continue;
    files[fs::relative(entry, folder_ / name).string()] =
        read(fs::relative(entry, folder_).string());
  }
  return files;
}

void CliTest::put_model(const std::string& name) const {
  static const SharedModel shared;
  fs::copy(shared.model(), folder_ / name, fs::copy_options::recursive);
}

nlohmann::json without_speed(const std::string& evaluation) {
  nlohmann::json object = nlohmann::json::parse(evaluation, nullptr, false);
  if (object.is_object()) object.erase("texts_per_second");
  return object;
}

nlohmann::json CliTest::evaluate(const std::string& model, const std::string& data) const {
  return without_speed(run_well("evaluate --json --model " + model + " --data " + data).out);
}

nlohmann::json CliTest::report(const std::string& model) const {
  const Outcome outcome = run_well("report --json --model " + model);
  return nlohmann::json::parse(outcome.out, nullptr, false);
}

void CliTest::expect_refusal(const Outcome& outcome, int code,
                             const std::vector<std::string>& parts) {
  EXPECT_EQ(outcome.code, code) << "signal " << outcome.signal << "\n" << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_TRUE(outcome.err.starts_with("ockham: ") && outcome.err.ends_with("\n")) << outcome.err;
  size_t at = 0;
  for (const std::string& part : parts) {
    const size_t found = outcome.err.find(part, at);
    EXPECT_NE(found, std::string::npos) << "'" << part << "' in: " << outcome.err;
    if (found != std::string::npos) at = found + part.size();
  }
}

}  // namespace ockham
