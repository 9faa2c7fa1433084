#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ockham/deploy/explanation.hpp"

namespace ockham {

/// The words of a text, at most `most` of them and of each at most `longest` characters, marked by
/// how much they speak for the label or against it (shared.css).
std::string words_html(const Explanation& explanation, size_t most, size_t longest);

/// A whole page of some texts.
std::string explanation_page(const std::vector<Explanation>& explanations,
                             const std::vector<std::string>& classes);

}  // namespace ockham
