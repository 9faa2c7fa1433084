#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ockham {

/// The one of `names` that is most like `word` (insertions, deletions, replacements and swaps of
/// neighbours counted, capitals not), or nothing when none is near enough to be meant.
std::optional<std::string> nearest_name(std::string_view word, std::span<const std::string> names);

}  // namespace ockham
