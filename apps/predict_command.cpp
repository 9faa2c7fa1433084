#include <algorithm>
#include <iostream>
#include <utility>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/load_model.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "apps/thread_option.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/deploy/prediction_stream.hpp"
#include "ockham/text/decompress.hpp"

namespace ockham {
namespace {

struct Predict final : Subcommand {
  std::string model;
  std::vector<std::string> files;
  bool json_lines = false, all = false, copy = false;
  size_t top = 0;
  double abstain_below = 0.0;
  DataOptions data_options;
  size_t threads = 1;
  Command command{"predict",
                  "Label texts: for each one in, a line label<TAB>probability out, in order.",
                  "echo 'long but never dull' | ockham predict --model reviews.ockham"};

  Predict();
  Command& options() override { return command; }
  int run() override;
  void check_columns() const;
  PredictionStyle style() const;
  PredictionStatistics answer(const std::string& file, const Engine& engine,
                              ThreadPool& pool) const;
};

Predict::Predict() {
  command.required(&model, "model", "DIR|FILE", "trained folder or deployable file");
  command.flag(&json_lines, "jsonl",
               "answer with JSON objects, which keep the fields of JSON Lines and CSV");
  command.option(&top, "top", "K", "the K most probable labels, each with its probability",
                 Range{1, 65'535});
  command.describe_default("those that the model gives");
  command.flag(&all, "all", "every label, the most probable first");
  command.option(&abstain_below, "abstain-below", "P",
                 "the label is - (null in JSON) where none has this probability", Range{0.0, 1.0});
  command.describe_default("never");
  command.flag(&copy, "copy", "repeat the text, in a last column");
  declare_threads(command, &threads);
  command.positional(&files, "FILE",
                     "texts, one a line unless --format or the name says otherwise; "
                     "standard input without any, or for -");
  declare_text_options(command, data_options);
}

PredictionStyle Predict::style() const {
  if (all && top > 0) throw UsageError("--all and --top exclude each other; leave one out");
  return {.format = json_lines ? PredictionFormat::json_lines : PredictionFormat::tsv,
          .top = all ? SIZE_MAX : top,
          .abstain_below = abstain_below,
          .copy_text = copy};
}

PredictionStatistics Predict::answer(const std::string& file, const Engine& engine,
                                     ThreadPool& pool) const {
  const PredictionOutput output{std::cout, "standard output", style()};
  DataOptions known = data_options;
  known.format = text_format(file, data_options);
  if (known.format == DataFormat::folder) {
    return predict_records(engine, *open_records(file, known), output, pool);
  }
  const std::string name = display_name(file);
  auto source = decompressed(open_byte_source(file), name);
  if (known.format != DataFormat::lines) {
    return predict_records(engine, std::move(source), name, known, output, pool);
  }
  return predict_lines(engine, std::move(source), name, output, pool);
}

void say_counted(const std::string& file, uint64_t count, const char* one, const char* many) {
  if (count == 0) return;
  std::cerr << display_name(file) << ": " << grouped_digits(count) << ' '
            << (count == 1 ? one : many) << '\n';
}

/// Before anything is answered.
void Predict::check_columns() const {
  if (data_options.text_column.empty()) return;
  for (const std::string& file : files) {
    if (text_format(file, data_options) != DataFormat::lines) continue;
    throw UsageError("--text-column: " + display_name(file) +
                     " is read as plain lines, which have no columns; name a format that has them, "
                     "--format csv (--delimiter tab for a table with tabs) or jsonl, or leave the "
                     "option out");
  }
}

/// A label in front of each text was taken for a part of it.
void note_lines_of_tsv(const std::string& file, const DataOptions& options) {
  const bool automatic = options.format == DataFormat::automatic;
  if (!automatic || text_format(file, options) != DataFormat::lines) return;
  if (!std::string_view(file).substr(0, uncompressed_length(file)).ends_with(".tsv")) return;
  std::cerr << display_name(file)
            << ": each line was taken for a text; --format tsv if labels come first\n";
}

int Predict::run() {
  if (files.empty()) files.emplace_back("-");
  if (std::ranges::count(files, "-") > 1) {
    throw UsageError("- (standard input) is named twice, and can be read only once; leave out one");
  }
  check_columns();
  std::ranges::for_each(files, refuse_own_answers);
  style();  // what contradicts itself is told before the model is read
  const Engine engine(load_folded(model));
  ThreadPool pool(usable_threads(threads));
  for (const std::string& file : files) {
    const PredictionStatistics statistics = answer(file, engine, pool);
    say_counted(file, statistics.replaced_sequences, "invalid UTF-8 sequence read as U+FFFD",
                "invalid UTF-8 sequences read as U+FFFD");
    say_counted(file, statistics.blank_lines, "blank line skipped, which has no answer",
                "blank lines skipped, which have no answer");
    note_lines_of_tsv(file, data_options);
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_predict_command() {
  return std::make_unique<Predict>();
}

}  // namespace ockham
