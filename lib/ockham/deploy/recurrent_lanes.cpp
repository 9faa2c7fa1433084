#include "ockham/deploy/recurrent_lanes.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/deploy/recurrent_lanes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/deploy/rows_ahead.hpp"
#include "ockham/nn/gate_functions-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

using Lanes = hn::CappedTag<float, kTextLanes>;
static_assert(hn::MaxLanes(Lanes()) >= 4, "a unit's gates are read as a block of four floats");

/// Four floats in each block of a vector: those of block i from rows[4 i] + at.
template <class D>
HWY_INLINE hn::Vec<D> Blocks(D d, const float* const* rows, size_t at) {
  constexpr size_t kLanes = hn::MaxLanes(D());
  if constexpr (kLanes <= 4) {
    return hn::LoadU(d, rows[0] + at);
  } else {
    const hn::Half<D> half;
    return hn::Combine(d, Blocks(half, rows + kLanes / 2, at), Blocks(half, rows, at));
  }
}

/// As many texts as a vector has lanes, through all their time steps. Every number of the layer is
/// a vector with one lane a text. All of it, the constructor too, is HWY_INLINE, and nobody outside
/// gets its address, so that its members stay in registers: read from memory again after each
/// store, with the tests that follow, they were half of what a step executed.
template <class D, Cell kCell, class Gate>
class LaneRun {
 public:
  HWY_INLINE LaneRun(D d, const LaneDirection& direction, const LaneTexts& texts,
                     const LaneOutputs* below, size_t first_lane, LaneScratch& scratch,
                     const LaneSink& sink)
      : d_(d),
        first_lane_(first_lane),
        hidden_(direction.hidden),
        direction_(direction),
        below_(below),
        sink_(sink),
        texts_(texts),
        lengths_(texts.lengths.data() + first_lane),
        steps_(*std::max_element(lengths_, lengths_ + lanes())) {
    const size_t block = hidden_ * lanes();
    const size_t read = below ? below->width * lanes() : 0;
    scratch.values.assign(4 * block + read, 0.0f);
    state_ = scratch.values.data();
    output_ = state_ + block;
    fraction_o_ = output_ + block;
    read_ = fraction_o_ + 2 * block;
    scratch.rows.resize(below ? 0 : kStepsAhead * lanes());
    rows_ = scratch.rows.data();
    if (!sink.outputs) summary_ = sink.summary.column_range(first_lane, lanes());
  }

  HWY_INLINE void run() {
    if (!sink_.outputs) clear_summary();
    for (uint32_t t = 0; t < steps_; ++t) {
      // A loop over the units for states and one for outputs: the outputs of the step before are
      // read to the last, and the divisions of each go on side by side.
      if (below_) {
        read_below(t);
        for (size_t j = 0; j < hidden_; ++j) step_unit(j, sums_of_inputs(j));
      } else {
        if (t % kStepsAhead == 0) look_ahead(t);
        const float* const* rows = rows_ + (t % kStepsAhead) * lanes();
        for (size_t j = 0; j < hidden_; ++j) step_unit(j, looked_up(rows, j));
      }
      for (size_t j = 0; j < hidden_; ++j) hn::Store(output(j), d_, output_ + j * lanes());
      if (sink_.outputs) {
        write_outputs(t);
      } else {
        pool(t);
      }
    }
    if (!sink_.outputs) finish();
  }

 private:
  static constexpr size_t kGates = gates_of(kCell);
  static constexpr size_t kStepsAhead = 64;  // pointers to their rows are a few kilobytes

  using V = hn::Vec<D>;
  using I = hn::RebindToSigned<D>;

  /// Sums of a unit's gates. A GRU has three of its inputs, x~ W^x + b, and four with the
  /// recurrence (add_recurrent()).
  struct GateSums {
    V gate0, gate1, gate2, gate3;
  };

  HWY_INLINE size_t lanes() const { return hn::Lanes(d_); }

