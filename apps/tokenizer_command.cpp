#include <filesystem>
#include <iostream>
#include <memory>
#include <string_view>
#include <vector>

#include "apps/commands.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "apps/tokenizer_fields.hpp"
#include "ockham/model/tokenizer_io.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/text/line_reader.hpp"
#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/tsv_reader.hpp"

namespace ockham {
namespace {

/// Texts without their labels.
std::vector<std::string> read_texts(const std::string& path, bool plain) {
  std::vector<std::string> texts;
  if (plain) {
    LineReader reader(path);
    for (std::string text; reader.next(text);) texts.push_back(text);
  } else {
    TsvReader reader(path);
    for (Record record; reader.next(record);) texts.push_back(record.text);
  }
  return texts;
}

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

}  // namespace

int tokenizer_command(std::span<const std::string> arguments) {
  std::string train, output;
  bool plain = false;
  TokenizerFields fields;
  Command command("tokenizer", "Learn the subwords of a SentencePiece tokenizer.",
                  "ockham tokenizer --train reviews.tsv --vocabulary-size 4000 --output subwords");
  command.required(&train, "train", "FILE", "labelled texts, label<TAB>text a line; - is stdin");
  command.required(&output, "output", "DIR", "folder to write the tokenizer to");
  command.flag(&plain, "plain", "the file has texts without labels, one a line");
  fields.declare(command);
  const ParseResult parsed = command.parse(arguments);
  if (parsed.help_wanted) {
    std::cout << parsed.help;
    return 0;
  }
  check_output(output);
  const std::vector<std::string> texts = read_texts(train, plain);
  const TokenizerSettings settings = fields.settings("sentencepiece");
  auto model = std::make_shared<const SubwordModel>(
      train_subwords(std::vector<std::string_view>(texts.begin(), texts.end()), settings.text,
                     settings.subwords, train));
  AtomicFolder target(output, kTokenizerFile);
  save_tokenizer(target.path(), SubwordTokenizer(model, settings.text));
  target.commit();
  std::cerr << output << ": " << grouped_digits(model->pieces().size()) << " subwords ("
            << subword_kind_name(model->kind()) << ")\n";
  return 0;
}

}  // namespace ockham
