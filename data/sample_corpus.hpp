#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

namespace ockham {

/// One synthetic review: a line of UTF-8 without tabs or line breaks, and "pos" or "neg".
struct SampleReview {
  std::string label;
  std::string text;
};

struct SampleOptions {
  uint64_t seed = 1;
  size_t texts = 8000;
};

/// Writes reviews of films, restaurants and products from a small grammar. Sentiment words stand
/// almost as often under a negation or in the clause that does not decide as they are meant, so
/// that word order matters. The first 2k reviews hold k of each label; no text occurs twice; one
/// label in a hundred is wrong, as in real corpora. The result is a function of the options alone,
/// on every platform.
std::vector<SampleReview> make_sample(const SampleOptions& options);

struct SampleCorpus {
  std::vector<SampleReview> train;
  std::vector<SampleReview> test;
};

/// A training and a test part without a common text, each balanced when its size is even.
SampleCorpus make_sample_corpus(uint64_t seed = 1, size_t train_texts = 6000,
                                size_t test_texts = 2000);

/// Writes one `label<TAB>text` line a review. The state of the stream tells of failures.
void write_tsv(std::ostream& out, std::span<const SampleReview> reviews);

}  // namespace ockham
