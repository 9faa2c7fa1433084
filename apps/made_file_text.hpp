#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ockham/deploy/file_choice.hpp"

// What `ockham compress` says of the files that it makes.

namespace ockham {

/// e.g. "int6: 2,480 bytes, 89.10% on 1,250 validation texts"; a criterion other than accuracy is
/// named.
std::string measured_text(const MadeFile& file, Criterion criterion, size_t texts);

/// What a hash is, and what it costs; a line.
std::string hash_text(const HashFit& fit);

/// The points of a path that were tried, a line each with bytes and score in every format; the
/// taken one is marked.
std::string tried_table(const std::vector<TriedFile>& tried, std::optional<size_t> taken = {});

}  // namespace ockham
