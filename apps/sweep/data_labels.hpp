#pragma once

#include <string>
#include <vector>

#include "apps/sweep/sweep_plan.hpp"
#include "ockham/text/open_records.hpp"

namespace ockham {

/// Throws Error that names the run where the texts of `data` cannot be judged by its models: they
/// have labels that the run's training texts do not have, or several where those have one. A run
/// whose training texts cannot be read is left to fail by itself.
void check_data_labels(const std::string& data, const DataOptions& options,
                       const std::vector<SweepRun>& runs);

}  // namespace ockham