  /// The token at a lane's step t. A text that has ended goes on with its last token; nobody reads
  /// what comes of it.
  HWY_INLINE uint32_t token_at(size_t lane, uint32_t t) const {
    const uint32_t last = lengths_[lane] - 1;
    const uint32_t at = std::min(t, last);
    return direction_.reverse ? last - at : at;
  }

  /// Lays out the rows of the next kStepsAhead steps.
  HWY_INLINE void look_ahead(uint32_t t) const {
    const size_t steps = std::min(kStepsAhead, size_t{steps_} - t);
    rows_ahead(direction_, texts_, first_lane_, lanes(), t, {rows_, steps * lanes()});
  }

  /// x~ W^x + b of unit j's gates, which stand side by side in each lane's row.
  HWY_INLINE GateSums looked_up(const float* const* rows, size_t j) const {
    const size_t at = kGates * j;
    const V row0 = Blocks(d_, rows, at), row1 = Blocks(d_, rows + 1, at);
    const V row2 = Blocks(d_, rows + 2, at), row3 = Blocks(d_, rows + 3, at);
    const V even01 = hn::InterleaveLower(d_, row0, row2),
            odd01 = hn::InterleaveLower(d_, row1, row3);
    const V even23 = hn::InterleaveUpper(d_, row0, row2),
            odd23 = hn::InterleaveUpper(d_, row1, row3);
    return {hn::InterleaveLower(d_, even01, odd01), hn::InterleaveUpper(d_, even01, odd01),
            hn::InterleaveLower(d_, even23, odd23), hn::InterleaveUpper(d_, even23, odd23)};
  }

  /// read[unit][lane] = y of the layer below at the lane's token
  HWY_INLINE void read_below(uint32_t t) {
    for (size_t lane = 0; lane < lanes(); ++lane) {
      if (lengths_[lane] == 0) continue;
      const float* from = below_->at(first_lane_ + lane, token_at(lane, t));
      for (size_t i = 0; i < below_->width; ++i) read_[i * lanes() + lane] = from[i];
    }
  }

  HWY_INLINE GateSums sums_of_inputs(size_t j) const {
    const auto sum = [&](size_t k) HWY_ATTR {
      const size_t column = kGates * j + k;
      return add_products(direction_.inputs, read_, column, hn::Set(d_, direction_.bias[column]));
    };
    GateSums in{sum(0), sum(1), sum(2), hn::Zero(d_)};
    if constexpr (kCell == Cell::lstm) in.gate3 = sum(3);
    return in;
  }

  /// sum + the column of x W
  HWY_INLINE V add_products(const SparseColumns& w, const float* x, size_t column, V sum) const {
    for (uint32_t i = w.begin[column]; i < w.begin[column + 1]; ++i) {
      const SparseColumns::Weight& from = w.weights[i];
      sum = hn::MulAdd(hn::Set(d_, from.weight), hn::LoadU(d_, x + from.row * lanes()), sum);
    }
    return sum;
  }

  /// in + y_{t-1} W^h of a unit's gates. A GRU's candidate has the recurrent part by itself (r
  /// scales it), with its bias, and that of the input in the fourth's place.
  HWY_INLINE GateSums add_recurrent(size_t j, const GateSums& in) const {
    GateSums sums = in;
    if constexpr (kCell == Cell::gru) {
      sums.gate2 = hn::Set(d_, direction_.recurrent_bias[j]);
      sums.gate3 = in.gate2;
    }
    if (direction_.dense_recurrent.empty()) {
      add_sparse(j, sums);
    } else {
      add_dense(j, sums);
    }
    return sums;
  }

  HWY_INLINE void add_sparse(size_t j, GateSums& sums) const {
    const size_t column = kGates * j;
    const SparseColumns& w = direction_.recurrent;
    sums.gate0 = add_products(w, output_, column, sums.gate0);
    sums.gate1 = add_products(w, output_, column + 1, sums.gate1);
    sums.gate2 = add_products(w, output_, column + 2, sums.gate2);
    if constexpr (kCell == Cell::lstm) {
      sums.gate3 = add_products(w, output_, column + 3, sums.gate3);
    }
  }

