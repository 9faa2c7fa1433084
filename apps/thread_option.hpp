#pragma once

#include <cstddef>

#include "apps/options.hpp"

namespace ockham {

/// As many as there are processors, or 1 where that is not known.
size_t processors();

/// --threads, on which no result depends.
void declare_threads(Command& command, size_t* threads);

/// Of `wished` threads those that the processors have room for: more than these only wait for each
/// other (with 500 a processor trainings took 80 times as long). Says so on standard error.
size_t usable_threads(size_t wished);

}  // namespace ockham
