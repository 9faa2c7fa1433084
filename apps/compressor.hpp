#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>

#include "apps/file_maker.hpp"
#include "ockham/text/open_records.hpp"

namespace ockham {

/// What `ockham compress` is asked for.
struct CompressArguments {
  std::string model;
  std::string output;
  std::string weights = "int8";
  std::string vocabulary = "words";
  size_t fine_tune_epochs = 0;
  std::string train, valid;
  DataOptions data;
  std::optional<size_t> max_bytes;
  std::optional<double> min_accuracy;
  size_t threads = std::max(1u, std::thread::hardware_concurrency());
};

/// Whether a size or an accuracy is asked for, and so a point of the path.
bool has_wish(const CompressArguments& arguments);

/// Whether a file's accuracy is measured, for which texts are needed with their labels.
bool is_measured(const CompressArguments& arguments);

/// What the files of a folder's models are compared by: what training compared them by, or else
/// what is usual.
Criterion criterion_of(const std::string& folder, bool several_labels);

/// Makes the file that is asked for: of the model that training chose or, where there are wishes,
/// of the point of the path that meets them; says on standard error what was measured, and what was
/// not where it may be far from what training measured. Throws Error where no file does.
MadeFile make_file(const CompressArguments& arguments, FileMaker& maker);

}  // namespace ockham
