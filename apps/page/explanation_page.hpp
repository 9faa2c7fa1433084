#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ockham/deploy/explanation.hpp"

namespace ockham {

/// What of a text is shown.
struct WordsLimit {
  size_t words = SIZE_MAX;
  size_t characters = SIZE_MAX;  ///< of a word
  size_t bytes = SIZE_MAX;       ///< of HTML, but for the last word's
};

/// The words of a text, marked by how much they speak for the label or against it (shared.css).
std::string words_html(const Explanation& explanation, const WordsLimit& limit = {});

/// A whole page of some texts.
std::string explanation_page(const std::vector<Explanation>& explanations,
                             const std::vector<std::string>& classes);

}  // namespace ockham
