#pragma once

#include <map>
#include <optional>
#include <string>

#include "apps/sweep/sweep_plan.hpp"

namespace ockham {

/// Tells whether the files and folders that runs read are still what they were.
class InputContents {
 public:
  /// A line "# NAME: BYTES bytes, hash HASH" for everything that a run reads. The hash is of all
  /// bytes of a file, and of names and bytes of a folder's files, but for those that start with a
  /// dot. What is not there or is no file, such as a pipe, has no line. A name is read once.
  /// Throws Error that names a file that cannot be read.
  std::string of(const SweepRun& run);

 private:
  const std::string& line_of(const std::string& name);

  std::map<std::string, std::string> lines_;
};

/// The first NAME of lines that InputContents made at two times for which they differ.
std::optional<std::string> first_difference(const std::string& was, const std::string& is);

}  // namespace ockham
