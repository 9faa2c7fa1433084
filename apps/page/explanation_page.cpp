#include "apps/page/explanation_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "apps/explanation_text.hpp"
#include "apps/page/html.hpp"
#include "apps/terminal_text.hpp"

namespace ockham {
namespace {

std::string word_html(const ExplainedWord& word, size_t longest) {
  const std::string text = escaped(shortened(word.text, longest));
  if (!is_shown(word)) return text;
  constexpr double kFull = 2.0;  // of the log odds: the strongest colour
  char style[64];
  std::snprintf(style, sizeof style, "--part:%.0f%%",
                100 * std::min(1.0, 0.15 + 0.85 * std::abs(word.log_odds) / kFull));
  return "<mark class=\"" + std::string(word.log_odds > 0 ? "for" : "against") + "\" style=\"" +
         style + "\" title=\"" + signed_number(word.log_odds) + "\">" + text + "</mark>";
}

constexpr std::string_view kIntroduction = R"(<main>
<h1>Why these labels</h1>
<p class="quiet">Each underlined word says by how much the log odds of the label fall when it is left
out: <mark class="for" style="--part:60%">for the label</mark>,
<mark class="against" style="--part:60%">against it</mark> (wavy). The others change nothing.</p>
)";

}  // namespace

std::string words_html(const Explanation& explanation, const WordsLimit& limit) {
  std::string html;
  const size_t most = std::min(limit.words, explanation.words.size());
  size_t shown = 0;
  while (shown < most && html.size() < limit.bytes) {
    html += word_html(explanation.words[shown++], limit.characters) + " ";
  }
  const size_t left = explanation.words.size() - shown;
  if (left > 0)
    html += "<span class=\"quiet\">… " + counted(left, "word", "words") + " more</span>";
  return html;
}

std::string explanation_page(const std::vector<Explanation>& explanations,
                             const std::vector<std::string>& classes) {
  std::string body(kIntroduction);
  for (const Explanation& explanation : explanations) {
    body += "<article>\n<h2>" + escaped(classes[explanation.label]) + " <span class=\"quiet\">" +
            percent_text(explanation.probability) + "%</span></h2>\n<p>" + words_html(explanation) +
            "</p>\n</article>\n";
  }
  return html_page("Why these labels", "explanation", "", body + "</main>\n");
}

}  // namespace ockham
