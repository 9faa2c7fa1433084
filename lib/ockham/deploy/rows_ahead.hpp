#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ockham/deploy/recurrent_lanes.hpp"

namespace ockham {

/// rows[s * lanes + i] = the row of the first layer's table that the text in lane first_lane + i
/// has at step t + s, for as many steps as `rows` holds of `lanes` texts each. A text that has
/// ended goes on with its last token; a lane without a text has the table's first row.
void rows_ahead(const LaneDirection& direction, const LaneTexts& texts, size_t first_lane,
                size_t lanes, uint32_t t, std::span<const float*> rows);

}  // namespace ockham
