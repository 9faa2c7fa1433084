#include "ockham/deploy/recurrent_lanes.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/deploy/recurrent_lanes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/nn/gate_functions-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

/// As many texts as a vector has lanes, through all their time steps. Every number of the layer is
/// a vector with one lane a text.
template <class D, Cell kCell, class Gate>
class LaneRun {
 public:
  LaneRun(D d, const LaneDirection& direction, const LaneTexts& texts, const LaneOutputs* below,
          size_t first_lane, LaneScratch& scratch, const LaneSink& sink)
      : d_(d),
        lanes_(hn::Lanes(d)),
        first_lane_(first_lane),
        direction_(direction),
        below_(below),
        sink_(sink),
        tokens_(texts.tokens.data() + first_lane),
        lengths_(texts.lengths.data() + first_lane) {
    const size_t block = direction.hidden * lanes_;
    const size_t read = below ? below->width * lanes_ : 0;
    scratch.values.assign((kGates + 3) * block + read, 0.0f);
    inputs_ = scratch.values.data();
    state_ = inputs_ + kGates * block;
    output_ = state_ + block;
    next_output_ = output_ + block;
    read_ = next_output_ + block;
    if (!sink.outputs) summary_ = sink.summary.column_range(first_lane, lanes_);
  }

  void run() {
    const uint32_t steps = *std::max_element(lengths_, lengths_ + lanes_);
    for (size_t r = 0; r < summary_.rows; ++r) std::fill_n(summary_.row(r), lanes_, 0.0f);
    for (uint32_t t = 0; t < steps; ++t) {
      const auto alive = live(t);
      if (below_) {
        read_below(t);
        for (size_t j = 0; j < direction_.hidden; ++j) advance(t, alive, j, sums_of_inputs(j));
      } else {
        look_up(t);
        for (size_t j = 0; j < direction_.hidden; ++j) advance(t, alive, j, looked_up(j));
      }
      if (sink_.outputs) write_outputs(t);
      std::swap(output_, next_output_);
    }
    if (!sink_.outputs) finish();
  }

 private:
  static constexpr size_t kGates = gates_of(kCell);
  static constexpr uint32_t kPrefetchedSteps = 2;

  using V = hn::Vec<D>;
  using I = hn::RebindToSigned<D>;

  /// x~ W^x + b of a unit's gates; the fourth is an LSTM's.
  struct Inputs {
    V gate0, gate1, gate2, gate3;
  };

  /// The token at a lane's step t. A text that has ended goes on with its last token; nobody reads
  /// what comes of it.
  uint32_t token_at(size_t lane, uint32_t t) const {
    const uint32_t last = lengths_[lane] - 1;
    const uint32_t at = std::min(t, last);
    return direction_.reverse ? last - at : at;
  }

  /// inputs[j][lane][k] = gate k of unit j in the table's row of the lane's token
  void look_up(uint32_t t) {
    // What the loop stores could change the members, as far as the compiler knows.
    const size_t lanes = lanes_, hidden = direction_.hidden;
    const ConstMatrixView table = direction_.table;
    float* to = inputs_;
    for (size_t lane = 0; lane < lanes; ++lane, to += kGates) {
      if (lengths_[lane] == 0) continue;
      const uint32_t* tokens = tokens_[lane];
      // The table is larger than the first cache, and a step lasts as long as a few misses.
      __builtin_prefetch(table.row(tokens[token_at(lane, t + kPrefetchedSteps)]));
      const float* row = table.row(tokens[token_at(lane, t)]);
      for (size_t j = 0; j < hidden; ++j) {
        std::memcpy(to + j * kGates * lanes, row + j * kGates, kGates * sizeof(float));
      }
    }
  }

  HWY_INLINE Inputs looked_up(size_t j) const {
    const float* from = inputs_ + j * kGates * lanes_;
    Inputs in{};
    if constexpr (kCell == Cell::lstm) {
      hn::LoadInterleaved4(d_, from, in.gate0, in.gate1, in.gate2, in.gate3);
    } else {
      hn::LoadInterleaved3(d_, from, in.gate0, in.gate1, in.gate2);
      in.gate3 = hn::Zero(d_);
    }
    return in;
  }

  /// read[unit][lane] = y of the layer below at the lane's token
  void read_below(uint32_t t) {
    for (size_t lane = 0; lane < lanes_; ++lane) {
      if (lengths_[lane] == 0) continue;
      const float* from = below_->at(first_lane_ + lane, token_at(lane, t));
      for (size_t i = 0; i < below_->width; ++i) read_[i * lanes_ + lane] = from[i];
    }
  }

