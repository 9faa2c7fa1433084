#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/deploy/distinct_rows.hpp"
#include "ockham/nn/pooling.hpp"
#include "ockham/tensor/matrix.hpp"

namespace ockham {

constexpr size_t kTextLanes = 16;  ///< texts that run side by side

/// The weights of a matrix that are not 0, column by column.
struct SparseColumns {
  struct Weight {
    uint32_t row;  ///< whose input it multiplies
    float weight;
  };

  /// Those of column c are weights[begin[c]] .. weights[begin[c + 1]].
  std::vector<uint32_t> begin{0};
  std::vector<Weight> weights;

  void add_column(const Matrix& m, size_t c);
};

/// One direction of a recurrent layer as the engine runs it: the first layer's input product has
/// become a look-up, and weights that are 0 and gates that hang on nothing cost nothing. With g
/// gates a unit, column g j + k is gate k of unit j.
struct LaneDirection {
  /// `words`: the embedding's rows, of the first layer; null above it, where the layer below is
  /// read.
  LaneDirection(const FoldedDirection& direction, Cell cell, GateFunction gate_function,
                const DistinctRows* words, bool reverse);

  Cell cell;
  GateFunction gate_function;
  size_t hidden;
  bool reverse;
  bool looks_up;  ///< whether it is of the first layer
  Matrix table;   ///< first layer: e W^x + b of the embedding's rows, and a row more
                  ///< because a GRU's gates too are read as four [rows + 1, g hidden]
  std::vector<uint32_t> row_of;  ///< first layer: the table's row of each n-gram
  std::vector<float> bias;       ///< others: b [g hidden]
  SparseColumns inputs;          ///< others: W^x
  SparseColumns recurrent;       ///< W^h
  Matrix dense_recurrent;  ///< the same where few weights are 0, of unit j's gates from unit i in
                           ///< (j, g i + k) [hidden, g hidden]; else empty
  std::vector<float> recurrent_bias;  ///< GRU: b_hn [hidden]
  std::vector<uint8_t> is_constant;   ///< [g hidden] whether the gate is always the same
  std::vector<float> constant;        ///< [g hidden] what it is then, after its function
};

/// Encoded texts, one a lane; a lane without a text has length 0.
struct LaneTexts {
  std::array<const uint32_t*, kTextLanes> tokens{};
  std::array<uint32_t, kTextLanes> lengths{};
};

/// What a layer gives the next one: y of all its directions' units at every token of the lanes'
/// texts.
struct LaneOutputs {
  size_t width = 0;                        ///< units of all directions
  std::array<size_t, kTextLanes> first{};  ///< row of each lane's first token
  FloatVector values;                      ///< [tokens of all texts][width]

  void reshape(const LaneTexts& texts, size_t units);
  float* at(size_t lane, size_t token) { return values.data() + (first[lane] + token) * width; }
  const float* at(size_t lane, size_t token) const {
    return values.data() + (first[lane] + token) * width;
  }
};

/// Where a direction's outputs go: into the next layer's input or, of the top layer, pooled over
/// each text's own tokens into the summary [poolings * hidden, kTextLanes]; zeros for a text
/// without tokens.
struct LaneSink {
  LaneOutputs* outputs = nullptr;
  size_t first_unit = 0;  ///< where the direction's units start there
  std::span<const Pooling> poolings;
  MatrixView summary;
};

/// Working memory, kept from call to call.
struct LaneScratch {
  FloatVector values;
  std::vector<const float*> rows;  ///< of the table, at the steps that come next (rows_ahead())
};

/// Runs the texts through a direction; `below` is null for the first layer. What a text gets does
/// not depend on its lane or on the other lanes' texts.
void run_lanes(const LaneDirection& direction, const LaneTexts& texts, const LaneOutputs* below,
               LaneScratch& scratch, const LaneSink& sink);

}  // namespace ockham
