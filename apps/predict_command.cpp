#include <algorithm>
#include <iostream>
#include <thread>

#include "apps/commands.hpp"
#include "apps/load_model.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/deploy/prediction_stream.hpp"
#include "ockham/text/decompress.hpp"

namespace ockham {
namespace {

struct Predict final : Subcommand {
  std::string model;
  std::vector<std::string> files;
  bool json_lines = false;
  size_t threads = std::max(1u, std::thread::hardware_concurrency());
  Command command{"predict",
                  "Label texts: for each line in, one line label<TAB>probability out, in order.",
                  "echo 'long but never dull' | ockham predict --model reviews.ockham"};

  Predict();
  Command& options() override { return command; }
  int run() override;
};

Predict::Predict() {
  command.required(&model, "model", "DIR|FILE", "trained folder or deployable file");
  command.flag(&json_lines, "jsonl", "a JSON object a line, with every label's probability");
  command.option(&threads, "threads", "N", "no result depends on it", Range{1, 1024});
  command.describe_default("one a processor");
  command.positional(&files, "FILE", "texts, one a line; standard input without any, or for -");
}

int Predict::run() {
  const Engine engine(load_folded(model));
  ThreadPool pool(threads);
  if (files.empty()) files.emplace_back("-");
  for (const std::string& file : files) {
    const PredictionStatistics statistics = predict_lines(
        engine, decompressed(open_byte_source(file), display_name(file)), std::cout,
        "standard output", json_lines ? PredictionFormat::json_lines : PredictionFormat::tsv, pool);
    if (statistics.replaced_sequences > 0) {
      std::cerr << file << ": " << grouped_digits(statistics.replaced_sequences)
                << " invalid UTF-8 sequences read as U+FFFD\n";
    }
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_predict_command() {
  return std::make_unique<Predict>();
}

}  // namespace ockham
