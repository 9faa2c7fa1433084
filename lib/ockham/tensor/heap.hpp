#pragma once

#include <cstddef>

namespace ockham {

/// For programs, at their start; both are settings of the whole process, therefore not the
/// library's own to make. They do nothing where the C library is not GNU's.

/// Has the C library keep what is freed, up to 2 GiB, for the next allocation. A training step
/// takes and frees the same large matrices as the one before; by default they are mapped afresh,
/// and the kernel clears their pages at the first touch. (On two threads a step of the default
/// training takes 2.8 times as long otherwise, one at the papers' size twice as long, or 1.6 times
/// where only blocks of 32 MB and more are mapped.)
void keep_freed_memory();

/// Has the first `bytes` of the main thread's heap in pages of 2 MB where the kernel gives these on
/// request (`madvise` in transparent_hugepage/enabled): a step at the papers' size takes 5% less on
/// two threads, with bf16 11%. (Asking for large pages for each large block gave half of that, and
/// now and then cost five times the time.) Takes addresses for it, no memory: nothing is done where
/// the process is limited in these. keep_freed_memory() comes first, or they are given back at
/// once.
void use_large_pages(size_t bytes = size_t{1} << 30);

}  // namespace ockham
