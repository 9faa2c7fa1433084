#include <filesystem>
#include <iostream>
#include <sstream>

#include "apps/commands.hpp"
#include "apps/options.hpp"
#include "data/sample_corpus.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

void write(const std::filesystem::path& path, std::span<const SampleReview> reviews) {
  std::ostringstream text;
  write_tsv(text, reviews);
  write_file_atomically(path, text.str());
  std::cerr << path.string() << ": " << reviews.size() << " reviews\n";
}

struct SampleData final : Subcommand {
  std::string output;
  uint64_t seed = 1;
  size_t train_texts = 6000, test_texts = 2000;
  Command command{"sample-data", "Write a synthetic corpus of reviews in which word order matters.",
                  "ockham sample-data --output sample"};

  SampleData();
  Command& options() override { return command; }
  int run() override;
};

SampleData::SampleData() {
  command.required(&output, "output", "DIR", "folder for train.tsv and test.tsv");
  command.option(&train_texts, "train-texts", "N", "reviews to train on", Range{2, 1e7});
  command.option(&test_texts, "test-texts", "N", "reviews to test on", Range{2, 1e7});
  command.option(&seed, "seed", "N", "of the random numbers", Range{0, 9e15});
}

int SampleData::run() {
  for (const char* name : {"train.tsv", "test.tsv"}) {
    const std::filesystem::path file = std::filesystem::path(output) / name;
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) {
      fail(file.string(), ": exists already; remove it, or name another folder with --output");
    }
  }
  make_folders(output);
  const SampleCorpus corpus = make_sample_corpus(seed, train_texts, test_texts);
  write(std::filesystem::path(output) / "train.tsv", corpus.train);
  write(std::filesystem::path(output) / "test.tsv", corpus.test);
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_sample_data_command() {
  return std::make_unique<SampleData>();
}

}  // namespace ockham
