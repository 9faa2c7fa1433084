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

std::string TrainOptions::resume_ini() {
  const TrainArguments arguments = arguments_;
  for (std::string* path :
       {&arguments_.train, &arguments_.valid, &arguments_.model, &arguments_.init,
        &arguments_.cache_folder, &arguments_.vectors, &arguments_.unlabelled, &arguments_.log}) {
    if (!path->empty() && *path != "-") *path = std::filesystem::absolute(*path).string();
  }
  for (std::string& folder : arguments_.teacher) {
    folder = std::filesystem::absolute(folder).string();
  }
  std::string& weights = arguments_.class_weights;
  if (names_a_file(weights) && weights != "-")
    weights = std::filesystem::absolute(weights).string();
  const std::string tokenizer = tokenizer_;
  if (names_tokenizer_folder(tokenizer)) {
    tokenizer_ = std::filesystem::absolute(tokenizer).string();
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
