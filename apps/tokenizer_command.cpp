#include <filesystem>
#include <iostream>
#include <memory>
#include <string_view>
#include <vector>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "apps/tokenizer_fields.hpp"
#include "ockham/model/tokenizer_io.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/text/line_reader.hpp"
#include "ockham/text/open_records.hpp"
#include "ockham/text/subword_tokenizer.hpp"

namespace ockham {
namespace {

/// An older tokenizer is replaced; anything else is not.
void check_output(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name == kTokenizerFile || name == kSubwordFile) continue;
    fail(folder.string(), ": holds ", name, ", which is no part of a tokenizer and would be lost; ",
         "name a new folder with --output");
  }
}

class TokenizerCommand final : public Subcommand {
 public:
  TokenizerCommand();
  Command& options() override { return command_; }
  int run() override;

 private:
  std::vector<std::string> read_texts() const;

  std::string train_, output_;
  bool plain_ = false;
  DataOptions data_;
  TokenizerFields fields_;
  Command command_{"tokenizer", "Learn the subwords of a SentencePiece tokenizer.",
                   "ockham tokenizer --train reviews.tsv --output subwords"};
};

TokenizerCommand::TokenizerCommand() {
  command_.required(&train_, "train", "FILE", "texts to learn from, labelled as for training");
  command_.required(&output_, "output", "DIR", "folder to write the tokenizer to");
  command_.flag(&plain_, "plain", "the file has texts without labels, one a line");
  fields_.declare(command_);
  declare_data_options(command_, data_, TextWeights::without);
}

/// Texts without their labels.
std::vector<std::string> TokenizerCommand::read_texts() const {
  std::vector<std::string> texts;
  if (plain_) {
    LineReader reader(train_);
    for (std::string text; reader.next(text);) texts.push_back(text);
  } else {
    const auto reader = open_records(train_, data_);
    for (Record record; reader->next(record);) texts.push_back(record.text);
  }
  return texts;
}

int TokenizerCommand::run() {
  check_output(output_);
  const std::vector<std::string> texts = read_texts();
  const TokenizerSettings settings = fields_.settings("sentencepiece");
  auto model = std::make_shared<const SubwordModel>(
      train_subwords(std::vector<std::string_view>(texts.begin(), texts.end()), settings.text,
                     settings.subwords, train_));
  AtomicFolder target(output_, kTokenizerFile);
  save_tokenizer(target.path(), SubwordTokenizer(model, settings.text));
  target.commit();
  std::cerr << output_ << ": " << grouped_digits(model->pieces().size()) << " subwords ("
            << subword_kind_name(model->kind()) << ")\n";
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_tokenizer_command() {
  return std::make_unique<TokenizerCommand>();
}

}  // namespace ockham
