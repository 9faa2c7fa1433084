#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/nn/pooling.hpp"
#include "ockham/tensor/matrix.hpp"

namespace ockham {

constexpr size_t kTextLanes = 16;  ///< texts that run side by side

/// One direction of the LSTM as the engine runs it: the input product has become a look-up, and
/// recurrent weights that are 0 and gates that hang on nothing cost nothing. Column 4 j + k is gate
/// k (i, f, g, o) of unit j.
struct LaneLstm {
  struct RecurrentWeight {
    uint32_t unit;  ///< whose output it multiplies
    float weight;
  };

  LaneLstm(const FoldedDirection& direction, const Matrix& embedding, bool reverse);

  size_t hidden;
  bool reverse;
  Matrix table;  ///< e_w W^x + b of every n-gram [n-grams, 4 hidden]
  /// The recurrent weights into column c are weights[begin[c]] .. weights[begin[c + 1]].
  std::vector<uint32_t> begin;
  std::vector<RecurrentWeight> weights;
  std::vector<uint8_t> is_constant;  ///< [4 hidden] whether the gate is always the same
  std::vector<float> constant;       ///< [4 hidden] what it is then, after sigm or tanh
};

/// Encoded texts, one a lane; a lane without a text has length 0.
struct LaneTexts {
  std::array<const uint32_t*, kTextLanes> tokens{};
  std::array<uint32_t, kTextLanes> lengths{};
};

/// Working memory, kept from call to call.
struct LaneScratch {
  FloatVector values;
};

/// Runs the texts through the direction and pools over each one's own tokens:
/// summary [poolings * hidden, kTextLanes]; zeros for a text without tokens. What a text gets does
/// not depend on its lane or on the other lanes' texts.
void run_lstm_lanes(const LaneLstm& lstm, std::span<const Pooling> poolings, const LaneTexts& texts,
                    LaneScratch& scratch, MatrixView summary);

}  // namespace ockham
