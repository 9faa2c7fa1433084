#pragma once

// Internal to the .cpp files that read and write JSON: no public header includes it.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {

inline constexpr size_t kMostJsonBytes = size_t{1} << 30;

/// Parses a JSON file; Error names the file.
inline nlohmann::json read_json(const std::filesystem::path& path) {
  const std::string text = read_file(path, kMostJsonBytes);
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) fail(path.string(), ": not valid JSON; the file is damaged");
  return json;
}

/// A message may quote the file's own strings, which can hold anything.
inline std::string on_one_line(std::string message) {
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  }
  return message;
}

/// Calls read() and turns whatever it finds wrong (a missing key, a wrong type, a name that nobody
/// knows) into an Error of one line that starts with `source`.
template <typename Read>
auto with_json_errors(const std::string& source, const Read& read) {
  try {
    return read();
  } catch (const nlohmann::json::exception& error) {
    fail(source, ": not what Ockham writes here (", on_one_line(error.what()), ")");
  } catch (const Error& error) {
    const std::string message = on_one_line(error.what());
    if (message.compare(0, source.size(), source) == 0) throw Error(message);
    fail(source, ": ", message);
  }
}

}  // namespace ockham
