#include "ockham/compress/known_characters.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ockham/text/hash.hpp"
#include "ockham/text/utf8.hpp"
#include "ockham/text/word_tokenizer.hpp"

namespace ockham {
namespace {

/// Characters beyond ASCII, as long as they are not too many.
class CharacterList {
 public:
  void add(std::string_view text) {
    for (text.remove_prefix(ascii_prefix(text)); !text.empty();
         text.remove_prefix(ascii_prefix(text))) {
      const DecodedCharacter character = decode_utf8(text);
      characters_.insert(character.code_point);
      text.remove_prefix(character.length);
    }
  }

  std::optional<std::u32string> get() const {
    if (characters_.size() > kMostCharacters) return std::nullopt;
    return std::u32string(characters_.begin(), characters_.end());
  }

 private:
  std::set<char32_t> characters_;
};

/// Of each known bucket the n-gram that texts have most often.
std::unordered_set<uint64_t> likely_ngrams(const HashedVocabulary& hashed,
                                           const NgramHashes& counts) {
  struct Most {
    uint32_t count = 0;
    uint64_t ngram = 0;
  };
  std::unordered_map<uint32_t, Most> most;
  for (const uint32_t bucket : hashed.buckets()) most.emplace(bucket, Most{});
  for (size_t i = 0; i < counts.hashes.size(); ++i) {
    const auto at = most.find(hashed.hashing().bucket(counts.hashes[i]));
    if (at == most.end() || at->second.count >= counts.counts[i]) continue;
    at->second = {counts.counts[i], counts.hashes[i]};
  }
  std::unordered_set<uint64_t> ngrams;
  for (const auto& [bucket, one] : most) {
    if (one.count > 0) ngrams.insert(one.ngram);
  }
  return ngrams;
}

/// Adds the characters of those n-grams of a text that are among `known`.
void add_known(std::string_view text, const Tokenizer& tokenizer, uint32_t max_length,
               const std::unordered_set<uint64_t>& known, CharacterList& characters) {
  TokenBuffer tokens;
  OpenNgrams open;
  std::vector<std::string> last;  // the words of the longest n-gram, the last one first
  visit_tokens(tokenizer, text, tokens, [&](const TokenBuffer& piece) {
    for (size_t i = 0; i < piece.size(); ++i) {
      last.insert(last.begin(), std::string(piece[i]));
      last.resize(std::min<size_t>(last.size(), max_length));
      size_t words = 0;
      visit_ngrams(hash_bytes(piece[i]), max_length, open, [&](uint64_t ngram) {
        ++words;
        if (!known.contains(ngram)) return;
        for (size_t w = 0; w < words; ++w) characters.add(last[w]);
      });
    }
  });
}

}  // namespace

std::optional<std::u32string> known_characters(const NgramVocabulary& words) {
  CharacterList characters;
  for (uint32_t id = 0; id < words.size(); ++id) characters.add(words.ngram(id));
  return characters.get();
}

std::optional<std::u32string> known_characters(const HashedVocabulary& hashed,
                                               const Tokenizer& tokenizer, const Dataset& texts,
                                               const NgramHashes& counts) {
  const std::unordered_set<uint64_t> known = likely_ngrams(hashed, counts);
  CharacterList characters;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string_view text = texts.text(i);
    if (ascii_prefix(text) == text.size()) continue;
    add_known(text, tokenizer, hashed.hashing().max_length, known, characters);
  }
  return characters.get();
}

std::shared_ptr<const Tokenizer> told_of(const std::optional<std::u32string>& characters,
                                         std::shared_ptr<const Tokenizer> tokenizer) {
  const auto* words = dynamic_cast<const WordTokenizer*>(tokenizer.get());
  if (words == nullptr || !characters) return tokenizer;
  return std::make_shared<WordTokenizer>(words->options(), characters);
}

}  // namespace ockham
