#include "ockham/compress/hashing.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "ockham/compress/known_characters.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/word_tokenizer.hpp"

namespace ockham {
namespace {

/// The hashes of a model's n-grams, ascending, and of its longest one the words.
struct KnownNgrams {
  std::vector<uint64_t> hashes;
  uint32_t max_length = 1;
};

KnownNgrams known_ngrams(const FoldedModel& model) {
  const NgramVocabulary* words = model.vocabulary.words();
  if (words == nullptr) fail("the model knows its n-grams by hashes already");
  KnownNgrams known;
  for (uint32_t id = 0; id < words->size(); ++id)
    known.hashes.push_back(hash_ngram(words->ngram(id)));
  std::ranges::sort(known.hashes);
  known.max_length = std::max(1u, words->max_length());
  return known;
}

/// Whether what tokens with unknown characters become (kOtherToken), once or in a row, is taken for
/// a known n-gram: all words of another script would be.
bool hits_others(const NgramHashing& hashing, const std::vector<bool>& taken) {
  const uint64_t word = hash_bytes(kOtherToken);
  uint64_t ngram = word;
  for (uint32_t length = 1; length <= hashing.max_length; ++length) {
    if (taken[hashing.bucket(ngram)]) return true;
    ngram = NgramHashing::extend(ngram, word);
  }
  return false;
}

struct Candidate {
  HashFit fit;
  bool hits_others = false;
};

Candidate measure(const NgramHashing& hashing, const KnownNgrams& known, const NgramHashes& texts) {
  HashFit fit{.hashing = hashing, .all_texts = texts.all, .known = known.hashes.size()};
  std::vector<bool> taken(size_t{1} << hashing.bits);
  for (const uint64_t hash : known.hashes) {
    const uint32_t bucket = hashing.bucket(hash);
    fit.merged += taken[bucket];
    taken[bucket] = true;
  }
  for (size_t i = 0, k = 0; i < texts.hashes.size(); ++i) {
    const uint64_t hash = texts.hashes[i];
    while (k < known.hashes.size() && known.hashes[k] < hash) ++k;
    const bool is_known = k < known.hashes.size() && known.hashes[k] == hash;
    if (is_known) fit.hits += texts.counts[i];
    if (!is_known && taken[hashing.bucket(hash)]) fit.false_hits += texts.counts[i];
  }
  return {fit, hits_others(hashing, taken)};
}

/// What counts against a seed before any text is looked at: n-grams that share a bucket, then that
/// unknown characters are known.
std::pair<size_t, bool> cost_without_texts(const Candidate& candidate) {
  return {candidate.fit.merged, candidate.hits_others};
}

/// The seeds that are worth a pass over the texts, the best first.
std::vector<Candidate> best_without_texts(uint32_t bits, const KnownNgrams& known) {
  constexpr uint32_t kSeeds = 64;
  constexpr size_t kWorthATextPass = 4;
  std::vector<Candidate> candidates;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    candidates.push_back(measure({bits, seed, known.max_length}, known, {}));
  }
  std::ranges::stable_sort(candidates, {}, cost_without_texts);
  candidates.resize(kWorthATextPass);
  return candidates;
}

HashFit best_on_texts(std::vector<Candidate> candidates, const KnownNgrams& known,
                      const NgramHashes& texts) {
  for (Candidate& c : candidates) c = measure(c.fit.hashing, known, texts);
  const auto best = std::ranges::min_element(candidates, {}, [](const Candidate& c) {
    return std::tuple(cost_without_texts(c), c.fit.false_hits, c.fit.hashing.seed);
  });
  return best->fit;
}

float sum_of_magnitudes(std::span<const float> row) {
  float sum = 0.0f;
  for (const float w : row) sum += std::abs(w);
  return sum;
}

}  // namespace

HashFit fit_hash(const FoldedModel& model, const NgramHashes& texts, std::optional<uint32_t> bits) {
  constexpr uint32_t kFewest = 14;
  const KnownNgrams known = known_ngrams(model);
  if (!bits && texts.hashes.empty()) bits = NgramHashing::kMostBits;
  if (bits) return best_on_texts(best_without_texts(*bits, known), known, texts);
  for (uint32_t b = kFewest;; ++b) {
    std::vector<Candidate> candidates = best_without_texts(b, known);
    const bool last = b == NgramHashing::kMostBits;
    // No pass over the texts for what merges all the same: it took most of the time.
    if (candidates.front().fit.merged > 0 && !last) continue;
    const HashFit fit = best_on_texts(std::move(candidates), known, texts);
    const auto allowed = kFalseHitShare * static_cast<double>(fit.hits);
    if (last || static_cast<double>(fit.false_hits) <= allowed) return fit;
  }
}

HashFit count_hits(const HashedVocabulary& vocabulary, const NgramHashes& texts) {
  HashFit fit{.hashing = vocabulary.hashing(), .all_texts = texts.all};
  std::map<uint32_t, uint64_t> all, most;  // of each known bucket
  for (const uint32_t bucket : vocabulary.buckets()) all[bucket] = 0;
  for (size_t i = 0; i < texts.hashes.size(); ++i) {
    const auto at = all.find(fit.hashing.bucket(texts.hashes[i]));
    if (at == all.end()) continue;
    at->second += texts.counts[i];
    uint64_t& largest = most[at->first];
    largest = std::max<uint64_t>(largest, texts.counts[i]);
  }
  for (const auto& [bucket, count] : most) {
    fit.hits += count;
    fit.false_hits += all[bucket] - count;
  }
  return fit;
}

FoldedModel hash_ngrams(FoldedModel model, const NgramHashing& hashing) {
  if (model.vocabulary.words() == nullptr) fail("the model knows its n-grams by hashes already");
  std::map<uint32_t, uint32_t> row_of;  // of a bucket
  const auto weight = [&](uint32_t row) {
    return sum_of_magnitudes(model.embedding.view().row_span(row));
  };
  for (uint32_t id = 0; id < model.vocabulary.size(); ++id) {
    const auto [at, is_new] =
        row_of.emplace(hashing.bucket(hash_ngram(model.vocabulary.ngram(id))), id);
    if (!is_new && weight(id) > weight(at->second)) at->second = id;
  }
  std::vector<uint32_t> buckets;
  buckets.reserve(row_of.size());
  Matrix embedding(row_of.size(), model.embedding.cols());
  for (const auto& [bucket, row] : row_of) {
    std::copy_n(model.embedding.row(row), embedding.cols(), embedding.row(buckets.size()));
    buckets.push_back(bucket);
  }
  model.tokenizer = told_of(known_characters(*model.vocabulary.words()), model.tokenizer);
  model.vocabulary = HashedVocabulary(hashing, std::move(buckets));
  model.embedding = std::move(embedding);
  return model;
}

}  // namespace ockham
