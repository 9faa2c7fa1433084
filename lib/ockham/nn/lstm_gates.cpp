#include "ockham/nn/lstm_gates.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/nn/lstm_gates.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/nn/gate_steps-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

template <class D, class Gate, class Rows>
HWY_INLINE void ForwardColumns(D d, Gate, const LstmGatesForward& step, const Rows& rows,
                               size_t j) {
  const size_t h = step.output.cols;
  const auto i = Gate::Value(d, rows.Activation(j));
  const auto f = Gate::Value(d, rows.Activation(h + j));
  const auto g = TanhFast(d, rows.Activation(2 * h + j));
  const auto o = Gate::Value(d, rows.Activation(3 * h + j));
  const auto c = hn::MulAdd(f, rows.LoadOrZero(step.cell_before, j), hn::Mul(i, g));
  const auto tanh_c = TanhFast(d, c);
  rows.Store(c, step.cell, j);
  rows.Store(hn::Mul(rows.Load(step.z_units, j), hn::Mul(o, tanh_c)), step.output, j);
}

template <class D, class Gate, class Rows>
HWY_INLINE void BackwardColumns(D d, Gate, const LstmGatesBackward& step, const Rows& rows,
                                size_t j) {
  const size_t h = step.cell_gradient.cols;
  for (size_t k = 0; k < 4; ++k) rows.PrefetchBefore(step.sums, k * h + j);
  rows.PrefetchBefore(step.output_gradient, j);
  const auto one = hn::Set(d, 1.0f);
  const auto i = Gate::Value(d, rows.Activation(j));
  const auto f = Gate::Value(d, rows.Activation(h + j));
  const auto g = TanhFast(d, rows.Activation(2 * h + j));
  const auto o = Gate::Value(d, rows.Activation(3 * h + j));
  const auto c_before = rows.LoadOrZero(step.cell_before, j);
  const auto tanh_c = TanhFast(d, rows.Load(step.cell, j));
  const auto dy = rows.Load(step.output_gradient, j);

  const auto dh = hn::Mul(rows.Load(step.z_units, j), dy);
  rows.Add(hn::Mul(hn::Mul(o, tanh_c), dy), step.z_units_gradient, j);
  const auto dc = hn::MulAdd(hn::Mul(dh, o), hn::NegMulAdd(tanh_c, tanh_c, one),
                             rows.Load(step.cell_gradient, j));
  const auto d_i = hn::Mul(hn::Mul(dc, g), Gate::Slope(d, i));
  const auto d_f = hn::Mul(hn::Mul(dc, c_before), Gate::Slope(d, f));
  const auto d_g = hn::Mul(hn::Mul(dc, i), hn::NegMulAdd(g, g, one));
  const auto d_o = hn::Mul(hn::Mul(dh, tanh_c), Gate::Slope(d, o));
  rows.Store(hn::Mul(dc, f), step.cell_gradient, j);

  rows.FinishGate(j, d_i);
  rows.FinishGate(h + j, d_f);
  rows.FinishGate(2 * h + j, d_g);
  rows.FinishGate(3 * h + j, d_o);
}

void Forward(const LstmGatesForward& given) {
  const LstmGatesForward step = given;  // a copy: see ForEachRow
  ForEachRow(step, step.output.cols, step.output.rows,
             [&](auto d, auto gate, const auto& rows, size_t j)
                 OCKHAM_INLINED { ForwardColumns(d, gate, step, rows, j); });
}

void Backward(const LstmGatesBackward& given) {
  const LstmGatesBackward step = given;  // a copy: see ForEachRow
  ForEachRow(step, step.cell_gradient.cols, step.cell_gradient.rows,
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

void lstm_gates_forward(const LstmGatesForward& step) {
  HWY_DYNAMIC_DISPATCH(Forward)(step);
}
void lstm_gates_backward(const LstmGatesBackward& step) {
  HWY_DYNAMIC_DISPATCH(Backward)(step);
}

}  // namespace ockham
#endif  // HWY_ONCE
