#include "ockham/text/quote.hpp"

#include <algorithm>

#include "ockham/text/utf8.hpp"

namespace ockham {

std::string quote(std::string_view bytes) {
  constexpr size_t kMaxBytes = 40;
  std::string result = "\"";
  size_t i = 0;
  while (i < bytes.size() && i < kMaxBytes) {
    const DecodedCharacter character = decode_utf8(bytes.substr(i));
    const bool control = character.code_point < 0x20 ||
                         (character.code_point >= 0x7F && character.code_point < 0xA0);
    append_utf8(control ? U'?' : character.code_point, result);
    i += character.length;
  }
  return result + (i < bytes.size() ? "...\"" : "\"");
}

std::string quote_list(std::span<const std::string> names) {
  constexpr size_t kMaxNames = 8;
  const size_t shown = std::min(names.size(), kMaxNames);
  std::string result;
  for (size_t i = 0; i < shown; ++i) result += (i > 0 ? ", " : "") + quote(names[i]);
  if (shown < names.size()) result += " and " + std::to_string(names.size() - shown) + " more";
  return result;
}

}  // namespace ockham
