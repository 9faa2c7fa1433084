#pragma once

#include <string>

#include "ockham/tensor/profile.hpp"

namespace ockham {

/// Where the time went, as a table for people: a line a part, a column a phase, shares of the whole.
std::string profile_table(Profile& profile);

}  // namespace ockham
