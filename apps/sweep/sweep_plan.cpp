#include "apps/sweep/sweep_plan.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>

#include "apps/load_model.hpp"
#include "apps/option_text.hpp"
#include "apps/train_options.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

constexpr size_t kMostRuns = 10'000;
constexpr size_t kLongestName = 100;

/// What a sweep says to each training itself.
constexpr std::array<std::string_view, 6> kOwnKeys = {"model",  "threads", "quiet",
                                                      "resume", "profile", "log"};

struct Entry {
  std::string key;
  std::vector<std::string> values;
  std::string where;  // "FILE:LINE: "
};

struct Section {
  std::string name;  // empty: what stands before the first one
  std::vector<Entry> entries;

  Entry* find(const std::string& key) {
    const auto found = std::ranges::find(entries, key, &Entry::key);
    return found == entries.end() ? nullptr : &*found;
  }
};

std::vector<std::string> split_values(const std::string& text) {
  std::vector<std::string> values;
  size_t begin = 0;
  for (size_t end = text.find('|'); end != std::string::npos; end = text.find('|', begin)) {
    values.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  values.push_back(trimmed(text.substr(begin)));
  return values;
}

Entry entry_of(const std::string& line, const std::string& where) {
  const size_t equals = line.find('=');
  if (equals == std::string::npos) {
    fail(where, "expected 'key = value' or '[section]', found '", line_start(line), "'");
  }
  Entry entry{.key = trimmed(line.substr(0, equals)), .values = {}, .where = where};
  if (std::ranges::find(kOwnKeys, entry.key) != kOwnKeys.end()) {
    fail(where, "a sweep sets ", entry.key, " itself; leave it out");
  }
  const std::optional<std::string> value = read_ini_value(trimmed(line.substr(equals + 1)));
  if (!value) fail(where, "the quoted value of ", entry.key, " does not end with its line");
  entry.values = split_values(*value);
  for (const std::string& one : entry.values) TrainOptions().command().set(entry.key, one, where);
  if (std::ranges::find(entry.values, "-") != entry.values.end()) {
    fail(where,
         "a sweep reads its texts several times, and standard input is there once; name a file");
  }
  std::set<std::string> seen;
  for (const std::string& one : entry.values) {
    if (!seen.insert(one).second) fail(where, entry.key, " has the value ", one, " twice");
  }
  return entry;
}

/// The name in "[name]".
std::string section_name(const std::string& line, const std::string& where) {
  const std::string name = line.back() == ']' ? trimmed(line.substr(1, line.size() - 2)) : "";
  if (name.empty()) fail(where, "expected '[name]', found '", line, "'");
  return name;
}

std::vector<Section> read_sections(const std::string& path) {
  std::vector<Section> sections(1);
  for_each_ini_line(path, [&](const std::string& line, const std::string& where) {
    if (line.front() == '[') {
      const std::string name = section_name(line, where);
      if (std::ranges::find(sections, name, &Section::name) != sections.end()) {
        fail(where, "the section [", name, "] is there twice");
      }
      sections.push_back({.name = name, .entries = {}});
      return;
    }
    Entry entry = entry_of(line, where);
    if (sections.back().find(entry.key) != nullptr) {
      fail(where, entry.key, " is set already; several values are separated by |");
    }
    sections.back().entries.push_back(std::move(entry));
  });
  return sections;
}

/// The common settings with a section's in their place or behind them.
Section joined(const Section& common, const Section& section) {
  Section result{.name = section.name, .entries = common.entries};
  for (const Entry& entry : section.entries) {
    if (Entry* old = result.find(entry.key)) {
      *old = entry;
    } else {
      result.entries.push_back(entry);
    }
  }
  return result;
}

/// As the name of a folder, in UTF-8: letters, digits and .,:=+-_ stay.
std::string folder_name(const SweepRun& run) {
  std::string name;
  for (const auto& [key, value] : run.varied) {
    name += (name.empty() ? "" : ",") + (key == kSection ? value : key + "=" + value);
  }
  if (name.empty()) name = "run";
  const std::string whole = name;
  sanitize_utf8(whole, name);
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool stays = byte >= 0x80 || std::isalnum(byte) != 0 ||
                       std::string_view(".,:=+-_").find(c) != std::string_view::npos;
    if (!stays) c = '_';
  }
  if (name.front() == '.') name.front() = '_';
  if (name.size() <= kLongestName && name == whole) return name;
  // What was cut off or replaced still tells two runs apart.
  char hash[20];
  std::snprintf(hash, sizeof hash, "~%08x", static_cast<unsigned>(hash_bytes(whole) & 0xFFFFFFFFu));
  std::string begin = name.substr(0, kLongestName - 9);
  begin.resize(begin.size() - incomplete_suffix(begin));
  return begin + hash;
}

