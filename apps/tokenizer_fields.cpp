#include "apps/tokenizer_fields.hpp"

namespace ockham {
namespace {

constexpr const char* kWords = "word";
constexpr const char* kSubwords = "sentencepiece";

}  // namespace

void TokenizerFields::declare(Command& c) {
  c.choice(&settings_.subwords.kind, "model-type",
           {{"unigram", SubwordKind::unigram}, {"bpe", SubwordKind::bpe}},
           "how subwords are learned and a word is cut into them");
  c.option(&settings_.subwords.vocabulary_size, "vocabulary-size", "N",
           "learn at most so many subwords; a small text gives fewer", Range{2, 1e6});
  c.option(&settings_.subwords.sample_bytes, "tokenizer-sample", "BYTES",
           "learn subwords from a random sample of so much text", Range{1, 1e9});
  c.flag(&settings_.text.lower_case, "lower-case", "fold the case of all letters");
  c.choice(&normalization_, "normalization", {"nfc", "nfkc"},
           "Unicode form of the text; nfkc makes full-width letters, ligatures and the like plain");
  c.flag(&settings_.text.punctuation, "punctuation",
         "keep punctuation marks; without, they only part words");
  c.flag(&settings_.text.fold_numbers, "fold-numbers", "make every digit a 0");
}

TokenizerFields::Text TokenizerFields::text() {
  TokenizerOptions& text = settings_.text;
  return {&text.lower_case, &normalization_, &text.punctuation, &text.fold_numbers};
}

TokenizerSettings TokenizerFields::settings(const std::string& tokenizer) const {
  using Kind = TokenizerSettings::Kind;
  TokenizerSettings settings = settings_;
  settings.kind = tokenizer == kWords      ? Kind::words
                  : tokenizer == kSubwords ? Kind::subwords
                                           : Kind::folder;
  settings.text.compatibility = normalization_ == "nfkc";
  if (settings.kind == Kind::folder) settings.folder = tokenizer;
  return settings;
}

bool names_tokenizer_folder(const std::string& tokenizer) {
  return tokenizer != kWords && tokenizer != kSubwords;
}

}  // namespace ockham
