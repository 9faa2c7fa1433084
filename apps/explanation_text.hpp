#pragma once

#include <string>
#include <vector>

#include "ockham/deploy/explanation.hpp"

namespace ockham {

/// Which parts of words' log odds are shown: below it, in magnitude, they are no more than
/// rounding.
inline constexpr double kShownLogOdds = 0.005;

/// For a terminal: the label, the text with the parts of its words behind them or, with `colours`,
/// in them, and the strongest words.
std::string explanation_text(const Explanation& explanation,
                             const std::vector<std::string>& classes, bool colours);

/// One line of JSON.
std::string explanation_json(const Explanation& explanation,
                             const std::vector<std::string>& classes);

/// A whole page of some texts, without anything from elsewhere.
std::string explanation_html(const std::vector<Explanation>& explanations,
                             const std::vector<std::string>& classes);

}  // namespace ockham
