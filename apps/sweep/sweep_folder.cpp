#include "apps/sweep/sweep_folder.hpp"

#include <optional>
#include <set>

#include "apps/model_folder.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
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

/// What no run of the plan has as its name, by the settings that it was made with.
std::map<std::string, std::string> left_over(const SweepFolder& folder,
                                             const std::vector<SweepRun>& runs) {
  std::set<std::string> names;
  for (const SweepRun& run : runs) names.insert(run.name);
  std::map<std::string, std::string> found;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.runs(), none)) {
    if (entry.path().extension() != kSettingsEnding) continue;
    const std::string name = entry.path().stem().string();
    if (names.contains(name) || !is_begun_in(folder.runs() / name)) continue;
    found.emplace(read_made(entry.path()).ini, name);
  }
  return found;
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
  const std::map<std::string, std::string> others = left_over(*this, runs);
  for (const SweepRun& run : runs) {
    const auto found = others.find(run.ini);
    if (found == others.end() || is_there(model(run))) continue;
    SweepRun old;
    old.name = found->second;
    const Made made = read_made(settings(old));
    if (!made.inputs.empty() && first_difference(made.inputs, contents.of(run))) continue;
    // Whatever is cut off in between: either name has a model with its settings.
    write_file_atomically(settings(run), read_file(settings(old)));
    std::error_code error, ignored;
    fs::rename(model(old), model(run), error);
    if (error) continue;
    fs::rename(messages(old), messages(run), ignored);
    fs::remove(settings(old), ignored);
    renamed.emplace(run.name, old.name);
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
