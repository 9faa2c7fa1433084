#include "ockham/nn/gru_gates.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/nn/gru_gates.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/nn/gate_steps-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

template <class D, class Gate>
HWY_INLINE void ForwardRow(D d, Gate, const GruGatesForward& step, size_t r_index) {
  const size_t h = step.output.cols;
  const float* z = step.z_gates.row(step.sequences[r_index]);
  const float* z_unit = step.z_units.row(step.sequences[r_index]);
  const float* before = RowBefore(step.state_before, r_index);
  float* sums = step.sums.row(r_index);
  float* recurrent = step.recurrent.row(r_index);
  float* gates = step.gates.row(r_index);
  for (size_t j = 0; j < h; j += hn::Lanes(d)) {
    const auto activation = [&](size_t k, auto s) {
      const size_t at = k * h + j;
      hn::StoreU(s, d, sums + at);
      return hn::MulAdd(hn::LoadU(d, z + at), s, hn::LoadU(d, step.bias + at));
    };
    const auto sum = [&](size_t k) {
      const size_t at = k * h + j;
      return hn::Add(hn::LoadU(d, sums + at), hn::LoadU(d, recurrent + at));
    };
    const auto r = Gate::Value(d, activation(0, sum(0)));
    const auto u = Gate::Value(d, activation(1, sum(1)));
    const auto q =
        hn::Add(hn::LoadU(d, recurrent + 2 * h + j), hn::LoadU(d, step.recurrent_bias + j));
    const auto n = TanhFast(d, activation(2, hn::MulAdd(r, q, hn::LoadU(d, sums + 2 * h + j))));
    const auto h_before = LoadOrZero(d, before, j);
    const auto state = hn::MulAdd(u, hn::Sub(h_before, n), n);
    hn::StoreU(q, d, recurrent + 2 * h + j);
    hn::StoreU(r, d, gates + j);
    hn::StoreU(u, d, gates + h + j);
    hn::StoreU(n, d, gates + 2 * h + j);
    hn::StoreU(state, d, step.state.row(r_index) + j);
    hn::StoreU(hn::Mul(hn::LoadU(d, z_unit + j), state), d, step.output.row(r_index) + j);
  }
}

template <class D, class Gate>
HWY_INLINE void BackwardRow(D d, Gate, const GruGatesBackward& step, size_t r_index) {
  const size_t h = step.state_gradient.cols;
  const uint32_t sequence = step.sequences[r_index];
  const float* gates = step.gates.row(r_index);
  const float* before = RowBefore(step.state_before, r_index);
  float* recurrent = step.recurrent.row(r_index);
  float* carried = step.state_gradient.row(r_index);
  const auto one = hn::Set(d, 1.0f);
  for (size_t j = 0; j < h; j += hn::Lanes(d)) {
    const auto r = hn::LoadU(d, gates + j);
    const auto u = hn::LoadU(d, gates + h + j);
    const auto n = hn::LoadU(d, gates + 2 * h + j);
    const auto q = hn::LoadU(d, recurrent + 2 * h + j);
    const auto h_before = LoadOrZero(d, before, j);
    const auto dy = hn::LoadU(d, step.output_gradient.row(r_index) + j);

    const auto dh =
        hn::MulAdd(hn::LoadU(d, step.z_units.row(sequence) + j), dy, hn::LoadU(d, carried + j));
    AddTo(d, step.z_units_gradient.row(sequence) + j,
          hn::Mul(hn::LoadU(d, step.state.row(r_index) + j), dy));
    hn::StoreU(hn::Mul(dh, u), d, carried + j);

    const auto d_n = hn::Mul(hn::Mul(dh, hn::Sub(one, u)), hn::NegMulAdd(n, n, one));
    const auto ds_n = FinishGate(d, step, r_index, 2 * h + j, d_n);
    const auto dq = hn::Mul(ds_n, r);
    const auto ds_u = FinishGate(d, step, r_index, h + j,
                                 hn::Mul(hn::Mul(dh, hn::Sub(h_before, n)), Gate::Slope(d, u)));
    const auto ds_r = FinishGate(d, step, r_index, j, hn::Mul(hn::Mul(ds_n, q), Gate::Slope(d, r)));
    AddTo(d, step.recurrent_bias_gradient + j, dq);
    hn::StoreU(ds_r, d, recurrent + j);
    hn::StoreU(ds_u, d, recurrent + h + j);
    hn::StoreU(dq, d, recurrent + 2 * h + j);
  }
}

void Forward(const GruGatesForward& step) {
  ForEachRow(step.gate_function, step.output.cols, step.output.rows,
             [&](auto d, auto gate, size_t r) { ForwardRow(d, gate, step, r); });
}

void Backward(const GruGatesBackward& step) {
  ForEachRow(step.gate_function, step.state_gradient.cols, step.state_gradient.rows,
             [&](auto d, auto gate, size_t r) { BackwardRow(d, gate, step, r); });
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
