#pragma once

// Internal to the .cpp files that read and write JSON: no public header includes it.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {

/// Parses a JSON file; Error names the file.
inline nlohmann::json read_json(const std::filesystem::path& path) {
  constexpr size_t kLargest = size_t{1} << 30;
  const std::string text = read_file(path, kLargest);
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) fail(path.string(), ": not valid JSON; the file is damaged");
  return json;
}

/// Calls read() and turns the library's exceptions (a missing key, a wrong type) into an Error that
/// names the file.
template <typename Read>
auto with_json_errors(const std::string& source, const Read& read) {
  try {
    return read();
  } catch (const nlohmann::json::exception& error) {
    fail(source, ": not what Ockham writes here (", error.what(), ")");
  }
}

}  // namespace ockham
