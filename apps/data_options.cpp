#include "apps/data_options.hpp"

#include <unistd.h>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

void declare_csv_options(Command& command, DataOptions& options) {
  command.character(&options.delimiter, "delimiter", "between the fields of CSV");
  command.flag(&options.header, "header", "the first row of CSV names the columns");
}

void declare_text_column(Command& command, DataOptions& options) {
  command.option(
      &options.text_column, "text-column", "NAMES",
      "the text in CSV or JSON: a column or key, or several with commas; text unless given");
}

void declare_format(Command& command, DataOptions& options) {
  command.group("Data");
  command.choice(&options.format, "format",
                 {{"auto", DataFormat::automatic},
                  {"tsv", DataFormat::tsv},
                  {"csv", DataFormat::csv},
                  {"jsonl", DataFormat::jsonl},
                  {"fasttext", DataFormat::fasttext},
                  {"folder", DataFormat::folder}},
                 "auto: by the file's name");
  declare_text_column(command, options);
}

}  // namespace

void declare_data_options(Command& command, DataOptions& options, TextWeights weights) {
  declare_format(command, options);
  command.option(&options.label_column, "label-column", "NAME",
                 "the label there; label unless given");
  command.group("Data, seldom needed", HelpLevel::expert);
  if (weights == TextWeights::with) {
    command.option(&options.weight_column, "weight-column", "NAME",
                   "how much the text counts there; 1 unless given");
  }
  declare_csv_options(command, options);
  command.character(&options.label_separator, "label-separator",
                    "between a text's labels in TSV and CSV, where it may have several");
}

void declare_unlabelled_options(Command& command, DataOptions& options) {
  options.labels = false;
  declare_format(command, options);
  command.group("Data, seldom needed", HelpLevel::expert);
  declare_csv_options(command, options);
}

void declare_text_options(Command& command, DataOptions& options) {
  options.labels = false;
  command.group("Input");
  command.choice(&options.format, "format",
                 {{"auto", DataFormat::automatic},
                  {"lines", DataFormat::lines},
                  {"tsv", DataFormat::tsv},
                  {"csv", DataFormat::csv},
                  {"jsonl", DataFormat::jsonl},
                  {"fasttext", DataFormat::fasttext},
                  {"folder", DataFormat::folder}},
                 "auto: a folder, .csv, .jsonl, .ndjson, .json, .ft by name, all else is lines; "
                 "labels in the input are ignored");
  declare_text_column(command, options);
  declare_csv_options(command, options);
}

void refuse_data_options(const Command& command, const std::string& texts) {
  for (const char* name :
       {"format", "text-column", "label-column", "delimiter", "header", "label-separator"}) {
    if (!command.given(name)) continue;
    throw UsageError(command.argument(name) +
                     " says how texts are read, and there are none without " + texts);
  }
}

DataFormat text_format(const std::string& path, const DataOptions& options) {
  if (options.format != DataFormat::automatic) return options.format;
  const DataFormat format = guess_format(path);
  return format == DataFormat::tsv ? DataFormat::lines : format;
}

void refuse_own_answers(const std::string& path) {
  if (path == "-" ? is_standard_output(STDIN_FILENO) : is_standard_output(path)) {
    fail(display_name(path), ": is where standard output goes too; write the answers elsewhere");
  }
}

void refuse_shared_stdin(std::initializer_list<Input> inputs) {
  const char* first = nullptr;
  for (const Input& input : inputs) {
    if (input.path != "-") continue;
    if (first != nullptr) {
      throw UsageError(std::string(first) + " and " + input.option +
                       " are both - (standard input), which can be read only once; save one of "
                       "them to a file and name that");
    }
    first = input.option;
  }
}

Dataset read_data(const std::string& path, const DataOptions& options) {
  return read_dataset(*open_records(path, options));
}

Dataset read_labels(const std::string& path, const DataOptions& options,
                    const std::vector<std::string>* known_classes, const SpillPlace& place) {
  const auto reader = open_records(path, options);
  Dataset dataset =
      known_classes ? read_dataset(*reader, *known_classes, place) : read_dataset(*reader, place);
  if (!options.several_labels) check_single_labels(dataset);
  return dataset;
}

}  // namespace ockham
