#include "ockham/nn/network_pass.hpp"

#include <utility>

namespace ockham {
namespace {

constexpr const char* kOutputPart = "output";  // of a profile

}  // namespace

NetworkPass::NetworkPass(const Network& network, const TokenBatch& batch, const NoiseSource* noise,
                         ThreadPool& pool, const PassOptions& options)
    : profile_(options.profile),
      stack_(network, batch, noise, pool, options),
      poolings_(network.poolings),
      summary_(batch.size(), network.summary()),
      logits_(batch.size(), network.output_weight.cols()) {
  prepare_pooling(network.layers.back());
  stack_.forward(network, pool, [&](size_t d, size_t slice) { pool_slice(d, slice); });
  const Profile::Part output(profile_, kOutputPart);
  for (const DenseLayer& layer : network.dense_layers) {
    DensePass pass(layer, batch.texts, noise);
    pass.forward(features());
    dense_layers_.push_back(std::move(pass));
  }
  output_.emplace(network.output_weight, network.output_bias, batch.texts, noise);
  output_->forward(features(), logits_);
}

const Matrix& NetworkPass::features() const {
  return dense_layers_.empty() ? summary_ : dense_layers_.back().output();
}

void NetworkPass::prepare_pooling(const RecurrentLayer& top) {
  size_t feature = 0;
  for (const RecurrentDirection& direction : top.directions) {
    pooled_.push_back(
        {.first_feature = feature,
         .hidden = direction.hidden(),
         .choices = std::vector<PoolingChoice>(stack_.packed().slices.size() * poolings_.size())});
    feature += direction.hidden() * poolings_.size();
  }
}

void NetworkPass::pool_slice(size_t d, size_t slice_number) {
  PooledDirection& pooled = pooled_[d];
  for (size_t p = 0; p < poolings_.size(); ++p) {
    pool_forward(
        poolings_[p], stack_.packed().slices[slice_number], stack_.output(d), d == 1,
        summary_.view().column_range(pooled.first_feature + p * pooled.hidden, pooled.hidden),
        pooled.choices[slice_number * poolings_.size() + p]);
  }
}

void NetworkPass::pool_slice_back(size_t d, size_t slice_number, ConstMatrixView dsummary) {
  const PooledDirection& pooled = pooled_[d];
  for (size_t p = 0; p < poolings_.size(); ++p) {
    pool_backward(poolings_[p], stack_.packed().slices[slice_number],
                  dsummary.column_range(pooled.first_feature + p * pooled.hidden, pooled.hidden),
                  pooled.choices[slice_number * poolings_.size() + p], stack_.output_gradient(d));
  }
}

void NetworkPass::backward(Network& network, ConstMatrixView dlogits, ThreadPool& pool) {
  Matrix dsummary;
  {
    const Profile::Part part(profile_, kOutputPart);
    dsummary = output_->backward(features(), dlogits, network.output_weight, network.output_bias);
    for (size_t l = dense_layers_.size(); l-- > 0;) {
      dsummary = dense_layers_[l].backward(std::move(dsummary), network.dense_layers[l]);
    }
  }
  stack_.backward(network, pool,
                  [&](size_t d, size_t slice) { pool_slice_back(d, slice, dsummary); });
}

}  // namespace ockham
