#pragma once

#include <string>

#include "apps/sweep/sweep_results.hpp"

namespace ockham {

/// The front beside all models, as a page of its own.
std::string front_page(const std::string& title, const SweepResults& results);

}  // namespace ockham
