#include "ockham/nn/gru_gates.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/nn/gru_gates.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/nn/gate_steps-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

template <class D, class Gate, class Rows>
HWY_INLINE void ForwardColumns(D d, Gate, const GruGatesForward& step, const Rows& rows, size_t j) {
  const size_t h = step.output.cols;
  const auto activation = [&](size_t k, auto s) {
    rows.Store(s, step.sums, k * h + j);
    return rows.Activation(k * h + j, s);
  };
  const auto sum = [&](size_t k) {
    return hn::Add(rows.Load(step.sums, k * h + j), rows.Load(step.recurrent, k * h + j));
  };
  const auto r = Gate::Value(d, activation(0, sum(0)));
  const auto u = Gate::Value(d, activation(1, sum(1)));
  const auto q =
      hn::Add(rows.Load(step.recurrent, 2 * h + j), rows.LoadShared(step.recurrent_bias + j));
  const auto n = TanhFast(d, activation(2, hn::MulAdd(r, q, rows.Load(step.sums, 2 * h + j))));
  const auto h_before = rows.LoadOrZero(step.state_before, j);
  const auto state = hn::MulAdd(u, hn::Sub(h_before, n), n);
  rows.Store(q, step.recurrent, 2 * h + j);
  rows.Store(state, step.state, j);
  rows.Store(hn::Mul(rows.Load(step.z_units, j), state), step.output, j);
}

template <class D, class Gate, class Rows>
HWY_INLINE void BackwardColumns(D d, Gate, const GruGatesBackward& step, const Rows& rows,
                                size_t j) {
  const size_t h = step.state_gradient.cols;
  for (size_t k = 0; k < 3; ++k) rows.PrefetchBefore(step.sums, k * h + j);
  rows.PrefetchBefore(step.recurrent, 2 * h + j);
  rows.PrefetchBefore(step.output_gradient, j);
  const auto one = hn::Set(d, 1.0f);
  const auto r = Gate::Value(d, rows.Activation(j));
  const auto u = Gate::Value(d, rows.Activation(h + j));
  const auto n = TanhFast(d, rows.Activation(2 * h + j));
  const auto q = rows.Load(step.recurrent, 2 * h + j);
  const auto h_before = rows.LoadOrZero(step.state_before, j);
  const auto dy = rows.Load(step.output_gradient, j);

  const auto dh = hn::MulAdd(rows.Load(step.z_units, j), dy, rows.Load(step.state_gradient, j));
  rows.Add(hn::Mul(rows.Load(step.state, j), dy), step.z_units_gradient, j);
  rows.Store(hn::Mul(dh, u), step.state_gradient, j);

  const auto d_n = hn::Mul(hn::Mul(dh, hn::Sub(one, u)), hn::NegMulAdd(n, n, one));
  const auto ds_n = rows.FinishGate(2 * h + j, d_n);
  const auto dq = hn::Mul(ds_n, r);
  const auto d_u = hn::Mul(hn::Mul(dh, hn::Sub(h_before, n)), Gate::Slope(d, u));
  const auto ds_u = rows.FinishGate(h + j, d_u);
  const auto ds_r = rows.FinishGate(j, hn::Mul(hn::Mul(ds_n, q), Gate::Slope(d, r)));
  rows.AddToShared(dq, step.recurrent_bias_gradient + j);
  rows.Store(ds_r, step.recurrent, j);
  rows.Store(ds_u, step.recurrent, h + j);
  rows.Store(dq, step.recurrent, 2 * h + j);
}

void Forward(const GruGatesForward& given) {
  const GruGatesForward step = given;  // a copy: see ForEachRow
  ForEachRow(step, step.output.cols, step.output.rows,
             [&](auto d, auto gate, const auto& rows, size_t j)
                 OCKHAM_INLINED { ForwardColumns(d, gate, step, rows, j); });
}

void Backward(const GruGatesBackward& given) {
  const GruGatesBackward step = given;  // a copy: see ForEachRow
  ForEachRow(step, step.state_gradient.cols, step.state_gradient.rows,
             [&](auto d, auto gate, const auto& rows, size_t j)
                 OCKHAM_INLINED { BackwardColumns(d, gate, step, rows, j); });
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(Forward);
HWY_EXPORT(Backward);

void gru_gates_forward(const GruGatesForward& step) {
  HWY_DYNAMIC_DISPATCH(Forward)(step);
}
void gru_gates_backward(const GruGatesBackward& step) {
  HWY_DYNAMIC_DISPATCH(Backward)(step);
}

}  // namespace ockham
#endif  // HWY_ONCE
