#pragma once

#include <string>

#include "apps/options.hpp"
#include "ockham/train/settings.hpp"

namespace ockham {

/// The options that make a tokenizer, for the commands that have them.
class TokenizerFields {
 public:
  void declare(Command& command);

  /// The fields of what is done to the text, whatever the tokenizer.
  struct Text {
    bool* lower_case;
    std::string* normalization;
    bool* punctuation;
    bool* fold_numbers;
  };
  Text text();

  /// After parsing. `tokenizer` is word, sentencepiece or a folder.
  TokenizerSettings settings(const std::string& tokenizer) const;

 private:
  TokenizerSettings settings_;
  std::string normalization_ = "nfc";
};

/// Neither word nor sentencepiece.
bool names_tokenizer_folder(const std::string& tokenizer);

}  // namespace ockham
