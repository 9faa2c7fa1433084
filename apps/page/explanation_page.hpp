#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ockham/deploy/explanation.hpp"

namespace ockham {

/// The words of a text, at most `most` of them, each marked by how much it speaks for the label or
/// against it (shared.css).
std::string words_html(const Explanation& explanation, size_t most);

/// A whole page of some texts.
std::string explanation_page(const std::vector<Explanation>& explanations,
                             const std::vector<std::string>& classes);

}  // namespace ockham
