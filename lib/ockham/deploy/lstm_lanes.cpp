#include "ockham/deploy/lstm_lanes.hpp"

#include <algorithm>
#include <cstring>

#include "ockham/nn/lstm.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/deploy/lstm_lanes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/tensor/simd_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

/// As many texts as a vector has lanes, through all their time steps. Every number of the layer is
/// a vector with one lane a text.
template <class D>
class LaneRun {
 public:
  LaneRun(D d, const LaneLstm& lstm, std::span<const Pooling> poolings, const LaneTexts& texts,
          size_t first_lane, LaneScratch& scratch, MatrixView summary)
      : d_(d),
        lanes_(hn::Lanes(d)),
        lstm_(lstm),
        poolings_(poolings),
        tokens_(texts.tokens.data() + first_lane),
        lengths_(texts.lengths.data() + first_lane),
        summary_(summary.column_range(first_lane, lanes_)) {
    const size_t block = lstm.hidden * lanes_;
    scratch.values.assign((kLstmGates + 3) * block, 0.0f);
    inputs_ = scratch.values.data();
    cell_ = inputs_ + kLstmGates * block;
    output_ = cell_ + block;
    next_output_ = output_ + block;
  }

  void run() {
    const uint32_t steps = *std::max_element(lengths_, lengths_ + lanes_);
    for (size_t r = 0; r < summary_.rows; ++r) std::fill_n(summary_.row(r), lanes_, 0.0f);
    for (uint32_t t = 0; t < steps; ++t) {
      look_up(t);
      for (size_t j = 0; j < lstm_.hidden; ++j) advance(t, j);
      std::swap(output_, next_output_);
    }
    finish();
  }

 private:
  using V = hn::Vec<D>;
  using I = hn::RebindToSigned<D>;

  /// inputs[j][lane][k] = gate k of unit j in the table's row of the lane's token. A text that has
  /// ended goes on with its last token; nobody reads what comes of it.
  void look_up(uint32_t t) {
    for (size_t lane = 0; lane < lanes_; ++lane) {
      const uint32_t length = lengths_[lane];
      if (length == 0) continue;
      const uint32_t at = std::min(t, length - 1);
      const float* row = lstm_.table.row(tokens_[lane][lstm_.reverse ? length - 1 - at : at]);
      float* to = inputs_ + kLstmGates * lane;
      for (size_t j = 0; j < lstm_.hidden; ++j) {
        std::memcpy(to + j * kLstmGates * lanes_, row + j * kLstmGates, kLstmGates * sizeof(float));
      }
    }
  }

  /// Lanes whose text is not over.
  hn::Mask<D> live(uint32_t t) const {
    const I integers;
    const auto lengths = hn::LoadU(integers, reinterpret_cast<const int32_t*>(lengths_));
    return hn::RebindMask(d_, hn::Lt(hn::Set(integers, static_cast<int32_t>(t)), lengths));
  }

  /// input + y_{t-1} W^h
  HWY_INLINE V activation(size_t column, V sum) const {
    for (uint32_t i = lstm_.begin[column]; i < lstm_.begin[column + 1]; ++i) {
      const LaneLstm::RecurrentWeight& from = lstm_.weights[i];
      sum = hn::MulAdd(hn::Set(d_, from.weight), hn::LoadU(d_, output_ + from.unit * lanes_), sum);
    }
    return sum;
  }

  /// i, f, o = sigm(a), g = tanh(a);  c = f c_{t-1} + i g;  y = o tanh c
  HWY_INLINE void advance(uint32_t t, size_t j) {
    V in_i, in_f, in_g, in_o;
    hn::LoadInterleaved4(d_, inputs_ + j * kLstmGates * lanes_, in_i, in_f, in_g, in_o);
    const size_t column = kLstmGates * j;
    const auto constant = [&](size_t k) { return hn::Set(d_, lstm_.constant[column + k]); };
    const auto gate = [&](size_t k, V input) {
      if (lstm_.is_constant[column + k]) return constant(k);
      return Sigmoid(d_, activation(column + k, input));
    };
    const V i = gate(0, in_i);
    const V f = gate(1, in_f);
    const V g =
        lstm_.is_constant[column + 2] ? constant(2) : TanhFast(d_, activation(column + 2, in_g));
    const V o = gate(3, in_o);
    const V c = hn::MulAdd(f, hn::Load(d_, cell_ + j * lanes_), hn::Mul(i, g));
    hn::Store(c, d_, cell_ + j * lanes_);
    const V y = hn::Mul(o, TanhFast(d_, c));
    hn::Store(y, d_, next_output_ + j * lanes_);
    pool(t, j, y);
  }

  HWY_INLINE void pool(uint32_t t, size_t j, V y) {
    const auto alive = live(t);
    for (size_t p = 0; p < poolings_.size(); ++p) {
      float* at = summary_.row(p * lstm_.hidden + j);
      const V before = hn::LoadU(d_, at);
      V after = before;
      switch (poolings_[p]) {
        case Pooling::max:
          after = t == 0 ? y : hn::Max(before, y);
          break;
        case Pooling::mean:
          after = hn::Add(before, y);
          break;
        case Pooling::last:
          after = y;
          break;
      }
      hn::StoreU(hn::IfThenElse(alive, after, before), d_, at);
    }
  }

  void finish() {
    for (size_t p = 0; p < poolings_.size(); ++p) {
      if (poolings_[p] != Pooling::mean) continue;
      for (size_t j = 0; j < lstm_.hidden; ++j) {
        float* sums = summary_.row(p * lstm_.hidden + j);
        for (size_t lane = 0; lane < lanes_; ++lane) {
          if (lengths_[lane] > 0) sums[lane] /= static_cast<float>(lengths_[lane]);
        }
      }
    }
  }

  D d_;
  size_t lanes_;
  const LaneLstm& lstm_;
  std::span<const Pooling> poolings_;
  const uint32_t* const* tokens_;
  const uint32_t* lengths_;
  MatrixView summary_;  // [poolings * hidden, lanes]
  float* inputs_;       // [hidden][lanes][4]
  float* cell_;         // [hidden][lanes], as the outputs
  float* output_;
  float* next_output_;
};

void RunLstmLanes(const LaneLstm& lstm, std::span<const Pooling> poolings, const LaneTexts& texts,
                  LaneScratch& scratch, MatrixView summary) {
  const hn::CappedTag<float, kTextLanes> d;
  for (size_t lane = 0; lane < kTextLanes; lane += hn::Lanes(d)) {
    LaneRun<decltype(d)>(d, lstm, poolings, texts, lane, scratch, summary).run();
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(RunLstmLanes);

void run_lstm_lanes(const LaneLstm& lstm, std::span<const Pooling> poolings, const LaneTexts& texts,
                    LaneScratch& scratch, MatrixView summary) {
  HWY_DYNAMIC_DISPATCH(RunLstmLanes)(lstm, poolings, texts, scratch, summary);
}

}  // namespace ockham
#endif  // HWY_ONCE
