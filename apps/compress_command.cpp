#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/hash_option.hpp"
#include "apps/load_model.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/compress/figures.hpp"
#include "ockham/compress/hashing.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

struct Arguments {
  std::string model;
  std::string output;
  WeightFormat weights = WeightFormat::int8;
  std::string vocabulary = "words";
  std::string train;
  DataOptions data;
  std::optional<size_t> max_bytes;
  std::optional<double> min_accuracy;
};

struct Encoded {
  std::string bytes;
  CompressionFigures figures;
  std::optional<HashFit> hash;
};

bool is_hashed(const Arguments& arguments) {
  return arguments.vocabulary != "words";
}

/// Before anything is read.
void check_usage(const Arguments& arguments) {
  if (is_hashed(arguments)) {
    hash_bits(arguments.vocabulary);
  } else if (!arguments.train.empty()) {
    throw UsageError("--train has a hash chosen: it needs --vocabulary hashed");
  }
}

/// Makes the file of a model as it is asked for.
class Encoder {
 public:
  explicit Encoder(const Arguments& arguments) : arguments_(arguments) {
    if (!is_hashed(arguments)) return;
    bits_ = hash_bits(arguments.vocabulary);
    if (!arguments.train.empty()) texts_ = read_data(arguments.train, arguments.data);
  }

  Encoded encode(FoldedModel model) {
    Encoded encoded;
    encoded.figures = compression_figures(model);
    if (is_hashed(arguments_)) {
      encoded.hash = fit(model);
      model = hash_ngrams(std::move(model), encoded.hash->hashing);
    }
    encoded.bytes = encode_compact(model, arguments_.weights);
    return encoded;
  }

 private:
  HashFit fit(const FoldedModel& model) {
    const NgramVocabulary* words = model.vocabulary.words();
    if (words == nullptr)
      fail(arguments_.model, ": was trained with hashes; leave out --vocabulary");
    const uint32_t length = std::max(1u, words->max_length());
    if (texts_ && length != counted_length_) {
      counts_ = count_ngram_hashes(*texts_, *model.tokenizer, length);
      counted_length_ = length;
    }
    return fit_hash(model, counts_, bits_);
  }

  const Arguments& arguments_;
  std::optional<uint32_t> bits_;
  std::optional<Dataset> texts_;
  NgramHashes counts_;
  uint32_t counted_length_ = 0;
};

std::string hash_text(const HashFit& fit) {
  std::string text = "hashes of " + std::to_string(fit.hashing.bits) + " bits";
  if (fit.merged > 0) text += ", " + grouped_digits(fit.merged) + " n-grams lost to others";
  if (fit.hits == 0) return text + "\n";
  return text + "; in the texts " + grouped_digits(fit.hits) + " n-grams are known, " +
         grouped_digits(fit.false_hits) + " others are taken for one of them\n";
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
  Encoder encoder(arguments);
  if (!arguments.max_bytes && !arguments.min_accuracy) {
    return encoder.encode(load_folded_folder(arguments.model));
  }
  PathSummary path = load_summary(arguments.model);
  std::vector<Encoded> models;
  for (size_t i = 0; i < path.points.size(); ++i) {
    models.push_back(encoder.encode(load_folded_folder(path_model_folder(arguments.model, i))));
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
  command.choice(&a.weights, "weights",
                 {{"int8", WeightFormat::int8},
                  {"int6", WeightFormat::int6},
                  {"int5", WeightFormat::int5},
                  {"int4", WeightFormat::int4},
                  {"fp16", WeightFormat::fp16},
                  {"fp32", WeightFormat::fp32}},
                 "how weights are stored");
  command.option(
      &a.vocabulary, "vocabulary", "words|hashed[:BITS]",
      "n-grams by their words, or by a hash, which is smaller; of so many bits, 8 to 24, "
      "or as few as the texts of --train allow; a model trained with hashes keeps them");
  command.option(&a.train, "train", "FILE",
                 "texts, best those of the training, to choose the hash by");
  command.option(&a.max_bytes, "max-bytes", "N",
                 "take the most accurate model of the path whose file has at most N bytes",
                 Range::at_least(1));
  command.option(
      &a.min_accuracy, "min-accuracy", "A",
      "take the smallest model of this accuracy (or other criterion) on validation, 0 to 1",
      Range{0, 1});
  declare_data_options(command, a.data, TextWeights::without);
}

int Compress::run() {
  check_usage(a);
  if (!is_model_folder(a.model)) {
    fail(a.model, ": is a file; compress takes the folder that ockham train wrote");
  }
  check_output(a.model, a.output);
  const Encoded encoded = encode(a);
  write_file_atomically(a.output, encoded.bytes);
  std::cerr << a.output << ": " << grouped_digits(encoded.bytes.size()) << " bytes, "
            << grouped_digits(encoded.figures.words_kept) << " n-grams, "
            << grouped_digits(encoded.figures.weights_kept) << " weights\n";
  if (encoded.hash) std::cerr << hash_text(*encoded.hash);
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_compress_command() {
  return std::make_unique<Compress>();
}

}  // namespace ockham
