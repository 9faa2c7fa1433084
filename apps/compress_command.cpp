#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "apps/commands.hpp"
#include "apps/load_model.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/compress/figures.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

struct Arguments {
  std::string model;
  std::string output;
  WeightFormat weights = WeightFormat::int8;
  std::optional<size_t> max_bytes;
  std::optional<double> min_accuracy;
};

struct Encoded {
  std::string bytes;
  CompressionFigures figures;
};

Encoded encode(const FoldedModel& model, WeightFormat weights) {
  return {encode_compact(model, weights), compression_figures(model)};
}

/// A file in the model's folder would destroy it, or go with it at the next training.
void check_output(const std::string& model, const std::string& output) {
  namespace fs = std::filesystem;
  if (output == "-") fail("compress writes a file; name one with --output");
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(model, error);
  const fs::path file = fs::weakly_canonical(output, error);
  const auto [folder_rest, file_rest] = std::ranges::mismatch(folder, file);
  if (folder_rest == folder.end() && file_rest != file.end()) {
    fail(output, ": lies in the model's folder ", model, "; name a file elsewhere with --output");
  }
}

/// The wished-for point of the path, or the model that training chose.
Encoded encode(const Arguments& arguments) {
  if (!arguments.max_bytes && !arguments.min_accuracy) {
    return encode(load_folded_folder(arguments.model), arguments.weights);
  }
  PathSummary path = load_summary(arguments.model);
  std::vector<Encoded> models;
  for (size_t i = 0; i < path.points.size(); ++i) {
    const FoldedModel model = load_folded_folder(path_model_folder(arguments.model, i));
    models.push_back(encode(model, arguments.weights));
    path.points[i].bytes = models.back().bytes.size();  // in the weights' format that is asked for
  }
  const size_t chosen =
      choose_point(path.points, path.measure, {arguments.max_bytes, arguments.min_accuracy});
  return std::move(models[chosen]);
}

struct Compress final : Subcommand {
  Arguments a;
  Command command{"compress", "Write the deployable file of a trained model.",
                  "ockham compress --model reviews --output reviews.ockham --max-bytes 4000"};

  Compress();
  Command& options() override { return command; }
  int run() override;
};

Compress::Compress() {
  command.required(&a.model, "model", "DIR", "trained folder");
  command.required(&a.output, "output", "FILE", "the file to write");
  command.choice(
      &a.weights, "weights",
      {{"int8", WeightFormat::int8}, {"fp16", WeightFormat::fp16}, {"fp32", WeightFormat::fp32}},
      "how weights are stored");
  command.option(&a.max_bytes, "max-bytes", "N",
                 "take the most accurate model of the path whose file has at most N bytes",
                 Range::at_least(1));
  command.option(
      &a.min_accuracy, "min-accuracy", "A",
      "take the smallest model of this accuracy (or other criterion) on validation, 0 to 1",
      Range{0, 1});
}

int Compress::run() {
  if (!is_model_folder(a.model)) {
    fail(a.model, ": is a file; compress takes the folder that ockham train wrote");
  }
  check_output(a.model, a.output);
  const Encoded encoded = encode(a);
  write_file_atomically(a.output, encoded.bytes);
  std::cerr << a.output << ": " << grouped_digits(encoded.bytes.size()) << " bytes, "
            << grouped_digits(encoded.figures.words_kept) << " n-grams, "
            << grouped_digits(encoded.figures.weights_kept) << " weights\n";
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_compress_command() {
  return std::make_unique<Compress>();
}

}  // namespace ockham
