#include "apps/explanation_text.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

using nlohmann::json;

constexpr size_t kWidth = 80;

/// Words side by side in lines of kWidth columns; `width` of a word as it is shown.
class Lines {
 public:
  void add(const std::string& word, size_t width) {
    if (column_ > 0 && column_ + 1 + width > kWidth) {
      text_ += '\n';
      column_ = 0;
    }
    if (column_ > 0) {
      text_ += ' ';
      ++column_;
    }
    text_ += word;
    column_ += width;
  }
  std::string finish() { return column_ > 0 ? text_ + "\n" : text_; }

 private:
  std::string text_;
  size_t column_ = 0;
};

std::string coloured(const ExplainedWord& word) {
  constexpr double kStrong = 1.0;  // of the log odds
  const char* colour = word.log_odds > 0 ? "\033[32m" : "\033[31m";
  const char* weight = std::abs(word.log_odds) >= kStrong ? "\033[1m" : "";
  return std::string(colour) + weight + printable(word.text) + "\033[0m";
}

std::string words_text(const Explanation& explanation, bool colours) {
  Lines lines;
  for (const ExplainedWord& word : explanation.words) {
    if (!is_shown(word)) {
      lines.add(printable(word.text), display_width(word.text));
    } else if (colours) {
      lines.add(coloured(word), display_width(word.text));
    } else {
      const std::string shown = printable(word.text) + "(" + signed_number(word.log_odds) + ")";
      lines.add(shown, display_width(shown));
    }
  }
  return lines.finish();
}

/// Each word once, with what all its places add up to; the strongest first.
std::vector<std::pair<std::string, double>> strongest_words(const Explanation& explanation) {
  std::map<std::string, double> sums;
  for (const ExplainedWord& word : explanation.words) {
    if (is_shown(word)) sums[word.text] += word.log_odds;
  }
  std::vector<std::pair<std::string, double>> words(sums.begin(), sums.end());
  std::ranges::stable_sort(words, std::ranges::greater{},
                           [](const auto& word) { return std::abs(word.second); });
  return words;
}

}  // namespace

bool is_shown(const ExplainedWord& word) {
  constexpr double kRounding = 0.005;
  return std::abs(word.log_odds) >= kRounding;
}

std::string explanation_text(const Explanation& explanation,
                             const std::vector<std::string>& classes, bool colours) {
  std::string text =
      printable(classes[explanation.label]) + "  " + percent_text(explanation.probability) +
      "%  (log odds " + signed_number(explanation.log_odds) + ", without any known word " +
      signed_number(explanation.without_words) + ")\n\n" + words_text(explanation, colours);
  const auto strongest = strongest_words(explanation);
  if (strongest.empty()) return text;
  Lines lines;
  lines.add("strongest:", 10);
  constexpr size_t kMost = 12;
  for (size_t i = 0; i < std::min(kMost, strongest.size()); ++i) {
    const std::string word = printable(strongest[i].first) + " " +
                             signed_number(strongest[i].second) + (i + 1 < kMost ? "," : "");
    lines.add(word, display_width(word));
  }
  std::string list = lines.finish();
  if (list.ends_with(",\n")) list.replace(list.size() - 2, 2, "\n");
  return text + "\n" + list;
}

std::string explanation_json(const Explanation& explanation,
                             const std::vector<std::string>& classes) {
  json words = json::array();
  for (const ExplainedWord& word : explanation.words) {
    words.push_back({{"word", word.text}, {"known", word.known}, {"log_odds", word.log_odds}});
  }
  const json object = {{"label", classes[explanation.label]},
                       {"probability", explanation.probability},
                       {"log_odds", explanation.log_odds},
                       {"log_odds_without_words", explanation.without_words},
                       {"words", words}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace ockham
