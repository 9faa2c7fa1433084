#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ockham/nn/network.hpp"
#include "ockham/nn/pass_options.hpp"
#include "ockham/nn/recurrent_stack.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/tensor/matrix.hpp"
#include "ockham/tensor/thread_pool.hpp"

namespace ockham {

/// One mini-batch of a language model: at every token each direction of the top layer predicts the
/// word that it reads next (the reverse direction the one in front). The embedding is the output
/// layer too (Press & Wolf 2017), so that a direction has as many units as a word has dimensions:
///     p(w | y) = q(w) exp<y, e_w> / sum_v q(v) exp<y, e_v>,   q the words' frequencies,
/// the sum over all words estimated from negative words drawn by q (sampled softmax, Bengio &
/// Senecal 2008, Jean et al. 2015), whose correction cancels q but for a constant:
///     L = log(exp<y, e_t> + sum_n exp<y, e_n>) - <y, e_t>,   negatives equal to the target left
///     out
/// A word is whatever the embedding has a row for: n-grams that end at one token follow one
/// another. No noise and no dropout; products as precise as the options say. Constructor, then,
/// where gradients are wanted, backward() once.
class NextWordPass {
 public:
  /// Keeps references to `batch` and `negatives`: rows of the embedding, any of them repeated.
  /// Throws Error where a direction's units are not as many as the embedding's dimensions.
  NextWordPass(const Network& network, const TokenBatch& batch, std::span<const uint32_t> negatives,
               ThreadPool& pool, const PassOptions& options = {});

  ~NextWordPass();

  size_t predictions() const { return predictions_; }
  double loss() const { return loss_; }  ///< mean L in nats; 0 without predictions

  /// Adds d(mean L) to the parameters' gradients. `network` is the one of the constructor.
  void backward(Network& network, ThreadPool& pool);

 private:
  struct Direction;
  void predict_slice(const Network& network, size_t d, size_t slice);
  void add_word_gradients(Matrix& embedding) const;
  void predict_rows(const Network& network, size_t d, size_t slice, size_t first, size_t count);

  std::span<const uint32_t> negatives_;
  RecurrentStack stack_;
  Precision precision_;
  Profile* profile_;
  MatmulWeights negative_rows_;  // e_n, as wide as y [negatives, >= hidden]
  std::vector<Direction> directions_;
  size_t predictions_ = 0;
  double loss_ = 0.0;
};

}  // namespace ockham
