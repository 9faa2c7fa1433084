#pragma once

#include <string_view>

namespace ockham {

/// The file `name`.c of deploy/c/, which the build put into the library. Throws Error for an
/// unknown name.
std::string_view c_part(std::string_view name);

}  // namespace ockham
