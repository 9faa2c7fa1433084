#include "ockham/nn/lstm_gates.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/nn/lstm_gates.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/tensor/simd_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

template <class D>
HWY_INLINE void ForwardRow(D d, const LstmGatesForward& step, size_t r) {
  const size_t h = step.output.cols;
  const float* s = step.sums.row(r);
  const float* z = step.z_gates.row(step.sequences[r]);
  const float* z_unit = step.z_units.row(step.sequences[r]);
  const float* before = step.cell_before.data ? step.cell_before.row(r) : nullptr;
  float* gates = step.gates.row(r);
  for (size_t j = 0; j < h; j += hn::Lanes(d)) {
    const auto activation = [&](size_t k) {
      const size_t at = k * h + j;
      return hn::MulAdd(hn::LoadU(d, z + at), hn::LoadU(d, s + at), hn::LoadU(d, step.bias + at));
    };
    const auto i = Sigmoid(d, activation(0));
    const auto f = Sigmoid(d, activation(1));
    const auto g = TanhFast(d, activation(2));
    const auto o = Sigmoid(d, activation(3));
    const auto c_before = before ? hn::LoadU(d, before + j) : hn::Zero(d);
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

template <class D, class V = hn::Vec<D>>
HWY_INLINE void AddTo(D d, float* to, V x) {
  hn::StoreU(hn::Add(hn::LoadU(d, to), x), d, to);
}

template <class D>
HWY_INLINE void BackwardRow(D d, const LstmGatesBackward& step, size_t r) {
  const size_t h = step.cell_gradient.cols;
  const uint32_t sequence = step.sequences[r];
  const float* gates = step.gates.row(r);
  const float* before = step.cell_before.data ? step.cell_before.row(r) : nullptr;
  float* dc_row = step.cell_gradient.row(r);
  const auto one = hn::Set(d, 1.0f);
  for (size_t j = 0; j < h; j += hn::Lanes(d)) {
    const auto i = hn::LoadU(d, gates + j);
    const auto f = hn::LoadU(d, gates + h + j);
    const auto g = hn::LoadU(d, gates + 2 * h + j);
    const auto o = hn::LoadU(d, gates + 3 * h + j);
    const auto c_before = before ? hn::LoadU(d, before + j) : hn::Zero(d);
    const auto tanh_c = hn::LoadU(d, step.tanh_cell.row(r) + j);
    const auto dy = hn::LoadU(d, step.output_gradient.row(r) + j);

    const auto dh = hn::Mul(hn::LoadU(d, step.z_units.row(sequence) + j), dy);
    AddTo(d, step.z_units_gradient.row(sequence) + j, hn::Mul(hn::Mul(o, tanh_c), dy));
    const auto dc =
        hn::MulAdd(hn::Mul(dh, o), hn::NegMulAdd(tanh_c, tanh_c, one), hn::LoadU(d, dc_row + j));
    const auto slope = [&](auto gate) { return hn::Mul(gate, hn::Sub(one, gate)); };
    const auto d_i = hn::Mul(hn::Mul(dc, g), slope(i));
    const auto d_f = hn::Mul(hn::Mul(dc, c_before), slope(f));
    const auto d_g = hn::Mul(hn::Mul(dc, i), hn::NegMulAdd(g, g, one));
    const auto d_o = hn::Mul(hn::Mul(dh, tanh_c), slope(o));
    hn::StoreU(hn::Mul(dc, f), d, dc_row + j);

    const auto finish = [&](size_t k, auto d_k) {
      const size_t at = k * h + j;
      AddTo(d, step.bias_gradient + at, d_k);
      AddTo(d, step.z_gates_gradient.row(sequence) + at,
            hn::Mul(d_k, hn::LoadU(d, step.sums.row(r) + at)));
      hn::StoreU(hn::Mul(hn::LoadU(d, step.z_gates.row(sequence) + at), d_k), d,
                 step.sums.row(r) + at);
    };
    finish(0, d_i);
    finish(1, d_f);
    finish(2, d_g);
    finish(3, d_o);
  }
}

/// Calls body(tag) with the widest vectors that the padded width is a multiple of.
template <class Body>
HWY_INLINE void WithWidth(size_t h, const Body& body) {
  if (h % 16 == 0) {
    body(hn::CappedTag<float, 16>());
  } else if (h % 8 == 0) {
    body(hn::CappedTag<float, 8>());
  } else {
    body(hn::CappedTag<float, 4>());
  }
}

void Forward(const LstmGatesForward& step) {
  WithWidth(step.output.cols, [&](auto d) {
    for (size_t r = 0; r < step.output.rows; ++r) ForwardRow(d, step, r);
  });
}

void Backward(const LstmGatesBackward& step) {
  WithWidth(step.cell_gradient.cols, [&](auto d) {
    for (size_t r = 0; r < step.cell_gradient.rows; ++r) BackwardRow(d, step, r);
  });
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
