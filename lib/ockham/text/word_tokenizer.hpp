#pragma once

#include <string>
#include <string_view>

#include "ockham/text/tokenizer.hpp"

namespace ockham {

struct WordTokenizerOptions {
  bool lower_case = true;     ///< full Unicode case folding
  bool length_token = false;  ///< a last token says how many there are

  friend bool operator==(const WordTokenizerOptions&, const WordTokenizerOptions&) = default;
};

/// Words and punctuation marks. The text is brought to NFC and folded; then
/// - white space, control characters (NUL among them) and U+200B separate tokens,
/// - letters, digits and marks in a row are one token, with single apostrophes inside (don't, it's;
///   U+2019 counts as an apostrophe); contractions that a treebank parted by a space come together
///   again (do n't, it 's), so that both styles give the same tokens,
/// - every other character (punctuation, symbol, ideograph, kana) is a token of its own.
/// Invisible characters (soft hyphen, joiners, variation selectors) are dropped; bytes that are not
/// UTF-8 become U+FFFD.
///
/// Models forget words, and with them how long a text was. Where that tells, the length token keeps
/// it: `<length:24-26>`, one of eight steps for each doubling of the number of tokens.
class WordTokenizer final : public Tokenizer {
 public:
  explicit WordTokenizer(WordTokenizerOptions options = {}) : options_(options) {}

  void split(std::string_view piece, TokenBuffer& tokens) const override;
  void close(size_t count, TokenBuffer& tokens) const override;
  std::string type() const override { return "word"; }
  const WordTokenizerOptions& options() const { return options_; }

 private:
  WordTokenizerOptions options_;
};

/// Whether an n-gram is a length token and nothing else.
bool is_length_token(std::string_view ngram);

}  // namespace ockham
