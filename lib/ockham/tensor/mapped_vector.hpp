#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <utility>

#include "ockham/tensor/mapped_bytes.hpp"

namespace ockham {

/// A vector that may grow beyond the memory: above SpillPlace::memory_bytes it lives in a temporary
/// file without a name, whose pages the kernel writes back and drops as it needs memory. A copy has
/// a file of its own in the same folder. What makes it grow throws Error when the disk is full and
/// leaves it as it was; growing moves the elements.
template <typename T>
class MappedVector {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  MappedVector() = default;
  explicit MappedVector(SpillPlace place) : bytes_(std::move(place)) {}
  MappedVector(std::initializer_list<T> values) { append(values); }
  MappedVector(const MappedVector& other) : bytes_(other.place()) { append(other.span()); }
  MappedVector(MappedVector&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  MappedVector& operator=(const MappedVector& other) { return *this = MappedVector(other); }
  MappedVector& operator=(MappedVector&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  ~MappedVector() = default;

  /// For what is made from these elements and may be as large.
  const SpillPlace& place() const { return bytes_.place(); }
  bool in_file() const { return bytes_.in_file(); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return reinterpret_cast<T*>(bytes_.data()); }
  const T* data() const { return reinterpret_cast<const T*>(bytes_.data()); }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  std::span<T> span() { return {data(), size_}; }
  std::span<const T> span() const { return {data(), size_}; }
  T& operator[](size_t i) {
    assert(i < size_);
    return data()[i];
  }
  const T& operator[](size_t i) const {
    assert(i < size_);
    return data()[i];
  }

  void expect(Access access) const { bytes_.expect(access); }
  void prefetch(size_t first, size_t count) const {
    assert(first + count <= size_);
    bytes_.prefetch(first * sizeof(T), count * sizeof(T));
  }

  void push_back(T value) {
    if ((size_ + 1) * sizeof(T) > bytes_.capacity()) reserve(size_ + 1);
    data()[size_++] = value;
  }
  /// `values` are none of this vector's own.
  void append(std::span<const T> values) {
    reserve(size_ + values.size());
    std::ranges::copy(values, end());
    size_ += values.size();
  }
  void reserve(size_t size) { bytes_.reserve(size * sizeof(T), size_ * sizeof(T)); }
  /// Drops all behind the first `size` elements, and keeps their room.
  void truncate(size_t size) {
    assert(size <= size_);
    size_ = size;
  }
  void clear() { truncate(0); }
  /// Gives the disk back what a file has beyond the elements.
  void shrink_to_fit() { bytes_.release(size_ * sizeof(T)); }

  friend bool operator==(const MappedVector& a, const MappedVector& b) { return a == b.span(); }
  friend bool operator==(const MappedVector& a, std::span<const T> b) {
    return std::ranges::equal(a.span(), b);
  }

 private:
  MappedBytes bytes_;
  size_t size_ = 0;
};

}  // namespace ockham
