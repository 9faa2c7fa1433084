#include "apps/sweep/sweep_folder.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "apps/model_folder.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/tensor/folder_lock.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSettingsEnding = ".ini";
constexpr const char* kMessagesEnding = ".txt";

/// What a run was made with.
struct Made {
  std::string ini;     // as SweepRun::ini
  std::string inputs;  // as InputContents::of; empty: a version made it that did not tell
};

Made read_made(const fs::path& settings) {
  const std::string text = read_file(settings);
  const size_t end = text.find("\n#") + 1;  // 0: there are none
  if (end == 0) return {text, ""};
  return {text.substr(0, end), text.substr(end)};
}

bool is_begun_in(const fs::path& model) {
  return is_there(model / kPathFile) || has_unfinished_training(model);
}

/// The runs with names that no run of the plan has, by the settings that they were made with.
std::multimap<std::string, std::string> left_over(const SweepFolder& folder,
                                                  const std::vector<SweepRun>& runs) {
  std::set<std::string> taken, names;
  for (const SweepRun& run : runs) taken.insert(run.name);
  std::error_code error;  // of a folder that is not there yet
  for (fs::directory_iterator at(folder.runs(), error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().stem().string();
    if (at->path().extension() == kSettingsEnding && !taken.contains(name)) names.insert(name);
  }
  std::multimap<std::string, std::string> found;
  for (const std::string& name : names) {
    if (!is_begun_in(folder.runs() / name)) continue;
    found.emplace(read_made(folder.runs() / (name + kSettingsEnding)).ini, name);
  }
  return found;
}

bool is_of_its_texts(const SweepFolder& folder, const std::string& old_name, const SweepRun& run,
                     InputContents& contents) {
  const std::string inputs = read_made(folder.runs() / (old_name + kSettingsEnding)).inputs;
  return inputs.empty() || !first_difference(inputs, contents.of(run));
}

/// Wherever it is cut off, one of the two names has a model with its settings.
void rename_run(const SweepFolder& folder, const std::string& old_name, const SweepRun& run) {
  const fs::path old_settings = folder.runs() / (old_name + kSettingsEnding);
  const fs::path old_model = folder.runs() / old_name;
  FolderLock lock;  // of a sweep that was killed a training may live on for a while
  if (!lock.take(old_model)) {
    fail(old_model.string(), ": a training is at work in it; wait until it has ended");
  }
  write_file_atomically(folder.settings(run), read_file(old_settings));
  std::error_code error, ignored;
  fs::rename(old_model, folder.model(run), error);
  if (error) {
    fail("cannot rename ", old_model.string(), " to ", folder.model(run).string(), ": ",
         system_reason(error.value()));
  }
  fs::rename(folder.runs() / (old_name + kMessagesEnding), folder.messages(run), ignored);
  fs::remove(old_settings, ignored);
}

}  // namespace

fs::path SweepFolder::settings(const SweepRun& run) const {
  return runs() / (run.name + kSettingsEnding);
}

fs::path SweepFolder::messages(const SweepRun& run) const {
  return runs() / (run.name + kMessagesEnding);
}

std::map<std::string, std::string> SweepFolder::rename_runs(const std::vector<SweepRun>& runs,
                                                            InputContents& contents) const {
  std::map<std::string, std::string> renamed;
  const std::multimap<std::string, std::string> others = left_over(*this, runs);
  for (const SweepRun& run : runs) {
    if (is_there(model(run))) continue;
    const auto [first, last] = others.equal_range(run.ini);
    const auto found = std::find_if(first, last, [&](const auto& settings_and_name) {
      return !renamed.contains(settings_and_name.second) &&
             is_of_its_texts(*this, settings_and_name.second, run, contents);
    });
    if (found == last) continue;
    rename_run(*this, found->second, run);
    renamed.emplace(found->second, run.name);
  }
  return renamed;
}

bool SweepFolder::is_begun(const SweepRun& run, InputContents& contents) const {
  if (!is_begun_in(model(run)) || !is_there(settings(run))) return false;
  const Made made = read_made(settings(run));
  const std::string advice = "; name another --output, or remove it with its folder";
  if (made.ini != run.ini) {
    fail(settings(run).string(), ": that run was made with other settings", advice);
  }
  if (made.inputs.empty()) return true;
  if (const auto changed = first_difference(made.inputs, contents.of(run))) {
    fail(settings(run).string(), ": that run read another ", *changed, advice);
  }
  return true;
}

bool SweepFolder::is_finished(const SweepRun& run) const {
  return is_there(model(run) / kPathFile) && !has_unfinished_training(model(run));
}

}  // namespace ockham
