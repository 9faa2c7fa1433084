#include "apps/data_options.hpp"

namespace ockham {

void declare_data_options(Command& command, DataOptions& options, TextWeights weights) {
  command.group("Data");
  command.choice(&options.format, "format",
                 {{"auto", DataFormat::automatic},
                  {"tsv", DataFormat::tsv},
                  {"csv", DataFormat::csv},
                  {"jsonl", DataFormat::jsonl},
                  {"fasttext", DataFormat::fasttext},
                  {"folder", DataFormat::folder}},
                 "auto: by the file's name");
  command.option(
      &options.text_column, "text-column", "NAMES",
      "the text in CSV or JSON: a column or key, or several with commas; text unless given");
  command.option(&options.label_column, "label-column", "NAME",
                 "the label there; label unless given");
  command.group("Data, seldom needed", HelpLevel::expert);
  if (weights == TextWeights::with) {
    command.option(&options.weight_column, "weight-column", "NAME",
                   "how much the text counts there; 1 unless given");
  }
  command.character(&options.delimiter, "delimiter", "between the fields of CSV");
  command.character(&options.label_separator, "label-separator",
                    "between a text's labels in TSV and CSV, where it may have several");
  command.flag(&options.header, "header", "the first row of CSV names the columns");
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
