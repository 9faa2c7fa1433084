// The functions of gates (cell.hpp) on vectors, for kernels that are compiled once for each
// instruction set (Highway's foreach_target). Include it inside such a file only.
#if defined(OCKHAM_GATE_FUNCTIONS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCKHAM_GATE_FUNCTIONS_INL_HPP_
#undef OCKHAM_GATE_FUNCTIONS_INL_HPP_
#else
#define OCKHAM_GATE_FUNCTIONS_INL_HPP_
#endif

#include "ockham/nn/cell.hpp"
#include "ockham/tensor/simd_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

/// GateFunction::sigmoid: its value at a, and its derivative where the value is `gate`.
struct SigmoidGate {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V a) {
    return SigmoidFast(d, a);
  }
  /// Value() as a fraction, faster and less exact (SigmoidFraction).
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE Fraction<V> AsFraction(D d, V a) {
    return SigmoidFraction(d, a);
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V gate) {
    return hn::Mul(gate, hn::Sub(hn::Set(d, 1.0f), gate));
  }
};

/// GateFunction::hard_sigmoid. Where it is clipped its derivative is 0.
struct HardSigmoidGate {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V a) {
    const V line = hn::MulAdd(hn::Set(d, 0.2f), a, hn::Set(d, 0.5f));
    return hn::Min(hn::Max(line, hn::Zero(d)), hn::Set(d, 1.0f));
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE Fraction<V> AsFraction(D d, V a) {
    return {Value(d, a), hn::Set(d, 1.0f)};
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V gate) {
    const auto inside = hn::And(hn::Gt(gate, hn::Zero(d)), hn::Lt(gate, hn::Set(d, 1.0f)));
    return hn::IfThenElseZero(inside, hn::Set(d, 0.2f));
  }
};

/// Calls body(gate) with one of the two, so that loops inside the body ask no more.
template <class Body>
HWY_INLINE void WithGate(GateFunction function, const Body& body) {
  if (function == GateFunction::sigmoid) {
    body(SigmoidGate());
  } else {
    body(HardSigmoidGate());
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each target
