#include "ockham/tensor/heap.hpp"

#include <limits>

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

namespace ockham {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kNever = std::numeric_limits<int>::max();
  mallopt(M_MMAP_THRESHOLD, kNever);
  mallopt(M_TRIM_THRESHOLD, kNever);
#endif
}

}  // namespace ockham
