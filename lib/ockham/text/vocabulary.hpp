#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ockham/text/hashed_vocabulary.hpp"
#include "ockham/text/ngram_vocabulary.hpp"

namespace ockham {

/// The n-grams that a model knows, by their words or by their hashes: what both have in common.
class Vocabulary {
 public:
  static constexpr uint32_t kNotFound = UINT32_MAX;

  Vocabulary() = default;
  // Either kind is a vocabulary.
  Vocabulary(NgramVocabulary words) : kind_(std::move(words)) {}
  Vocabulary(HashedVocabulary hashed) : kind_(std::move(hashed)) {}

  /// The one kind or the other, or null.
  const NgramVocabulary* words() const { return std::get_if<NgramVocabulary>(&kind_); }
  const HashedVocabulary* hashed() const { return std::get_if<HashedVocabulary>(&kind_); }

  size_t size() const;
  /// The number of an n-gram (words joined with one space), or kNotFound.
  uint32_t find(std::string_view ngram) const;
  /// The words of an n-gram; where only its hash is known, "#" and the bucket's hexadecimal number.
  std::string ngram(uint32_t id) const;
  std::vector<std::string> ngrams() const;

  /// Appends to `ids` the known n-grams of a text in the order in which they end, the shorter of
  /// those that end at one token first. `open` is what the tokens before these left behind, empty
  /// at a text's start.
  void encode(const TokenBuffer& tokens, OpenNgrams& open, MappedVector<uint32_t>& ids) const;

  /// The vocabulary of some of the n-grams: kept[i] gets number i.
  Vocabulary select(std::span<const uint32_t> kept) const;

 private:
  std::variant<NgramVocabulary, HashedVocabulary> kind_;
};

}  // namespace ockham
