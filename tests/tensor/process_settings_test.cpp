#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <thread>

#include "ockham/tensor/denormals.hpp"
#include "ockham/tensor/heap.hpp"
#include "tests/support/sanitizers.hpp"

namespace ockham {
namespace {

float half_of_the_least() {
  volatile float least = std::numeric_limits<float>::min();
  return least / 2.0f;
}

TEST(FlushDenormals, CountsForThisThreadAndThoseItMakes) {
#if !defined(__SSE2__) && !defined(__aarch64__)
  GTEST_SKIP() << "it does nothing on this processor";
#endif
  float before = 0.0f, after = 1.0f, of_made = 1.0f;
  std::thread([&] {
    before = half_of_the_least();
    flush_denormals();
    after = half_of_the_least();
    std::thread([&] { of_made = half_of_the_least(); }).join();
  }).join();
  EXPECT_GT(before, 0.0f);
  EXPECT_EQ(after, 0.0f);
  EXPECT_EQ(of_made, 0.0f);
  EXPECT_GT(half_of_the_least(), 0.0f);
}

/// Whether the kernel was asked for large pages where an address is.
bool wants_large_pages(const void* at) {
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    char* end = nullptr;
    const uint64_t first = std::strtoull(line.c_str(), &end, 16);
    if (*end == '-') {
      const uint64_t last = std::strtoull(end + 1, nullptr, 16);
      const auto address = reinterpret_cast<uintptr_t>(at);
      here = first <= address && address < last;
    }
    if (here && line.starts_with("VmFlags:")) return line.find(" hg") != std::string::npos;
  }
  return false;
}

TEST(UseLargePages, CountsForTheHeapFromThenOn) {
#ifndef __GLIBC__
  GTEST_SKIP() << "another heap";
#endif
  if (has_sanitizers()) GTEST_SKIP() << "sanitizers have a heap of their own";
  if (!std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled")) {
    GTEST_SKIP() << "this kernel has no large pages";
  }
  // In a process of its own, for they are settings of all of it.
  const auto says = [] {
    constexpr size_t kMiddle = size_t{4} << 20;
    keep_freed_memory();
    const bool before = wants_large_pages(static_cast<char*>(std::malloc(2 * kMiddle)) + kMiddle);
    use_large_pages(size_t{64} << 20);
    const bool after = wants_large_pages(static_cast<char*>(std::malloc(2 * kMiddle)) + kMiddle);
    std::exit(!before && after ? 0 : 1);
  };
  EXPECT_EXIT(says(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace ockham
