#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/text/pair_table.hpp"
#include "ockham/text/string_table.hpp"

namespace ockham {

/// How a word is cut into pieces.
enum class SubwordKind : uint8_t {
  unigram,  ///< the most probable pieces (Kudo 2018)
  bpe,      ///< characters, joined in the order of the pieces (Sennrich et al. 2016)
};

std::string subword_kind_name(SubwordKind kind);
/// Throws Error for a name that is none.
SubwordKind parse_subword_kind(const std::string& name);

struct SubwordPiece {
  std::string text;   ///< the word mark in front where it begins a word
  uint32_t cost = 0;  ///< unigram: -log P in steps of 1 / kCostSteps nats; bpe: not used

  friend bool operator==(const SubwordPiece&, const SubwordPiece&) = default;
};

/// The pieces of a subword tokenizer and how they cut a word. Immutable; any number of threads may
/// use it.
///
/// Costs are whole numbers: sums are exact, so that a word is cut in the same way everywhere, and
/// they are short in a deployable file. Of equal sums the one whose last piece is longest wins, and
/// so on to the front, as with SentencePiece.
class SubwordModel {
 public:
  static constexpr uint32_t kCostSteps = 8;
  static constexpr uint32_t kLargestCost = 4095;
  static constexpr size_t kMostPieces = size_t{1} << 20;
  static constexpr size_t kMostPieceBytes = 255;

  /// Throws Error, beginning with `source`, for pieces that cannot be: too many or too long,
  /// two the same, no UTF-8, with white space; unigram: one with a character that is no piece.
  SubwordModel(SubwordKind kind, std::vector<SubwordPiece> pieces, const std::string& source);

  SubwordKind kind() const { return kind_; }
  /// bpe: in the order in which they are joined.
  const std::vector<SubwordPiece>& pieces() const { return pieces_; }

  /// Memory that segment() may use again.
  struct Scratch {
    struct Node {
      uint64_t cost;
      size_t from;
    };
    struct Symbol {
      size_t begin, end;  // end = begin: was joined to the one before
      size_t previous, next;
    };
    struct Join {
      uint32_t rank;
      size_t left, right, end;
    };
    std::vector<Node> nodes;
    std::vector<Symbol> symbols;
    std::vector<Join> joins;
  };

  /// Replaces `ends` by the ends of the pieces of `word`, valid UTF-8: their bytes join to the
  /// word. A character that is in no piece is a piece of its own. O(n log n) time.
  void segment(std::string_view word, Scratch& scratch, std::vector<size_t>& ends) const;

  /// The pieces that cutting hangs on, in their order: a model of these alone cuts every text in
  /// the same way. Left out are single characters that no other piece holds (they stand alone in
  /// any case), for bpe all single characters, and unigram pieces that cost more than their own
  /// parts, which no cheapest way uses.
  std::vector<SubwordPiece> needed_pieces() const;

 private:
  void check_unigram(const std::string& source) const;
  void build_trie();
  void segment_unigram(std::string_view word, Scratch& scratch, std::vector<size_t>& ends) const;
  void segment_bpe(std::string_view word, Scratch& scratch, std::vector<size_t>& ends) const;

  SubwordKind kind_;
  std::vector<SubwordPiece> pieces_;
  StringTable texts_;               // number i: piece i
  PairTable trie_;                  // unigram: (node, byte) -> node - 1; the root is 0
  std::vector<uint32_t> piece_at_;  // [nodes] the piece that ends there, or kNone
};

}  // namespace ockham
