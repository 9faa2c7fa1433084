#include "apps/load_model.hpp"

#include <filesystem>

#include "apps/model_folder.hpp"
#include "apps/train_options.hpp"
#include "ockham/compress/compaction.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/model/classifier_io.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {

namespace fs = std::filesystem;

namespace {

/// Calls load() and adds to whatever it finds wrong how to mend the folder.
template <typename Load>
auto load_from_folder(const std::string& folder, const Load& load) {
  try {
    return load();
  } catch (const Error& error) {
    fail(error.what(), "; if the model in ", folder, " is damaged, copy it or train it again");
  }
}

/// `takes`: what the option that names the path takes.
bool is_model_folder(const std::string& path, const std::string& takes) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) fail(path, ": no such model; ", takes);
  if (error) fail("cannot open ", path, ": ", system_reason(error.value()));
  if (!fs::is_directory(status)) return false;
  const auto holds = [&](const char* name) { return fs::exists(fs::path(path) / name, error); };
  if (holds(kConfigFile)) return true;
  if (error) fail("cannot open ", path, ": ", system_reason(error.value()));
  if (has_unfinished_training(path)) {
    fail(path, ": its training is unfinished; ", resume_advice(path));
  }
  fail(path, ": no model in this folder (", kConfigFile, " is missing); ", takes);
}

}  // namespace

bool is_model_folder(const std::string& path) {
  return is_model_folder(path, "expected a trained folder or a deployable file");
}

void require_model_folder(const std::string& path, const std::string& command) {
  constexpr const char* kTakes = "--model takes the folder that ockham train wrote";
  if (!is_model_folder(path, kTakes)) {
    fail(path, ": is a file; ", command, " takes the folder that ockham train wrote");
  }
}

FoldedModel load_folded(const std::string& path) {
  return is_model_folder(path) ? load_folded_folder(path) : read_compact(path);
}

FoldedModel load_folded_folder(const fs::path& folder) {
  return load_from_folder(folder.string(), [&] { return fold(load_classifier(folder)); });
}

Classifier load_trained(const std::string& path, const std::string& option) {
  if (!is_model_folder(path, option + " takes the folder that ockham train wrote")) {
    if (option != "--model") fail(path, ": is a file; ", option, " takes a trained model's folder");
    fail(path, ": a deployable file holds no posteriors; name the folder that ockham train wrote");
  }
  return load_from_folder(path, [&] { return load_classifier(path); });
}

Classifier load_posterior(const std::string& path) {
  Classifier trained = load_trained(path);
  try {
    unprune(trained.network);
  } catch (const Error& error) {
    fail(path, ": ", error.what());
  }
  return trained;
}

Classifier load_base(const std::string& folder) {
  constexpr const char* kTakes = "--init takes the folder of a trained model";
  if (!is_model_folder(folder, kTakes)) fail(folder, ": is a file; ", kTakes);
  return load_from_folder(folder, [&] { return load_classifier(folder); });
}

PathSummary load_summary(const std::string& folder) {
  if (!fs::exists(fs::path(folder) / kPathFile)) {
    fail(folder, ": holds one model and no path (", kPathFile, " is missing); ",
         "name the folder that ockham train wrote");
  }
  return load_from_folder(folder, [&] { return load_path_summary(folder); });
}

}  // namespace ockham