  HWY_INLINE void add_dense(size_t j, GateSums& sums) const {
    const float* w = direction_.dense_recurrent.row(j);
    const float* y = output_;
    for (size_t i = 0; i < hidden_; ++i, w += kGates, y += lanes()) {
      const V yi = hn::Load(d_, y);
      sums.gate0 = hn::MulAdd(hn::Set(d_, w[0]), yi, sums.gate0);
      sums.gate1 = hn::MulAdd(hn::Set(d_, w[1]), yi, sums.gate1);
      sums.gate2 = hn::MulAdd(hn::Set(d_, w[2]), yi, sums.gate2);
      if constexpr (kCell == Cell::lstm) {
        sums.gate3 = hn::MulAdd(hn::Set(d_, w[3]), yi, sums.gate3);
      }
    }
  }

  HWY_INLINE Fraction<V> constant(size_t column) const {
    return {hn::Set(d_, direction_.constant[column]), hn::Set(d_, 1.0f)};
  }

  HWY_INLINE Fraction<V> gate(size_t column, V activation) const {
    if (direction_.is_constant[column]) return constant(column);
    return Gate::AsFraction(d_, activation);
  }

  HWY_INLINE Fraction<V> candidate(size_t column, V activation) const {
    if (direction_.is_constant[column]) return constant(column);
    return TanhFraction(d_, activation);
  }

  /// The state of a unit from its inputs' sums.
  HWY_INLINE void step_unit(size_t j, const GateSums& in) {
    const GateSums sums = add_recurrent(j, in);
    if constexpr (kCell == Cell::lstm) {
      lstm_state(j, sums);
    } else {
      gru_state(j, sums);
    }
  }

  /// i, f, o = gate(a), g = tanh(a);  c = f c_{t-1} + i g
  /// with one division, where each function would need its own.
  HWY_INLINE void lstm_state(size_t j, const GateSums& sums) {
    const size_t column = kGates * j;
    const auto i = gate(column, sums.gate0);
    const auto f = gate(column + 1, sums.gate1);
    const auto g = candidate(column + 2, sums.gate2);
    const auto o = gate(column + 3, sums.gate3);
    const V before = hn::Load(d_, state_ + j * lanes());
    const V ig = hn::Mul(i.denominator, g.denominator);
    const V kept = hn::Mul(hn::Mul(f.numerator, before), ig);
    const V added = hn::Mul(i.numerator, g.numerator);
    const V c = hn::Div(hn::MulAdd(added, f.denominator, kept), hn::Mul(f.denominator, ig));
    hn::Store(c, d_, state_ + j * lanes());
    hn::Store(o.numerator, d_, fraction_o_ + 2 * j * lanes());
    hn::Store(o.denominator, d_, fraction_o_ + (2 * j + 1) * lanes());
  }

  /// r, u = gate(a);  n = tanh(in_n + r (y_{t-1} W_n^h + b_hn));  y = h = (1 - u) n + u h_{t-1}
  HWY_INLINE void gru_state(size_t j, const GateSums& sums) {
    const size_t column = kGates * j;
    const auto r = gate(column, sums.gate0);
    const auto u = gate(column + 1, sums.gate1);
    const V rq = hn::Div(hn::Mul(r.numerator, sums.gate2), r.denominator);
    const auto n = candidate(column + 2, hn::Add(rq, sums.gate3));
    const V before = hn::Load(d_, state_ + j * lanes());
    const V kept = hn::Mul(hn::Mul(u.numerator, before), n.denominator);
    const V added = hn::Mul(hn::Sub(u.denominator, u.numerator), n.numerator);
    const V h = hn::Div(hn::Add(added, kept), hn::Mul(u.denominator, n.denominator));
    hn::Store(h, d_, state_ + j * lanes());
  }

