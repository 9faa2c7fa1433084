#include "ockham/deploy/subword_coding.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ockham/deploy/bit_coder.hpp"
#include "ockham/deploy/memory_grant.hpp"
#include "ockham/deploy/ngram_coding.hpp"
#include "ockham/deploy/stem_coding.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/subword_words.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

/// Refuses pieces that ask for more memory than the file is granted, as they come.
class PieceMemory {
 public:
  PieceMemory(size_t file_bytes, const std::string& source)
      : left_(granted_memory(file_bytes)), source_(source) {}

  void take(const std::string& piece) {
    // Its places in the tables that SubwordModel keeps, and in the coding's.
    constexpr uint64_t kPiece = 256, kByte = 72;
    const uint64_t wanted = kPiece + kByte * piece.size();
    if (wanted > left_) fail_damaged(source_, "its subwords ask for too much memory");
    left_ -= wanted;
  }

 private:
  uint64_t left_;
  const std::string& source_;
};

// --- unigram ---

std::vector<Stem> stems_of(const std::vector<SubwordPiece>& pieces) {
  std::map<std::string, Stem> stems;
  for (const SubwordPiece& piece : pieces) {
    const bool marked = piece.text.starts_with(kWordMark);
    const std::string text = marked ? piece.text.substr(kWordMark.size()) : piece.text;
    Stem& stem = stems[text];
    stem.text = text;
    stem.forms |= marked ? Stem::kMarked : Stem::kBare;
    stem.costs[marked ? 1 : 0] = piece.cost;
  }
  std::vector<Stem> sorted;
  for (auto& [text, stem] : stems) sorted.push_back(std::move(stem));
  return sorted;
}

std::string encode_unigram(std::vector<Stem> stems, const std::string& source) {
  BitEncoder coder(source);
  StemCoding coding(coder);
  std::string previous;
  for (Stem& stem : stems) {
    coding.code(previous, stem);
    previous = stem.text;
  }
  return coder.finish();
}

std::vector<SubwordPiece> decode_unigram(uint64_t stems, std::string_view bytes, size_t file_bytes,
                                         const std::string& source) {
  PieceMemory memory(file_bytes, source);
  BitDecoder coder(bytes, source);
  StemCoding coding(coder);
  std::vector<SubwordPiece> pieces;
  std::string previous;
  for (uint64_t i = 0; i < stems; ++i) {
    Stem stem;
    coding.code(previous, stem);
    if ((i > 0 && stem.text <= previous) || stem.forms == 0) {
      fail_damaged(source, "its subwords are not in order");
    }
    for (size_t marked = 0; marked < 2; ++marked) {
      if ((stem.forms & (1u << marked)) == 0) continue;
      std::string text = marked ? std::string(kWordMark) + stem.text : stem.text;
      memory.take(text);
      pieces.push_back({std::move(text), stem.costs[marked]});
    }
    previous = std::move(stem.text);
  }
  coder.finish();
  return pieces;
}

// --- bpe ---

/// Numbers that grow with the list they point into: how many bits, then the bits.
template <typename Coder>
class NumberCoding {
 public:
  explicit NumberCoding(Coder& coder) : coder_(coder) {}

  /// Codes a number below `count`.
  uint32_t code(uint32_t number, uint32_t count) {
    const auto bits = static_cast<uint32_t>(std::bit_width(number));
    const uint32_t width = code_tree(coder_, bits, kWidthBits, widths_);
    if (width > static_cast<uint32_t>(std::bit_width(count - 1))) {
      fail_damaged(coder_.source(), "a subword's part does not exist");
    }
    if (width < 2) return width;
    std::vector<BitModel>& models = rest_[width];
    models.resize(size_t{1} << (width - 1));
    const uint32_t top = 1u << (width - 1);
    const uint32_t coded =
        top + code_tree(coder_, number - top, static_cast<int>(width) - 1, models);
    if (coded >= count) fail_damaged(coder_.source(), "a subword's part does not exist");
    return coded;
  }

 private:
  static constexpr int kWidthBits = 5;

  Coder& coder_;
  std::array<BitModel, 1 << kWidthBits> widths_;
  std::array<std::vector<BitModel>, 1 << kWidthBits> rest_;
};

/// A piece as the join of two symbols before it: characters first, then pieces.
struct Join {
  uint32_t left = 0;
  uint32_t right = 0;
};

struct JoinList {
  std::vector<std::string> characters;  // ascending
  std::vector<Join> joins;
};

size_t first_character(std::string_view text) {
  return decode_utf8(text).length;
}

