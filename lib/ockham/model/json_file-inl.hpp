#pragma once

// Internal to the .cpp files that read and write JSON: no public header includes it.

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

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

/// "a number", "a list", ...: what a value is, for messages.
inline std::string kind_of(const nlohmann::json& value) {
  if (value.is_array()) return "a list";
  if (value.is_object()) return "an object";
  if (value.is_boolean()) return value.dump();
  return value.is_null() ? "null" : std::string("a ") + value.type_name();
}

/// What a T is, in the same words.
template <typename T>
std::string wanted_kind() {
  if (std::same_as<T, std::string>) return "a string";
  if (std::same_as<T, bool>) return "true or false";
  if (std::unsigned_integral<T>) return "a whole number from 0";
  if (std::floating_point<T>) return "a number";
  if (std::same_as<T, std::vector<std::string>>) return "a list of strings";
  return "a list of numbers";
}

/// The value of a key. Throws Error that names it.
inline const nlohmann::json& field(const nlohmann::json& object, const std::string& key) {
  if (!object.is_object()) {
    fail("found ", kind_of(object), " in place of an object with \"", key,
         "\"; the file is damaged");
  }
  const auto found = object.find(key);
  if (found == object.end()) fail("\"", key, "\" is missing; the file is damaged");
  return *found;
}

/// The same as a T: a string, a bool, a number or a list of such.
template <typename T>
T field_as(const nlohmann::json& object, const std::string& key) {
  const nlohmann::json& value = field(object, key);
  const auto refuse = [&] {
    fail("\"", key, "\" must be ", wanted_kind<T>(), ", found ", kind_of(value),
         value.is_array() ? " with something else in it" : "", "; the file is damaged");
  };
  constexpr bool kCounts = std::unsigned_integral<T> && !std::same_as<T, bool>;
  if (kCounts && !value.is_number_unsigned()) refuse();
  try {
    return value.get<T>();
  } catch (const nlohmann::json::exception&) {
    refuse();
  }
  return {};  // not reached
}

/// A key that older files do not have.
template <typename T>
T field_or(const nlohmann::json& object, const std::string& key, T otherwise) {
  return object.contains(key) ? field_as<T>(object, key) : otherwise;
}

/// A message may quote the file's own strings, which can hold anything.
inline std::string on_one_line(std::string message) {
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20) c = '?';
  }
  return message;
}

/// Calls read() and turns whatever it finds wrong (a missing key, a wrong type, a name that nobody
/// knows) into an Error of one line that starts with `source` and says nothing in the words of the
/// JSON library.
template <typename Read>
auto with_json_errors(const std::string& source, const Read& read) {
  try {
    return read();
  } catch (const nlohmann::json::exception&) {
    fail(source, ": not what Ockham writes here; the file is damaged");
  } catch (const Error& error) {
    const std::string message = on_one_line(error.what());
    if (message.compare(0, source.size(), source) == 0) throw Error(message);
    fail(source, ": ", message);
  }
}

}  // namespace ockham
