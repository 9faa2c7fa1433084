// Vector functions for kernels that are compiled once for each instruction set (Highway's
// foreach_target). Include it inside such a file only, after hwy/highway.h.
#if defined(OCKHAM_SIMD_MATH_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCKHAM_SIMD_MATH_INL_HPP_
#undef OCKHAM_SIMD_MATH_INL_HPP_
#else
#define OCKHAM_SIMD_MATH_INL_HPP_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// e^x, and e^88 for all larger x: there Highway's function does not overflow to infinity but wraps
/// around to anything.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SaturatingExp(D d, V x) {
  return hn::Exp(d, hn::Min(x, hn::Set(d, 88.0f)));
}

/// 1 / x for x from 1 to 1.7e38, where the estimate is denormal (those must not be flushed to 0);
/// relative error under 2e-7. AVX-512 divides sixteen numbers in the
/// time of sixteen products; its estimate and one of Newton's steps take four.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Reciprocal(D d, V x) {
  if constexpr (HWY_TARGET <= HWY_AVX3 && hn::MaxLanes(D()) == 16) {
    const V estimate = hn::ApproximateReciprocal(x);
    return hn::Mul(estimate, hn::NegMulAdd(x, estimate, hn::Set(d, 2.0f)));
  } else {
    return hn::Div(hn::Set(d, 1.0f), x);
  }
}

/// 1 / (1 + e^-x); relative error under 4e-7 for x >= -88, constant below.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Sigmoid(D d, V x) {
  return Reciprocal(d, hn::Add(hn::Set(d, 1.0f), SaturatingExp(d, hn::Neg(x))));
}

/// Horner's rule, highest power first.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V Polynomial(D d, V, float c0) {
  return hn::Set(d, c0);
}
template <class D, class V = hn::Vec<D>, class... Rest>
HWY_INLINE V Polynomial(D d, V x, float c0, Rest... rest) {
  return hn::MulAdd(Polynomial(d, x, rest...), x, hn::Set(d, c0));
}

/// A number as numerator over denominator: several of them share one division.
template <class V>
struct Fraction {
  V numerator, denominator;
};

/// tanh x = x P(x^2) / Q(x^2) with |x| <= 8.3, a minimax fit; absolute error under 5e-7,
/// denominator 1 to 227.
template <class D, class V = hn::Vec<D>>
HWY_INLINE Fraction<V> TanhFraction(D d, V x) {
  const V limit = hn::Set(d, 8.3f);
  const V v = hn::Min(hn::Max(x, hn::Neg(limit)), limit);
  const V u = hn::Mul(v, v);
  const V p = Polynomial(d, u, 0.999999166f, 0.128861517f, 0.00290957885f, 1.09999246e-05f);
  const V q = Polynomial(d, u, 1.0f, 0.462191731f, 0.0236434452f, 0.000232928505f, 2.32580845e-07f);
  return {hn::Mul(v, p), q};
}

/// 1 / (1 + e^-x) = (1 + tanh x/2) / 2 = (Q + v P) / (2 Q) with the same fit, its coefficients
/// taken for v = x in place of x/2 by powers of 2; absolute error under 3e-7, denominator 2 to 454.
template <class D, class V = hn::Vec<D>>
HWY_INLINE Fraction<V> SigmoidFraction(D d, V x) {
  const V limit = hn::Set(d, 2 * 8.3f);
  const V v = hn::Min(hn::Max(x, hn::Neg(limit)), limit);
  const V u = hn::Mul(v, v);
  const V p = Polynomial(d, u, 0.999999166f / 2, 0.128861517f / 8, 0.00290957885f / 32,
                         1.09999246e-05f / 128);
  const V q = Polynomial(d, u, 1.0f, 0.462191731f / 4, 0.0236434452f / 16, 0.000232928505f / 64,
                         2.32580845e-07f / 256);
  return {hn::MulAdd(v, p, q), hn::Add(q, q)};
}

