#include "ockham/deploy/vocabulary_coding.hpp"

#include <algorithm>
#include <utility>

#include "ockham/deploy/bytes.hpp"
#include "ockham/deploy/ngram_coding.hpp"
#include "ockham/deploy/ngram_tree_coding.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

/// Words joined by single spaces, without the byte that ends them in the file, and in order.
void check_ngram(const std::string& previous, const std::string& ngram, bool first,
                 const std::string& source) {
  const bool words = !ngram.empty() && ngram.front() != ' ' && ngram.back() != ' ' &&
                     ngram.find("  ") == std::string::npos;
  const auto spaces = static_cast<size_t>(std::count(ngram.begin(), ngram.end(), ' '));
  if (!words || spaces >= NgramVocabulary::kMaxLength ||
      ngram.size() > NgramVocabulary::kMaxBytes || ngram.find('\0') != std::string::npos) {
    fail(source, ": an n-gram is not 1 to ", NgramVocabulary::kMaxLength,
         " words joined by single spaces, at most ", NgramVocabulary::kMaxBytes, " bytes long");
  }
  if (!first && ngram <= previous) {
    fail_damaged(source, "its n-grams are not in ascending order or not all different");
  }
}

}  // namespace

std::string encode_ngrams(const std::vector<std::string>& ngrams, const std::string& source) {
  const std::string none;
  for (size_t i = 0; i < ngrams.size(); ++i) {
    check_ngram(i == 0 ? none : ngrams[i - 1], ngrams[i], i == 0, source);
  }
  BitEncoder coder(source);
  if (!ngrams.empty()) NgramTreeCoding(coder, [](uint64_t) {}).code(make_ngram_tree(ngrams));
  return coder.finish();
}

std::vector<std::string> decode_ngrams(uint64_t count, std::string_view bytes,
                                       const NgramGrant& grant, const std::string& source) {
  BitDecoder coder(bytes, source);
  std::vector<std::string> ngrams;
  if (count > 0) ngrams = ngrams_of(NgramTreeCoding(coder, grant).code({}));
  coder.finish();
  if (ngrams.size() != count) {
    fail_damaged(source, "it announces ", count, " n-grams, but holds ", ngrams.size());
  }
  return ngrams;
}

std::vector<std::string> decode_spelt_ngrams(uint64_t count, std::string_view bytes,
                                             const NgramGrant& grant, const std::string& source) {
  BitDecoder coder(bytes, source);
  NgramCoding coding(coder);
  std::vector<std::string> ngrams;
  std::string previous;
  uint64_t total = 0;
  for (uint64_t i = 0; i < count; ++i) {
    std::string ngram;
    coding.code(previous, ngram);
    check_ngram(previous, ngram, i == 0, source);
    total += ngram.size() + sizeof(std::string);
    grant(total);
    previous = ngram;
    ngrams.push_back(std::move(ngram));
  }
  coder.finish();
  return ngrams;
}

}  // namespace ockham
