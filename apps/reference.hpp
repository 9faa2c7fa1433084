#pragma once

#include <span>
#include <string>

#include "apps/options.hpp"

namespace ockham {

/// The manual page ockham(1) in the man macros.
std::string man_page(std::span<const CommandInfo> commands, const std::string& version);

/// What bash sources to complete `ockham` command lines.
std::string bash_completion(std::span<const CommandInfo> commands);

}  // namespace ockham
