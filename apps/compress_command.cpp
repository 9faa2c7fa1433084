#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <thread>

#include "apps/commands.hpp"
#include "apps/compressor.hpp"
#include "apps/data_options.hpp"
#include "apps/hash_option.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

bool is_hashed(const CompressArguments& arguments) {
  return arguments.vocabulary != "words";
}

/// Before anything is read.
void check_usage(const CompressArguments& arguments) {
  refuse_shared_stdin({{"--train", arguments.train}, {"--valid", arguments.valid}});
  if (is_hashed(arguments)) hash_bits(arguments.vocabulary);
  const bool measured = is_measured(arguments);
  if (arguments.train.empty() && arguments.fine_tune_epochs > 0) {
    throw UsageError("--fine-tune-epochs needs texts: give the training's with --train");
  }
  if (arguments.train.empty() && arguments.valid.empty() && measured) {
    throw UsageError("--weights auto needs texts: give the training's with --train");
  }
  constexpr const char* kUses =
      "--fine-tune-epochs, --weights auto, --max-bytes and --min-accuracy";
  if (!arguments.train.empty() && !measured && !is_hashed(arguments)) {
    throw UsageError(std::string("--train is for --vocabulary hashed, ") + kUses);
  }
  if (!arguments.valid.empty() && !measured) {
    throw UsageError(std::string("--valid is for ") + kUses);
  }
}

/// Texts with labels of the model.
FileTexts read_texts(const CompressArguments& arguments, const FoldedModel& model) {
  FileTexts texts;
  DataOptions options = arguments.data;
  options.several_labels = model.several_labels;
  const auto read = [&](const std::string& path) {
    return is_measured(arguments) ? read_labels(path, options, &model.classes)
                                  : read_data(path, arguments.data);
  };
  if (!arguments.train.empty()) texts.training = read(arguments.train);
  if (!arguments.valid.empty()) texts.validation = read(arguments.valid);
  return texts;
}

std::string hash_text(const HashFit& fit) {
  std::string text = "hashes of " + std::to_string(fit.hashing.bits) + " bits";
  if (fit.merged > 0) text += ", " + grouped_digits(fit.merged) + " n-grams lost to others";
  if (fit.hits == 0) return text + "\n";
  return text + "; in the texts " + grouped_digits(fit.hits) + " n-grams are known, " +
         grouped_digits(fit.false_hits) + " others are taken for one of them\n";
}

struct Compress final : Subcommand {
  CompressArguments a;
  Command command{"compress", "Write the deployable file of a trained model.",
                  "ockham compress --model reviews --output reviews.ockham --max-bytes 4000"};

  Compress();
  Command& options() override { return command; }
  int run() override;
};

Compress::Compress() {
  command.required(&a.model, "model", "DIR", "trained folder");
  command.required(&a.output, "output", "FILE", "the file to write");
  command.choice(&a.weights, "weights", {"int8", "int6", "int5", "int4", "auto", "fp16", "fp32"},
                 "how weights are stored; auto: in the fewest bits, of 8 to 4, that cost at most "
                 "0.2 points on validation");
  command.option(&a.fine_tune_epochs, "fine-tune-epochs", "N",
                 "passes over the texts of --train in which the weights learn to be rounded",
                 Range{0, 1000});
  command.option(
      &a.vocabulary, "vocabulary", "words|hashed[:BITS]",
      "n-grams by their words, or by a hash, which is smaller; of so many bits, 8 to 24, "
      "or as few as the texts of --train allow; a model trained with hashes keeps them");
  command.option(&a.train, "train", "FILE",
                 "the texts of the training: to choose the hash by, fine-tune on and, those that "
                 "train holds out, measure on");
  command.option(&a.valid, "valid", "FILE", "texts to measure on instead");
  command.option(&a.max_bytes, "max-bytes", "N",
                 "take the most accurate model of the path whose file has at most N bytes",
                 Range::at_least(1));
  command.option(
      &a.min_accuracy, "min-accuracy", "A",
      "take the smallest model of this accuracy (or other criterion) on validation, 0 to 1",
      Range{0, 1});
  command.option(&a.threads, "threads", "N", "no result depends on it", Range{1, 1024});
  command.describe_default("one a processor");
  declare_data_options(command, a.data, TextWeights::without);
}

int Compress::run() {
  check_usage(a);
  check_model_folder(a.model, "compress");
  if (a.output == "-") fail("compress writes a file; name one with --output");
  check_outside_model(a.model, a.output);
  for (const std::string& input : {a.train, a.valid}) {
    std::error_code ignored;
    if (std::filesystem::equivalent(input, a.output, ignored)) {
      fail(a.output, ": is the file of the texts; name another with --output");
    }
  }
  ThreadPool pool(a.threads);
  const FoldedModel model = load_folded_folder(a.model);
  const FileTexts texts = read_texts(a, model);
  std::optional<HashWish> hashing;
  if (is_hashed(a)) hashing = HashWish{hash_bits(a.vocabulary)};
  FileMaker maker(a.model, hashing, texts, criterion_of(a.model, model.several_labels), pool);
  const MadeFile file = make_file(a, maker);
  write_file_atomically(a.output, file.bytes);
  std::cerr << a.output << ": " << grouped_digits(file.bytes.size()) << " bytes, "
            << grouped_digits(file.figures.words_kept) << " n-grams, "
            << grouped_digits(file.figures.weights_kept) << " weights"
            << (a.weights == "auto" ? " of " + std::string(weight_format_name(file.format)) : "")
            << '\n';
  if (file.hash) std::cerr << hash_text(*file.hash);
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_compress_command() {
  return std::make_unique<Compress>();
}

}  // namespace ockham
