#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ockham/deploy/bit_coder.hpp"
#include "ockham/deploy/bytes.hpp"
#include "ockham/text/ngram_vocabulary.hpp"

namespace ockham {

/// Codes n-grams in ascending order (front coding): how many bytes each one shares with the one
/// before, then the other bytes and a 0. Bytes are predicted from the byte before and from the
/// beginning of their word. One object per list; docs/format.md states the models.
template <typename Coder>
class NgramCoding {
 public:
  explicit NgramCoding(Coder& coder)
      : coder_(coder), after_byte_(256), in_word_(size_t{1} << kWordBits) {}

  /// Codes `ngram`, or replaces it by what was coded, after `previous`.
  void code(const std::string& previous, std::string& ngram) {
    const auto differ = std::mismatch(previous.begin(), previous.end(), ngram.begin(), ngram.end());
    const auto shared = code_shared(static_cast<uint32_t>(differ.first - previous.begin()));
    std::string coded(previous, 0, shared);
    uint32_t word = 0;
    for (const char c : coded) word = follow(word, c);
    for (;;) {
      const char byte = coded.size() < ngram.size() ? ngram[coded.size()] : '\0';
      const char next = code_byte(coded.empty() ? '\0' : coded.back(), word, byte);
      if (next == '\0') break;
      coded.push_back(next);
      word = follow(word, next);
      if (coded.size() > NgramVocabulary::kMaxBytes)
        fail_damaged(coder_.source(), "an endless n-gram");
    }
    ngram = std::move(coded);
  }

 private:
  static constexpr int kSharedBits = 5;
  static constexpr uint32_t kLong = (1u << kSharedBits) - 1;  // 16 bits follow
  static constexpr int kWordBits = 18;
  static constexpr uint32_t kMostTrust = 8;
  static_assert(1 + kMostTrust < SmallDivision::kEnd);

  /// The hash of a word's beginning, with one more byte.
  static uint32_t follow(uint32_t word, char byte) {
    return byte == ' ' ? 0 : (word + static_cast<uint8_t>(byte) + 1) * 0x9E3779B1u;
  }

  static size_t place_in_word(uint32_t word, uint32_t node) {
    return ((word + node) * 0x85EBCA6Bu) >> (32 - kWordBits);
  }

  uint32_t code_shared(uint32_t shared) {
    auto& models = shared_[shared_before_];
    uint32_t coded = code_tree(coder_, std::min(shared, kLong), kSharedBits, models);
    shared_before_ = coded;
    if (coded == kLong) coded += coder_.raw(shared - kLong, 16);
    return coded;
  }

  char code_byte(char before, uint32_t word, char byte) {
    auto& by_byte = after_byte_[static_cast<uint8_t>(before)];
    uint32_t node = 1;
    for (int bit = 7; bit >= 0; --bit) {
      BitModel& first = by_byte[node];
      BitModel& second = in_word_[place_in_word(word, node)];
      // One of the two comes next (behind the last bit none), from anywhere in a megabyte.
      __builtin_prefetch(&in_word_[place_in_word(word, 2 * node)]);
      __builtin_prefetch(&in_word_[place_in_word(word, 2 * node + 1)]);
      // The longer context counts for more the more often it was seen.
      const uint32_t trust = std::min<uint32_t>(second.count, kMostTrust);
      const uint32_t mixed = kDivide(first.probability + trust * second.probability, 1 + trust);
      const bool coded = coder_.code(((static_cast<uint8_t>(byte) >> bit) & 1) != 0, mixed);
      first.learn(coded);
      second.learn(coded);
      node = 2 * node + coded;
    }
    return static_cast<char>(node);
  }

  Coder& coder_;
  uint32_t shared_before_ = 0;
  std::array<std::array<BitModel, 1 << kSharedBits>, 1 << kSharedBits> shared_;
  std::vector<std::array<BitModel, 256>> after_byte_;
  std::vector<BitModel> in_word_;
};

}  // namespace ockham
