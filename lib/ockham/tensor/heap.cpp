#include "ockham/tensor/heap.hpp"

#include <limits>

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

namespace ockham {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kMost = std::numeric_limits<int>::max();
  mallopt(M_MMAP_THRESHOLD, kMost);
  mallopt(M_TRIM_THRESHOLD, kMost);
#endif
}

}  // namespace ockham
