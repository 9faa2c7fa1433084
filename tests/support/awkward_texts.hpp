#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "ockham/text/utf8.hpp"

namespace ockham {

/// Texts that try every rule of the tokenizers: of words that a model knows, joined by all that may
/// stand between words, with marks, look-alikes and broken UTF-8 thrown in.
class AwkwardTexts {
 public:
  AwkwardTexts(uint32_t seed, std::vector<std::string> words)
      : random_(seed), words_(std::move(words)) {}

  std::string next(size_t longest) {
    std::string text;
    for (size_t left = random_() % (longest + 1); left > 0; --left) add_piece(text);
    return text;
  }

 private:
  template <size_t n>
  std::string pick(const std::array<const char*, n>& of) {
    return of[random_() % n];
  }

  void add_piece(std::string& text) {
    switch (random_() % 12) {
      case 0:
        text += pick(kPieces);
        break;
      case 1:
        append_utf8(random_character(), text);
        break;
      case 2:
        text += static_cast<char>(random_());  // any byte
        break;
      case 3:
        text += pick(kMarks);
        break;
      default:
        text += words_[random_() % words_.size()];
        if (random_() % 4 > 0) text += random_() % 8 > 0 ? " " : pick(kGaps);
    }
  }

  /// Of the blocks that rules are about, now and then of all Unicode.
  char32_t random_character() {
    static constexpr std::array<std::pair<char32_t, char32_t>, 14> kBlocks{{{0x20, 0x7E},
                                                                            {0xA0, 0x24F},
                                                                            {0x300, 0x36F},
                                                                            {0x370, 0x52F},
                                                                            {0x590, 0x6FF},
                                                                            {0x900, 0xDFF},
                                                                            {0x1100, 0x11FF},
                                                                            {0x1E00, 0x1FFF},
                                                                            {0x2000, 0x22FF},
                                                                            {0x2460, 0x2AFF},
                                                                            {0x3000, 0x30FF},
                                                                            {0xAC00, 0xAFFF},
                                                                            {0xF900, 0xFFFD},
                                                                            {0x1F300, 0x1F6FF}}};
    if (random_() % 4 == 0) {
      const auto c = static_cast<char32_t>(random_() % 0x110000);
      return c >= 0xD800 && c < 0xE000 ? 0xFFFD : c;
    }
    const auto [first, last] = kBlocks[random_() % kBlocks.size()];
    return first + static_cast<char32_t>(random_() % (last - first + 1));
  }

  static constexpr std::array kPieces{"do n't ",
                                      "it 's ",
                                      "It 'S ",
                                      "DO N'T",
                                      "can 't've ",
                                      "n't",
                                      " 're",
                                      " 'll.",
                                      "'tis",
                                      "it''s",
                                      "don\u2019t",
                                      "don\u2019\u0301t",
                                      "a\u200Bb",
                                      "a\u200B\u0301b",
                                      "go\u00ADod ",
                                      "go\u200Dod ",
                                      "STRASSE ",
                                      "Stra\u00DFe ",
                                      "stra\u1E9Ee ",
                                      "\u0130stanbul ",
                                      "d\u0131\u015F ",
                                      "CAFE\u0301 ",
                                      "\u212Aelvin ",
                                      "\uFB01ne ",
                                      "\uFF27\uFF4F\uFF4F\uFF44 ",
                                      "\u1112\u1161\u11AB\u1100\u116E\u11A8",
                                      "\uD55C\u1100",
                                      "\uD558\u11AB",
                                      "\u304B\u3099",
                                      "\uFF76\uFF9E",
                                      "=\u0338",
                                      "=\u0338good",
                                      "a\u0323\u0301",
                                      "a\u0301\u0323",
                                      "\u2260",
                                      "\u0344",
                                      "1\u0663\u0967",
                                      "\u00BD",
                                      "\u2474",
                                      "\u037E",
                                      "\u1FEF",
                                      "\u2ADC",
                                      "7/10 ",
                                      "$5.00",
                                      "\U0001F600",
                                      "\U0001F468\u200D\U0001F469",
                                      "\xE2\x80",
                                      "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xC0\xAF",
                                      "\xF0\x9F\x98",
                                      "\xEF\xBB\xBF"};
  static constexpr std::array kMarks{"\u0301", "\u0308", "\u0323", "\u0327", "\u0338",
                                     "\u3099", "\u0345", "\uFE0F", "\u20DD", "\u0903"};
  static constexpr std::array kGaps{"\n",     "\t",  "\u00A0", "\u2009", "\u2028", "  ",
                                    " , ",    "-",   "\u2014", "\u3000", "\u0085", "\x7F",
                                    "\u1680", "...", "!?",     "'",      "\u200B", "\uFEFF"};

  std::mt19937 random_;
  std::vector<std::string> words_;
};

}  // namespace ockham
