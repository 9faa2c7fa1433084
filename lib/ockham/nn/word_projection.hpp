#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ockham/bayes/multiplier.hpp"
#include "ockham/bayes/row_sample.hpp"
#include "ockham/nn/batch_layout.hpp"
#include "ockham/nn/input_products.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/tensor/thread_pool.hpp"

namespace ockham {

/// The input of the first recurrent layer, computed once per distinct word instead of once per
/// token:
///     P[w] = (z_x e_w) W^x, all gates and directions side by side;   x~_{b,t} W^x = z_word[b,w]
///     P[w]
/// (a 128 x 200 batch of reviews holds 20,800 tokens and 3,900 distinct words). The word multiplier
/// differs between sequences; without noise e_w stands for E[z_word] e_w, and no token has one of
/// its own.
/// z_x is drawn once per mini-batch; e_w and W^x by their estimators: where one of them differs
/// between sequences, w stands for a pair of sequence and word (13,300 in that batch), where one
/// differs between time steps, for a token.
class WordProjection {
 public:
  /// Keeps references to the batch and its layout for this network and noise.
  WordProjection(const Network& network, const TokenBatch& batch, const BatchLayout& layout,
                 const NoiseSource* noise, ThreadPool& pool, Precision precision = Precision::fp32);

  /// Writes the inputs of packed rows [first, first + count) of a direction into `sums`.
  void gather(size_t direction, size_t first, size_t count, MatrixView sums) const;

  /// Takes dL/ds of all packed rows of each direction to the gradients of E, W^x and the
  /// multipliers. Tokens of a word are summed in the order of the batch:
  ///     dP[w] = sum z_word ds;   dz_word[b,w] = sum_t <ds, P[w]>;   dX = dP (W^x)^T
  ///     dW^x = X^T dP;   X = z_x e_w:  dE = z_x dX,  dz_x = sum dX e_w
  void backward(Network& network, std::span<const Matrix* const> sums_gradients, ThreadPool& pool);

 private:
  /// Some distinct words, by one thread.
  struct Part {
    RowPart rows;
    std::span<const uint32_t> words;
    RowSample embedding;              // e_w [words, embedding]
    std::optional<RowSample> z_mean;  // E[z_word] [words, 1] where it has no noise
  };

  /// X and W^x.
  void draw(const Network& network, const NoiseSource* noise, Precision precision,
            ThreadPool& pool);
  Part draw_part(size_t number, const Network& network, std::span<const uint32_t> texts,
                 const NoiseSource* noise);
  /// X: e_w, times z_x and E[z_word] where there are any.
  void multiply_inputs(const Part& part);
  /// dX by X becomes that by e_w E[z_word], and z_x gets its gradient.
  void take_input_gradient(Parameter& multiplier, Matrix& dx) const;
  /// The rest of the way, to what the part's words are drawn from.
  void take_word_gradients(const Part& part, Network& network, Matrix& dx) const;
  void sum_by_word(std::span<const Matrix* const> sums_gradients, ThreadPool& pool, Matrix& dp,
                   std::vector<float>& dz) const;

  const TokenBatch& batch_;
  const BatchLayout& layout_;
  Draws draws_;
  std::vector<Part> parts_;
  std::optional<MultiplierSample> z_inputs_;     // [1, embedding]
  std::optional<WordMultiplierSample> z_words_;  // [tokens] where it has noise
  Matrix inputs_;                                // X [distinct, embedding]
  std::optional<InputProducts> products_;        // W^x
  Matrix projected_;                             // P
};

}  // namespace ockham
