#pragma once

// A command with every kind of setting, for the tests of options and of INI files.

#include <optional>
#include <string>
#include <vector>

#include "apps/options.hpp"
#include "ockham/nn/cell.hpp"

namespace ockham {

struct Settings {
  std::string train;
  std::string valid;
  int epochs = 40;
  size_t threads = 2;
  std::optional<size_t> max_bytes;
  double rate = 0.003;
  float dropout = 0.5f;
  double kl_low = 0.05;
  double kl_high = 4;
  double noise_first = -1;
  double noise_last = -1;
  Cell cell = Cell::lstm;
  std::string precision = "auto";
  std::vector<std::string> groups{"vocabulary", "units"};
  bool resume = false;
  bool screen = true;
  char delimiter = ',';
  std::vector<std::string> files;

  bool operator==(const Settings&) const = default;
};

inline Command declare(Settings& s) {
  Command command{"train", "Train a classifier and its whole curve of accuracy against size",
                  "ockham train --train reviews.tsv --model reviews"};
  command.group("Data");
  command.required(&s.train, "train", "FILE", "labelled texts");
  command.option(&s.valid, "valid", "FILE", "labelled texts to choose by");
  command.positional(&s.files, "FILE", "texts, one a line");
  command.group("Training");
  command.option(&s.epochs, "epochs", "N", "passes over the data", Range{1, 100000});
  command.option(&s.threads, "threads", "N", "threads to run on", Range{1, 1024});
  command.size(&s.max_bytes, "max-bytes", "size that the model may have");
  command.flag(&s.resume, "resume", "go on from the checkpoint in --model");
  command.group("Model", HelpLevel::expert);
  command.option(&s.rate, "rate", "R", "learning rate", Range::above(0, 1));
  command.option(&s.dropout, "word-dropout", "P", "part of the tokens to drop", Range{0, 1});
  command.interval(&s.kl_low, &s.kl_high, "kl-scale", "X|LO:HI", "KL scale", Range::above(0));
  command.course(&s.noise_first, &s.noise_last, "noise", "P|FIRST:LAST", "noise of the inputs",
                 Range{0, 0.9});
  command.choice<Cell>(&s.cell, "cell", {{"lstm", Cell::lstm}, {"gru", Cell::gru}}, "the cell");
  command.choice(&s.precision, "precision", {"fp32", "bf16", "auto"}, "arithmetic");
  command.choices(&s.groups, "groups", {"vocabulary", "inputs", "units", "gates"},
                  "what may leave");
  command.flag(&s.screen, "screen", "leave out n-grams that tell nothing");
  command.character(&s.delimiter, "delimiter", "between fields");
  return command;
}

using Arguments = std::vector<std::string>;

inline Settings parsed(Arguments arguments) {
  Settings settings;
  arguments.insert(arguments.begin(), {"--train", "t.tsv"});
  declare(settings).parse(arguments);
  return settings;
}

inline std::string usage_error(const Arguments& arguments) {
  try {
    parsed(arguments);
  } catch (const UsageError& error) {
    return error.what();
  } catch (const Error& error) {
    return std::string("not a UsageError: ") + error.what();
  }
  return "no error";
}

}  // namespace ockham
