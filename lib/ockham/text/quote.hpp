#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ockham {

/// The bytes in double quotes, fit for a one-line message: shortened to about 40 characters, and
/// control characters and invalid UTF-8 replaced.
std::string quote(std::string_view bytes);

/// The first few of `names`, each quoted, and how many more there are: `"a", "b" and 7 more`.
std::string quote_list(std::span<const std::string> names);

}  // namespace ockham
