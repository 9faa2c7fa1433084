#include "ockham/text/json_text.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ockham {
namespace {

using nlohmann::json;

/// Walks over a JSON text that is known to be valid.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  bool at(char c) const { return text_[at_] == c; }
  void step() { ++at_; }
  size_t place() const { return at_; }

  void skip_space() {
    while (at(' ') || at('\t') || at('\n') || at('\r')) ++at_;
  }

  void skip_string() {
    for (++at_; !at('"'); ++at_) {
      if (at('\\')) ++at_;
    }
    ++at_;
  }

  void skip_value() {
    size_t depth = 0;
    do {
      if (at('"')) {
        skip_string();
        continue;
      }
      if (at('{') || at('[')) ++depth;
      if (at('}') || at(']')) --depth;
      ++at_;
    } while (depth > 0 || !(at(',') || at('}')));
  }

  std::string_view since(size_t begin) const { return text_.substr(begin, at_ - begin); }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

std::string_view without_space(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\n\r") + 1);
}

}  // namespace

std::string json_string(std::string_view bytes) {
  return json(bytes).dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_json_members(std::string_view object, std::span<const std::string> except,
                         std::string& out) {
  Walk walk(object);
  walk.skip_space();
  bool first = true;
  do {
    walk.step();  // the brace or a comma
    walk.skip_space();
    if (walk.at('}')) return;
    const size_t begin = walk.place();
    walk.skip_string();
    const std::string_view key = walk.since(begin);
    walk.skip_space();
    walk.step();  // the colon
    walk.skip_space();
    walk.skip_value();
    if (std::ranges::count(except, json::parse(key).get<std::string>()) > 0) continue;
    if (!std::exchange(first, false)) out.push_back(',');
    out.append(without_space(walk.since(begin)));
  } while (!walk.at('}'));
}

}  // namespace ockham
