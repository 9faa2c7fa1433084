#pragma once

#include "ockham/tensor/noise.hpp"
#include "ockham/tensor/precision.hpp"
#include "ockham/tensor/profile.hpp"

namespace ockham {

struct BatchLayout;

/// Dropout between recurrent layers: one mask for each sequence and unit, shared by all time steps
/// (Gal & Ghahramani 2016); what stays is scaled by 1 / (1 - rate). None by default.
struct LayerDropout {
  float rate = 0.0f;
  const NoiseSource* noise = nullptr;

  bool drops() const { return rate > 0.0f && noise != nullptr; }
};

/// How a mini-batch goes through a network.
struct PassOptions {
  LayerDropout dropout = {};              ///< with noise of the weights or without
  Precision precision = Precision::fp32;  ///< of the recurrent layers' products
  Profile* profile = nullptr;             ///< of the parts that a pass is made of; or null
  /// If it was made ahead: of this batch and network, with noise or without as the pass. It
  /// outlives the pass. Null: the pass makes its own.
  const BatchLayout* layout = nullptr;
};

}  // namespace ockham
