#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ockham {

/// What stands in a field of a JSON object.
struct JsonField {
  enum class Kind : uint8_t { missing, null, boolean, number, string, array, object };

  Kind kind = Kind::missing;
  std::string text;                ///< of a string; a number as written; true or false
  std::vector<std::string> items;  ///< of an array, each as `text` would be
  bool plain_items = true;         ///< all items are strings, numbers or booleans
  bool whole_key = false;          ///< it is the value of a key of just that name, not of a path
};

/// What is wrong with a JSON text, and behind how many of its bytes it shows.
struct JsonFault {
  std::string what;          ///< of what is no JSON, or no object
  std::string large_number;  ///< of JSON, a number that no double can hold; then `what` is empty
  size_t bytes = 0;
};

/// Picks fields out of JSON objects without building them in memory. A name with dots is a path
/// into objects within objects, unless the object has a key of just that name. Of a key that stands
/// in an object twice the last one counts.
class JsonFields {
 public:
  explicit JsonFields(const std::vector<std::string>& names);

  /// Reads one object, which is valid UTF-8, into fields(). False, with fault(), for what is no
  /// JSON or no object.
  bool read(std::string_view object);

  /// One for each name, in their order.
  const std::vector<JsonField>& fields() const { return fields_; }
  const JsonFault& fault() const { return fault_; }

 private:
  friend class JsonEvents;

  struct Target {
    std::vector<std::string> path;
    size_t field;
    size_t matched = 0;  // keys of the path that lead to where the parser is
  };

  std::vector<Target> targets_;
  std::vector<JsonField> fields_;
  JsonFault fault_;
};

inline constexpr size_t kMostPathKeys = 8;

/// For messages, the names of an object's fields, as far as it is JSON: its keys, and in place of
/// one whose value is an object with keys, the paths to those (`data.text`), of kMostPathKeys keys
/// at most.
std::vector<std::string> json_paths(std::string_view object);

/// "a string", "null", ...: for messages.
const char* kind_name(JsonField::Kind kind);

}  // namespace ockham
