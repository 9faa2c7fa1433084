#include "ockham/nn/small_lstm_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/nn/small_lstm_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/nn/gate_functions-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

constexpr size_t kLanes = HWY_MIN(size_t{8}, hn::MaxLanes(hn::ScalableTag<float>()));

/// Rows side by side in a vector.
template <size_t kUnits>
constexpr size_t kSide = kLanes / kUnits;

/// kRows rows of kUnits units, all in one vector.
template <size_t kUnits, size_t kRows>
struct Rows {
  using D = hn::CappedTag<float, kUnits * kRows>;
  using V = hn::Vec<D>;
  static constexpr size_t kWide = kUnits * kRows;           // of a vector
  static constexpr size_t kGroup = kUnits * kSide<kUnits>;  // L

  static HWY_INLINE V Load(const float* from) { return hn::LoadU(D(), from); }
  static HWY_INLINE void Store(V x, float* to) { hn::StoreU(x, D(), to); }
  static HWY_INLINE void AddTo(float* to, V x) { Store(hn::Add(Load(to), x), to); }

  /// Row by row i f g o <-> gate by gate.
  static HWY_INLINE void Turn(const V (&x)[4], V (&gates)[4]) {
    if constexpr (kRows == 1) {
      for (size_t k = 0; k < 4; ++k) gates[k] = x[k];
    } else {
      const D d;
      gates[0] = hn::ConcatLowerLower(d, x[2], x[0]);
      gates[1] = hn::ConcatUpperUpper(d, x[2], x[0]);
      gates[2] = hn::ConcatLowerLower(d, x[3], x[1]);
      gates[3] = hn::ConcatUpperUpper(d, x[3], x[1]);
    }
  }
  static HWY_INLINE void TurnBack(const V (&gates)[4], V (&x)[4]) {
    if constexpr (kRows == 1) {
      for (size_t k = 0; k < 4; ++k) x[k] = gates[k];
    } else {
      const D d;
      x[0] = hn::ConcatLowerLower(d, gates[1], gates[0]);
      x[1] = hn::ConcatLowerLower(d, gates[3], gates[2]);
      x[2] = hn::ConcatUpperUpper(d, gates[1], gates[0]);
      x[3] = hn::ConcatUpperUpper(d, gates[3], gates[2]);
    }
  }

  /// Unit kUnit of each row, for all units of its row. `x` stands in memory at `at` too.
  template <size_t kUnit>
  static HWY_INLINE V Spread(V x, const float* at) {
    if constexpr (kUnits == 4) {
      return hn::Broadcast<kUnit>(x);  // in every four
    } else {
      return hn::Set(D(), at[kUnit]);
    }
  }

  /// sums[k] += y W^h of the first kUntil units.
  template <size_t kUntil>
  static HWY_INLINE void AddProduct(V y, const float* at, const float* weights, V (&sums)[4]) {
    if constexpr (kUntil > 0) {
      AddProduct<kUntil - 1>(y, at, weights, sums);
      const V one = Spread<kUntil - 1>(y, at);
      for (size_t k = 0; k < 4; ++k) {
        sums[k] = hn::MulAdd(one, Load(weights + ((kUntil - 1) * 4 + k) * kGroup), sums[k]);
      }
    }
  }
  /// parts[k] += ds_k (W^h)^T of the first kUntil units of gate k: four chains in place of a long
  /// one.
  template <size_t kUntil>
  static HWY_INLINE void AddTransposed(const V (&ds)[4], const float* at, const float* transposed,
                                       V (&parts)[4]) {
    if constexpr (kUntil > 0) {
      AddTransposed<kUntil - 1>(ds, at, transposed, parts);
      for (size_t k = 0; k < 4; ++k) {
        const V one = Spread<kUntil - 1>(ds[k], at + k * kUnits);
        parts[k] = hn::MulAdd(one, Load(transposed + (k * kUnits + kUntil - 1) * kGroup), parts[k]);
      }
    }
  }
};

/// Rows from r on of a step, whose numbers of units stand from `now` on in the packed rows.
template <class R, size_t kUnits, class Gate>
HWY_INLINE void ForwardRows(Gate, const SmallLstmWalk& walk, size_t r, const float* y_before,
                            const float* c_before, size_t now) {
  using V = typename R::V;
  const typename R::D d;
  float *s = walk.sums + 4 * now, *kept = walk.kept + 5 * now;
  const float* z_gates = walk.z_gates + r * 4 * kUnits;
  V by_row[4], sums[4], a[4];
  for (size_t k = 0; k < 4; ++k) by_row[k] = R::Load(s + k * R::kWide);
  R::Turn(by_row, sums);
  if (y_before != nullptr) {
    R::template AddProduct<kUnits>(R::Load(y_before), y_before, walk.weights, sums);
  }
  for (size_t k = 0; k < 4; ++k) {
    R::Store(sums[k], s + k * R::kWide);
    a[k] =
        hn::MulAdd(R::Load(z_gates + k * R::kGroup), sums[k], R::Load(walk.bias + k * R::kGroup));
  }
  const V i = Gate::Value(d, a[0]), f = Gate::Value(d, a[1]);
  const V g = TanhFast(d, a[2]), o = Gate::Value(d, a[3]);
  const V carried = c_before != nullptr ? R::Load(c_before) : hn::Zero(d);
  const V c = hn::MulAdd(f, carried, hn::Mul(i, g));
  const V tanh_c = TanhFast(d, c);
  R::Store(c, walk.cell + now);
  R::Store(hn::Mul(R::Load(walk.z_units + r * kUnits), hn::Mul(o, tanh_c)), walk.output + now);
  const V all[5] = {i, f, g, o, tanh_c};
  for (size_t k = 0; k < 5; ++k) R::Store(all[k], kept + k * R::kWide);
}

