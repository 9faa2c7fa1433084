#include "ockham/text/character_data.hpp"

#include <utf8proc.h>

#include <array>

namespace ockham {
namespace {

constexpr size_t kMostParts = 32;  // the longest decomposition of Unicode has 18 characters

bool is_hangul_syllable(char32_t c) {
  return c >= 0xAC00 && c <= 0xD7A3;
}

std::u32string decompose(char32_t c, int options) {
  std::array<utf8proc_int32_t, kMostParts> parts;
  int last_boundary = 0;
  const utf8proc_ssize_t count = utf8proc_decompose_char(
      static_cast<utf8proc_int32_t>(c), parts.data(), static_cast<utf8proc_ssize_t>(parts.size()),
      static_cast<utf8proc_option_t>(options), &last_boundary);
  if (count < 0) return {c};
  return {parts.begin(), parts.begin() + count};
}

std::u32string decompose(char32_t c, const TextForm& form) {
  if (is_hangul_syllable(c)) return {c};
  std::u32string parts = decompose(c, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_IGNORE |
                                          (form.fold ? UTF8PROC_CASEFOLD : 0) |
                                          (form.compatibility ? UTF8PROC_COMPAT : 0));
  if (form.fold_numbers) {
    for (char32_t& part : parts) {
      if (utf8proc_category(static_cast<utf8proc_int32_t>(part)) == UTF8PROC_CATEGORY_ND) {
        part = '0';
      }
    }
  }
  return parts;
}

}  // namespace

CharacterData character_data(char32_t code_point, const TextForm& form) {
  const utf8proc_property_t& property =
      *utf8proc_get_property(static_cast<utf8proc_int32_t>(code_point));
  return {.kind = character_kind(code_point),
          .punctuation = is_punctuation(code_point),
          .extends = extends_cluster(code_point, form),
          .ignorable = property.ignorable != 0,
          .combining_class = static_cast<uint8_t>(property.combining_class),
          .decomposition = decompose(code_point, form)};
}

std::vector<Composition> compositions() {
  constexpr char32_t kEnd = 0x110000;
  std::vector<Composition> result;
  for (char32_t c = 0x80; c < kEnd; ++c) {
    const utf8proc_property_t& property = *utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
    // A type says that the decomposition is one of compatibility.
    const bool canonical = property.decomp_seqindex != UINT16_MAX && property.decomp_type == 0;
    if (!canonical || property.comp_exclusion || is_hangul_syllable(c)) continue;
    // What its parts make together, one step deep: the last part, and NFC of those before it.
    std::u32string parts = decompose(c, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
    if (parts.size() < 2) continue;
    std::array<utf8proc_int32_t, kMostParts> buffer;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      buffer[i] = static_cast<utf8proc_int32_t>(parts[i]);
    }
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    const utf8proc_ssize_t first = utf8proc_normalize_utf32(
        buffer.data(), static_cast<utf8proc_ssize_t>(parts.size() - 1), options);
    if (first != 1) continue;
    std::array<utf8proc_int32_t, kMostParts> both{buffer[0],
                                                  static_cast<utf8proc_int32_t>(parts.back())};
    if (utf8proc_normalize_utf32(both.data(), 2, options) != 1) continue;
    if (static_cast<char32_t>(both[0]) != c) continue;
    result.push_back({static_cast<char32_t>(buffer[0]), parts.back(), c});
  }
  return result;
}

}  // namespace ockham
