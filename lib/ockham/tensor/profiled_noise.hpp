#pragma once

#include "ockham/tensor/noise.hpp"
#include "ockham/tensor/profile.hpp"

namespace ockham {

/// Another source's noise, with the time that it takes as a part of a profile.
class ProfiledNoise final : public NoiseSource {
 public:
  /// Both outlive it; `profile` may be null.
  ProfiledNoise(const NoiseSource& source, Profile* profile) : source_(source), profile_(profile) {}

  void matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> rows,
              std::span<const uint32_t> columns, MatrixView out) const override {
    const Profile::Part part(profile_, kPart);
    source_.matrix(kind, tensor, rows, columns, out);
  }
  void sequence_matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> texts,
                       std::span<const uint32_t> rows, std::span<const uint32_t> columns,
                       MatrixView out) const override {
    const Profile::Part part(profile_, kPart);
    source_.sequence_matrix(kind, tensor, texts, rows, columns, out);
  }
  void pairs(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> rows,
             std::span<const uint32_t> groups, std::span<float> out) const override {
    const Profile::Part part(profile_, kPart);
    source_.pairs(kind, tensor, rows, groups, out);
  }

 private:
  static constexpr const char* kPart = "noise";

  const NoiseSource& source_;
  Profile* profile_;
};

}  // namespace ockham