JoinList joins_of(const std::vector<SubwordPiece>& pieces) {
  JoinList list;
  std::set<std::string> characters;
  for (const SubwordPiece& piece : pieces) {
    for (std::string_view rest = piece.text; !rest.empty();) {
      const size_t length = first_character(rest);
      characters.emplace(rest.substr(0, length));
      rest.remove_prefix(length);
    }
  }
  list.characters.assign(characters.begin(), characters.end());
  StringTable symbols;
  for (const std::string& character : list.characters) symbols.insert(character);
  for (const SubwordPiece& piece : pieces) {
    const std::string_view text = piece.text;
    Join join{StringTable::kNotFound, StringTable::kNotFound};
    for (size_t at = first_character(text); at < text.size();
         at += first_character(text.substr(at))) {
      const Join parts{symbols.find(text.substr(0, at)), symbols.find(text.substr(at))};
      if (parts.left == StringTable::kNotFound || parts.right == StringTable::kNotFound) continue;
      // The oldest parts: their numbers are the most frequent ones.
      if (join.left == StringTable::kNotFound ||
          std::max(parts.left, parts.right) < std::max(join.left, join.right)) {
        join = parts;
      }
    }
    if (join.left == StringTable::kNotFound) {
      fail("the model cannot be written: its tokenizer holds a subword that is no join of two ",
           "earlier ones; make it again with `ockham tokenizer`");
    }
    list.joins.push_back(join);
    symbols.insert(text);
  }
  return list;
}

std::string encode_bpe(JoinList list, const std::string& source) {
  BitEncoder coder(source);
  NgramCoding text(coder);
  std::string previous;
  for (std::string& character : list.characters) {
    text.code(previous, character);
    previous = character;
  }
  NumberCoding left(coder), right(coder);
  auto count = static_cast<uint32_t>(list.characters.size());
  for (const Join& join : list.joins) {
    left.code(join.left, count);
    right.code(join.right, count);
    ++count;
  }
  return coder.finish();
}

std::vector<SubwordPiece> decode_bpe(uint64_t characters, uint64_t joins, std::string_view bytes,
                                     size_t file_bytes, const std::string& source) {
  PieceMemory memory(file_bytes, source);
  BitDecoder coder(bytes, source);
  NgramCoding text(coder);
  std::vector<std::string> symbols;
  for (uint64_t i = 0; i < characters; ++i) {
    std::string character;
    text.code(i == 0 ? std::string() : symbols.back(), character);
    const bool whole = !character.empty() && decode_utf8(character).valid &&
                       first_character(character) == character.size();
    if (!whole || (i > 0 && character <= symbols.back())) {
      fail_damaged(source, "its characters are not in order");
    }
    memory.take(character);
    symbols.push_back(std::move(character));
  }
  NumberCoding left(coder), right(coder);
  std::vector<SubwordPiece> pieces;
  for (uint64_t i = 0; i < joins; ++i) {
    const auto count = static_cast<uint32_t>(symbols.size());
    const uint32_t front = left.code(0, count);
    std::string piece = symbols[front] + symbols[right.code(0, count)];
    if (piece.size() > SubwordModel::kMostPieceBytes) fail_damaged(source, "an endless subword");
    memory.take(piece);
    symbols.push_back(piece);
    pieces.push_back({std::move(piece), 0});
  }
  coder.finish();
  return pieces;
}

}  // namespace

void write_subwords(const SubwordModel& model, ByteWriter& writer) {
  static const std::string source = "the model cannot be written";
  const std::vector<SubwordPiece> pieces = model.needed_pieces();
  if (model.kind() == SubwordKind::unigram) {
    const std::vector<Stem> stems = stems_of(pieces);
    writer.varint(stems.size());
    writer.string(encode_unigram(stems, source));
  } else {
    const JoinList list = joins_of(pieces);
    writer.varint(list.characters.size());
    writer.varint(list.joins.size());
    writer.string(encode_bpe(list, source));
  }
}

SubwordModel read_subwords(SubwordKind kind, ByteReader& reader, size_t file_bytes) {
  const std::string& source = reader.source();
  const bool unigram = kind == SubwordKind::unigram;
  const uint64_t first = reader.varint(SubwordModel::kMostPieces, "the number of subwords");
  const uint64_t joins =
      unigram ? 0 : reader.varint(SubwordModel::kMostPieces, "the number of subwords");
  const std::string_view bytes = reader.string(reader.left(), "the subwords' length");
  if (!unigram && joins > 0 && first == 0) fail_damaged(source, "it has no characters");
  return SubwordModel(kind,
                      unigram ? decode_unigram(first, bytes, file_bytes, source)
                              : decode_bpe(first, joins, bytes, file_bytes, source),
                      source);
}

}  // namespace ockham
