#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/tensor/mapped_vector.hpp"
#include "ockham/text/hash_filter.hpp"
#include "ockham/text/pair_table.hpp"
#include "ockham/text/string_table.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// Calls visit(word) for the words of an n-gram, which single spaces join.
template <typename Visit>
void for_each_word(std::string_view ngram, const Visit& visit) {
  while (true) {
    const size_t space = ngram.find(' ');
    visit(ngram.substr(0, space));
    if (space == std::string_view::npos) return;
    ngram.remove_prefix(space + 1);
  }
}

/// What a text has begun and not ended: the n-grams that its last token may go on with, as a
/// vocabulary numbers or hashes them. Every length has at most one, the shorter first.
struct OpenNgrams {
  static constexpr size_t kMost = 16;

  void push(uint64_t node) { nodes[count++] = node; }

  std::array<uint64_t, kMost> nodes{};
  uint32_t count = 0;
};

/// The n-grams that a model knows, numbered 0 .. size() - 1, with exact lookup. Their words stand
/// in a string table; longer n-grams are steps of a trie over word numbers, so that "not good" is
/// step(step(root, "not"), "good").
class NgramVocabulary {
 public:
  static constexpr uint32_t kNotFound = UINT32_MAX;
  static constexpr uint32_t kMaxLength = OpenNgrams::kMost;  ///< words in an n-gram
  static constexpr size_t kMaxBytes = 65'535;  ///< of a written n-gram that can be deployed

  NgramVocabulary() = default;

  /// N-gram i is `ngrams[i]`: words joined with one space. Throws Error for an empty word, a
  /// repeated n-gram, and one of more than kMaxLength words.
  explicit NgramVocabulary(std::span<const std::string> ngrams);

  size_t size() const { return node_of_ngram_.size(); }
  uint32_t max_length() const { return max_length_; }  ///< 0 when empty
  size_t word_count() const { return words_.size(); }  ///< distinct words in the n-grams

  /// The words of an n-gram joined with one space.
  std::string ngram(uint32_t id) const;
  std::vector<std::string> ngrams() const;

  /// The number of an n-gram, or kNotFound.
  uint32_t find(std::string_view ngram) const;

  /// Appends to `ids` the known n-grams of a text in the order in which they end, the shorter of
  /// those that end at one token first: "not good" follows "good". `open` is what the tokens before
  /// these left behind, empty at a text's start.
  void encode(const TokenBuffer& tokens, OpenNgrams& open, MappedVector<uint32_t>& ids) const;

  /// The vocabulary of some of the n-grams: kept[i] gets number i.
  NgramVocabulary select(std::span<const uint32_t> kept) const;

 private:
  struct Node {
    uint32_t parent;    // kNotFound for a single word
    uint32_t word;      // the last word of the n-gram
    uint32_t ngram;     // kNotFound when only longer n-grams are known
    bool has_children;  // whether a longer n-gram starts with this one
  };

  struct Arrival {
    uint32_t ngram = kNotFound;      // that ends here
    uint32_t open_node = kNotFound;  // that longer n-grams go on from
  };

  void add(std::string_view ngram);
  void prepare_encoding();
  uint32_t child(uint32_t parent, uint32_t word);
  size_t step(uint32_t word, OpenNgrams& open, uint32_t* found) const;

  StringTable words_;
  PairTable steps_;  // (node, word) -> index into node_of_step_
  std::vector<uint32_t> node_of_word_;
  std::vector<uint32_t> node_of_step_;
  std::vector<uint32_t> node_of_ngram_;
  std::vector<Node> nodes_;
  uint32_t max_length_ = 0;
  HashFilter word_filter_, step_filter_;
  std::vector<Arrival> at_word_, at_step_;  // where a text is behind such a word or step
};

}  // namespace ockham
