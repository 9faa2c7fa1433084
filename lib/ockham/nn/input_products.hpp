#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ockham/bayes/product.hpp"
#include "ockham/nn/network.hpp"
#include "ockham/nn/packed_batch.hpp"
#include "ockham/tensor/thread_pool.hpp"

namespace ockham {

/// The farthest that rows of a layer's input may share their products in a mini-batch: the nearest
/// scope among its directions' W^x.
NoiseScope input_scope(const RecurrentLayer& layer, const NoiseSource* noise);

/// The number in the data of each token's text.
std::vector<uint32_t> texts_of_tokens(const TokenBatch& batch);

/// What such a layer's rows are drawn for: the tokens, one by one, where every time step has noise
/// of its own, else the sequences.
Draws draws_of_inputs(const TokenBatch& batch, NoiseScope scope);

/// W^x of a layer's directions side by side: P = X W^x for rows X of inputs.
class InputProducts {
 public:
  /// The rows are cut into this many parts, each a piece of work and a partial gradient.
  static constexpr size_t kParts = 8;

  /// `over_time`: as in ProductShape.
  InputProducts(const RecurrentLayer& layer, Cell cell, const Draws& draws, bool over_time,
                const NoiseSource* noise, Precision precision);

  size_t directions() const { return products_.size(); }
  size_t columns() const { return columns_.back(); }
  /// Where a direction's columns start in P, and how many they are, padded.
  size_t first_column(size_t direction) const { return columns_[direction]; }
  size_t width(size_t direction) const { return columns_[direction + 1] - columns_[direction]; }

  /// P [rows, columns()]; `draws` as in Product, [rows] or empty.
  Matrix multiply(const Matrix& x, std::span<const uint32_t> draws, ThreadPool& pool) const;

  /// Takes up dP for the gradients of W^x and returns dX = dP (W^x)^T.
  Matrix backward(const Matrix& x, const Matrix& dp, std::span<const uint32_t> draws,
                  ThreadPool& pool);
  /// Brings what backward() took up to W^x.
  void finish(RecurrentLayer& layer);

 private:
  std::vector<std::unique_ptr<Product>> products_;  // of each direction
  std::vector<size_t> columns_{0};                  // [directions + 1] where each starts in P
};

/// A part of many rows.
struct RowPart {
  size_t first;
  size_t count;
};
RowPart row_part(size_t rows, size_t i);
/// Those rows' numbers; of none none.
std::span<const uint32_t> part_of(std::span<const uint32_t> numbers, const RowPart& part);

}  // namespace ockham
