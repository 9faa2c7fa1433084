#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ockham {

/// N-grams by their words: a node for each of them and for each beginning of one, below the node of
/// the same without its last word. That is how they stand in a deployable file.
struct NgramTree {
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Node {
    uint32_t word = 0;    ///< the last one
    uint32_t parent = 0;  ///< in the level above; of no use in the first
    uint32_t shorter =
        kNone;               ///< in the level above: what it is without its *first* word, if there
    uint32_t bytes = 0;      ///< of its words, with a space between two of them
    uint32_t first_kid = 0;  ///< in the level below
    uint32_t kids = 0;       ///< nodes below this one: in a row, ascending by their words
    bool is_ngram = false;

    friend bool operator==(const Node&, const Node&) = default;
  };

  std::vector<std::string> words;         ///< in ascending order of their bytes
  std::vector<std::vector<Node>> levels;  ///< [k]: nodes of k + 1 words; [0]: one for each word

  /// Makes the first level of the words, none of them an n-gram yet.
  void add_words();
  /// Puts a node below one of a level; parents, and words below one parent, come in ascending
  /// order. Returns the new one.
  const Node& add_kid(size_t level, uint32_t parent, uint32_t word);
  /// The node below `parent`, of a level, that ends with `word`, or kNone.
  uint32_t find_kid(size_t level, uint32_t parent, uint32_t word) const;

  friend bool operator==(const NgramTree&, const NgramTree&) = default;
};

/// The tree of different n-grams, each of words joined by single spaces.
NgramTree make_ngram_tree(const std::vector<std::string>& ngrams);

/// Its n-grams in ascending order of their bytes.
std::vector<std::string> ngrams_of(const NgramTree& tree);

}  // namespace ockham
