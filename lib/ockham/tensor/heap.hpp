#pragma once

namespace ockham {

/// For programs, at their start: has the C library keep what is freed, up to 2 GiB, for the next
/// allocation. A training step takes and frees the same large matrices as the one before; by
/// default they are mapped afresh, and the kernel clears their pages at the first touch. (On two
/// threads a step of the default training takes 2.8 times as long otherwise, one at the papers'
/// size twice as long, or 1.6 times where only blocks of 32 MB and more are mapped.) It is a
/// setting of the whole process, therefore not the library's own to make. Does nothing where the C
/// library is not GNU's.
void keep_freed_memory();

}  // namespace ockham
