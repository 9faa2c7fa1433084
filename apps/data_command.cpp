#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/text/dataset_checks.hpp"
#include "ockham/text/dataset_profile.hpp"
#include "ockham/text/scripts.hpp"
#include "ockham/text/word_tokenizer.hpp"

namespace ockham {
namespace {

using nlohmann::json;

/// All that is said of a file.
struct Findings {
  Dataset dataset;
  DatasetProfile profile;
  DuplicateReport duplicates;
  std::optional<Dataset> training;
  LeakReport leaks;
};

struct OddKind {
  const char* key;
  const char* what;
  const OddTexts& texts;
};

std::vector<OddKind> odd_kinds(const DatasetProfile& profile) {
  return {{"empty", "without a word", profile.empty},
          {"very_long", "of more than 5,000 words and marks", profile.very_long},
          {"nul", "with a NUL byte", profile.with_nul},
          {"replaced", "with invalid UTF-8, replaced, or a U+FFFD of its own", profile.replaced}};
}

/// Fit for a terminal: names of files can hold anything.
std::string shown(const std::string& text) {
  return cell(text, display_width(text));
}

double share(uint64_t part, uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<uint64_t>(1, whole));
}

/// Whether a good part of the letters is of scripts that write no spaces between words.
bool wants_subwords(const Findings& f) {
  constexpr double kGoodPart = 0.2;
  uint64_t letters = 0, without_spaces = 0;
  for (const auto& [script, count] : f.profile.scripts) {
    letters += count;
    if (needs_subwords(script)) without_spaces += count;
  }
  return share(without_spaces, letters) >= kGoodPart;
}

json to_json(const std::optional<TextPair>& pair, const Dataset& first, const Dataset& second) {
  if (!pair) return nullptr;
  return {first.where(pair->first), second.where(pair->second)};
}

json to_json(const Findings& f) {
  const DatasetProfile& p = f.profile;
  const ReadStatistics& read = f.dataset.statistics;
  json labels = json::object(), scripts = json::object(), odd = json::object();
  for (size_t c = 0; c < f.dataset.classes.size(); ++c) {
    labels[f.dataset.classes[c]] = p.class_texts[c];
  }
  for (const auto& [script, letters] : p.scripts) scripts[script] = letters;
  for (const OddKind& kind : odd_kinds(p)) {
    json places = json::array();
    for (const size_t text : kind.texts.first) places.push_back(f.dataset.where(text));
    odd[kind.key] = {{"count", kind.texts.count}, {"first", places}};
  }
  json object = {{"name", f.dataset.name},
                 {"texts", f.dataset.size()},
                 {"text_bytes", p.bytes},
                 {"labels", labels},
                 {"unlabelled", p.unlabelled},
                 {"several_labels", p.several_labels},
                 {"lengths",
                  {{"shortest", p.lengths.shortest},
                   {"median", p.lengths.median},
                   {"mean", p.lengths.mean},
                   {"longest", p.lengths.longest},
                   {"bins", p.lengths.bins}}},
                 {"scripts", scripts},
                 {"tokenizer", wants_subwords(f) ? "sentencepiece" : "word"},
                 {"replaced_sequences", read.replaced_sequences},
                 {"blank_lines", read.blank_lines},
                 {"repeated", f.duplicates.repeated},
                 {"repeated_example", to_json(f.duplicates.repeat, f.dataset, f.dataset)},
                 {"conflicting", f.duplicates.conflicting},
                 {"conflicting_example", to_json(f.duplicates.conflict, f.dataset, f.dataset)},
                 {"odd", odd}};
  if (f.training) {
    object["against"] = f.training->name;
    object["leaked"] = f.leaks.leaked;
    object["leaked_example"] = to_json(f.leaks.example, f.dataset, *f.training);
  }
  return object;
}

void print_labels(const Findings& f) {
  constexpr size_t kMost = 20;
  const size_t shown = std::min(f.dataset.classes.size(), kMost);
  const auto names = distinct_names(std::span(f.dataset.classes).first(shown), 40);
  size_t width = 5;
  for (const std::string& name : names) width = std::max(width, display_width(name));
  std::printf("\n%s      texts    share\n", cell("label", width).c_str());
  for (size_t c = 0; c < shown; ++c) {
    const uint64_t texts = f.profile.class_texts[c];
    std::printf("%s %10s %7s%%\n", cell(names[c], width).c_str(), grouped_digits(texts).c_str(),
                percent_text(share(texts, f.dataset.size())).c_str());
  }
  if (shown < f.dataset.classes.size()) {
    std::printf("and %zu more\n", f.dataset.classes.size() - shown);
  }
}

void print_lengths(const Findings& f) {
  constexpr size_t kBar = 40;
  const LengthProfile& lengths = f.profile.lengths;
  std::printf("\nwords and marks a text: %s to %s, median %s, mean %.1f\n",
              grouped_digits(lengths.shortest).c_str(), grouped_digits(lengths.longest).c_str(),
              grouped_digits(lengths.median).c_str(), lengths.mean);
  const uint64_t most = std::ranges::max(lengths.bins);
  const auto first = std::ranges::find_if(lengths.bins, [](uint64_t n) { return n > 0; });
  for (auto bin = static_cast<size_t>(first - lengths.bins.begin()); bin < lengths.bins.size();
       ++bin) {
    const size_t low = bin == 0 ? 0 : size_t{1} << (bin - 1), high = (size_t{1} << bin) - 1;
    const std::string range =
        low >= high ? grouped_digits(low) : grouped_digits(low) + "-" + grouped_digits(high);
    const uint64_t texts = lengths.bins[bin];
    const auto length = static_cast<size_t>(static_cast<double>(kBar) * share(texts, most) + 0.5);
    std::printf("%15s %10s %s\n", range.c_str(), grouped_digits(texts).c_str(),
                std::string(std::max<size_t>(length, texts > 0 ? 1 : 0), '#').c_str());
  }
}

void print_scripts(const Findings& f) {
  uint64_t letters = 0;
  for (const auto& script : f.profile.scripts) letters += script.second;
  std::string text;
  for (const auto& [script, count] : f.profile.scripts) {
    text += (text.empty() ? "" : ", ") + script + " " + percent_text(share(count, letters)) + "%";
  }
  std::printf("\nletters: %s\n", text.empty() ? "none" : text.c_str());
  if (wants_subwords(f)) {
    std::printf("much of it has no spaces between words: train with --tokenizer sentencepiece\n");
  }
}

void print_odd(const Findings& f) {
  const ReadStatistics& read = f.dataset.statistics;
  const auto say = [](uint64_t n, const char* one, const char* many, const std::string& rest) {
    if (n == 0) return;
    std::printf("%s%s\n", counted(n, one, many).c_str(), shown(rest).c_str());
  };
  say(read.blank_lines, "blank line was", "blank lines were", " skipped");
  say(read.replaced_sequences, "invalid UTF-8 sequence was", "invalid UTF-8 sequences were",
      " replaced");
  say(f.profile.unlabelled, "text has", "texts have", " no label");
  say(f.profile.several_labels, "text has", "texts have", " several labels");
  for (const OddKind& kind : odd_kinds(f.profile)) {
    std::string places;
    for (const size_t text : kind.texts.first) {
      places += (places.empty() ? ": " : ", ") + f.dataset.where(text);
    }
    if (kind.texts.count > kind.texts.first.size()) places += ", ...";
    say(kind.texts.count, "text", "texts", std::string(" ") + kind.what + places);
  }
}

void print(const Findings& f) {
  const auto say = [](const std::string& line) { std::printf("%s\n", shown(line).c_str()); };
  say(f.dataset.name + ": " + counted(f.dataset.size(), "text", "texts") + ", " +
      counted(f.profile.bytes, "byte", "bytes") + " of text, " +
      counted(f.dataset.classes.size(), "label", "labels"));
  if (!f.dataset.classes.empty()) print_labels(f);
  if (const std::string alike = alike_labels_text(f.dataset.classes); !alike.empty()) say(alike);
  print_lengths(f);
  print_scripts(f);
  print_odd(f);
  const std::string duplicates = duplicates_text(f.dataset, f.duplicates);
  say(duplicates.empty() ? "no text stands there twice" : duplicates);
  if (f.training) {
    const std::string leaks = leaks_text(f.dataset, *f.training, f.leaks);
    say(leaks.empty() ? "no text stands in " + f.training->name + " too" : leaks);
  }
  std::fflush(stdout);
}

struct Data final : Subcommand {
  std::vector<std::string> files;
  std::string against;
  bool as_json = false;
  DataOptions data_options;
  Command command{"data", "Say what is in a file of labelled texts before training.",
                  "ockham data --against reviews.tsv test.tsv"};

