// Time steps of LSTMs of four units with AVX2 (lstm_gates.cpp). Include it inside such a file only.
#if defined(OCKHAM_DENSE_PAIRS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCKHAM_DENSE_PAIRS_INL_HPP_
#undef OCKHAM_DENSE_PAIRS_INL_HPP_
#else
#define OCKHAM_DENSE_PAIRS_INL_HPP_
#endif

#include <algorithm>
#include <initializer_list>

#include "ockham/nn/gate_steps-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

/// Rows r and r + 1 of a step of four units, two rows of units in one vector. As StepRows, but
/// where no matrix has gaps, so that r says where everything is, and gates can be taken as they
/// stand in memory: i f | g o of one row, then of the other. (A default network's unit takes 3.5 ns
/// on the way back in place of 5.4, and 2.6 forward in place of 3.0.)
template <class Step>
class DensePair {
 public:
  using D = hn::CappedTag<float, 8>;
  using V = hn::Vec<D>;
  static constexpr size_t kUnits = 4, kGates = 4, kLanes = 2 * kUnits;

  HWY_INLINE DensePair(const Step& step, size_t r) : step_(step), r_(r) {
    const float *z = Gates(step.z_gates), *s = Gates(step.sums);
    V a[4];
    for (size_t k = 0; k < 4; ++k) {
      a[k] = hn::MulAdd(hn::LoadU(D(), z + k * kLanes), hn::LoadU(D(), s + k * kLanes),
                        hn::LoadU(D(), step.bias + k % 2 * kLanes));
    }
    activations_[0] = hn::ConcatLowerLower(D(), a[2], a[0]);
    activations_[1] = hn::ConcatUpperUpper(D(), a[2], a[0]);
    activations_[2] = hn::ConcatLowerLower(D(), a[3], a[1]);
    activations_[3] = hn::ConcatUpperUpper(D(), a[3], a[1]);
  }

  HWY_INLINE V Load(const ConstMatrixView& m, size_t) const {
    return hn::LoadU(D(), m.data + r_ * kUnits);
  }
  HWY_INLINE V LoadOrZero(const ConstMatrixView& m, size_t j) const {
    return m.data ? Load(m, j) : hn::Zero(D());
  }
  HWY_INLINE void Store(V x, const MatrixView& m, size_t) const {
    hn::StoreU(x, D(), m.data + r_ * kUnits);
  }
  HWY_INLINE void Add(V x, const MatrixView& m, size_t) const {
    AddTo(D(), m.data + r_ * kUnits, RoundedProduct(x, hn::Set(D(), 1.0f)));
  }
  HWY_INLINE void PrefetchBefore(const ConstMatrixView&, size_t) const {}
  HWY_INLINE V GateActivation(size_t k, size_t, size_t) const { return activations_[k]; }

  HWY_INLINE void FinishGates(size_t, size_t, V d_i, V d_f, V d_g, V d_o) const {
    const V d[4] = {hn::ConcatLowerLower(D(), d_f, d_i), hn::ConcatLowerLower(D(), d_o, d_g),
                    hn::ConcatUpperUpper(D(), d_f, d_i), hn::ConcatUpperUpper(D(), d_o, d_g)};
    AddTo(D(), step_.bias_gradient, hn::Add(d[0], d[2]));
    AddTo(D(), step_.bias_gradient + kLanes, hn::Add(d[1], d[3]));
    const float* z = Gates(step_.z_gates);
    float *s = Gates(step_.sums), *dz = Gates(step_.z_gates_gradient);
    for (size_t k = 0; k < 4; ++k) {
      AddTo(D(), dz + k * kLanes, RoundedProduct(d[k], hn::LoadU(D(), s + k * kLanes)));
      hn::StoreU(hn::Mul(hn::LoadU(D(), z + k * kLanes), d[k]), D(), s + k * kLanes);
    }
  }

 private:
  /// A product that the compiler cannot fuse with what it is added to: a row has the same numbers
  /// as by itself, where it does not.
  static HWY_INLINE V RoundedProduct(V a, V b) { return hn::MulAdd(a, b, hn::Zero(D())); }

  /// The gates of both rows.
  template <class View>
  HWY_INLINE auto* Gates(const View& m) const {
    return m.data + r_ * (kGates * kUnits);
  }

  const Step& step_;
  size_t r_;
  V activations_[4];
};

/// Calls visit(tag, gate, pair, 0) for as many rows as can be taken so, and says how many that
/// were: none unless the vectors are AVX2's, `units` matrices have four columns, `gates` sixteen,
/// and no gaps. Wider vectors would be turned with three times the steps.
template <class Step, class Columns>
HWY_INLINE size_t ForEachDensePair(const Step& step, size_t width, size_t rows,
                                   std::initializer_list<ConstMatrixView> units,
                                   std::initializer_list<ConstMatrixView> gates,
                                   const Columns& visit) {
  if constexpr (HWY_TARGET != HWY_AVX2) {
    return 0;
  } else {
    using Pair = DensePair<Step>;
    static_assert(hn::MaxLanes(typename Pair::D()) == Pair::kLanes);
    const auto dense = [](size_t columns) {
      return [=](const ConstMatrixView& m) {
        return m.data == nullptr || (m.cols == columns && m.stride == columns);
      };
    };
    if (width != Pair::kUnits || !std::ranges::all_of(units, dense(Pair::kUnits)) ||
        !std::ranges::all_of(gates, dense(Pair::kUnits * Pair::kGates))) {
      return 0;
    }
    WithGate(step.gate_function, [&](auto gate) OCKHAM_INLINED {
      for (size_t r = 0; r + 2 <= rows; r += 2) {
        visit(typename Pair::D(), gate, Pair(step, r), size_t{0});
      }
    });
    return rows / 2 * 2;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each target
