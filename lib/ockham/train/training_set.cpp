#include "ockham/train/training_set.hpp"

#include <numeric>

namespace ockham {
namespace {

constexpr uint32_t kWordDropoutTensor = 0;  // parameters' ids start at 1

}  // namespace

size_t output_count(OutputKind kind, size_t classes) {
  return kind == OutputKind::sigmoid && classes == 2 ? 1 : classes;
}

TrainingSet make_training_set(const Dataset& dataset, std::span<const uint32_t> indices,
                              EncodedCorpus corpus, OutputKind kind) {
  TrainingSet set;
  set.corpus = std::move(corpus);
  set.texts.assign(indices.begin(), indices.end());
  const size_t outputs = output_count(kind, dataset.classes.size());
  set.targets = Matrix(indices.size(), outputs);
  for (size_t i = 0; i < indices.size(); ++i) {
    const uint32_t label = dataset.label(indices[i]);
    set.labels.push_back(label);
    set.weights.push_back(dataset.weights[indices[i]]);
    if (outputs == 1) {
      set.targets(i, 0) = label == 1 ? 1.0f : 0.0f;
    } else {
      set.targets(i, label) = 1.0f;
    }
  }
  return set;
}

TokenBatch make_batch(const TrainingSet& set, std::span<const uint32_t> members, float word_dropout,
                      const NoiseSource* noise) {
  TokenBatch batch;
  std::vector<uint32_t> text, position;
  std::vector<float> uniform;
  std::vector<uint32_t> kept;
  for (const uint32_t member : members) {
    const auto tokens = set.corpus.tokens(member);
    if (noise == nullptr || word_dropout <= 0.0f) {
      batch.add(tokens, set.texts[member]);
      continue;
    }
    text.assign(tokens.size(), set.texts[member]);
    position.resize(tokens.size());
    std::iota(position.begin(), position.end(), 0u);
    uniform.resize(tokens.size());
    noise->pairs(NoiseKind::uniform, kWordDropoutTensor, text, position, uniform);
    kept.clear();
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (uniform[i] >= word_dropout) kept.push_back(tokens[i]);
    }
    batch.add(kept, set.texts[member]);
  }
  return batch;
}

}  // namespace ockham
