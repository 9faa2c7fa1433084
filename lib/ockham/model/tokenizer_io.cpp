#include "ockham/model/tokenizer_io.hpp"

#include <vector>

#include "ockham/model/json_file-inl.hpp"
#include "ockham/text/word_tokenizer.hpp"

namespace ockham {
namespace {

using nlohmann::json;

json to_json(const Tokenizer& tokenizer) {
  if (const auto* word = dynamic_cast<const WordTokenizer*>(&tokenizer)) {
    return {{"type", word->type()},
            {"lower_case", word->options().lower_case},
            {"length_token", word->options().length_token}};
  }
  fail("a tokenizer of type ", tokenizer.type(), " cannot be saved");
}

std::shared_ptr<const Tokenizer> from_json(const json& object, const std::string& source) {
  const auto type = object.at("type").get<std::string>();
  if (type != "word") {
    fail(source, ": tokenizer type \"", type, "\" is unknown; the model needs a newer Ockham");
  }
  return std::make_shared<WordTokenizer>(
      WordTokenizerOptions{.lower_case = object.at("lower_case").get<bool>(),
                           .length_token = object.value("length_token", false)});
}

}  // namespace

std::string tokenizer_json(const Tokenizer& tokenizer) {
  return to_json(tokenizer).dump();
}

std::shared_ptr<const Tokenizer> parse_tokenizer(const std::string& text,
                                                 const std::string& source) {
  return with_json_errors(source, [&] { return from_json(json::parse(text), source); });
}

void save_tokenizer(const std::filesystem::path& file, const Tokenizer& tokenizer,
                    const NgramVocabulary& vocabulary) {
  json object = to_json(tokenizer);
  object["ngrams"] = vocabulary.ngrams();
  write_file_atomically(file, object.dump(0) + "\n");
}

LoadedTokenizer load_tokenizer(const std::filesystem::path& file) {
  const json object = read_json(file);
  return with_json_errors(file.string(), [&]() -> LoadedTokenizer {
    const auto ngrams = object.at("ngrams").get<std::vector<std::string>>();
    return {from_json(object, file.string()), NgramVocabulary(ngrams)};
  });
}

}  // namespace ockham
