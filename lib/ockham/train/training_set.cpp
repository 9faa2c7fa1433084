#include "ockham/train/training_set.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
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

/// Texts of a mini-batch stand anywhere in a corpus that no cache holds: while one is worked on,
/// the next one comes (0.7 of a default training's 34 seconds).
void bring_to_cache(std::span<const uint32_t> tokens) {
  constexpr size_t kLine = 64 / sizeof(uint32_t);
  for (size_t i = 0; i < tokens.size(); i += kLine) __builtin_prefetch(&tokens[i]);
}

/// Leaves words out of texts, into storage that it keeps.
class WordDropout {
 public:
  WordDropout(const TrainingSet& set, float rate, const NoiseSource& noise)
      : set_(set), rate_(rate), noise_(noise) {}

  /// What is left of a text, until the next one.
  std::span<const uint32_t> left(uint32_t member) {
    const auto tokens = set_.corpus.tokens(member);
    text_.assign(tokens.size(), set_.texts[member]);
    position_.resize(tokens.size());
    std::iota(position_.begin(), position_.end(), 0u);
    uniform_.resize(tokens.size());
    noise_.pairs(NoiseKind::uniform, kWordDropoutTensor, text_, position_, uniform_);
    words_.resize(tokens.size());
    const auto none_lasts = [](uint32_t) { return false; };
    const auto lasts = [of = set_.lasting.data()](uint32_t word) { return of[word] != 0; };
    const size_t left =
        set_.lasting.empty() ? take_left(tokens, none_lasts) : take_left(tokens, lasts);
    return std::span(words_).first(left);
  }

 private:
  /// How many words are left in words_. Without branches, which nobody could predict.
  template <typename Lasts>
  size_t take_left(std::span<const uint32_t> tokens, const Lasts& lasts) {
    const float rate = rate_;
    const float* const uniform = uniform_.data();
    uint32_t* const words = words_.data();
    size_t end = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      words[end] = tokens[i];
      end += static_cast<size_t>(lasts(tokens[i]) | (uniform[i] >= rate));
    }
    return end;
  }

  const TrainingSet& set_;
  float rate_;
  const NoiseSource& noise_;
  std::vector<uint32_t> words_, text_, position_;
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
                      const NoiseSource* noise) {
  TokenBatch batch;
  std::optional<WordDropout> dropout;
  if (noise != nullptr && word_dropout > 0.0f) dropout.emplace(set, word_dropout, *noise);
  for (size_t i = 0; i < members.size(); ++i) {
    if (i + 1 < members.size()) bring_to_cache(set.corpus.tokens(members[i + 1]));
    const uint32_t member = members[i];
    const bool drops = dropout && member < set.first_whole;
    batch.add(drops ? dropout->left(member) : set.corpus.tokens(member), set.texts[member]);
  }
  return batch;
}

}  // namespace ockham
