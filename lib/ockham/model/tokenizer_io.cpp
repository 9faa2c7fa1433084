#include "ockham/model/tokenizer_io.hpp"

#include <optional>
#include <vector>

#include "ockham/model/json_file-inl.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/sentencepiece_file.hpp"
#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/utf8.hpp"
#include "ockham/text/word_tokenizer.hpp"

namespace ockham {
namespace {

using nlohmann::json;

constexpr size_t kMostModelBytes = size_t{1} << 29;

json to_json(const std::string& type, const TokenizerOptions& options) {
  return {{"type", type},
          {"lower_case", options.lower_case},
          {"normalization", options.compatibility ? "nfkc" : "nfc"},
          {"punctuation", options.punctuation},
          {"fold_numbers", options.fold_numbers},
          {"length_token", options.length_token}};
}

json to_json(const Tokenizer& tokenizer) {
  if (const auto* word = dynamic_cast<const WordTokenizer*>(&tokenizer)) {
    json object = to_json(word->type(), word->options());
    if (word->characters()) {
      std::string characters;
      for (const char32_t c : *word->characters()) append_utf8(c, characters);
      object["characters"] = characters;
    }
    return object;
  }
  if (const auto* subword = dynamic_cast<const SubwordTokenizer*>(&tokenizer)) {
    return to_json(subword->type(), subword->options());
  }
  fail("a tokenizer of type ", tokenizer.type(), " cannot be saved");
}

/// Options that older models do not name have their first value.
TokenizerOptions read_options(const json& object, const std::string& source) {
  const auto normalization = field_or<std::string>(object, "normalization", "nfc");
  if (normalization != "nfc" && normalization != "nfkc") {
    fail(source, ": normalization ", quote(normalization), " is unknown; the model needs a newer ",
         "Ockham");
  }
  return {.lower_case = field_as<bool>(object, "lower_case"),
          .compatibility = normalization == "nfkc",
          .punctuation = field_or(object, "punctuation", true),
          .fold_numbers = field_or(object, "fold_numbers", false),
          .length_token = field_or(object, "length_token", false)};
}

std::optional<std::u32string> read_characters(const json& object) {
  if (!object.contains("characters")) return std::nullopt;
  const auto text = field_as<std::string>(object, "characters");
  std::u32string characters;
  for (std::string_view rest = text; !rest.empty();) {
    const DecodedCharacter character = decode_utf8(rest);
    characters.push_back(character.code_point);
    rest.remove_prefix(character.length);
  }
  return characters;
}

void write(const std::filesystem::path& folder, const Tokenizer& tokenizer, const json& object) {
  if (const auto* subword = dynamic_cast<const SubwordTokenizer*>(&tokenizer)) {
    write_file_atomically(folder / kSubwordFile, write_sentencepiece(subword->model()));
  }
  write_file_atomically(folder / kTokenizerFile, object.dump(0) + "\n");
}

/// What tokenizer.json says.
struct Saved {
  std::string source;
  json object;
  std::string type;
  TokenizerOptions options;
};

Saved read_saved(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kTokenizerFile;
  Saved saved{.source = file.string(), .object = read_json(file), .type = {}, .options = {}};
  with_json_errors(saved.source, [&] {
    saved.type = field_as<std::string>(saved.object, "type");
    saved.options = read_options(saved.object, saved.source);
  });
  return saved;
}

Vocabulary read_vocabulary(const json& object) {
  if (!object.contains("hashing")) {
    return NgramVocabulary(field_as<std::vector<std::string>>(object, "ngrams"));
  }
  const json& hashing = object.at("hashing");
  return HashedVocabulary({.bits = field_as<uint32_t>(hashing, "bits"),
                           .seed = field_as<uint32_t>(hashing, "seed"),
                           .max_length = field_as<uint32_t>(hashing, "max_length")},
                          field_as<std::vector<uint32_t>>(object, "buckets"));
}

std::shared_ptr<const Tokenizer> make_tokenizer(const std::filesystem::path& folder,
                                                const Saved& saved) {
  if (saved.type == "word") {
    return with_json_errors(saved.source, [&] {
      return std::make_shared<WordTokenizer>(saved.options, read_characters(saved.object));
    });
  }
  if (saved.type != "sentencepiece") {
    fail(saved.source, ": tokenizer type ", quote(saved.type),
         " is unknown; the model needs a newer Ockham");
  }
  const std::filesystem::path file = folder / kSubwordFile;
  auto model = std::make_shared<const SubwordModel>(
      read_sentencepiece(read_file(file, kMostModelBytes), file.string()));
  return std::make_shared<SubwordTokenizer>(std::move(model), saved.options);
}

}  // namespace

namespace {

json to_json(const Tokenizer& tokenizer, const Vocabulary& vocabulary) {
  json object = to_json(tokenizer);
  if (const HashedVocabulary* hashed = vocabulary.hashed()) {
    const NgramHashing& hashing = hashed->hashing();
    object["hashing"] = {
        {"bits", hashing.bits}, {"seed", hashing.seed}, {"max_length", hashing.max_length}};
    object["buckets"] = std::vector<uint32_t>(hashed->buckets().begin(), hashed->buckets().end());
  } else {
    object["ngrams"] = vocabulary.ngrams();
  }
  return object;
}

}  // namespace

void save_tokenizer(const std::filesystem::path& folder, const Tokenizer& tokenizer,
                    const Vocabulary& vocabulary) {
  write(folder, tokenizer, to_json(tokenizer, vocabulary));
}

std::string tokenizer_json(const Tokenizer& tokenizer, const Vocabulary& vocabulary) {
  return to_json(tokenizer, vocabulary).dump();
}

void save_tokenizer(const std::filesystem::path& folder, const Tokenizer& tokenizer) {
  write(folder, tokenizer, to_json(tokenizer));
}

LoadedTokenizer load_tokenizer(const std::filesystem::path& folder) {
  const Saved saved = read_saved(folder);
  LoadedTokenizer loaded;
  with_json_errors(saved.source, [&] { loaded.vocabulary = read_vocabulary(saved.object); });
  loaded.tokenizer = make_tokenizer(folder, saved);
  return loaded;
}

std::shared_ptr<const Tokenizer> load_bare_tokenizer(const std::filesystem::path& folder,
                                                     bool length_token) {
  if (!std::filesystem::exists(folder / kTokenizerFile)) {
    fail(folder.string(), ": no tokenizer there (", kTokenizerFile, " is missing); --tokenizer ",
         "takes word, sentencepiece or a folder that `ockham tokenizer` made");
  }
  Saved saved = read_saved(folder);
  saved.options.length_token = length_token;
  return make_tokenizer(folder, saved);
}

}  // namespace ockham
