#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include "apps/folder_names.hpp"
#include "apps/option_text.hpp"
#include "apps/train_options.hpp"
#include "ockham/tensor/precision.hpp"

// A training's options as INI files: to train so again, to go on with it, and to know it by.

namespace ockham {
namespace {

using Settings = std::map<std::string, std::string>;

/// The keys and values of INI lines that TrainOptions made.
Settings read_settings(std::istream& lines) {
  Settings settings;
  for (std::string line; std::getline(lines, line);) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    settings[trimmed(line.substr(0, equals))] =
        read_ini_value(trimmed(line.substr(equals + 1))).value_or("");
  }
  return settings;
}

Settings read_settings(const std::filesystem::path& file) {
  std::ifstream lines(file);
  return read_settings(lines);
}

Settings checkpoint_settings(const std::filesystem::path& model_folder) {
  return read_settings(model_folder / kCheckpointSettingsFile);
}

std::string value_in(const Settings& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? "" : found->second;
}

/// Whether the settings of a training name standard input.
bool reads_stdin(const Settings& settings) {
  return std::ranges::any_of(std::array{"train", "valid", "class-weights", "vectors", "unlabelled"},
                             [&](const char* input) { return value_in(settings, input) == "-"; });
}

/// What no checkpoint depends on.
constexpr std::array<std::string_view, 10> kFreeKeys = {
    "model",  "threads",   "quiet",       "profile",   "log",
    "resume", "cache-dir", "time-budget", "max-bytes", "min-accuracy"};

}  // namespace

std::string TrainOptions::ini() {
  const bool resume = std::exchange(arguments_.resume, false);
  std::string text = command_.ini();
  arguments_.resume = resume;
  return text;
}

/// Calls visit(path) for every file and folder that the training reads, but for standard input.
template <typename Self, typename Visit>
void TrainOptions::for_each_input(Self& self, const Visit& visit) {
  auto& a = self.arguments_;
  for (auto* path : {&a.train, &a.valid, &a.init, &a.vectors, &a.unlabelled}) {
    if (!path->empty() && *path != "-") visit(*path);
  }
  for (auto& folder : a.teacher) visit(folder);
  if (names_a_file(a.class_weights) && a.class_weights != "-") visit(a.class_weights);
  if (names_tokenizer_folder(self.tokenizer_)) visit(self.tokenizer_);
}

std::vector<std::string> TrainOptions::inputs() const {
  std::vector<std::string> paths;
  for_each_input(*this, [&](const std::string& path) { paths.push_back(path); });
  return paths;
}

std::string TrainOptions::resume_ini() {
  const TrainArguments arguments = arguments_;
  const std::string tokenizer = tokenizer_;
  const auto make_whole = [](std::string& path) {
    path = std::filesystem::absolute(path).string();
  };
  for_each_input(*this, make_whole);
  for (std::string* path : {&arguments_.model, &arguments_.cache_folder, &arguments_.log}) {
    if (!path->empty()) make_whole(*path);
  }
  std::string text = ini();
  arguments_ = arguments;
  tokenizer_ = tokenizer;
  return text;
}

std::string TrainOptions::settings_ini(const TrainSettings& resolved) {
  const TrainArguments arguments = std::exchange(arguments_, {});
  const TrainSettings wished = std::exchange(settings_, resolved);
  const std::string tokenizer = tokenizer_;
  const std::string precision =
      std::exchange(precision_, std::string(precision_name(resolved.precision)));
  // A folder may be named in several ways; the texts as it cuts them say which one it is.
  if (names_tokenizer_folder(tokenizer)) tokenizer_ = "DIR";
  std::string text = command_.ini();
  arguments_ = arguments;
  settings_ = wished;
  tokenizer_ = tokenizer;
  precision_ = precision;
  return text;
}

std::string TrainOptions::checkpoint_log() const {
  return value_in(checkpoint_settings(arguments_.model), "log");
}

bool TrainOptions::has_new_time_budget() {
  std::istringstream lines(resume_ini());
  return value_in(read_settings(lines), "time-budget") !=
         value_in(checkpoint_settings(arguments_.model), "time-budget");
}

std::string TrainOptions::difference_from_checkpoint() {
  const Settings before = checkpoint_settings(arguments_.model);
  std::istringstream lines(resume_ini());
  Settings now = read_settings(lines);
  for (const auto& [key, value] : before) now.try_emplace(key, "");
  std::string text;
  for (const auto& [key, value] : now) {
    const std::string old = value_in(before, key);
    if (old == value || std::ranges::find(kFreeKeys, key) != kFreeKeys.end()) continue;
    const auto shown = [](const std::string& v) { return v.empty() ? "nothing" : v; };
    text +=
        (text.empty() ? "" : "; ") + key + ": " + shown(old) + " there, " + shown(value) + " here";
  }
  return text;
}

std::string resume_advice(const std::string& model_folder) {
  namespace fs = std::filesystem;
  const Settings settings = checkpoint_settings(model_folder);
  std::string command = "ockham train --config " +
                        shell_word((fs::path(model_folder) / kCheckpointSettingsFile).string());
  const std::string folder = value_in(settings, "model");
  std::error_code ignored;
  if (!folder.empty() && !fs::equivalent(folder, model_folder, ignored)) {  // it was moved
    command += " --model " + shell_word(model_folder);
  }
  return (reads_stdin(settings) ? "with the same input again on standard input, " : "") +
         ("go on with: " + command + " --resume");
}

}  // namespace ockham
