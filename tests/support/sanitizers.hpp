#pragma once

// The address sanitizer's start, where the program was linked with it.
extern "C" void __asan_init() __attribute__((weak));

namespace ockham {

/// True where the library is the one with the sanitizers' checks: tests are compiled once for both.
inline bool has_sanitizers() { return __asan_init != nullptr; }

}  // namespace ockham
