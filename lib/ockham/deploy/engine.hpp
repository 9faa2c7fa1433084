#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/deploy/recurrent_lanes.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/vocabulary.hpp"

namespace ockham {

/// Text in, class probabilities out, as fast as it goes. A text's probabilities are the same to the
/// last bit whatever stands beside it in the call, in whichever order, on however many threads.
class Engine {
 public:
  /// Throws Error where the model's parts do not fit together (check_folded()).
  explicit Engine(FoldedModel model);

  const std::vector<std::string>& classes() const { return classes_; }
  /// Probability from which a label is given, where a text may have any number of labels; empty
  /// where it has one, the most probable.
  std::span<const float> thresholds() const { return thresholds_; }
  size_t ngrams() const { return vocabulary_.size(); }

  /// probabilities [texts, classes]: row i for text i, any bytes. One engine serves any number of
  /// threads. Memory beyond the result: the texts' n-gram numbers of a few hundred texts a thread,
  /// and with several layers their outputs for the longest sixteen of them.
  void predict(std::span<const std::string_view> texts, ThreadPool& pool,
               Matrix& probabilities) const;
  /// The same on the calling thread, with the n-gram numbers of all the texts at a time.
  void predict(std::span<const std::string_view> texts, MatrixView probabilities) const;

  /// Turns texts into n-gram numbers of this model, which must outlive it.
  TextEncoder encoder() const { return {*tokenizer_, vocabulary_, max_tokens_}; }
  /// The same as predict() for texts that are already such numbers, on the calling thread.
  void predict_encoded(const EncodedCorpus& corpus, MatrixView probabilities) const;

 private:
  struct Working;
  struct Layer {
    std::vector<LaneDirection> directions;
    size_t units = 0;  ///< of all directions
  };

  void run_layers(const LaneTexts& lanes, Working& working) const;
  const Matrix& run_dense_layers(Working& working) const;
  void add_logits(ConstMatrixView features, std::span<const uint32_t> texts,
                  MatrixView logits) const;

  std::vector<std::string> classes_;
  std::vector<float> thresholds_;
  OutputKind output_;
  float inverse_temperature_;
  size_t max_tokens_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  Vocabulary vocabulary_;
  std::vector<Pooling> poolings_;
  std::vector<Layer> layers_;
  std::vector<FoldedDense> dense_layers_;
  Matrix output_weight_;
  Matrix output_bias_;
};

/// The engine of a model that was just trained or loaded from its folder.
Engine make_engine(const Classifier& classifier);

}  // namespace ockham
