#pragma once

#include <string>
#include <vector>

#include "ockham/deploy/explanation.hpp"

namespace ockham {

/// Whether the word's log odds are more than rounding.
bool is_shown(const ExplainedWord& word);

/// For a terminal: the label, the text with the parts of its words behind them or, with `colours`,
/// in them, and the strongest words.
std::string explanation_text(const Explanation& explanation,
                             const std::vector<std::string>& classes, bool colours);

/// One line of JSON.
std::string explanation_json(const Explanation& explanation,
                             const std::vector<std::string>& classes);

}  // namespace ockham
