#pragma once

#include <cassert>
#include <cstddef>
#include <limits>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace ockham {

/// Allocator whose storage starts on a cache line, so that vector loads never straddle two.
/// Elements that are given no value have none: clearing what will be overwritten took 5% of a
/// training step at the papers' size.
template <typename T>
struct CacheAlignedAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheAlignedAllocator() = default;
  template <typename U>
  CacheAlignedAllocator(const CacheAlignedAllocator<U>&) {}  // NOLINT: a converting constructor

  T* allocate(size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kAlignment)); }
  void deallocate(T* p, size_t) { ::operator delete(p, kAlignment); }
  template <typename U>
  void construct(U* p) {
    ::new (static_cast<void*>(p)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* p, Arguments&&... arguments) {
    ::new (static_cast<void*>(p)) U(std::forward<Arguments>(arguments)...);
  }
  friend bool operator==(CacheAlignedAllocator, CacheAlignedAllocator) { return true; }
};

using FloatVector = std::vector<float, CacheAlignedAllocator<float>>;

/// A read-only window on a row-major matrix: row r starts at data + r * stride.
struct ConstMatrixView {
  const float* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;

  const float* row(size_t r) const { return data + r * stride; }
  std::span<const float> row_span(size_t r) const { return {row(r), cols}; }
  float operator()(size_t r, size_t c) const { return data[r * stride + c]; }
  ConstMatrixView row_range(size_t first, size_t count) const {
    assert(first + count <= rows);
    return {data + first * stride, count, cols, stride};
  }
  ConstMatrixView column_range(size_t first, size_t count) const {
    assert(first + count <= cols);
    return {data + first, rows, count, stride};
  }
};

/// A writable window on a row-major matrix.
struct MatrixView {
  float* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;

  operator ConstMatrixView() const {  // NOLINT: as T* to const T*
    return {data, rows, cols, stride};
  }
  float* row(size_t r) const { return data + r * stride; }
  std::span<float> row_span(size_t r) const { return {row(r), cols}; }
  float& operator()(size_t r, size_t c) const { return data[r * stride + c]; }
  MatrixView row_range(size_t first, size_t count) const {
    assert(first + count <= rows);
    return {data + first * stride, count, cols, stride};
  }
  MatrixView column_range(size_t first, size_t count) const {
    assert(first + count <= cols);
    return {data + first, rows, count, stride};
  }
};

/// An owned row-major matrix of floats without gaps between its rows.
class Matrix {
 public:
  Matrix() = default;
  Matrix(size_t rows, size_t cols, float value = 0.0f)
      : rows_(rows), cols_(cols), values_(rows * cols, value) {}

  /// Its elements are to be written before they are read.
  static Matrix without_values(size_t rows, size_t cols) {
    Matrix matrix;
    matrix.reshape(rows, cols);
    return matrix;
  }

  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }

  float* data() { return values_.data(); }
  const float* data() const { return values_.data(); }
  std::span<float> values() { return values_; }
  std::span<const float> values() const { return values_; }
  float* row(size_t r) { return values_.data() + r * cols_; }
  const float* row(size_t r) const { return values_.data() + r * cols_; }
  float& operator()(size_t r, size_t c) { return values_[r * cols_ + c]; }
  float operator()(size_t r, size_t c) const { return values_[r * cols_ + c]; }

  MatrixView view() { return {values_.data(), rows_, cols_, cols_}; }
  ConstMatrixView view() const { return {values_.data(), rows_, cols_, cols_}; }
  operator MatrixView() { return view(); }             // NOLINT: a matrix is its own whole window
  operator ConstMatrixView() const { return view(); }  // NOLINT

  void fill(float value) { values_.assign(values_.size(), value); }

  /// Changes the shape and keeps the storage; what the elements hold afterwards is unspecified, so
  /// that scratch matrices can be reused without being cleared.
  void reshape(size_t rows, size_t cols) {
    rows_ = rows;
    cols_ = cols;
    values_.resize(rows * cols);
#ifdef __SANITIZE_ADDRESS__  // GCC's: in the tests under sanitizers, reading before writing shows
    fill(std::numeric_limits<float>::quiet_NaN());
#endif
  }

  friend bool operator==(const Matrix&, const Matrix&) = default;

 private:
  size_t rows_ = 0;
  size_t cols_ = 0;
  FloatVector values_;
};

}  // namespace ockham