/// TanhFraction() with a power more: relative error under 4e-7.
template <class D, class V = hn::Vec<D>>
HWY_INLINE Fraction<V> FineTanhFraction(D d, V x) {
  const V limit = hn::Set(d, 8.3f);
  const V v = hn::Min(hn::Max(x, hn::Neg(limit)), limit);
  const V u = hn::Mul(v, v);
  const V p =
      Polynomial(d, u, 0.99999994f, 0.134191185f, 0.00354125956f, 2.13820076e-05f, 1.44784145e-08f);
  const V q = Polynomial(d, u, 1.0f, 0.46752435f, 0.026049586f, 0.000336118217f, 8.22453387e-07f);
  return {hn::Mul(v, p), q};
}

/// tanh x; absolute and relative error under 4e-7. (With exponentials a forward step of
/// the cells took half as long again.)
template <class D, class V = hn::Vec<D>>
HWY_INLINE V TanhFast(D d, V x) {
  const Fraction<V> tanh = FineTanhFraction(d, x);
  return hn::Mul(tanh.numerator, Reciprocal(d, tanh.denominator));
}

/// 1 / (1 + e^-x) = (1 + tanh x/2) / 2; absolute error under 3e-7, which is much of it for x < -10:
/// see Sigmoid(). Roundings may take it 1.2e-7 out of [0, 1].
template <class D, class V = hn::Vec<D>>
HWY_INLINE V SigmoidFast(D d, V x) {
  const V half = hn::Set(d, 0.5f);
  return hn::MulAdd(half, TanhFast(d, hn::Mul(half, x)), half);
}

/// R(u) = D(sqrt u) / sqrt u with Dawson's function D; relative error 1e-6. It gives the gradient
/// of the exact KL of sparse variational dropout: dKL/dm = (m / s^2) R(m^2 / (2 s^2)).
template <class D, class V = hn::Vec<D>>
HWY_INLINE V DawsonRatio(D d, V u) {
  const V large = hn::Set(d, 1e4f);
  const V v = hn::Min(u, large);
  const V p = Polynomial(d, v, 0.999999582f, 1.10143269f, 0.136942604f, 0.0498401288f,
                         0.0068055843f, 0.00122067709f, 2.09779547e-5f, 1.9156135e-5f);
  const V q = Polynomial(d, v, 1.0f, 1.76807274f, 1.04925582f, 0.353049241f, 0.082084592f,
                         0.0126303497f, 0.00239643044f, 2.28275063e-5f, 3.83122437e-5f);
  const auto in_tail = hn::Gt(u, large);  // there R is 1 / 2u
  return hn::Div(hn::IfThenElse(in_tail, hn::Set(d, 0.5f), p), hn::IfThenElse(in_tail, u, q));
}

/// KL(u) = 2 int_0^{sqrt u} D = 1/2 log(1 + u G(u)); absolute error 1.7e-6 for u <= 2,500.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V ExactSparseKl(D d, V u) {
  const V v = hn::Min(u, hn::Set(d, 1e4f));
  const V p = Polynomial(d, v, 1.99999375f, 1.93375033f, 0.86611898f, 0.171964174f, 0.0188734145f,
                         0.00579209901f);
  const V q = Polynomial(d, v, 1.0f, 0.300123127f, 0.144407209f, 0.0262282711f, 0.00317129898f,
                         0.000813004691f);
  return hn::Mul(hn::Set(d, 0.5f), hn::Log1p(d, hn::Mul(u, hn::Div(p, q))));
}

/// Calls body(tag, i) over [0, n) with full vectors, then element by element. The body must treat
/// elements independently.
template <class Body>
HWY_INLINE void ForEachVector(size_t n, const Body& body) {
  const hn::ScalableTag<float> wide;
  const size_t lanes = hn::Lanes(wide);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) body(wide, i);
  for (; i < n; ++i) body(hn::CappedTag<float, 1>(), i);
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each target
