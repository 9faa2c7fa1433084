#include <filesystem>
#include <fstream>
#include <utility>

#include "apps/train_options.hpp"
#include "ockham/tensor/precision.hpp"

// A training's options as INI files: to train so again, to go on with it, and to know it by.

namespace ockham {
namespace {

/// Whether the settings of a training name standard input.
bool reads_stdin(const std::filesystem::path& settings) {
  std::ifstream file(settings);
  for (std::string line; std::getline(file, line);) {
    for (const char* input :
         {"train = -", "valid = -", "class-weights = -", "vectors = -", "unlabelled = -"}) {
      if (line == input) return true;
    }
  }
  return false;
}

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

std::string resume_advice(const std::string& model_folder) {
  const auto settings = std::filesystem::path(model_folder) / kCheckpointSettingsFile;
  const std::string command =
      "ockham train --config " + shell_word(settings.string()) + " --resume";
  return (reads_stdin(settings) ? "with the same input again on standard input, " : "") +
         ("go on with: " + command);
}

}  // namespace ockham
