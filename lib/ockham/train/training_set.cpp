#include "ockham/train/training_set.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ockham {
namespace {

constexpr uint32_t kWordDropoutTensor = 0;  // parameters' ids start at 1

/// The marks of the words that are kept.
std::vector<uint8_t> kept_marks(const TrainingSet& set, std::span<const uint32_t> kept) {
  std::vector<uint8_t> lasting;
  if (set.lasting.empty()) return lasting;
  for (const uint32_t word : kept) lasting.push_back(set.lasting[word]);
  return lasting;
}

constexpr size_t kBatchParts = 8;  // of a mini-batch, each made by one thread

/// What word dropout leaves of some texts.
class KeptWords {
 public:
  void add(std::span<const uint32_t> tokens) {
    words_.insert(words_.end(), tokens.begin(), tokens.end());
    ends_.push_back(words_.size());
  }

  void drop(const TrainingSet& set, uint32_t member, float rate, const NoiseSource& noise) {
    const auto tokens = set.corpus.tokens(member);
    text_.assign(tokens.size(), set.texts[member]);
    position_.resize(tokens.size());
    std::iota(position_.begin(), position_.end(), 0u);
    uniform_.resize(tokens.size());
    noise.pairs(NoiseKind::uniform, kWordDropoutTensor, text_, position_, uniform_);
    size_t end = words_.size();
    words_.resize(end + tokens.size());
    for (size_t i = 0; i < tokens.size(); ++i) {  // without branches, which nobody could predict
      const bool lasts = !set.lasting.empty() && set.lasting[tokens[i]] != 0;
      words_[end] = tokens[i];
      end += static_cast<size_t>(lasts | (uniform_[i] >= rate));
    }
    words_.resize(end);
    ends_.push_back(end);
  }

  std::vector<std::span<const uint32_t>> texts() const {
    std::vector<std::span<const uint32_t>> all;
    size_t begin = 0;
    for (const size_t end : ends_) {
      all.push_back(std::span(words_).subspan(begin, end - begin));
      begin = end;
    }
    return all;
  }

 private:
  std::vector<uint32_t> words_;
  std::vector<size_t> ends_;  // of each text
  std::vector<uint32_t> text_, position_;
  std::vector<float> uniform_;
};

}  // namespace

TrainingSet make_training_set(const Dataset& dataset, std::span<const uint32_t> indices,
                              EncodedCorpus corpus, WeightScale scale) {
  TrainingSet set;
  set.corpus = std::move(corpus);
  set.texts.assign(indices.begin(), indices.end());
  double total = 0.0;
  for (const uint32_t i : indices) total += dataset.weights[i];
  const bool own_mean = scale == WeightScale::own_mean;
  const double mean = own_mean ? total / static_cast<double>(indices.size()) : 1.0;
  for (const uint32_t i : indices) {
    set.labels.add(dataset.labels(i));
    set.weights.push_back(static_cast<float>(dataset.weights[i] / mean));
  }
  return set;
}

TrainingSet with_words(const TrainingSet& set, std::span<const uint32_t> kept, size_t vocabulary) {
  return {.corpus = without_words(set.corpus, renumbering(kept, vocabulary)),
          .texts = set.texts,
          .weights = set.weights,
          .labels = set.labels,
          .lasting = kept_marks(set, kept),
          .soft = set.soft,
          .soft_targets = set.soft_targets,
          .first_whole = set.first_whole};
}

Matrix targets_of(const TrainingSet& set, std::span<const uint32_t> members, size_t outputs) {
  Matrix targets(members.size(), outputs);
  for (size_t i = 0; i < members.size(); ++i) {
    const uint32_t soft = set.soft.empty() ? kNoSoftTarget : set.soft[members[i]];
    if (soft != kNoSoftTarget) {
      std::copy_n(set.soft_targets.begin() + static_cast<ptrdiff_t>(soft * outputs), outputs,
                  targets.row(i));
      continue;
    }
    for (const uint32_t label : set.labels[members[i]]) {
      if (outputs > 1) {
        targets(i, label) = 1.0f;
      } else {
        targets(i, 0) = label == 1 ? 1.0f : 0.0f;
      }
    }
  }
  return targets;
}

void keep_words(TrainingSet& set, std::span<const uint32_t> kept, size_t words) {
  drop_words(set.corpus, renumbering(kept, words));
  set.lasting = kept_marks(set, kept);
}

void prefetch(const EncodedCorpus& corpus, std::span<const uint32_t> members) {
  for (const uint32_t i : members) corpus.ids.prefetch(corpus.offsets[i], corpus.length(i));
}

TokenBatch make_batch(const TrainingSet& set, std::span<const uint32_t> members, float word_dropout,
                      const NoiseSource* noise, ThreadPool* pool) {
  const bool drops = noise != nullptr && word_dropout > 0.0f;
  std::vector<KeptWords> parts(drops ? kBatchParts : 1);
  const size_t size = (members.size() + parts.size() - 1) / parts.size();
  const auto fill = [&](size_t i) {
    const size_t first = std::min(i * size, members.size());
    for (const uint32_t member : members.subspan(first, std::min(size, members.size() - first))) {
      const auto tokens = set.corpus.tokens(member);
      if (drops && member < set.first_whole) {
        parts[i].drop(set, member, word_dropout, *noise);
      } else {
        parts[i].add(tokens);
      }
    }
  };
  if (pool != nullptr) {
    pool->for_each(parts.size(), fill);
  } else {
    for (size_t i = 0; i < parts.size(); ++i) fill(i);
  }
  TokenBatch batch;
  size_t member = 0;
  for (const KeptWords& part : parts) {
    for (const std::span<const uint32_t> text : part.texts()) {
      batch.add(text, set.texts[members[member++]]);
    }
  }
  return batch;
}

}  // namespace ockham