  Data();
  Command& options() override { return command; }
  int run() override;
};

Data::Data() {
  command.positional(&files, "FILE", "labelled texts: a file, a folder, or - for stdin; one");
  command.option(&against, "against", "FILE", "count the texts that stand in this file too");
  command.flag(&as_json, "json", "one JSON object");
  command.flag(&data_options.several_labels, "multi-label", "a text may have any number of labels");
  declare_data_options(command, data_options, TextWeights::with);
}

int Data::run() {
  if (files.size() != 1) {
    throw UsageError("ockham data needs one FILE, for example: ockham data reviews.tsv");
  }
  refuse_shared_stdin({{"FILE", files[0]}, {"--against", against}});
  Findings findings;
  findings.dataset = read_data(files[0], data_options);
  if (!against.empty()) {
    findings.training = read_data(against, data_options);
    findings.leaks = find_leaks(findings.dataset, *findings.training);
  }
  findings.profile = profile_dataset(findings.dataset, WordTokenizer());
  findings.duplicates = find_duplicates(findings.dataset);
  if (as_json) {
    std::cout << to_json(findings).dump(1, ' ', false, json::error_handler_t::replace) << '\n';
  } else {
    print(findings);
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_data_command() {
  return std::make_unique<Data>();
}

}  // namespace ockham
