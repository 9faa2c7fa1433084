#pragma once

namespace ockham {

/// part / whole, and 0 of nothing: the precision for a label that no text was given (as
/// scikit-learn's zero_division = 0).
template <typename Number>
double ratio(Number part, Number whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0.0;
}

}  // namespace ockham
