#include "ockham/deploy/recurrent_lanes.hpp"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/deploy/recurrent_lanes.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/nn/gate_functions-inl.hpp"
#include "ockham/tensor/prefetch.hpp"

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
    scratch.values.assign(8 * block + read, 0.0f);
    state_ = scratch.values.data();
    output_ = state_ + block;
    fraction_o_ = output_ + block;
    sums_ = fraction_o_ + 2 * block;
    read_ = sums_ + 4 * block;
    if (!sink.outputs) summary_ = sink.summary.column_range(first_lane, lanes_);
  }

  void run() {
    const uint32_t steps = *std::max_element(lengths_, lengths_ + lanes_);
    for (size_t r = 0; r < summary_.rows; ++r) std::fill_n(summary_.row(r), lanes_, 0.0f);
    if (!below_ && steps > 0) look_up(0);
    for (uint32_t t = 0; t < steps; ++t) {
      const auto alive = live(t);
      // A loop over the units for sums, one for states and one for outputs: rows that the first
      // layer reads next come near in the second and third. The divisions of each go on side by
      // side (a tenth of the time is saved).
      if (below_) {
        read_below(t);
        for (size_t j = 0; j < direction_.hidden; ++j) add_recurrent(j, sums_of_inputs(j));
      } else {
        for (size_t j = 0; j < direction_.hidden; ++j) add_recurrent(j, looked_up(j));
        if (t + 1 < steps) look_up(t + 1);
      }
      for (size_t j = 0; j < direction_.hidden; ++j) update_state(j);
      for (size_t j = 0; j < direction_.hidden; ++j) {
        const V y = output(j);
        hn::Store(y, d_, output_ + j * lanes_);
        if (!sink_.outputs) pool(t, alive, j, y);
      }
      if (sink_.outputs) write_outputs(t);
    }
    if (!sink_.outputs) finish();
  }

 private:
  static constexpr size_t kGates = gates_of(kCell);

  using V = hn::Vec<D>;
  using I = hn::RebindToSigned<D>;

  /// Sums of a unit's gates. A GRU has three of its inputs, x~ W^x + b, and four with the
  /// recurrence (add_recurrent()).
  struct GateSums {
    V gate0, gate1, gate2, gate3;
  };

  /// The token at a lane's step t. A text that has ended goes on with its last token; nobody reads
  /// what comes of it.
  uint32_t token_at(size_t lane, uint32_t t) const {
    const uint32_t last = lengths_[lane] - 1;
    const uint32_t at = std::min(t, last);
    return direction_.reverse ? last - at : at;
  }

  /// rows[lane] = the table's row of the lane's token; any one for a lane without a text. The
  /// beginnings of rows are fetched while the step before is not over, and tokens a line ahead: on
  /// a Zen 3 a fifth of the time is saved in which a file with 8,900 n-grams (a table of 1.1 MB)
  /// answers, nothing with 700.
  void look_up(uint32_t t) {
    constexpr uint32_t kLine = 64 / sizeof(uint32_t);
    const size_t width = direction_.table.cols();
    for (size_t lane = 0; lane < lanes_; ++lane) {
      rows_[lane] = direction_.table.row(0);
      if (lengths_[lane] == 0) continue;
      const uint32_t* tokens = tokens_[lane];
      __builtin_prefetch(tokens + token_at(lane, t + kLine));
      rows_[lane] = direction_.table.row(tokens[token_at(lane, t)]);
      prefetch_row_start(rows_[lane], width);
    }
  }

  /// x~ W^x + b of unit j's gates, which stand side by side in each lane's row.
  HWY_INLINE GateSums looked_up(size_t j) const {
    const size_t at = kGates * j;
    const V row0 = Blocks(d_, rows_.data(), at), row1 = Blocks(d_, rows_.data() + 1, at);
    const V row2 = Blocks(d_, rows_.data() + 2, at), row3 = Blocks(d_, rows_.data() + 3, at);
    const V even01 = hn::InterleaveLower(d_, row0, row2),
            odd01 = hn::InterleaveLower(d_, row1, row3);
    const V even23 = hn::InterleaveUpper(d_, row0, row2),
            odd23 = hn::InterleaveUpper(d_, row1, row3);
    return {hn::InterleaveLower(d_, even01, odd01), hn::InterleaveUpper(d_, even01, odd01),
            hn::InterleaveLower(d_, even23, odd23), hn::InterleaveUpper(d_, even23, odd23)};
  }

  /// read[unit][lane] = y of the layer below at the lane's token
  void read_below(uint32_t t) {
    for (size_t lane = 0; lane < lanes_; ++lane) {
      if (lengths_[lane] == 0) continue;
      const float* from = below_->at(first_lane_ + lane, token_at(lane, t));
      for (size_t i = 0; i < below_->width; ++i) read_[i * lanes_ + lane] = from[i];
    }
  }

  HWY_INLINE GateSums sums_of_inputs(size_t j) const {
    const auto sum = [&](size_t k) {
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
      sum = hn::MulAdd(hn::Set(d_, from.weight), hn::LoadU(d_, x + from.row * lanes_), sum);
    }
    return sum;
  }

  /// sums_[j] = in + y_{t-1} W^h of a unit's gates. A GRU's candidate has the recurrent part by
  /// itself (r scales it), with its bias, and that of the input in the fourth's place.
  HWY_INLINE void add_recurrent(size_t j, const GateSums& in) {
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
    float* to = sums_ + 4 * j * lanes_;
    hn::Store(sums.gate0, d_, to);
    hn::Store(sums.gate1, d_, to + lanes_);
    hn::Store(sums.gate2, d_, to + 2 * lanes_);
    hn::Store(sums.gate3, d_, to + 3 * lanes_);
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
    for (size_t i = 0; i < direction_.hidden; ++i, w += kGates, y += lanes_) {
      const V yi = hn::Load(d_, y);
      sums.gate0 = hn::MulAdd(hn::Set(d_, w[0]), yi, sums.gate0);
      sums.gate1 = hn::MulAdd(hn::Set(d_, w[1]), yi, sums.gate1);
      sums.gate2 = hn::MulAdd(hn::Set(d_, w[2]), yi, sums.gate2);
      if constexpr (kCell == Cell::lstm) {
        sums.gate3 = hn::MulAdd(hn::Set(d_, w[3]), yi, sums.gate3);
      }
    }
  }

  /// Of a unit, the k-th of what add_recurrent() left.
  HWY_INLINE V gate_sum(size_t j, size_t k) const {
    return hn::Load(d_, sums_ + (4 * j + k) * lanes_);
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

  HWY_INLINE void update_state(size_t j) {
    if constexpr (kCell == Cell::lstm) {
      lstm_state(j);
    } else {
      gru_state(j);
    }
  }

  /// i, f, o = gate(a), g = tanh(a);  c = f c_{t-1} + i g
  /// with one division, where each function would need its own.
  HWY_INLINE void lstm_state(size_t j) {
    const size_t column = kGates * j;
    const auto i = gate(column, gate_sum(j, 0));
    const auto f = gate(column + 1, gate_sum(j, 1));
    const auto g = candidate(column + 2, gate_sum(j, 2));
    const auto o = gate(column + 3, gate_sum(j, 3));
    const V before = hn::Load(d_, state_ + j * lanes_);
    const V ig = hn::Mul(i.denominator, g.denominator);
    const V kept = hn::Mul(hn::Mul(f.numerator, before), ig);
    const V added = hn::Mul(i.numerator, g.numerator);
    const V c = hn::Div(hn::MulAdd(added, f.denominator, kept), hn::Mul(f.denominator, ig));
    hn::Store(c, d_, state_ + j * lanes_);
    hn::Store(o.numerator, d_, fraction_o_ + 2 * j * lanes_);
    hn::Store(o.denominator, d_, fraction_o_ + (2 * j + 1) * lanes_);
  }

  /// r, u = gate(a);  n = tanh(in_n + r (y_{t-1} W_n^h + b_hn));  y = h = (1 - u) n + u h_{t-1}
  HWY_INLINE void gru_state(size_t j) {
    const size_t column = kGates * j;
    const auto r = gate(column, gate_sum(j, 0));
    const auto u = gate(column + 1, gate_sum(j, 1));
    const V rq = hn::Div(hn::Mul(r.numerator, gate_sum(j, 2)), r.denominator);
    const auto n = candidate(column + 2, hn::Add(rq, gate_sum(j, 3)));
    const V before = hn::Load(d_, state_ + j * lanes_);
    const V kept = hn::Mul(hn::Mul(u.numerator, before), n.denominator);
    const V added = hn::Mul(hn::Sub(u.denominator, u.numerator), n.numerator);
    const V h = hn::Div(hn::Add(added, kept), hn::Mul(u.denominator, n.denominator));
    hn::Store(h, d_, state_ + j * lanes_);
  }

  /// LSTM: y = o tanh c;  GRU: y = h
  HWY_INLINE V output(size_t j) const {
    const V state = hn::Load(d_, state_ + j * lanes_);
    if constexpr (kCell == Cell::lstm) {
      const auto tanh = TanhFraction(d_, state);
      const V numerator = hn::Load(d_, fraction_o_ + 2 * j * lanes_);
      const V denominator = hn::Load(d_, fraction_o_ + (2 * j + 1) * lanes_);
      return hn::Div(hn::Mul(numerator, tanh.numerator), hn::Mul(denominator, tanh.denominator));
    } else {
      return state;
    }
  }

  void write_outputs(uint32_t t) {
    for (size_t lane = 0; lane < lanes_; ++lane) {
      if (t >= lengths_[lane]) continue;
      float* to = sink_.outputs->at(first_lane_ + lane, token_at(lane, t)) + sink_.first_unit;
      for (size_t j = 0; j < direction_.hidden; ++j) to[j] = output_[j * lanes_ + lane];
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
  std::array<const float*, kTextLanes> rows_{};
  float* state_;       // LSTM: c, GRU: h [hidden][lanes]
  float* output_;      // y [hidden][lanes]
  float* fraction_o_;  // LSTM: numerator and denominator of o [hidden][2][lanes]
  float* sums_;        // of the gates [hidden][4][lanes]
  float* read_;        // [units of the layer below][lanes]
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
