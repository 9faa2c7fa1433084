#include "ockham/tensor/denormals.hpp"

#if defined(__SSE2__)
#include <xmmintrin.h>
#elif defined(__aarch64__)
#include <cstdint>
#endif

namespace ockham {

void flush_denormals() {
#if defined(__SSE2__)
  constexpr unsigned kResults = 1u << 15, kOperands = 1u << 6;  // of MXCSR
  _mm_setcsr(_mm_getcsr() | kResults | kOperands);
#elif defined(__aarch64__)
  constexpr uint64_t kBoth = uint64_t{1} << 24;  // of FPCR
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" : : "r"(control | kBoth));
#endif
}

}  // namespace ockham
