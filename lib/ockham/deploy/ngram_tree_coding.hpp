#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ockham/deploy/bit_coder.hpp"
#include "ockham/deploy/bytes.hpp"
#include "ockham/deploy/ngram_tree.hpp"
#include "ockham/text/ngram_vocabulary.hpp"

namespace ockham {

/// Codes the n-grams of a vocabulary as a tree: its words in ascending order, then, level by level,
/// which words follow each node and which nodes are n-grams themselves. A word is spelt once,
/// however many n-grams it is part of: a fifth to a quarter of a whole file less than n-grams that
/// are spelt in ascending order (NgramCoding), and half as many bits to decode. One object per
/// tree; docs/format.md states the models.
template <typename Coder>
class NgramTreeCoding {
 public:
  /// Told how many bytes of memory the tree and its n-grams want, before they are allocated; throws
  /// where those are too many.
  using Grant = std::function<void(uint64_t bytes)>;

  NgramTreeCoding(Coder& coder, Grant grant)
      : coder_(coder),
        grant_(std::move(grant)),
        after_one_(size_t{1} << 16),
        after_two_(size_t{1} << kHashBits),
        after_word_(size_t{1} << kHashBits) {}

  /// Codes the tree, or what was coded where the coder is a decoder; returns that.
  NgramTree code(const NgramTree& given) {
    NgramTree tree;
    code_words(given.words, tree.words);
    if (tree.words.empty()) return tree;
    const auto deepest = static_cast<uint32_t>(std::max<size_t>(given.levels.size(), 1) - 1);
    const size_t levels = coder_.raw(deepest, kLevelBits) + 1;
    tree.add_words();
    by_word_.resize(std::bit_ceil(tree.words.size()));
    for (size_t level = 0; level < tree.levels.size(); ++level) {
      for (uint32_t i = 0; i < tree.levels[level].size(); ++i) {
        const bool has_level_below = level + 1 < levels;
        code_node(given, level, i, has_level_below, tree);
      }
    }
    check_needed(tree, levels);
    return tree;
  }

 private:
  using Node = NgramTree::Node;

  static constexpr int kSharedBits = 5, kLevelBits = 4, kHashBits = 16;
  static constexpr uint32_t kLong = (1u << kSharedBits) - 1;  // 16 bits follow
  static_assert(NgramVocabulary::kMaxLength == 1u << kLevelBits);

  // Of a node beside its words, which are there twice while the n-grams are put together.
  static constexpr uint64_t kNodeBytes = 92;
  static_assert(sizeof(Node) + 2 * sizeof(std::string) <= kNodeBytes);

  // What a node has below it hangs on how long its word is, in the first level, and on what its
  // words but the first have below them in the others.
  static constexpr uint32_t kLongestWord = 6, kMostKids = 3, kDeepest = 2;
  static constexpr size_t kContexts = kLongestWord + 1 + kDeepest * (kMostKids + 1);

  static uint32_t slot(uint32_t context, uint32_t node) {
    return ((context * 0x9E3779B1u + node) * 0x85EBCA6Bu) >> (32 - kHashBits);
  }

  static size_t context_of(const NgramTree& tree, size_t level, const Node& node) {
    if (level == 0) return std::min(node.bytes, kLongestWord);
    const bool there = node.shorter != NgramTree::kNone;
    const uint32_t kids = there ? tree.levels[level - 1][node.shorter].kids : 0;
    const size_t depth = std::min<size_t>(level, kDeepest) - 1;
    return kLongestWord + 1 + depth * (kMostKids + 1) + std::min(kids, kMostKids);
  }

  void code_words(const std::vector<std::string>& given, std::vector<std::string>& words) {
    const auto width = coder_.raw(static_cast<uint32_t>(std::bit_width(given.size())), 5);
    const uint32_t count = coder_.raw(static_cast<uint32_t>(given.size()), static_cast<int>(width));
    const std::string none;
    for (uint32_t i = 0; i < count; ++i) {
      words.push_back(code_word(i == 0 ? none : words[i - 1], i < given.size() ? given[i] : none));
      want(kNodeBytes + 2 * words.back().size());
    }
  }

  std::string code_word(const std::string& previous, const std::string& word) {
    const auto differ =
        std::mismatch(previous.begin(), previous.end(), word.begin(), word.end()).first;
    const uint32_t shared = code_shared(static_cast<uint32_t>(differ - previous.begin()));
    if (shared > previous.size()) fail_damaged(coder_.source(), "a word shares more than there is");
    std::string coded(previous, 0, shared);
    // The next byte is larger than that of the word before: of what is not, no bit is coded.
    uint32_t least = shared < previous.size() ? static_cast<uint8_t>(previous[shared]) + 1u : 1u;
    for (;;) {
      const char byte =
          code_byte(coded, coded.size() < word.size() ? word[coded.size()] : '\0', least);
      if (static_cast<uint8_t>(byte) < least) {
        fail_damaged(coder_.source(), "its words are not in ascending order");
      }
      if (byte == '\0') break;
      coded.push_back(byte);
      least = 0;
      if (byte == ' ' || coded.size() > NgramVocabulary::kMaxBytes) {
        fail_damaged(coder_.source(), "a word with a space, or without an end");
      }
    }
    return coded;
  }

