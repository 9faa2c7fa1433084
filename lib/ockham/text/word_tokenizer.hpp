#pragma once

#include <string>
#include <string_view>

#include "ockham/text/tokenizer.hpp"
#include "ockham/text/tokenizer_options.hpp"

namespace ockham {

/// Words and punctuation marks. The text is normalised (normalize_text()); then
/// - white space, control characters (NUL among them) and U+200B separate tokens,
/// - letters, digits and marks in a row are one token, with single apostrophes inside (don't, it's;
///   U+2019 counts as an apostrophe); contractions that a treebank parted by a space come together
///   again (do n't, it 's), so that both styles give the same tokens,
/// - every other character (punctuation, symbol, ideograph, kana) is a token of its own; without
///   punctuation, those that is_punctuation() names are none.
/// Invisible characters (soft hyphen, joiners, variation selectors) are dropped; bytes that are not
/// UTF-8 become U+FFFD.
class WordTokenizer final : public Tokenizer {
 public:
  explicit WordTokenizer(TokenizerOptions options = {}) : options_(options) {}

  void split(std::string_view piece, TokenBuffer& tokens) const override;
  void close(size_t count, TokenBuffer& tokens) const override;
  std::string type() const override { return "word"; }
  const TokenizerOptions& options() const { return options_; }

 private:
  TokenizerOptions options_;
};

}  // namespace ockham
