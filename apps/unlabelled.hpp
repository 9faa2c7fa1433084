#pragma once

#include <string>
#include <vector>

#include "apps/data_options.hpp"
#include "ockham/text/dataset.hpp"

namespace ockham {

/// Reads texts without labels, in the format that their name says or, where it says nothing, in
/// that of the labelled ones; blank ones are left out. Throws Error where there is none, and where
/// they look as if labels of `classes` stood in front of them. `cache_folder`: for temporary files;
/// empty: the usual one.
Dataset read_unlabelled(const std::string& path, const DataOptions& labelled,
                        const std::vector<std::string>& classes, bool several_labels,
                        const std::string& cache_folder);

}  // namespace ockham
