// What the element-wise steps of all cells have in common (lstm_gates.cpp, gru_gates.cpp). Include
// it inside such a file only.
#if defined(OCKHAM_GATE_STEPS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCKHAM_GATE_STEPS_INL_HPP_
#undef OCKHAM_GATE_STEPS_INL_HPP_
#else
#define OCKHAM_GATE_STEPS_INL_HPP_
#endif

#include "ockham/nn/gate_functions-inl.hpp"
#include "ockham/tensor/matrix.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

template <class D, class V = hn::Vec<D>>
HWY_INLINE void AddTo(D d, float* to, V x) {
  hn::StoreU(hn::Add(hn::LoadU(d, to), x), d, to);
}

/// Row r of what the step before left behind; null at the first step, where it is zeros.
inline const float* RowBefore(const ConstMatrixView& before, size_t r) {
  return before.data ? before.row(r) : nullptr;
}

template <class D>
HWY_INLINE hn::Vec<D> LoadOrZero(D d, const float* row, size_t j) {
  return row ? hn::LoadU(d, row + j) : hn::Zero(d);
}

/// Takes d = dL/da, a = z s + b, of the gates at column `at` to the bias, the multiplier and the
/// sum; gives back ds.
template <class D, class Step, class V = hn::Vec<D>>
HWY_INLINE V FinishGate(D d, const Step& step, size_t r, size_t at, V d_gate) {
  const uint32_t sequence = step.sequences[r];
  float* s = step.sums.row(r) + at;
  AddTo(d, step.bias_gradient + at, d_gate);
  AddTo(d, step.z_gates_gradient.row(sequence) + at, hn::Mul(d_gate, hn::LoadU(d, s)));
  const V ds = hn::Mul(hn::LoadU(d, step.z_gates.row(sequence) + at), d_gate);
  hn::StoreU(ds, d, s);
  return ds;
}

/// Calls row(tag, gate, r) for all rows, with the widest vectors that the padded width is a
/// multiple of.
template <class Row>
HWY_INLINE void ForEachRow(GateFunction function, size_t width, size_t rows, const Row& row) {
  WithGate(function, [&](auto gate) {
    const auto all = [&](auto d) {
      for (size_t r = 0; r < rows; ++r) row(d, gate, r);
    };
    if (width % 16 == 0) {
      all(hn::CappedTag<float, 16>());
    } else if (width % 8 == 0) {
      all(hn::CappedTag<float, 8>());
    } else {
      all(hn::CappedTag<float, 4>());
    }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each target
