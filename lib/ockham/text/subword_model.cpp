#include "ockham/text/subword_model.hpp"

#include <algorithm>

#include "ockham/tensor/error.hpp"
#include "ockham/text/length_token.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/unicode.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr size_t kNoSymbol = SIZE_MAX;
constexpr uint64_t kUnreached = UINT64_MAX;

size_t first_character(std::string_view text) {
  return decode_utf8(text).length;
}

bool is_one_character(std::string_view text) {
  return first_character(text) == text.size();
}

void check_text(std::string_view text, const std::string& source) {
  if (text.empty() || text.size() > SubwordModel::kMostPieceBytes) {
    fail(source, ": a subword has ", text.size(), " bytes, expected 1 to ",
         SubwordModel::kMostPieceBytes);
  }
  for (std::string_view rest = text; !rest.empty();) {
    const DecodedCharacter character = decode_utf8(rest);
    if (!character.valid || character_kind(character.code_point) == CharacterKind::kSpace) {
      fail(source, ": subword ", quote(text), " holds white space or is not UTF-8");
    }
    rest.remove_prefix(character.length);
  }
  if (text.starts_with(kLengthTokenStart)) {
    fail(source, ": subword ", quote(text), " could be taken for a length token");
  }
}

/// The join that comes first is the heap's greatest: the piece learned first, then the leftmost.
bool comes_later(const SubwordModel::Scratch::Join& a, const SubwordModel::Scratch::Join& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.left > b.left;
}

}  // namespace

std::string subword_kind_name(SubwordKind kind) {
  return kind == SubwordKind::unigram ? "unigram" : "bpe";
}

SubwordKind parse_subword_kind(const std::string& name) {
  if (name == "unigram") return SubwordKind::unigram;
  if (name == "bpe") return SubwordKind::bpe;
  fail("unknown subword model type ", quote(name), "; expected unigram or bpe");
}

SubwordModel::SubwordModel(SubwordKind kind, std::vector<SubwordPiece> pieces,
                           const std::string& source)
    : kind_(kind), pieces_(std::move(pieces)) {
  if (pieces_.size() > kMostPieces) {
    fail(source, ": holds ", pieces_.size(), " subwords, expected at most ", kMostPieces);
  }
  for (const SubwordPiece& piece : pieces_) {
    check_text(piece.text, source);
    const size_t before = texts_.size();
    texts_.insert(piece.text);
    if (texts_.size() == before) fail(source, ": subword ", quote(piece.text), " is there twice");
  }
  if (kind_ == SubwordKind::bpe) return;
  check_unigram(source);
  build_trie();
}

/// Where every character of a longer piece is a piece, all ways of cutting a word agree on the
/// other characters, and it does not matter what those cost.
void SubwordModel::check_unigram(const std::string& source) const {
  for (const SubwordPiece& piece : pieces_) {
    if (piece.cost > kLargestCost) {
      fail(source, ": subword ", quote(piece.text), " costs ", piece.cost, ", expected at most ",
           kLargestCost);
    }
    if (is_one_character(piece.text)) continue;
    for (std::string_view rest = piece.text; !rest.empty();) {
      const std::string_view character = rest.substr(0, first_character(rest));
      if (texts_.find(character) == StringTable::kNotFound) {
        fail(source, ": subword ", quote(piece.text), " holds ", quote(character),
             ", which is no subword");
      }
      rest.remove_prefix(character.size());
    }
  }
}

void SubwordModel::build_trie() {
  piece_at_.push_back(kNone);
  for (uint32_t i = 0; i < pieces_.size(); ++i) {
    uint32_t node = 0;
    for (const char c : pieces_[i].text) {
      node = trie_.count(node, static_cast<uint8_t>(c)) + 1;
      if (node == piece_at_.size()) piece_at_.push_back(kNone);
    }
    piece_at_[node] = i;
  }
}

void SubwordModel::segment(std::string_view word, Scratch& scratch,
                           std::vector<size_t>& ends) const {
  if (kind_ == SubwordKind::unigram) {
    segment_unigram(word, scratch, ends);
  } else {
    segment_bpe(word, scratch, ends);
  }
}

