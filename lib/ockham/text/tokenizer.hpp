#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

  /// Replaces `tokens` by those of `text`, any bytes. A token is not empty and holds no space
  /// (U+0020), which separates the words of an n-gram's written form.
  virtual void split(std::string_view text, TokenBuffer& tokens) const = 0;

  /// The tag that names this kind of tokenizer in saved files.
  virtual std::string type() const = 0;
};

}  // namespace ockham
