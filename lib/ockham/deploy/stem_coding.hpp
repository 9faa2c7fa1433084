#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "ockham/deploy/bit_coder.hpp"
#include "ockham/deploy/bytes.hpp"
#include "ockham/text/subword_model.hpp"

namespace ockham {

/// A unigram piece without the word mark, and what it costs with and without one in front.
struct Stem {
  static constexpr uint32_t kBare = 1, kMarked = 2;

  std::string text;
  uint32_t forms = 0;                  ///< kBare, kMarked, or both
  std::array<uint32_t, 2> costs = {};  ///< of the bare and the marked one
};

/// Codes stems in ascending order: how many bytes each one shares with the one before, the other
/// bytes and a 0, its forms and their costs. Bytes are predicted from the one, two and three before
/// them: unlike whole words (NgramCoding), subwords begin anywhere. One object per list;
/// docs/format.md states the models.
template <typename Coder>
class StemCoding {
 public:
  explicit StemCoding(Coder& coder)
      : coder_(coder),
        after_one_(1 << 16),
        after_two_(1 << kHashBits),
        after_three_(1 << kHashBits) {}

  /// Codes `stem`, or replaces it by what was coded, after `previous`.
  void code(const std::string& previous, Stem& stem) {
    const auto differ =
        std::mismatch(previous.begin(), previous.end(), stem.text.begin(), stem.text.end());
    const auto same = static_cast<uint32_t>(differ.first - previous.begin());
    const uint32_t shared =
        code_tree(coder_, std::min(same, kMostShared), kSharedBits, shared_[shared_before_]);
    shared_before_ = shared;
    std::string coded(previous, 0, shared);
    while (const char byte =
               code_byte(coded, coded.size() < stem.text.size() ? stem.text[coded.size()] : '\0')) {
      coded.push_back(byte);
      if (coded.size() > SubwordModel::kMostPieceBytes) {
        fail_damaged(coder_.source(), "an endless subword");
      }
    }
    stem.text = std::move(coded);
    const size_t size = std::min<size_t>(stem.text.size() / 2, kSizes - 1);
    stem.forms = code_tree(coder_, stem.forms, kFormBits, forms_[size]);
    for (size_t marked = 0; marked < 2; ++marked) {
      if ((stem.forms >> marked & 1) == 0) continue;
      stem.costs[marked] = code_tree(coder_, stem.costs[marked], kCostBits, costs_[marked][size]);
    }
  }

 private:
  static constexpr int kSharedBits = 5, kFormBits = 2, kHashBits = 18;
  static constexpr int kCostBits = std::bit_width(SubwordModel::kLargestCost);
  static constexpr uint32_t kMostShared = (1u << kSharedBits) - 1;
  static constexpr uint32_t kMostTrust = 8;
  static_assert(2 + kMostTrust < SmallDivision::kEnd);
  static constexpr size_t kSizes = 3;

  static uint32_t slot(uint32_t context, uint32_t node) {
    return ((context * 0x9E3779B1u + node) * 0x85EBCA6Bu) >> (32 - kHashBits);
  }

  char code_byte(const std::string& before, char byte) {
    const auto at = [&](size_t back) {
      return before.size() < back ? 0u : static_cast<uint8_t>(before[before.size() - back]);
    };
    const uint32_t one = at(1), two = one << 8 | at(2), three = two << 8 | at(3);
    uint32_t node = 1;
    for (int bit = 7; bit >= 0; --bit) {
      BitModel& first = after_one_[one << 8 | node];
      BitModel& second = after_two_[slot(two, node)];
      BitModel& third = after_three_[slot(three, node)];
      // A longer context counts for more the more often it was seen.
      const uint32_t trust2 = std::min<uint32_t>(second.count, kMostTrust);
      const uint32_t trust3 = std::min<uint32_t>(third.count, kMostTrust);
      const uint32_t shorter = kDivide(first.probability + trust2 * second.probability, 1 + trust2);
      const uint32_t mixed = kDivide(2 * shorter + trust3 * third.probability, 2 + trust3);
      const bool coded = coder_.code(((static_cast<uint8_t>(byte) >> bit) & 1) != 0, mixed);
      for (BitModel* model : {&first, &second, &third}) model->learn(coded);
      node = 2 * node + coded;
    }
    return static_cast<char>(node);
  }

  Coder& coder_;
  uint32_t shared_before_ = 0;
  std::array<std::array<BitModel, 1 << kSharedBits>, 1 << kSharedBits> shared_;
  std::vector<BitModel> after_one_, after_two_, after_three_;
  std::array<std::array<BitModel, 1 << kFormBits>, kSizes> forms_;
  std::array<std::array<std::array<BitModel, 1 << kCostBits>, kSizes>, 2> costs_;
};

}  // namespace ockham
