#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ockham/text/tokenizer.hpp"
#include "ockham/text/tokenizer_options.hpp"

namespace ockham {

/// What a token becomes that holds a character which the tokenizer was not told of. No text makes
/// it: "<" is a token of its own, or none.
inline constexpr std::string_view kOtherToken = "<other>";

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
  /// `characters`: those beyond ASCII that tokens may hold, once normalised; every token with
  /// another one becomes kOtherToken. Nothing: all. Where n-grams are known by their hashes, this
  /// keeps tokens that cannot be known from hitting, and who cuts texts needs to know nothing of
  /// characters that do not matter. Throws Error unless they ascend, for one of ASCII, and for what
  /// is no character.
  explicit WordTokenizer(TokenizerOptions options = {},
                         std::optional<std::u32string> characters = {});

  void split(std::string_view piece, TokenBuffer& tokens) const override;
  void close(size_t count, TokenBuffer& tokens) const override;
  std::string type() const override { return "word"; }
  const TokenizerOptions& options() const { return options_; }
  const std::optional<std::u32string>& characters() const { return characters_; }

 private:
  bool knows_characters(std::string_view token) const;
  void replace_others(TokenBuffer& tokens) const;

  TokenizerOptions options_;
  std::optional<std::u32string> characters_;
};

}  // namespace ockham
