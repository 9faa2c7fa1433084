#include "ockham/text/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace ockham {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct LeadByte {
  uint32_t length;      // of the whole character; 0 for a byte that cannot start one
  uint8_t second_low;   // the range of the second byte, which rules out
  uint8_t second_high;  // overlong forms, surrogates and values past U+10FFFF
};

LeadByte classify_lead(uint8_t lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

DecodedCharacter decode_utf8(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  if (byte(0) < 0x80) return {byte(0), 1, true};
  const LeadByte lead = classify_lead(byte(0));
  if (lead.length == 0) return {kReplacement, 1, false};
  char32_t code_point = byte(0) & (0x7Fu >> lead.length);
  for (uint32_t i = 1; i < lead.length; ++i) {
    const uint8_t low = i == 1 ? lead.second_low : 0x80;
    const uint8_t high = i == 1 ? lead.second_high : 0xBF;
    if (i >= bytes.size() || byte(i) < low || byte(i) > high) return {kReplacement, i, false};
    code_point = (code_point << 6) | (byte(i) & 0x3Fu);
  }
  return {code_point, lead.length, true};
}

size_t incomplete_suffix(std::string_view bytes) {
  constexpr size_t kMost = 3;
  for (size_t length = 1; length <= std::min(kMost, bytes.size()); ++length) {
    const std::string_view suffix = bytes.substr(bytes.size() - length);
    const bool wants_more = classify_lead(static_cast<uint8_t>(suffix[0])).length > length;
    if (wants_more && decode_utf8(suffix).length == length) return length;
  }
  return 0;
}

void append_utf8(char32_t code_point, std::string& out) {
  const auto append = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    append(code_point);
  } else if (code_point < 0x800) {
    append(0xC0 | (code_point >> 6));
    append(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    append(0xE0 | (code_point >> 12));
    append(0x80 | ((code_point >> 6) & 0x3F));
    append(0x80 | (code_point & 0x3F));
  } else {
    append(0xF0 | (code_point >> 18));
    append(0x80 | ((code_point >> 12) & 0x3F));
    append(0x80 | ((code_point >> 6) & 0x3F));
    append(0x80 | (code_point & 0x3F));
  }
}

size_t ascii_prefix(std::string_view bytes) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  size_t i = 0;
  for (; i + 32 <= bytes.size(); i += 32) {
    uint64_t block[4];
    std::memcpy(block, bytes.data() + i, sizeof(block));
    if ((block[0] | block[1] | block[2] | block[3]) & kHighBits) break;
  }
  while (i < bytes.size() && static_cast<uint8_t>(bytes[i]) < 0x80) ++i;
  return i;
}

bool is_utf8(std::string_view bytes) {
  for (size_t i = ascii_prefix(bytes); i < bytes.size(); i += ascii_prefix(bytes.substr(i))) {
    const DecodedCharacter character = decode_utf8(bytes.substr(i));
    if (!character.valid) return false;
    i += character.length;
  }
  return true;
}

uint64_t sanitize_utf8(std::string_view bytes, std::string& out) {
  out.clear();
  uint64_t replaced = 0;
  size_t copied = 0;  // bytes before this one are in `out` already
  for (size_t i = ascii_prefix(bytes); i < bytes.size(); i += ascii_prefix(bytes.substr(i))) {
    const DecodedCharacter character = decode_utf8(bytes.substr(i));
    if (!character.valid) {
      out.append(bytes, copied, i - copied);
      out.append(kReplacementCharacter);
      copied = i + character.length;
      ++replaced;
    }
    i += character.length;
  }
  out.append(bytes, copied, bytes.size() - copied);
  return replaced;
}

}  // namespace ockham
