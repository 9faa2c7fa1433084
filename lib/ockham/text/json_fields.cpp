#include "ockham/text/json_fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace ockham {
namespace {

using nlohmann::json;
using Kind = JsonField::Kind;

std::vector<std::string> split_path(const std::string& name) {
  std::vector<std::string> path(1);
  for (const char c : name) {
    if (c == '.') {
      path.emplace_back();
    } else {
      path.back().push_back(c);
    }
  }
  return path;
}

/// The parser's message without its own idea of a place and without a quotation of the text, which
/// it may cut within a character.
std::string plain_message(std::string message) {
  for (const std::string_view before : {"] ", ": ", " - "}) {
    const size_t at = message.find(before);
    if (at != std::string::npos) message.erase(0, at + before.size());
  }
  return message.substr(0, message.find("; last read: "));
}

/// Answers to the parser's events for those who want a few of them; all go on.
class EventsBase : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }
};

/// A key is on the list from when it is met until its value turns out to be an object with keys of
/// its own. Nothing within an array has a path.
class PathEvents final : public EventsBase {
 public:
  bool start_object(std::size_t) override {
    if (arrays_ == 0) ++depth_;
    return true;
  }
  bool end_object() override {
    if (arrays_ > 0) return true;
    --depth_;
    prefixes_.resize(std::min(prefixes_.size(), std::max<size_t>(depth_, 1) - 1));
    return true;
  }
  bool start_array(std::size_t) override { return ++arrays_ > 0; }
  bool end_array() override { return arrays_-- > 0; }
  bool key(string_t& name) override {
    if (arrays_ > 0 || depth_ > kMostPathKeys) return true;
    const bool nested = depth_ > 1;
    if (nested && prefixes_.size() < depth_ - 1) {
      prefixes_.push_back(paths.back().substr(0, kMostPrefixBytes) + ".");
      paths.pop_back();
    }
    paths.push_back(nested ? prefixes_.back() + name : name);
    return true;
  }

  std::vector<std::string> paths;

 private:
  // A longer one is shown to nobody, and would be copied into each path below it.
  static constexpr size_t kMostPrefixBytes = 200;

  std::vector<std::string> prefixes_;  // of the objects around that have keys
  size_t depth_ = 0;                   // objects around, outside of arrays
  size_t arrays_ = 0;
};

}  // namespace

/// Follows the parser through the objects. Within an array nothing is looked for; of one that is a
/// wanted field, the items are kept.
class JsonEvents final : public EventsBase {
 public:
  explicit JsonEvents(JsonFields& owner) : owner_(owner) {}

  bool null() override { return value(Kind::null, ""); }
  bool boolean(bool value_) override { return value(Kind::boolean, value_ ? "true" : "false"); }
  bool number_integer(number_integer_t n) override {
    return value(Kind::number, std::to_string(n));
  }
  bool number_unsigned(number_unsigned_t n) override {
    return value(Kind::number, std::to_string(n));
  }
  bool number_float(number_float_t, const string_t& written) override {
    return value(Kind::number, written);
  }
  bool string(string_t& text) override { return value(Kind::string, text); }

  bool start_object(std::size_t) override {
    if (depth_ > 0 && !value(Kind::object, "")) return false;
    ++(arrays_ > 0 ? arrays_ : depth_);
    return true;
  }
  bool end_object() override {
    leave();
    return true;
  }
  bool start_array(std::size_t) override {
    if (!value(Kind::array, "")) return false;
    ++arrays_;
    return true;
  }
  bool end_array() override {
    leave();
    return true;
  }

  bool key(string_t& name) override {
    if (arrays_ > 0) return true;
    for (JsonFields::Target& target : owner_.targets_) {
      target.matched = std::min(target.matched, depth_ - 1);
      const bool on_path = target.matched == depth_ - 1 && depth_ <= target.path.size();
      if (on_path && target.path[depth_ - 1] == name) target.matched = depth_;
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& last,
                   const json::exception& exception) override {
    constexpr int kNumberOverflow = 406;  // behind which the parser does not go on
    owner_.fault_ = {.bytes = position};
    if (exception.id == kNumberOverflow) {
      owner_.fault_.large_number = last;
    } else {
      owner_.fault_.what = plain_message(exception.what());
    }
    return false;
  }

 private:
  /// Any value, or the start of an array or object.
  bool value(Kind kind, std::string_view text) {
    if (depth_ == 0) {
      owner_.fault_ = {.what = std::string("found ") + kind_name(kind) + ", expected an object"};
      return false;
    }
    if (arrays_ == 0) {
      array_ = kNone;
      for (const JsonFields::Target& target : owner_.targets_) {
        if (target.matched == depth_ && target.path.size() == depth_) set(target, kind, text);
      }
    } else if (arrays_ == 1 && array_ != kNone) {
      add_item(kind, text);
    }
    return true;
  }

  void set(const JsonFields::Target& target, Kind kind, std::string_view text) {
    JsonField& field = owner_.fields_[target.field];
    const bool whole_key = target.path.size() == 1;
    if (field.whole_key && !whole_key) return;
    field.whole_key = whole_key;
    field.kind = kind;
    field.text = text;
    field.items.clear();
    field.plain_items = true;
    if (kind == Kind::array) array_ = target.field;
  }

  void add_item(Kind kind, std::string_view text) {
    JsonField& field = owner_.fields_[array_];
    field.items.emplace_back(text);
    if (kind != Kind::string && kind != Kind::number && kind != Kind::boolean) {
      field.plain_items = false;
    }
  }

  void leave() { --(arrays_ > 0 ? arrays_ : depth_); }

  static constexpr size_t kNone = SIZE_MAX;

  JsonFields& owner_;
  size_t depth_ = 0;      // objects around, outside of arrays
  size_t arrays_ = 0;     // the outermost array, and all that is open within it
  size_t array_ = kNone;  // the field that this array is
};

JsonFields::JsonFields(const std::vector<std::string>& names) : fields_(names.size()) {
  for (size_t i = 0; i < names.size(); ++i) {
    targets_.push_back({{names[i]}, i});
    if (std::vector<std::string> path = split_path(names[i]); path.size() > 1) {
      targets_.push_back({std::move(path), i});
    }
  }
}

bool JsonFields::read(std::string_view object) {
  for (Target& target : targets_) target.matched = 0;
  for (JsonField& field : fields_) {
    field.kind = Kind::missing;
    field.whole_key = false;
  }
  JsonEvents events(*this);
  return json::sax_parse(object.begin(), object.end(), &events);
}

std::vector<std::string> json_paths(std::string_view object) {
  PathEvents events;
  json::sax_parse(object.begin(), object.end(), &events);
  return std::move(events.paths);
}

const char* kind_name(JsonField::Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "a boolean";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::array:
      return "an array";
    case Kind::object:
      return "an object";
    default:
      return "nothing";
  }
}

}  // namespace ockham
