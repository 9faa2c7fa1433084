#include "apps/model_folder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>

#include "apps/folder_names.hpp"
#include "apps/train_options.hpp"
#include "apps/training_log.hpp"
#include "ockham/model/classifier_io.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/train/checkpoint.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {

namespace fs = std::filesystem;

namespace {

/// All that training writes into a model folder, or left there half written when it was killed.
bool is_of_a_model(std::string_view name) {
  constexpr std::array<const char*, 11> kNames{
      kConfigFile,   kTensorFile,       kTokenizerFile,
      kSubwordFile,  kPathFile,         kPathFolder,
      kLogFile,      kCheckpointFolder, kCheckpointSettingsFile,
      kSettingsFile, kTeachersFolder};
  name = name.substr(0, name.find(".partial-"));
  return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace

void check_can_be_moved(const fs::path& folder) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(folder, error);
  if (whole == fs::current_path(error)) {
    fail(folder.string(), ": is the current folder, which cannot be replaced; name one in it");
  }
  struct stat own {
  }, above{};
  if (::stat(whole.c_str(), &own) == 0 && ::stat(whole.parent_path().c_str(), &above) == 0 &&
      own.st_dev != above.st_dev) {
    fail(folder.string(), ": is a mount point, which cannot be replaced; name a folder in it");
  }
}

void check_model_folder(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (fs::exists(status) && !fs::is_directory(status)) {
    fail(folder.string(), ": is a file; --model needs the name of a folder");
  }
  if (!fs::is_directory(status) || fs::is_empty(folder, error)) return;
  const bool has_log = fs::exists(folder / kLogFile, error);
  const bool lost_log =
      has_unfinished_training(folder) && fs::exists(folder / kCheckpointSettingsFile, error);
  // A log that was thrown away is missed by nobody; other programs' folders may have a config.json.
  const bool finished =
      fs::exists(folder / kPathFile, error) && fs::exists(folder / kSettingsFile, error);
  if (!has_log && !lost_log && !finished) {
    fail(folder.string(), ": holds other files than a model; name a new folder with --model");
  }
  if (has_log && !lost_log && !is_training_log(folder / kLogFile)) {
    fail(folder.string(), ": its ", kLogFile, " is no log of a training; name a new folder with ",
         "--model");
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (is_of_a_model(name)) continue;
    fail(folder.string(), ": holds ", name, ", which is no part of a model and would be lost; ",
         "name a new folder with --model");
  }
  if (error) fail("cannot open ", folder.string(), ": ", system_reason(error.value()));
}

bool has_unfinished_training(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / kCheckpointFolder, ignored) ||
         fs::exists(folder / kTeachersFolder, ignored);
}

std::optional<fs::path> training_of(const fs::path& folder) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(folder, ignored);
  for (const fs::path& of_path : {whole, whole.parent_path().parent_path()}) {
    if (fs::exists(of_path / kPathFile, ignored)) return of_path;
  }
  return std::nullopt;
}

fs::path kept_log(const fs::path& training) {
  return training / kPathFolder / kLogFile;
}

fs::path log_of_model(const fs::path& training) {
  const fs::path kept = kept_log(training);
  return is_there(kept) ? kept : training / kLogFile;
}

std::string last_name(const fs::path& path) {
  const fs::path normal = path.lexically_normal();
  return (normal.has_filename() ? normal : normal.parent_path()).filename().string();
}

void check_no_unfinished_training(const fs::path& folder) {
  std::error_code ignored;
  std::string parts;
  for (const char* part : {kCheckpointFolder, kTeachersFolder}) {
    if (!fs::exists(folder / part, ignored)) continue;
    parts += (parts.empty() ? "" : " and ") + (folder / part).string();
  }
  if (parts.empty()) return;
  fail(folder.string(), ": holds an unfinished training; ", resume_advice(folder.string()),
       "; or remove ", parts, " to start anew");
}

void check_not_in_a_model(const fs::path& folder) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::absolute(folder, error), error);
  for (fs::path above = whole.parent_path(); above.has_relative_path();
       above = above.parent_path()) {
    const bool trained = fs::exists(above / kConfigFile, error) || has_unfinished_training(above) ||
                         fs::exists(above / kCheckpointSettingsFile, error);
    if (!trained || !fs::exists(above / kLogFile, error) || !is_training_log(above / kLogFile)) {
      continue;
    }
    fail(folder.string(), ": is inside the model folder ", above.string(),
         " and would be lost when that is trained again; name a folder outside with --model");
  }
}

namespace {

/// Where the file would take the place of another model's part, or go with it.
void check_outside_models(const std::string& option, const fs::path& file) {
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(fs::absolute(file, error), error).parent_path();
  const bool trained = fs::exists(folder / kConfigFile, error) ||
                       fs::exists(folder / kCheckpointSettingsFile, error);
  if (!trained || !fs::exists(folder / kLogFile, error)) return;
  fail(file.string(), ": lies in the model folder ", folder.string(),
       "; name a file elsewhere with ", option);
}

}  // namespace

void check_outside_model(const std::string& option, const fs::path& model, const fs::path& file) {
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(model, error);
  const fs::path target = fs::weakly_canonical(file, error);
  const auto [folder_rest, target_rest] = std::ranges::mismatch(folder, target);
  if (folder_rest == folder.end() && target_rest != target.end()) {
    fail(file.string(), ": lies in the model's folder ", model.string(),
         "; name a file elsewhere with ", option);
  }
}

void check_written_file(const std::string& option, const std::string& file,
                        const std::string& model, const std::vector<std::string>& inputs) {
  if (file == "-") fail(option, " writes a file; name one");
  if (!model.empty()) check_outside_model(option, model, file);
  check_outside_models(option, file);
  for (const std::string& input : inputs) {
    std::error_code ignored;
    if (std::filesystem::equivalent(input, file, ignored)) {
      fail(file, ": is read as well; name another with ", option);
    }
  }
}

void check_result_file(const std::string& option, const std::string& file, const std::string& model,
                       const std::vector<std::string>& inputs) {
  check_written_file(option, file, model, inputs);
  std::error_code ignored;
  const auto type = std::filesystem::status(file, ignored).type();
  using enum std::filesystem::file_type;
  // To open one of these may be to wait for a reader.
  if (type == character || type == block || type == fifo || type == socket) return;
  const AtomicFile begun(file);
}

}  // namespace ockham