  HWY_INLINE Inputs sums_of_inputs(size_t j) const {
    const auto sum = [&](size_t k) {
      const size_t column = kGates * j + k;
      return add_products(direction_.inputs, read_, column, hn::Set(d_, direction_.bias[column]));
    };
    Inputs in{sum(0), sum(1), sum(2), hn::Zero(d_)};
    if constexpr (kCell == Cell::lstm) in.gate3 = sum(3);
    return in;
  }

  /// sum + the column of x W
  HWY_INLINE V add_products(const SparseColumns& w, const float* x, size_t column, V sum) const {
    for (uint32_t i = w.begin[column]; i < w.begin[column + 1]; ++i) {
      const SparseColumns::Weight& from = w.weights[i];
      sum = hn::MulAdd(hn::Set(d_, from.weight), hn::LoadU(d_, x + from.row * lanes_), sum);
    }
    return sum;
  }

  /// sums + y_{t-1} W^h of a unit's gates
  HWY_INLINE Inputs add_recurrent(size_t j, Inputs sums) const {
    if (!direction_.dense_recurrent.empty()) return add_dense(j, sums);
    const size_t column = kGates * j;
    const SparseColumns& w = direction_.recurrent;
    sums.gate0 = add_products(w, output_, column, sums.gate0);
    sums.gate1 = add_products(w, output_, column + 1, sums.gate1);
    sums.gate2 = add_products(w, output_, column + 2, sums.gate2);
    if constexpr (kCell == Cell::lstm) {
      sums.gate3 = add_products(w, output_, column + 3, sums.gate3);
    }
    return sums;
  }

  HWY_INLINE Inputs add_dense(size_t j, Inputs sums) const {
    const float* w = direction_.dense_recurrent.row(j);
    const float* y = output_;
    for (size_t i = 0; i < direction_.hidden; ++i, w += kGates, y += lanes_) {
      const V yi = hn::Load(d_, y);
      sums.gate0 = hn::MulAdd(hn::Set(d_, w[0]), yi, sums.gate0);
      sums.gate1 = hn::MulAdd(hn::Set(d_, w[1]), yi, sums.gate1);
      sums.gate2 = hn::MulAdd(hn::Set(d_, w[2]), yi, sums.gate2);
      if constexpr (kCell == Cell::lstm) {
        sums.gate3 = hn::MulAdd(hn::Set(d_, w[3]), yi, sums.gate3);
      }
    }
    return sums;
  }

  HWY_INLINE Fraction<V> constant(size_t column) const {
    return {hn::Set(d_, direction_.constant[column]), hn::Set(d_, 1.0f)};
  }

  HWY_INLINE Fraction<V> gate(size_t column, V activation) const {
    return direction_.is_constant[column] ? constant(column) : Gate::AsFraction(d_, activation);
  }

  HWY_INLINE Fraction<V> candidate(size_t column, V activation) const {
    return direction_.is_constant[column] ? constant(column) : TanhFraction(d_, activation);
  }

  HWY_INLINE void advance(uint32_t t, hn::Mask<D> alive, size_t j, const Inputs& in) {
    const V y = kCell == Cell::lstm ? lstm_unit(j, in) : gru_unit(j, in);
    hn::Store(y, d_, next_output_ + j * lanes_);
    if (!sink_.outputs) pool(t, alive, j, y);
  }

  /// i, f, o = gate(a), g = tanh(a);  c = f c_{t-1} + i g;  y = o tanh c
  /// with one division for c and one for y, where each function would need its own.
  HWY_INLINE V lstm_unit(size_t j, const Inputs& in) {
    const size_t column = kGates * j;
    const Inputs a = add_recurrent(j, in);
    const auto i = gate(column, a.gate0);
    const auto f = gate(column + 1, a.gate1);
    const auto g = candidate(column + 2, a.gate2);
    const auto o = gate(column + 3, a.gate3);
    const V before = hn::Load(d_, state_ + j * lanes_);
    const V ig = hn::Mul(i.denominator, g.denominator);
    const V kept = hn::Mul(hn::Mul(f.numerator, before), ig);
    const V added = hn::Mul(i.numerator, g.numerator);
    const V c = hn::Div(hn::MulAdd(added, f.denominator, kept), hn::Mul(f.denominator, ig));
    hn::Store(c, d_, state_ + j * lanes_);
    const auto t = TanhFraction(d_, c);
    return hn::Div(hn::Mul(o.numerator, t.numerator), hn::Mul(o.denominator, t.denominator));
  }

