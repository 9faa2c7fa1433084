// What the element-wise steps of all cells have in common (lstm_gates.cpp, gru_gates.cpp). Include
// it inside such a file only.
#if defined(OCKHAM_GATE_STEPS_INL_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef OCKHAM_GATE_STEPS_INL_HPP_
#undef OCKHAM_GATE_STEPS_INL_HPP_
#else
#define OCKHAM_GATE_STEPS_INL_HPP_
#endif

#include <hwy/cache_control.h>

#include <type_traits>

#include "ockham/nn/gate_functions-inl.hpp"
#include "ockham/tensor/matrix.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

template <class D, class V = hn::Vec<D>>
HWY_INLINE void AddTo(D d, float* to, V x) {
  hn::StoreU(hn::Add(hn::LoadU(d, to), x), d, to);
}

/// A vector of kRows rows side by side, Lanes(d) / kRows columns of each: with 4 units one row
/// would fill a quarter of AVX-512's. row(i) points to the columns of the i-th. (A step of the
/// default network took a quarter longer with a row at a time.)
template <size_t kRows, class D, class Row>
HWY_INLINE hn::Vec<D> LoadRows(D d, const Row& row, size_t first = 0) {
  if constexpr (kRows == 1) {
    return hn::LoadU(d, row(first));
  } else {
    const hn::Half<D> half;
    return hn::Combine(d, LoadRows<kRows / 2>(half, row, first + kRows / 2),
                       LoadRows<kRows / 2>(half, row, first));
  }
}

template <size_t kRows, class D, class Row, class V = hn::Vec<D>>
HWY_INLINE void StoreRows(V x, D d, const Row& row, size_t first = 0) {
  if constexpr (kRows == 1) {
    hn::StoreU(x, d, row(first));
  } else {
    const hn::Half<D> half;
    StoreRows<kRows / 2>(hn::LowerHalf(half, x), half, row, first);
    StoreRows<kRows / 2>(hn::UpperHalf(half, x), half, row, first + kRows / 2);
  }
}

/// += the sum of the rows.
template <size_t kRows, class D, class V = hn::Vec<D>>
HWY_INLINE void AddSumOfRows(D d, float* to, V x) {
  if constexpr (kRows == 1) {
    AddTo(d, to, x);
  } else {
    const hn::Half<D> half;
    AddSumOfRows<kRows / 2>(half, to, hn::Add(hn::LowerHalf(half, x), hn::UpperHalf(half, x)));
  }
}

/// kRows rows of a step from `first` on: what its matrices hold of them.
template <size_t kRows, class D, class Step>
class StepRows {
 public:
  using V = hn::Vec<D>;

  HWY_INLINE StepRows(D d, const Step& step, size_t first) : d_(d), step_(step), first_(first) {}

  HWY_INLINE V Load(const ConstMatrixView& m, size_t at) const {
    const float* first = m.row(first_) + at;
    if (StandTogether(m)) return hn::LoadU(d_, first);
    return LoadRows<kRows>(d_, [=, stride = m.stride](size_t i) { return first + i * stride; });
  }
  /// Zeros where there is no matrix: before the first step.
  HWY_INLINE V LoadOrZero(const ConstMatrixView& m, size_t at) const {
    return m.data ? Load(m, at) : hn::Zero(d_);
  }
  /// The same for all rows.
  HWY_INLINE V LoadShared(const float* values) const {
    return LoadRows<kRows>(d_, [&](size_t) { return values; });
  }
  HWY_INLINE void Store(V x, const MatrixView& m, size_t at) const {
    float* first = m.row(first_) + at;
    if (StandTogether(m)) return hn::StoreU(x, d_, first);
    StoreRows<kRows>(x, d_, [=, stride = m.stride](size_t i) { return first + i * stride; });
  }
  HWY_INLINE void Add(V x, const MatrixView& m, size_t at) const {
    Store(hn::Add(Load(m, at), x), m, at);
  }
  HWY_INLINE void AddToShared(V x, float* values) const { AddSumOfRows<kRows>(d_, values, x); }

  /// Fetches the row of the step before, which stands in front of this one's and is the next to be
  /// read: back through time nothing foresees it. (2 to 3% of a step at the papers' size.)
  HWY_INLINE void PrefetchBefore(const ConstMatrixView& m, size_t at) const {
    if (kRows > 1 || step_.rows_before == 0 || m.data == nullptr) return;
    hwy::Prefetch(m.row(first_) - step_.rows_before * m.stride + at);
  }

  /// a = z s + b of the gates at column `at`.
  HWY_INLINE V Activation(size_t at) const { return Activation(at, Load(step_.sums, at)); }
  HWY_INLINE V Activation(size_t at, V s) const {
    return hn::MulAdd(Load(step_.z_gates, at), s, LoadShared(step_.bias + at));
  }

  /// Takes d = dL/da of the gates at column `at` to the bias, the multiplier and the
  /// sum; gives back ds.
  HWY_INLINE V FinishGate(size_t at, V d_gate) const {
    AddToShared(d_gate, step_.bias_gradient + at);
    Add(hn::Mul(d_gate, Load(step_.sums, at)), step_.z_gates_gradient, at);
    const V ds = hn::Mul(Load(step_.z_gates, at), d_gate);
    Store(ds, step_.sums, at);
    return ds;
  }

 private:
  /// Whether the rows stand one behind the other without gaps, as those of as few units do.
  template <class View>
  HWY_INLINE bool StandTogether(const View& m) const {
    return kRows > 1 && m.stride * kRows == hn::Lanes(d_);
  }

  D d_;
  const Step& step_;
  size_t first_;
};

// Of a lambda, before its body: what is called as a function gets the step's address (ForEachRow).
#undef OCKHAM_INLINED
#define OCKHAM_INLINED __attribute__((always_inline))

/// Calls columns(tag, gate, rows, j) for all rows and columns j of the padded width, with the
/// widest vectors that hold whole rows, or that the width is a multiple of. `step` should be a
/// local copy, and `columns` inlined: else every store might change the step's pointers and
/// strides, which were read again for each vector (an eighth of backward's time for four units).
template <class Step, class Columns>
HWY_INLINE void ForEachRow(const Step& step, size_t width, size_t rows, const Columns& columns) {
  WithGate(step.gate_function, [&](auto gate) OCKHAM_INLINED {
    size_t r = 0;
    const auto cover = [&](auto d, auto at_once) OCKHAM_INLINED {
      constexpr size_t kRows = decltype(at_once)::value;
      const size_t step_columns = hn::Lanes(d) / kRows;
      for (; r + kRows <= rows; r += kRows) {
        const StepRows<kRows, decltype(d), Step> of_rows(d, step, r);
        for (size_t j = 0; j < width; j += step_columns) columns(d, gate, of_rows, j);
      }
    };
    using One = std::integral_constant<size_t, 1>;
    using Two = std::integral_constant<size_t, 2>;
    using Four = std::integral_constant<size_t, 4>;
    const hn::CappedTag<float, 16> d16;
    const hn::CappedTag<float, 8> d8;
    const hn::CappedTag<float, 4> d4;
    constexpr size_t kLanes = hn::MaxLanes(d16);
    if (width % 16 == 0) return cover(d16, One());
    if constexpr (kLanes >= 16) {
      if (width == 8) cover(d16, Two());
      if (width == 4) cover(d16, Four());
    }
    if (width % 8 == 0) return cover(d8, One());
    if constexpr (kLanes >= 8) cover(d8, Two());
    cover(d4, One());
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#endif  // include guard, toggled for each target
