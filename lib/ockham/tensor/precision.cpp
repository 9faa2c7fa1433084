#include "ockham/tensor/precision.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <dnnl.hpp>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

bool has(dnnl::cpu_isa wanted) {
  const auto bits = static_cast<unsigned>(wanted);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

}  // namespace

std::string_view precision_name(Precision precision) {
  switch (precision) {
    case Precision::fp32:
      return "fp32";
    case Precision::bf16:
      return "bf16";
  }
  return "fp32";
}

Precision parse_precision(std::string_view name) {
  for (const Precision precision : {Precision::fp32, Precision::bf16}) {
    if (precision_name(precision) == name) return precision;
  }
  fail("unknown precision \"", name, "\"; known: fp32, bf16");
}

bool multiplies_bf16() {
  return has(dnnl::cpu_isa::avx512_core_bf16);
}

bool multiplies_tiles() {
#ifdef SYS_arch_prctl
  static const bool can = [] {
    constexpr int kRequestPermission = 0x1023, kTileData = 18;  // arch_prctl(2)
    return has(dnnl::cpu_isa::avx512_core_amx) &&
           syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  }();
  return can;
#else
  return false;
#endif
}

}  // namespace ockham