template <class R, size_t kUnits, class Gate>
HWY_INLINE void BackwardRows(Gate, const SmallLstmWalk& walk, const SmallLstmBack& back, size_t r,
                             const float* c_before, const float* dy_now, float* dy_before,
                             const float* kept, float* s) {
  using V = typename R::V;
  const typename R::D d;
  const V one = hn::Set(d, 1.0f);
  const V i = R::Load(kept), f = R::Load(kept + R::kWide), g = R::Load(kept + 2 * R::kWide);
  const V o = R::Load(kept + 3 * R::kWide), tanh_c = R::Load(kept + 4 * R::kWide);
  const V carried = c_before != nullptr ? R::Load(c_before) : hn::Zero(d);
  const V dy = R::Load(dy_now);

  float* dz_units = back.z_units_gradient + r * kUnits;
  R::Store(hn::MulAdd(hn::Mul(o, tanh_c), dy, R::Load(dz_units)), dz_units);
  const V dh = hn::Mul(R::Load(walk.z_units + r * kUnits), dy);
  float* dc_carried = back.cell_gradient + r * kUnits;
  const V dc = hn::MulAdd(hn::Mul(dh, o), hn::NegMulAdd(tanh_c, tanh_c, one), R::Load(dc_carried));
  R::Store(hn::Mul(dc, f), dc_carried);
  const V d_gates[4] = {hn::Mul(hn::Mul(dc, g), Gate::Slope(d, i)),
                        hn::Mul(hn::Mul(dc, carried), Gate::Slope(d, f)),
                        hn::Mul(hn::Mul(dc, i), hn::NegMulAdd(g, g, one)),
                        hn::Mul(hn::Mul(dh, tanh_c), Gate::Slope(d, o))};

  V ds[4], by_row[4];
  const size_t group = r * 4 * kUnits;
  for (size_t k = 0; k < 4; ++k) {
    R::AddTo(back.bias_gradient + k * R::kGroup, d_gates[k]);
    float* dz = back.z_gates_gradient + group + k * R::kGroup;
    R::Store(hn::MulAdd(d_gates[k], R::Load(s + k * R::kWide), R::Load(dz)), dz);
    ds[k] = hn::Mul(R::Load(walk.z_gates + group + k * R::kGroup), d_gates[k]);
  }
  R::TurnBack(ds, by_row);
  for (size_t k = 0; k < 4; ++k) R::Store(by_row[k], s + k * R::kWide);
  if (dy_before != nullptr) {
    V parts[4] = {R::Load(dy_before), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    R::template AddTransposed<kUnits>(ds, s, back.transposed, parts);
    R::Store(hn::Add(hn::Add(parts[0], parts[1]), hn::Add(parts[2], parts[3])), dy_before);
  }
}

/// Calls body(rows, r) for the first rows of each group.
template <size_t kUnits, class Body>
HWY_INLINE void ForEachGroup(size_t rows, const Body& body) {
  constexpr size_t kAtOnce = kSide<kUnits>;
  size_t r = 0;
  for (; r + kAtOnce <= rows; r += kAtOnce) body(Rows<kUnits, kAtOnce>(), r);
  if constexpr (kAtOnce == 2) {
    if (r < rows) body(Rows<kUnits, 1>(), r);
  }
}

/// The same from the last group to the first. Back through time all packed rows are then read from
/// the last to the first, which the processor foresees. In a whole training, whose slices no second
/// cache holds, a row took 35 ns with the groups of each step forward, most of it waiting: now 15.
template <size_t kUnits, class Body>
HWY_INLINE void ForEachGroupBack(size_t rows, const Body& body) {
  constexpr size_t kAtOnce = kSide<kUnits>;
  size_t r = rows;
  if constexpr (kAtOnce == 2) {
    if (r % 2 != 0) body(Rows<kUnits, 1>(), --r);
  }
  while (r > 0) body(Rows<kUnits, kAtOnce>(), r -= kAtOnce);
}

/// What the rows of step t find of the step before; null: zeros.
struct Before {
  const float* output;
  const float* cell;
};
HWY_INLINE Before StateBefore(const SmallLstmWalk& walk, size_t t) {
  if (t == 0) return {walk.initial_output, walk.initial_cell};
  const size_t begin = walk.step_begin[t - 1] * walk.units;
  return {walk.output + begin, walk.cell + begin};
}

template <size_t kUnits>
HWY_INLINE void ForwardSteps(const SmallLstmWalk& walk, size_t first, size_t end) {
  WithGate(walk.gate_function, [&](auto gate) HWY_ATTR {
    for (size_t t = first; t < end; ++t) {
      const size_t begin = walk.step_begin[t], rows = walk.step_begin[t + 1] - begin;
      const Before before = StateBefore(walk, t);
      ForEachGroup<kUnits>(rows, [&](auto at_once, size_t r) HWY_ATTR {
        using R = decltype(at_once);
        const size_t row = r * kUnits, now = (begin + r) * kUnits;
        ForwardRows<R, kUnits>(gate, walk, r, before.output ? before.output + row : nullptr,
                               before.cell ? before.cell + row : nullptr, now);
      });
    }
  });
}

/// dW += Y^T dS of `rows` rows. Y [rows, kUnits], dS [rows, 4 kUnits], dW [kUnits, 4 kUnits].
template <size_t kUnits>
HWY_INLINE void AddOuterProducts(const float* y, const float* ds, size_t rows, float* dw) {
  constexpr size_t kColumns = 4 * kUnits, kVectors = kColumns / kLanes;
  constexpr size_t kUnitsAtOnce = 8 / kVectors;  // eight sums stay in registers
  const hn::CappedTag<float, kLanes> d;
  for (size_t u = 0; u < kUnits; u += kUnitsAtOnce) {
    hn::Vec<decltype(d)> sums[kUnitsAtOnce][kVectors];
    const auto for_each_sum = [&](const auto& body) HWY_ATTR {
      for (size_t i = 0; i < kUnitsAtOnce; ++i) {
        for (size_t v = 0; v < kVectors; ++v) {
          body(sums[i][v], dw + (u + i) * kColumns + v * kLanes);
        }
      }
    };
    for_each_sum([&](auto& sum, const float* from) HWY_ATTR { sum = hn::LoadU(d, from); });
    for (size_t r = 0; r < rows; ++r) {
      for (size_t v = 0; v < kVectors; ++v) {
        const auto part = hn::LoadU(d, ds + r * kColumns + v * kLanes);
        for (size_t i = 0; i < kUnitsAtOnce; ++i) {
          sums[i][v] = hn::MulAdd(hn::Set(d, y[r * kUnits + u + i]), part, sums[i][v]);
        }
      }
    }
    for_each_sum([&](const auto& sum, float* to) HWY_ATTR { hn::StoreU(sum, d, to); });
  }
}

template <size_t kUnits>
HWY_INLINE void BackwardSteps(const SmallLstmWalk& walk, const SmallLstmBack& back) {
  WithGate(walk.gate_function, [&](auto gate) HWY_ATTR {
    for (size_t t = walk.step_begin.size() - 1; t-- > 0;) {
      const size_t begin = walk.step_begin[t], rows = walk.step_begin[t + 1] - begin;
      const Before before = StateBefore(walk, t);
      float* dy_before = t > 0 ? back.output_gradient + walk.step_begin[t - 1] * kUnits
                               : back.initial_output_gradient;
      ForEachGroupBack<kUnits>(rows, [&](auto at_once, size_t r) HWY_ATTR {
        using R = decltype(at_once);
        const size_t row = r * kUnits, now = (begin + r) * kUnits;
        BackwardRows<R, kUnits>(gate, walk, back, r, before.cell ? before.cell + row : nullptr,
                                back.output_gradient + now, dy_before ? dy_before + row : nullptr,
                                walk.kept + 5 * now, walk.sums + 4 * now);
      });
      if (before.output != nullptr) {
        AddOuterProducts<kUnits>(before.output, walk.sums + 4 * begin * kUnits, rows,
                                 back.weights_gradient);
      }
    }
  });
}

size_t Side(size_t units) {
  return units == 4 ? kSide<4> : units == 8 ? kSide<8> : 0;
}

void Forward(const SmallLstmWalk& given, size_t first, size_t end) {
  const SmallLstmWalk walk = given;
  if (walk.units == 4) return ForwardSteps<4>(walk, first, end);
  if constexpr (kLanes >= 8) ForwardSteps<8>(walk, first, end);
}

void Backward(const SmallLstmWalk& given, const SmallLstmBack& given_back) {
  const SmallLstmWalk walk = given;
  const SmallLstmBack back = given_back;
  if (walk.units == 4) return BackwardSteps<4>(walk, back);
  if constexpr (kLanes >= 8) BackwardSteps<8>(walk, back);
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(Side);
HWY_EXPORT(Forward);
HWY_EXPORT(Backward);

size_t small_lstm_side(size_t units) {
  return HWY_DYNAMIC_DISPATCH(Side)(units);
}
void small_lstm_forward(const SmallLstmWalk& walk, size_t first, size_t end) {
  HWY_DYNAMIC_DISPATCH(Forward)(walk, first, end);
}
void small_lstm_backward(const SmallLstmWalk& walk, const SmallLstmBack& back) {
  HWY_DYNAMIC_DISPATCH(Backward)(walk, back);
}

}  // namespace ockham
#endif  // HWY_ONCE
