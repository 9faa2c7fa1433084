#pragma once

namespace ockham {

/// What every kind of tokenizer may be told about the text it cuts.
struct TokenizerOptions {
  bool lower_case = true;      ///< full Unicode case folding
  bool compatibility = false;  ///< NFKC instead of NFC: full-width letters, ligatures and the like
                               ///< become the plain ones
  bool punctuation = true;     ///< false: punctuation marks separate tokens and are none
  bool fold_numbers = false;   ///< every decimal digit, of any script, becomes 0
  bool length_token = false;   ///< a last token says how many there are (length_token.hpp)

  friend bool operator==(const TokenizerOptions&, const TokenizerOptions&) = default;
};

}  // namespace ockham
