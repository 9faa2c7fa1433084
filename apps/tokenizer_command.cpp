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
#include "ockham/tensor/atomic_folder.hpp"
#include "ockham/text/dataset.hpp"
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
  void check_plain() const;
  Dataset read_texts() const;

  std::string train_, output_;
  bool plain_ = false;
  DataOptions data_;
  TokenizerFields fields_;
  Command command_{"tokenizer", "Learn the subwords of a SentencePiece tokenizer.",
                   "ockham tokenizer --train reviews.tsv --output subwords"};
};

TokenizerCommand::TokenizerCommand() {
  command_.required(&train_, "train", "FILE",
                    "texts to learn from, as for training; labels are ignored and none are needed");
  command_.required(&output_, "output", "DIR", "folder to write the tokenizer to");
  command_.flag(&plain_, "plain", "the file has a text a line, whatever stands in it");
  fields_.declare(command_);
  declare_unlabelled_options(command_, data_);
}

/// Plain lines are a format of their own, in which none of these would do anything.
void TokenizerCommand::check_plain() const {
  if (!plain_) return;
  const char* option = data_.format != DataFormat::automatic        ? "--format"
                       : !data_.text_column.empty()                 ? "--text-column"
                       : data_.delimiter != DataOptions{}.delimiter ? "--delimiter"
                       : !data_.header                              ? "--no-header"
                                                                    : nullptr;
  if (option == nullptr) return;
  throw UsageError(std::string("--plain takes each line as a text, and ") + option +
                   " is of other formats; leave out one of them");
}

Dataset TokenizerCommand::read_texts() const {
  DataOptions options = data_;
  if (plain_) options.format = DataFormat::lines;
  return read_dataset(*open_records(train_, options));
}

int TokenizerCommand::run() {
  check_plain();
  check_output(output_);
  const Dataset dataset = read_texts();
  std::vector<std::string_view> texts;
  for (size_t i = 0; i < dataset.size(); ++i) texts.push_back(dataset.text(i));
  const TokenizerSettings settings = fields_.settings("sentencepiece");
  auto model = std::make_shared<const SubwordModel>(
      train_subwords(texts, settings.text, settings.subwords, dataset.name));
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
