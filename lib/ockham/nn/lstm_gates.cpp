#include "ockham/nn/lstm_gates.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/nn/lstm_gates.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/nn/gate_steps-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

template <class D, class Gate>
HWY_INLINE void ForwardRow(D d, Gate, const LstmGatesForward& step, size_t r) {
  const size_t h = step.output.cols;
  const float* s = step.sums.row(r);
  const float* z = step.z_gates.row(step.sequences[r]);
  const float* z_unit = step.z_units.row(step.sequences[r]);
  const float* before = RowBefore(step.cell_before, r);
  float* gates = step.gates.row(r);
  for (size_t j = 0; j < h; j += hn::Lanes(d)) {
    const auto activation = [&](size_t k) {
      const size_t at = k * h + j;
      return hn::MulAdd(hn::LoadU(d, z + at), hn::LoadU(d, s + at), hn::LoadU(d, step.bias + at));
    };
    const auto i = Gate::Value(d, activation(0));
    const auto f = Gate::Value(d, activation(1));
    const auto g = TanhFast(d, activation(2));
    const auto o = Gate::Value(d, activation(3));
    const auto c_before = LoadOrZero(d, before, j);
    const auto c = hn::MulAdd(f, c_before, hn::Mul(i, g));
    const auto tanh_c = TanhFast(d, c);
    hn::StoreU(i, d, gates + j);
    hn::StoreU(f, d, gates + h + j);
    hn::StoreU(g, d, gates + 2 * h + j);
    hn::StoreU(o, d, gates + 3 * h + j);
    hn::StoreU(c, d, step.cell.row(r) + j);
    hn::StoreU(tanh_c, d, step.tanh_cell.row(r) + j);
    hn::StoreU(hn::Mul(hn::LoadU(d, z_unit + j), hn::Mul(o, tanh_c)), d, step.output.row(r) + j);
  }
}

template <class D, class Gate>
HWY_INLINE void BackwardRow(D d, Gate, const LstmGatesBackward& step, size_t r) {
  const size_t h = step.cell_gradient.cols;
  const uint32_t sequence = step.sequences[r];
  const float* gates = step.gates.row(r);
  const float* before = RowBefore(step.cell_before, r);
  float* dc_row = step.cell_gradient.row(r);
  const auto one = hn::Set(d, 1.0f);
  for (size_t j = 0; j < h; j += hn::Lanes(d)) {
    const auto i = hn::LoadU(d, gates + j);
    const auto f = hn::LoadU(d, gates + h + j);
    const auto g = hn::LoadU(d, gates + 2 * h + j);
    const auto o = hn::LoadU(d, gates + 3 * h + j);
    const auto c_before = LoadOrZero(d, before, j);
    const auto tanh_c = hn::LoadU(d, step.tanh_cell.row(r) + j);
    const auto dy = hn::LoadU(d, step.output_gradient.row(r) + j);

    const auto dh = hn::Mul(hn::LoadU(d, step.z_units.row(sequence) + j), dy);
    AddTo(d, step.z_units_gradient.row(sequence) + j, hn::Mul(hn::Mul(o, tanh_c), dy));
    const auto dc =
        hn::MulAdd(hn::Mul(dh, o), hn::NegMulAdd(tanh_c, tanh_c, one), hn::LoadU(d, dc_row + j));
    const auto d_i = hn::Mul(hn::Mul(dc, g), Gate::Slope(d, i));
    const auto d_f = hn::Mul(hn::Mul(dc, c_before), Gate::Slope(d, f));
    const auto d_g = hn::Mul(hn::Mul(dc, i), hn::NegMulAdd(g, g, one));
    const auto d_o = hn::Mul(hn::Mul(dh, tanh_c), Gate::Slope(d, o));
    hn::StoreU(hn::Mul(dc, f), d, dc_row + j);

    FinishGate(d, step, r, j, d_i);
    FinishGate(d, step, r, h + j, d_f);
    FinishGate(d, step, r, 2 * h + j, d_g);
    FinishGate(d, step, r, 3 * h + j, d_o);
  }
}

void Forward(const LstmGatesForward& step) {
  ForEachRow(step.gate_function, step.output.cols, step.output.rows,
             [&](auto d, auto gate, size_t r) { ForwardRow(d, gate, step, r); });
}

void Backward(const LstmGatesBackward& step) {
  ForEachRow(step.gate_function, step.cell_gradient.cols, step.cell_gradient.rows,
             [&](auto d, auto gate, size_t r) { BackwardRow(d, gate, step, r); });
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
