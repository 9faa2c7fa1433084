#include "ockham/text/vocabulary.hpp"

#include <cstdio>

namespace ockham {
namespace {

std::string bucket_name(const HashedVocabulary& hashed, uint32_t id) {
  constexpr uint32_t kBitsOfDigit = 4;
  const auto digits = static_cast<int>((hashed.hashing().bits + kBitsOfDigit - 1) / kBitsOfDigit);
  char name[16];
  std::snprintf(name, sizeof name, "#%0*x", digits, hashed.buckets()[id]);
  return name;
}

}  // namespace

size_t Vocabulary::size() const {
  return std::visit([](const auto& kind) { return kind.size(); }, kind_);
}

uint32_t Vocabulary::find(std::string_view ngram) const {
  return std::visit([&](const auto& kind) { return kind.find(ngram); }, kind_);
}

std::string Vocabulary::ngram(uint32_t id) const {
  return words() != nullptr ? words()->ngram(id) : bucket_name(*hashed(), id);
}

std::vector<std::string> Vocabulary::ngrams() const {
  std::vector<std::string> result;
  result.reserve(size());
  for (uint32_t id = 0; id < size(); ++id) result.push_back(ngram(id));
  return result;
}

void Vocabulary::encode(const TokenBuffer& tokens, OpenNgrams& open,
                        MappedVector<uint32_t>& ids) const {
  std::visit([&](const auto& kind) { kind.encode(tokens, open, ids); }, kind_);
}

Vocabulary Vocabulary::select(std::span<const uint32_t> kept) const {
  return std::visit([&](const auto& kind) { return Vocabulary(kind.select(kept)); }, kind_);
}

}  // namespace ockham
