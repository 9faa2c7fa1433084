#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ockham/bayes/multiplier.hpp"
#include "ockham/bayes/row_sample.hpp"
#include "ockham/nn/input_products.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/tensor/thread_pool.hpp"

namespace ockham {

/// The words of a mini-batch that need a product of their own, and where their tokens stand: each
/// word once or, where weights differ between sequences, each word of each sequence once or, where
/// they differ between time steps, every token.
struct DistinctWords {
  DistinctWords(const TokenBatch& batch, size_t vocabulary, NoiseScope scope);

  std::vector<uint32_t> words;    ///< [distinct] rows of the embedding, in order of appearance
  std::vector<uint32_t> draws;    ///< [distinct] the sequence or token that it is drawn for; empty
                                  ///< where the scope is the batch
  std::vector<uint32_t> number;   ///< [tokens] which distinct word a token is
  std::vector<uint32_t> begin;    ///< [distinct + 1] each word's tokens in by_word
  std::vector<uint32_t> by_word;  ///< [tokens] tokens grouped by word, in order inside a group
};

/// The input of the first recurrent layer, computed once per distinct word instead of once per
/// token:
///     P[w] = (z_x e_w) W^x, all gates and directions side by side;   x~_{b,t} W^x = z_word[b,w]
///     P[w]
/// (a 128 x 200 batch of reviews holds 20,800 tokens and 3,900 distinct words). The word multiplier
/// differs between sequences; z_x is drawn once per mini-batch; e_w and W^x by their estimators:
/// where one of them differs between sequences, w stands for a pair of sequence and word (13,300 in
/// that batch), where one differs between time steps, for a token.
class WordProjection {
 public:
  WordProjection(const Network& network, const TokenBatch& batch, const NoiseSource* noise,
                 ThreadPool& pool, Precision precision = Precision::fp32);

  /// Writes the inputs of packed rows [first, first + count) of a direction into `sums`.
  void gather(const PackedBatch& packed, size_t direction, size_t first, size_t count,
              MatrixView sums) const;

  /// Takes dL/ds of all packed rows of each direction to the gradients of E, W^x and the
  /// multipliers. Tokens of a word are summed in the order of the batch:
  ///     dP[w] = sum z_word ds;   dz_word[b,w] = sum_t <ds, P[w]>;   dX = dP (W^x)^T
  ///     dW^x = X^T dP;   X = z_x e_w:  dE = z_x dX,  dz_x = sum dX e_w
  void backward(Network& network, const PackedBatch& packed,
                std::span<const Matrix* const> sums_gradients, ThreadPool& pool);

 private:
  /// e_w, times z_x where there is one.
  Matrix draw_inputs(const Network& network, const NoiseSource* noise, ThreadPool& pool);
  /// dX by the multiplied inputs becomes that by e_w, and z_x gets its gradient.
  void take_input_gradient(Parameter& multiplier, Matrix& dx) const;
  void sum_by_word(const PackedBatch& packed, std::span<const Matrix* const> sums_gradients,
                   ThreadPool& pool, Matrix& dp, std::vector<float>& dz) const;

  const TokenBatch& batch_;
  Draws draws_;
  DistinctWords distinct_;
  std::vector<RowSample> embeddings_;            // e_w [distinct, embedding], part by part
  std::optional<MultiplierSample> z_inputs_;     // [1, embedding]
  std::optional<WordMultiplierSample> z_words_;  // [tokens]
  Matrix inputs_;                                // X [distinct, embedding]
  InputProducts products_;                       // W^x
  Matrix projected_;                             // P
};

}  // namespace ockham