/// Viterbi: the cheapest way to each byte.
void SubwordModel::segment_unigram(std::string_view word, Scratch& scratch,
                                   std::vector<size_t>& ends) const {
  auto& nodes = scratch.nodes;
  nodes.assign(word.size() + 1, {kUnreached, 0});
  nodes[0].cost = 0;
  const auto reach = [&](size_t from, size_t to, uint32_t cost) {
    if (nodes[from].cost + cost < nodes[to].cost) nodes[to] = {nodes[from].cost + cost, from};
  };
  for (size_t begin = 0; begin < word.size();) {
    const size_t character = begin + first_character(word.substr(begin));
    bool known = false;
    uint32_t node = 0;
    for (size_t at = begin; at < word.size(); ++at) {
      const uint32_t step = trie_.find(node, static_cast<uint8_t>(word[at]));
      if (step == PairTable::kNotFound) break;
      node = step + 1;
      if (piece_at_[node] == kNone) continue;
      reach(begin, at + 1, pieces_[piece_at_[node]].cost);
      known = known || at + 1 == character;
    }
    if (!known) reach(begin, character, 0);
    begin = character;
  }
  ends.clear();
  for (size_t end = word.size(); end > 0; end = nodes[end].from) ends.push_back(end);
  std::reverse(ends.begin(), ends.end());
}

/// Joins neighbours until no two of them make a piece, what was learned first before the rest.
void SubwordModel::segment_bpe(std::string_view word, Scratch& scratch,
                               std::vector<size_t>& ends) const {
  auto& symbols = scratch.symbols;
  auto& joins = scratch.joins;
  symbols.clear();
  joins.clear();
  for (size_t begin = 0; begin < word.size();) {
    const size_t end = begin + first_character(word.substr(begin));
    const size_t i = symbols.size();
    symbols.push_back({begin, end, i - 1, end < word.size() ? i + 1 : kNoSymbol});
    begin = end;
  }
  const auto look_at = [&](size_t left, size_t right) {
    if (left == kNoSymbol || right == kNoSymbol) return;
    const size_t begin = symbols[left].begin, end = symbols[right].end;
    if (end - begin > kMostPieceBytes) return;
    const uint32_t rank = texts_.find(word.substr(begin, end - begin));
    if (rank == StringTable::kNotFound) return;
    joins.push_back({rank, left, right, end});
    std::push_heap(joins.begin(), joins.end(), comes_later);
  };
  for (size_t i = 1; i < symbols.size(); ++i) look_at(i - 1, i);
  while (!joins.empty()) {
    std::pop_heap(joins.begin(), joins.end(), comes_later);
    const Scratch::Join join = joins.back();
    joins.pop_back();
    Scratch::Symbol& left = symbols[join.left];
    Scratch::Symbol& right = symbols[join.right];
    // Where one of the two was joined to another meanwhile, this join is void.
    const bool there = left.begin < left.end && right.begin < right.end;
    if (!there || left.end != right.begin || right.end != join.end) continue;
    left.end = right.end;
    right.end = right.begin;
    left.next = right.next;
    if (right.next != kNoSymbol) symbols[right.next].previous = join.left;
    look_at(left.previous, join.left);
    look_at(join.left, left.next);
  }
  ends.clear();
  for (const auto& symbol : symbols) {
    if (symbol.end > symbol.begin) ends.push_back(symbol.end);
  }
}

std::vector<SubwordPiece> SubwordModel::needed_pieces() const {
  Scratch scratch;
  std::vector<size_t> ends;
  std::vector<bool> needed(pieces_.size(), false);
  for (uint32_t i = 0; i < pieces_.size(); ++i) {
    std::string_view rest = pieces_[i].text;
    if (is_one_character(rest)) continue;
    segment(rest, scratch, ends);
    needed[i] = kind_ == SubwordKind::bpe || ends.size() == 1;
    while (kind_ == SubwordKind::unigram && needed[i] && !rest.empty()) {
      const size_t length = first_character(rest);
      needed[texts_.find(rest.substr(0, length))] = true;
      rest.remove_prefix(length);
    }
  }
  std::vector<SubwordPiece> kept;
  for (uint32_t i = 0; i < pieces_.size(); ++i) {
    if (needed[i]) kept.push_back(pieces_[i]);
  }
  return kept;
}

}  // namespace ockham
