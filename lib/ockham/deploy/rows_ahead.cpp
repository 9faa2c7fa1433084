#include "ockham/deploy/rows_ahead.hpp"

#include <algorithm>

namespace ockham {

/// One text after the other: it takes fewer instructions than a step after the other. Which token
/// a text goes on with, LaneRun::token_at() has to say alike.
void rows_ahead(const LaneDirection& direction, const LaneTexts& texts, size_t first_lane,
                size_t lanes, uint32_t t, std::span<const float*> rows) {
  const ConstMatrixView table = direction.table;
  const size_t steps = rows.size() / lanes;
  for (size_t i = 0; i < lanes; ++i) {
    const uint32_t* const tokens = texts.tokens[first_lane + i];
    const size_t length = texts.lengths[first_lane + i];
    const auto row_at = [&](size_t at) {
      return table.row(direction.row_of[tokens[direction.reverse ? length - 1 - at : at]]);
    };
    const size_t own = std::min(steps, length - std::min<size_t>(t, length));
    for (size_t s = 0; s < own; ++s) rows[s * lanes + i] = row_at(t + s);
    const float* const last = length == 0 ? table.row(0) : row_at(length - 1);
    for (size_t s = own; s < steps; ++s) rows[s * lanes + i] = last;
  }
}

}  // namespace ockham
