#include "apps/sweep/sweep_folder.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "apps/model_folder.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/tensor/folder_lock.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSettingsEnding = ".ini";
constexpr const char* kMessagesEnding = ".txt";
constexpr const char* kMadeOtherwise = "; name another --output, or remove it with its folder";

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

/// Throws Error where a run read other files than it would now. `run`: its name.
void check_inputs(const fs::path& run, const Made& made, const std::string& now) {
  if (made.inputs.empty()) return;  // older versions did not tell
  const auto changed = first_difference(made.inputs, now);
  if (!changed) return;
  const std::string name = run.string() + kSettingsEnding;
  if (!is_there(*changed))
    fail(name, ": that run read ", *changed, ", which is not there any more");
  fail(name, ": that run read another ", *changed, kMadeOtherwise);
}

/// The names of folders in `runs`, sorted.
std::set<std::string> folders_in(const fs::path& runs) {
  std::set<std::string> names;
  std::error_code error;  // of a folder that is not there yet
  for (fs::directory_iterator at(runs, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) names.insert(at->path().filename().string());
  }
  return names;
}

/// Wherever it is cut off, one of the two names has a model with its settings.
void rename_run(const fs::path& runs, const std::string& old_name, const std::string& name) {
  const auto settings = [&](const std::string& run) { return runs / (run + kSettingsEnding); };
  FolderLock lock;
  if (!lock.take(runs / old_name)) {
    fail((runs / old_name).string(), ": a training is at work in it; wait until it has ended");
  }
  write_file_atomically(settings(name), read_file(settings(old_name)));
  std::error_code error, ignored;
  fs::rename(runs / old_name, runs / name, error);
  if (error) {
    fail("cannot rename ", (runs / old_name).string(), " to ", name, ": ",
         system_reason(error.value()));
  }
  fs::rename(runs / (old_name + kMessagesEnding), runs / (name + kMessagesEnding), ignored);
  fs::remove(settings(old_name), ignored);
}

/// Which runs that are there are those of a plan under other names.
class Renaming {
 public:
  Renaming(const SweepFolder& folder, const std::vector<SweepRun>& runs, InputContents& contents)
      : folder_(folder), contents_(contents) {
    for (const std::string& name : folders_in(folder.runs())) {
      const fs::path settings = folder.runs() / (name + kSettingsEnding);
      if (is_begun_in(folder.runs() / name) && is_there(settings))
        there_[name] = read_made(settings);
      folders_.insert(name);
    }
    std::map<std::string, std::string> planned;  // settings by names
    for (const SweepRun& run : runs) planned.emplace(run.name, run.ini);
    std::multimap<std::string, std::string> strays;  // names by settings
    for (const auto& [name, made] : there_) {
      const auto run = planned.find(name);
      if (run == planned.end() || run->second != made.ini) strays.emplace(made.ini, name);
    }
    std::vector<const SweepRun*> others;
    for (const SweepRun& run : runs) {
      if (!take_stray(run, strays)) others.push_back(&run);
    }
    for (const SweepRun* run : others) {  // what moves away is in nobody's way
      if (!moves_.contains(run->name)) folder.is_begun(*run, contents);
    }
  }

  /// The new names by those that are there.
  const std::map<std::string, std::string>& moves() const { return moves_; }

  /// Returns the new names by the old ones.
  std::map<std::string, std::string> carry_out() {
    while (!moves_.empty()) {
      const auto free = std::ranges::find_if(
          moves_, [&](const auto& move) { return !folders_.contains(move.second); });
      if (free != moves_.end()) {
        const auto [from, to] = *free;
        moves_.erase(free);
        rename(from, to);
      } else {
        set_aside(moves_.begin()->second);
      }
    }
    std::map<std::string, std::string> names;
    for (const auto& [now, old] : old_names_) names.emplace(old, now);
    return names;
  }

 private:
  /// False where none has the run's settings, or its own name does. Throws Error where those that
  /// have are of other texts.
  bool take_stray(const SweepRun& run, const std::multimap<std::string, std::string>& strays) {
    const bool is_home = there_.contains(run.name) && there_.at(run.name).ini == run.ini;
    const bool is_in_the_way = folders_.contains(run.name) && !there_.contains(run.name);
    const auto [first, last] = strays.equal_range(run.ini);
    if (is_home || is_in_the_way || first == last) return false;
    for (auto stray = first; stray != last; ++stray) {
      const std::string& inputs = there_.at(stray->second).inputs;
      if (!inputs.empty() && first_difference(inputs, contents_.of(run))) continue;
      if (moves_.emplace(stray->second, run.name).second) return true;
    }
    check_inputs(folder_.runs() / first->second, there_.at(first->second), contents_.of(run));
    return false;
  }

  void rename(const std::string& from, const std::string& to) {
    rename_run(folder_.runs(), from, to);
    folders_.erase(from);
    folders_.insert(to);
    const auto old = old_names_.extract(from);
    old_names_[to] = old ? old.mapped() : from;
  }

  /// What has a name that another run gets, it may wait for its own.
  void set_aside(const std::string& name) {
    std::string aside = name + "~";
    while (folders_.contains(aside)) aside += "~";
    rename(name, aside);
    const auto move = moves_.extract(name);
    if (move) moves_.emplace(aside, move.mapped());
  }

  const SweepFolder& folder_;
  InputContents& contents_;
  std::map<std::string, Made> there_;             // runs that have begun, by their names
  std::set<std::string> folders_;                 // all there are
  std::map<std::string, std::string> moves_;      // new names by those that are there
  std::map<std::string, std::string> old_names_;  // of what was moved, by what it is called now
};

}  // namespace

fs::path SweepFolder::settings(const SweepRun& run) const {
  return runs() / (run.name + kSettingsEnding);
}

fs::path SweepFolder::messages(const SweepRun& run) const {
  return runs() / (run.name + kMessagesEnding);
}

std::map<std::string, std::string> SweepFolder::rename_runs(const std::vector<SweepRun>& runs,
                                                            InputContents& contents,
                                                            const BeforeRenaming& before) const {
  Renaming renaming(*this, runs, contents);
  if (before && !renaming.moves().empty()) before(renaming.moves());
  return renaming.carry_out();
}

std::optional<std::string> SweepFolder::one_at_work() const {
  for (const std::string& name : folders_in(runs())) {
    FolderLock lock;
    if (!lock.take(runs() / name)) return name;
  }
  return std::nullopt;
}

bool SweepFolder::is_begun(const SweepRun& run, InputContents& contents) const {
  if (!is_begun_in(model(run)) || !is_there(settings(run))) return false;
  const Made made = read_made(settings(run));
  if (made.ini != run.ini) {
    fail(settings(run).string(), ": that run was made with other settings", kMadeOtherwise);
  }
  check_inputs(model(run), made, contents.of(run));
  return true;
}

bool SweepFolder::is_finished(const SweepRun& run) const {
  return is_there(model(run) / kPathFile) && !has_unfinished_training(model(run));
}

}  // namespace ockham
