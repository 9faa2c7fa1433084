#include "apps/explanation_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

using nlohmann::json;

constexpr size_t kWidth = 80;

std::string signed_number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.2f", x);
  return text;
}

bool is_shown(const ExplainedWord& word) {
  return std::abs(word.log_odds) >= kShownLogOdds;
}

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

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string word_html(const ExplainedWord& word) {
  if (!is_shown(word)) return escaped(word.text);
  constexpr double kFull = 2.0;  // of the log odds: the strongest colour
  char style[64];
  std::snprintf(style, sizeof style, "--part:%.0f%%",
                100 * std::min(1.0, 0.15 + 0.85 * std::abs(word.log_odds) / kFull));
  return "<span class=\"" + std::string(word.log_odds > 0 ? "for" : "against") + "\" style=\"" +
         style + "\" title=\"" + signed_number(word.log_odds) + "\">" + escaped(word.text) +
         "</span>";
}

constexpr std::string_view kPageStart = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Why these labels</title>
<style>
:root { color-scheme: light dark; --text: #1c1c1e; --page: #fff; --quiet: #5c5c63; --line: #d9d9de;
  --for: 30 132 73; --against: 196 58 32; }
@media (prefers-color-scheme: dark) { :root { --text: #ececf0; --page: #17181b; --quiet: #a2a2ab;
  --line: #38393f; --for: 74 190 122; --against: 240 112 86; } }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: var(--text);
  background: var(--page); font: 1rem/1.7 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 0 0 .4rem; }
article { border-top: 1px solid var(--line); padding: 1.2rem 0; }
p { margin: 0; overflow-wrap: anywhere; } .quiet { color: var(--quiet); }
span { border-radius: .2rem; padding: 0 .15rem; text-underline-offset: .25rem; }
.for { background: rgb(var(--for) / calc(var(--part) * .45));
  text-decoration: underline 2px rgb(var(--for)); }
.against { background: rgb(var(--against) / calc(var(--part) * .45));
  text-decoration: underline wavy 1px rgb(var(--against)); }
@media print { body { margin: 0; } span { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
</style>
</head>
<body>
<main>
<h1>Why these labels</h1>
<p class="quiet">Each underlined word says by how much the log odds of the label fall when it is left
out: <span class="for" style="--part:60%">for the label</span>,
<span class="against" style="--part:60%">against it</span> (wavy). The others change nothing.</p>
)";

}  // namespace

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

std::string explanation_html(const std::vector<Explanation>& explanations,
                             const std::vector<std::string>& classes) {
  std::string page(kPageStart);
  for (const Explanation& explanation : explanations) {
    page += "<article>\n<h2>" + escaped(classes[explanation.label]) + " <span class=\"quiet\">" +
            percent_text(explanation.probability) + "%</span></h2>\n<p>";
    for (const ExplainedWord& word : explanation.words) page += word_html(word) + " ";
    page += "</p>\n</article>\n";
  }
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace ockham
