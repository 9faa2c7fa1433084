#pragma once

#include <string>
#include <utility>

#include "ockham/text/byte_source.hpp"

namespace ockham {

/// Hands out one byte at a time, so that every cut between blocks is met.
class DripSource final : public ByteSource {
 public:
  explicit DripSource(std::string bytes) : bytes_(std::move(bytes)) {}
  size_t read(char* target, size_t) override {
    if (at_ == bytes_.size()) return 0;
    *target = bytes_[at_++];
    return 1;
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

/// Hands out as much as is asked for.
class StringSource final : public ByteSource {
 public:
  explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}
  size_t read(char* target, size_t capacity) override {
    const size_t count = bytes_.copy(target, capacity, at_);
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

}  // namespace ockham