/// The models that runs go on from, each read once.
class Bases {
 public:
  const Classifier& of(const std::string& folder) {
    const auto found = models_.find(folder);
    return found != models_.end() ? found->second
                                  : models_.emplace(folder, load_base(folder)).first->second;
  }

 private:
  std::map<std::string, Classifier> models_;
};

/// Takes over what the model brings along, as train does.
void go_on_from(const Classifier& base, const std::string& run, TrainOptions& options) {
  try {
    options.go_on_from(base);
  } catch (const UsageError& error) {
    fail("the run ", run, ": ", error.what());
  }
}

/// Gives the run all that train would print, without what a sweep says itself.
void settle(const std::vector<std::pair<const Entry*, std::string>>& settings, Bases& bases,
            SweepRun& run) {
  TrainOptions options;
  for (const auto& [entry, value] : settings) {
    options.command().set(entry->key, value, entry->where);
  }
  options.command().set("model", "model", "");
  try {
    options.command().check_required();
  } catch (const UsageError&) {
    fail("a plan needs a line train = FILE");
  }
  const TrainArguments& arguments = options.arguments();
  if (!arguments.init.empty()) {
    const Classifier& base = bases.of(arguments.init);
    go_on_from(base, run.name, options);
    run.known_classes = base.classes;
  }
  run.criterion = options.criterion();
  run.inputs = options.inputs();
  run.train = arguments.train;
  run.data = options.data();
  run.measured_on = arguments.valid.empty() ? arguments.train : arguments.valid;
  std::istringstream lines(options.ini());
  for (std::string line; std::getline(lines, line);) {
    const std::string key = trimmed(line.substr(0, line.find('=')));
    if (std::ranges::find(kOwnKeys, key) == kOwnKeys.end()) run.ini += line + "\n";
  }
}

void add_runs(const Section& section, bool named, Bases& bases, std::vector<SweepRun>& runs) {
  size_t count = 1;
  for (const Entry& entry : section.entries) {
    count *= entry.values.size();
    if (runs.size() + count > kMostRuns) {
      fail(entry.where, "that makes more than ", kMostRuns, " runs; leave some values out");
    }
  }
  for (size_t i = 0; i < count; ++i) {
    SweepRun run;
    if (named) run.varied.emplace_back(kSection, section.name);
    std::vector<std::pair<const Entry*, std::string>> settings;
    size_t rest = i, left = count;
    for (const Entry& entry : section.entries) {
      left /= entry.values.size();  // the last key changes fastest
      const std::string& value = entry.values[rest / left];
      rest %= left;
      settings.emplace_back(&entry, value);
      if (entry.values.size() > 1) run.varied.emplace_back(entry.key, value);
    }
    run.name = folder_name(run);
    settle(settings, bases, run);
    runs.push_back(std::move(run));
  }
}

/// Each run has files of its own, which begin with its name (SweepFolder).
void check_names(const std::string& path, const std::vector<SweepRun>& runs) {
  std::set<std::string> taken;
  for (const SweepRun& run : runs) {
    bool fresh = true;
    for (const char* ending : {"", ".ini", ".txt"}) fresh &= taken.insert(run.name + ending).second;
    if (!fresh) {
      fail(path, ": the name of the run ", run.name, " is another's too; rename its section");
    }
  }
}

void check_criteria(const std::string& path, const std::vector<SweepRun>& runs) {
  const SweepRun& first = runs.front();
  for (const SweepRun& run : runs) {
    if (run.criterion == first.criterion) continue;
    fail(path, ": the models of ", first.name, " are compared by ", criterion_name(first.criterion),
         ", those of ", run.name, " by ", criterion_name(run.criterion),
         "; name one for all, such as criterion = macro-f1");
  }
}

}  // namespace

std::vector<SweepRun> read_sweep_plan(const std::string& path) {
  const std::vector<Section> sections = read_sections(path);
  std::vector<SweepRun> runs;
  Bases bases;
  if (sections.size() == 1) add_runs(sections.front(), false, bases, runs);
  for (size_t s = 1; s < sections.size(); ++s) {
    add_runs(joined(sections.front(), sections[s]), true, bases, runs);
  }
  check_names(path, runs);
  std::map<std::string, std::string> settings;
  for (const SweepRun& run : runs) {
    const auto [first, fresh] = settings.emplace(run.ini, run.name);
    if (!fresh) fail(path, ": the runs ", first->second, " and ", run.name, " are the same");
  }
  check_criteria(path, runs);
  return runs;
}

}  // namespace ockham