  uint32_t code_shared(uint32_t shared) {
    auto& models = shared_[shared_before_];
    uint32_t coded = code_tree(coder_, std::min(shared, kLong), kSharedBits, models);
    shared_before_ = coded;
    if (coded == kLong) coded += coder_.raw(shared - kLong, 16);
    return coded;
  }

  char code_byte(const std::string& before, char byte, uint32_t least) {
    const auto at = [&](size_t back) {
      return before.size() < back ? 0u : static_cast<uint8_t>(before[before.size() - back]);
    };
    const uint32_t one = at(1), two = one << 8 | at(2);
    const auto code_bit = [&](bool bit, uint32_t node) {
      return code_by_two(bit, after_one_[one << 8 | node], after_two_[slot(two, node)], 1);
    };
    return static_cast<char>(code_number(static_cast<uint8_t>(byte), 8, least, 1u << 8, code_bit));
  }

  /// A bit by two models, the second of which counts for more the more often it was seen: `weight`
  /// times as much as the first for each time, four times at most.
  bool code_by_two(bool bit, BitModel& first, BitModel& second, uint32_t weight) {
    constexpr uint32_t kMostTrust = 4;
    const uint32_t trust = weight * std::min<uint32_t>(second.count, kMostTrust);
    const bool coded =
        coder_.code(bit, kDivide(first.probability + trust * second.probability, 1 + trust));
    first.learn(coded);
    second.learn(coded);
    return coded;
  }

  /// A number of [least, end), highest bit first. Bits that are no choice are not coded. Of damaged
  /// bytes with least >= end: some number.
  template <typename CodeBit>
  static uint32_t code_number(uint32_t number, int bits, uint32_t least, uint32_t end,
                              const CodeBit& code_bit) {
    uint32_t node = 1;
    for (int bit = bits - 1; bit >= 0; --bit) {
      const uint32_t with_one = ((2 * node + 1) << bit) - (1u << bits);
      bool coded = with_one < end;
      if (coded && with_one > least) coded = code_bit(((number >> bit) & 1) != 0, node);
      node = 2 * node + coded;
    }
    return node - (1u << bits);
  }

  void code_node(const NgramTree& given, size_t level, uint32_t i, bool has_level_below,
                 NgramTree& tree) {
    const bool known = level < given.levels.size();
    const Node wanted = known ? given.levels[level][i] : Node{};
    const size_t context = context_of(tree, level, tree.levels[level][i]);
    uint32_t kids = 0, least = 0;
    while (has_level_below &&
           coder_.code(kids < wanted.kids, more_[context][std::min(kids, kMostKids)])) {
      const uint32_t word =
          kids < wanted.kids ? given.levels[level + 1][wanted.first_kid + kids].word : 0;
      least = code_kid(word, level, i, least, tree) + 1;
      ++kids;
    }
    const bool may_be_none = level == 0 || kids > 0;
    tree.levels[level][i].is_ngram =
        !may_be_none || coder_.code(wanted.is_ngram, flags_[context][std::min(kids, 2u)]);
  }

  uint32_t code_kid(uint32_t word, size_t level, uint32_t parent, uint32_t least, NgramTree& tree) {
    const auto words = static_cast<uint32_t>(tree.words.size());
    const uint32_t last = tree.levels[level][parent].word;
    const auto code_bit = [&](bool bit, uint32_t node) {
      // In the first level a word is seldom told by the one before.
      BitModel& by_last = after_word_[slot(last, node)];
      return code_by_two(bit, by_word_[node], by_last, level == 0 ? 0 : 4);
    };
    const uint32_t coded = code_number(word, std::bit_width(words - 1), least, words, code_bit);
    if (coded < least || coded >= words) {
      fail_damaged(coder_.source(), "the words behind a word are not in ascending order");
    }
    const Node& kid = tree.add_kid(level, parent, coded);
    if (kid.bytes > NgramVocabulary::kMaxBytes) {
      fail_damaged(coder_.source(), "an endless n-gram");
    }
    want(kNodeBytes + 2 * kid.bytes);
    return coded;
  }

  void want(uint64_t bytes) { grant_(wanted_ += bytes); }

  /// Encoding again gives the same bytes: nothing is there that no n-gram needs.
  void check_needed(const NgramTree& tree, size_t levels) {
    std::vector<bool> needed(tree.words.size(), false);
    for (size_t level = 0; level < tree.levels.size(); ++level) {
      for (const Node& node : tree.levels[level]) {
        if (level > 0 || node.is_ngram || node.kids > 0) needed[node.word] = true;
      }
    }
    if (tree.levels.size() != levels || std::ranges::count(needed, false) > 0) {
      fail_damaged(coder_.source(), "it has words, or a length of n-grams, that none has");
    }
  }

  Coder& coder_;
  Grant grant_;
  uint64_t wanted_ = 0;
  uint32_t shared_before_ = 0;
  std::array<std::array<BitModel, 1 << kSharedBits>, 1 << kSharedBits> shared_;
  std::vector<BitModel> after_one_, after_two_;  // bytes of a word
  std::vector<BitModel> by_word_, after_word_;   // words behind others
  std::array<std::array<BitModel, kMostKids + 1>, kContexts> more_;
  std::array<std::array<BitModel, 3>, kContexts> flags_;
};

}  // namespace ockham
