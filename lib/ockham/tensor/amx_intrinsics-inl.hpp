#pragma once

// For the files that are written in intrinsics of AMX and AVX-512, in front of what they declare.

#include <immintrin.h>

// gcc 12 takes what its own intrinsics leave undefined on purpose for a mistake (its bug 105593).
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

/// Of a function with intrinsics. multiplies_tiles() asks for these all: every processor with AMX
/// has them.
#define OCKHAM_AMX __attribute__((target("amx-tile,amx-bf16,amx-int8,avx512f,avx512bw,avx512bf16")))
#define OCKHAM_AMX_INLINE OCKHAM_AMX __attribute__((always_inline)) inline