  /// LSTM: y = o tanh c;  GRU: y = h
  HWY_INLINE V output(size_t j) const {
    const V state = hn::Load(d_, state_ + j * lanes());
    if constexpr (kCell == Cell::lstm) {
      const auto tanh = TanhFraction(d_, state);
      const V numerator = hn::Load(d_, fraction_o_ + 2 * j * lanes());
      const V denominator = hn::Load(d_, fraction_o_ + (2 * j + 1) * lanes());
      return hn::Div(hn::Mul(numerator, tanh.numerator), hn::Mul(denominator, tanh.denominator));
    } else {
      return state;
    }
  }

  HWY_INLINE void write_outputs(uint32_t t) {
    for (size_t lane = 0; lane < lanes(); ++lane) {
      if (t >= lengths_[lane]) continue;
      float* to = sink_.outputs->at(first_lane_ + lane, token_at(lane, t)) + sink_.first_unit;
      for (size_t j = 0; j < hidden_; ++j) to[j] = output_[j * lanes() + lane];
    }
  }

  /// Lanes whose text is not over.
  HWY_INLINE hn::Mask<D> live(uint32_t t) const {
    const I integers;
    const auto lengths = hn::LoadU(integers, reinterpret_cast<const int32_t*>(lengths_));
    return hn::RebindMask(d_, hn::Lt(hn::Set(integers, static_cast<int32_t>(t)), lengths));
  }

  HWY_INLINE void clear_summary() {
    for (size_t r = 0; r < summary_.rows; ++r) std::fill_n(summary_.row(r), lanes(), 0.0f);
  }

  HWY_INLINE void pool(uint32_t t) {
    const auto alive = live(t);
    for (size_t p = 0; p < sink_.poolings.size(); ++p) {
      float* pooled = summary_.row(p * hidden_);
      switch (sink_.poolings[p]) {
        case Pooling::max:
          if (t == 0) {
            pool_units(pooled, alive, [](V, V y) HWY_ATTR { return y; });
          } else {
            pool_units(pooled, alive, [](V before, V y) HWY_ATTR { return hn::Max(before, y); });
          }
          break;
        case Pooling::mean:
          pool_units(pooled, alive, [](V before, V y) HWY_ATTR { return hn::Add(before, y); });
          break;
        case Pooling::last:
          pool_units(pooled, alive, [](V, V y) HWY_ATTR { return y; });
          break;
      }
    }
  }

  /// pooled = join(pooled, y) of all units where a text is not over.
  template <class Join>
  HWY_INLINE void pool_units(float* pooled, hn::Mask<D> alive, const Join& join) const {
    for (size_t j = 0; j < hidden_; ++j, pooled += summary_.stride) {
      const V before = hn::LoadU(d_, pooled);
      const V after = join(before, hn::Load(d_, output_ + j * lanes()));
      hn::StoreU(hn::IfThenElse(alive, after, before), d_, pooled);
    }
  }

  HWY_INLINE void finish() {
    for (size_t p = 0; p < sink_.poolings.size(); ++p) {
      if (sink_.poolings[p] != Pooling::mean) continue;
      for (size_t j = 0; j < hidden_; ++j) {
        float* sums = summary_.row(p * hidden_ + j);
        for (size_t lane = 0; lane < lanes(); ++lane) {
          if (lengths_[lane] > 0) sums[lane] /= static_cast<float>(lengths_[lane]);
        }
      }
    }
  }

  const D d_;
  const size_t first_lane_;
  const size_t hidden_;
  const LaneDirection& direction_;
  const LaneOutputs* const below_;
  const LaneSink& sink_;
  const LaneTexts& texts_;
  const uint32_t* const lengths_;
  const uint32_t steps_;
  const float** rows_;  // first layer: of the table [kStepsAhead][lanes]
  MatrixView summary_;  // [poolings * hidden, lanes]
  float* state_;        // LSTM: c, GRU: h [hidden][lanes]
  float* output_;       // y [hidden][lanes]
  float* fraction_o_;   // LSTM: numerator and denominator of o [hidden][2][lanes]
  float* read_;         // [units of the layer below][lanes]
};

template <Cell kCell>
void RunCell(const LaneDirection& direction, const LaneTexts& texts, const LaneOutputs* below,
             LaneScratch& scratch, const LaneSink& sink) {
  const Lanes d;
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
