#include "data/sample_corpus.hpp"

#include <algorithm>
#include <iterator>
#include <ostream>
#include <unordered_set>
#include <utility>

#include "data/sample_writer.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

constexpr unsigned kWrongLabels = 10;  // of a thousand
constexpr int kMostTries = 1000;

std::string new_text(Polarity verdict, SampleRandom& random,
                     std::unordered_set<std::string>& known) {
  for (int i = 0; i < kMostTries; ++i) {
    std::string text = SampleWriter(random, verdict).review();
    if (known.insert(text).second) return text;
  }
  fail("the sample's grammar has no more than about ", known.size(),
       " different reviews: ask for fewer");
}

}  // namespace

std::vector<SampleReview> make_sample(const SampleOptions& options) {
  SampleRandom random(options.seed);
  std::unordered_set<std::string> known;
  std::vector<SampleReview> reviews;
  reviews.reserve(options.texts);
  bool positive = false;
  for (size_t i = 0; i < options.texts; ++i) {
    positive = i % 2 == 0 ? random.chance(500) : !positive;
    const Polarity label = positive ? kPositive : kNegative;
    const Polarity verdict = random.chance(kWrongLabels) ? opposite(label) : label;
    reviews.push_back({positive ? "pos" : "neg", new_text(verdict, random, known)});
  }
  return reviews;
}

SampleCorpus make_sample_corpus(uint64_t seed, size_t train_texts, size_t test_texts) {
  SampleCorpus corpus;
  corpus.train = make_sample({seed, train_texts + test_texts});
  const auto middle = corpus.train.begin() + static_cast<std::ptrdiff_t>(train_texts);
  corpus.test.assign(std::make_move_iterator(middle), std::make_move_iterator(corpus.train.end()));
  corpus.train.erase(middle, corpus.train.end());
  return corpus;
}

void write_tsv(std::ostream& out, std::span<const SampleReview> reviews) {
  for (const SampleReview& review : reviews) out << review.label << '\t' << review.text << '\n';
}

}  // namespace ockham