  /// r, u = gate(a);  n = tanh(in_n + r (y_{t-1} W_n^h + b_hn));  y = h = (1 - u) n + u h_{t-1}
  HWY_INLINE V gru_unit(size_t j, const Inputs& in) {
    const size_t column = kGates * j;
    const V recurrent_bias = hn::Set(d_, direction_.recurrent_bias[j]);
    const Inputs a = add_recurrent(j, {in.gate0, in.gate1, recurrent_bias, in.gate3});
    const auto r = gate(column, a.gate0);
    const auto u = gate(column + 1, a.gate1);
    const V rq = hn::Div(hn::Mul(r.numerator, a.gate2), r.denominator);
    const auto n = candidate(column + 2, hn::Add(rq, in.gate2));
    const V before = hn::Load(d_, state_ + j * lanes_);
    const V kept = hn::Mul(hn::Mul(u.numerator, before), n.denominator);
    const V added = hn::Mul(hn::Sub(u.denominator, u.numerator), n.numerator);
    const V h = hn::Div(hn::Add(added, kept), hn::Mul(u.denominator, n.denominator));
    hn::Store(h, d_, state_ + j * lanes_);
    return h;
  }

  void write_outputs(uint32_t t) {
    for (size_t lane = 0; lane < lanes_; ++lane) {
      if (t >= lengths_[lane]) continue;
      float* to = sink_.outputs->at(first_lane_ + lane, token_at(lane, t)) + sink_.first_unit;
      for (size_t j = 0; j < direction_.hidden; ++j) to[j] = next_output_[j * lanes_ + lane];
    }
  }

  /// Lanes whose text is not over.
  hn::Mask<D> live(uint32_t t) const {
    const I integers;
    const auto lengths = hn::LoadU(integers, reinterpret_cast<const int32_t*>(lengths_));
    return hn::RebindMask(d_, hn::Lt(hn::Set(integers, static_cast<int32_t>(t)), lengths));
  }

  HWY_INLINE void pool(uint32_t t, hn::Mask<D> alive, size_t j, V y) {
    for (size_t p = 0; p < sink_.poolings.size(); ++p) {
      float* at = summary_.row(p * direction_.hidden + j);
      const V before = hn::LoadU(d_, at);
      V after = before;
      switch (sink_.poolings[p]) {
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
    for (size_t p = 0; p < sink_.poolings.size(); ++p) {
      if (sink_.poolings[p] != Pooling::mean) continue;
      for (size_t j = 0; j < direction_.hidden; ++j) {
        float* sums = summary_.row(p * direction_.hidden + j);
        for (size_t lane = 0; lane < lanes_; ++lane) {
          if (lengths_[lane] > 0) sums[lane] /= static_cast<float>(lengths_[lane]);
        }
      }
    }
  }

  D d_;
  size_t lanes_;
  size_t first_lane_;
  const LaneDirection& direction_;
  const LaneOutputs* below_;
  const LaneSink& sink_;
  const uint32_t* const* tokens_;
  const uint32_t* lengths_;
  MatrixView summary_;  // [poolings * hidden, lanes]
  float* inputs_;       // [hidden][lanes][gates]
  float* state_;        // LSTM: c, GRU: h [hidden][lanes], as the outputs
  float* output_;
  float* next_output_;
  float* read_;  // [units of the layer below][lanes]
};

template <Cell kCell>
void RunCell(const LaneDirection& direction, const LaneTexts& texts, const LaneOutputs* below,
             LaneScratch& scratch, const LaneSink& sink) {
  const hn::CappedTag<float, kTextLanes> d;
  WithGate(direction.gate_function, [&](auto gate) {
    for (size_t lane = 0; lane < kTextLanes; lane += hn::Lanes(d)) {
      LaneRun<decltype(d), kCell, decltype(gate)>(d, direction, texts, below, lane, scratch, sink)
          .run();
    }
  });
}

void RunLanes(const LaneDirection& direction, const LaneTexts& texts, const LaneOutputs* below,
              LaneScratch& scratch, const LaneSink& sink) {
  if (direction.cell == Cell::lstm) {
    RunCell<Cell::lstm>(direction, texts, below, scratch, sink);
  } else {
    RunCell<Cell::gru>(direction, texts, below, scratch, sink);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(RunLanes);

void run_lanes(const LaneDirection& direction, const LaneTexts& texts, const LaneOutputs* below,
               LaneScratch& scratch, const LaneSink& sink) {
  HWY_DYNAMIC_DISPATCH(RunLanes)(direction, texts, below, scratch, sink);
}

}  // namespace ockham
#endif  // HWY_ONCE
