#include "ockham/text/scripts.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace ockham {
namespace {

struct ScriptRange {
  char32_t first;
  char32_t last;
  std::string_view script;
};

// Whole blocks of Unicode: what is no letter in them has been ruled out before.
constexpr std::array kRanges{
    ScriptRange{0x0041, 0x024F, "Latin"},    ScriptRange{0x0250, 0x02AF, "Latin"},
    ScriptRange{0x0370, 0x03FF, "Greek"},    ScriptRange{0x0400, 0x052F, "Cyrillic"},
    ScriptRange{0x0530, 0x058F, "Armenian"}, ScriptRange{0x0590, 0x05FF, "Hebrew"},
    ScriptRange{0x0600, 0x06FF, "Arabic"},   ScriptRange{0x0750, 0x077F, "Arabic"},
    ScriptRange{0x08A0, 0x08FF, "Arabic"},   ScriptRange{0x0900, 0x097F, "Devanagari"},
    ScriptRange{0x0980, 0x09FF, "Bengali"},  ScriptRange{0x0A00, 0x0A7F, "Gurmukhi"},
    ScriptRange{0x0A80, 0x0AFF, "Gujarati"}, ScriptRange{0x0B00, 0x0B7F, "Odia"},
    ScriptRange{0x0B80, 0x0BFF, "Tamil"},    ScriptRange{0x0C00, 0x0C7F, "Telugu"},
    ScriptRange{0x0C80, 0x0CFF, "Kannada"},  ScriptRange{0x0D00, 0x0D7F, "Malayalam"},
    ScriptRange{0x0D80, 0x0DFF, "Sinhala"},  ScriptRange{0x0E00, 0x0E7F, "Thai"},
    ScriptRange{0x0E80, 0x0EFF, "Lao"},      ScriptRange{0x0F00, 0x0FFF, "Tibetan"},
    ScriptRange{0x1000, 0x109F, "Myanmar"},  ScriptRange{0x10A0, 0x10FF, "Georgian"},
    ScriptRange{0x1100, 0x11FF, "Hangul"},   ScriptRange{0x1200, 0x139F, "Ethiopic"},
    ScriptRange{0x1780, 0x17FF, "Khmer"},    ScriptRange{0x1800, 0x18AF, "Mongolian"},
    ScriptRange{0x1C80, 0x1C8F, "Cyrillic"}, ScriptRange{0x1C90, 0x1CBF, "Georgian"},
    ScriptRange{0x1E00, 0x1EFF, "Latin"},    ScriptRange{0x1F00, 0x1FFF, "Greek"},
    ScriptRange{0x2C60, 0x2C7F, "Latin"},    ScriptRange{0x2D00, 0x2D2F, "Georgian"},
    ScriptRange{0x2DE0, 0x2DFF, "Cyrillic"}, ScriptRange{0x3005, 0x3007, "Han"},
    ScriptRange{0x3041, 0x309F, "Hiragana"}, ScriptRange{0x30A0, 0x30FF, "Katakana"},
    ScriptRange{0x3130, 0x318F, "Hangul"},   ScriptRange{0x31F0, 0x31FF, "Katakana"},
    ScriptRange{0x3400, 0x4DBF, "Han"},      ScriptRange{0x4E00, 0x9FFF, "Han"},
    ScriptRange{0xA640, 0xA69F, "Cyrillic"}, ScriptRange{0xA720, 0xA7FF, "Latin"},
    ScriptRange{0xAB30, 0xAB6F, "Latin"},    ScriptRange{0xAC00, 0xD7FF, "Hangul"},
    ScriptRange{0xF900, 0xFAFF, "Han"},      ScriptRange{0xFB00, 0xFB06, "Latin"},
    ScriptRange{0xFB1D, 0xFB4F, "Hebrew"},   ScriptRange{0xFB50, 0xFDFF, "Arabic"},
    ScriptRange{0xFE70, 0xFEFF, "Arabic"},   ScriptRange{0xFF21, 0xFF5A, "Latin"},
    ScriptRange{0xFF66, 0xFF9F, "Katakana"}, ScriptRange{0x20000, 0x3FFFD, "Han"},
};

static_assert(std::ranges::is_sorted(kRanges, {}, &ScriptRange::first));

bool is_letter(char32_t code_point) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string_view script_of(char32_t code_point) {
  if (!is_letter(code_point)) return {};
  const auto range = std::ranges::lower_bound(kRanges, code_point, {}, &ScriptRange::last);
  return range != kRanges.end() && range->first <= code_point ? range->script : "other";
}

bool needs_subwords(std::string_view script) {
  constexpr std::array<std::string_view, 4> kScripts{"Thai", "Lao", "Khmer", "Myanmar"};
  return std::ranges::find(kScripts, script) != kScripts.end();
}

}  // namespace ockham
