#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/text/text_pieces.hpp"

namespace ockham {

/// The tokens of one text: windows on one normalised byte string. A caller keeps one buffer per
/// thread and hands it to every call, so that nothing is allocated once it has grown.
struct TokenBuffer {
  struct Extent {
    size_t begin;
    size_t length;
  };

  std::string bytes;            ///< the normalised text
  std::vector<Extent> extents;  ///< of each token in `bytes`, in text order

  size_t size() const { return extents.size(); }
  std::string_view operator[](size_t i) const {
    return {bytes.data() + extents[i].begin, extents[i].length};
  }
  void clear() {
    bytes.clear();
    extents.clear();
  }
};

/// Cuts a text into tokens. An implementation is immutable, so that threads may share it.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Replaces `tokens` by those of `piece`, any bytes: a text, or a piece of a long one
  /// (text_pieces.hpp). A token is not empty and holds no space (U+0020), which separates the words
  /// of an n-gram's written form.
  virtual void split(std::string_view piece, TokenBuffer& tokens) const = 0;

  /// Replaces `tokens` by what follows the `count` tokens of a text's pieces: nothing, unless the
  /// tokenizer adds something about the whole.
  virtual void close(size_t count, TokenBuffer& tokens) const;

  /// The tag that names this kind of tokenizer in saved files.
  virtual std::string type() const = 0;
};

inline void Tokenizer::close(size_t /*count*/, TokenBuffer& tokens) const {
  tokens.clear();
}

/// Calls visit(tokens) for each piece of a text and for what closes it: all its tokens in order.
/// `tokens` is scratch memory; `count` tokens of the text came before.
template <typename Visit>
void visit_tokens(const Tokenizer& tokenizer, std::string_view text, TokenBuffer& tokens,
                  const Visit& visit, size_t count = 0) {
  while (!text.empty()) {
    const size_t length = piece_length(text, true);
    tokenizer.split(text.substr(0, length), tokens);
    count += tokens.size();
    visit(tokens);
    text.remove_prefix(length);
  }
  tokenizer.close(count, tokens);
  visit(tokens);
}

}  // namespace ockham
