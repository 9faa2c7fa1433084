#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/explanation_text.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/options.hpp"
#include "apps/page/explanation_page.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/content.hpp"
#include "ockham/text/quote.hpp"

namespace ockham {
namespace {

struct Explain final : Subcommand {
  std::string model, label, html, colour = "auto";
  std::vector<std::string> given;
  bool as_json = false;
  DataOptions data;
  Command command{"explain", "Say which words give a text its label, and by how much.",
                  "ockham explain --model reviews 'long , but never dull'"};

  Explain();
  Command& options() override { return command; }
  int run() override;

 private:
  void for_each_text(const std::function<void(const std::string&)>& visit) const;
  static void warn_of_long(const Explainer& explainer, const std::string& text);
  std::optional<uint32_t> wanted_class(const std::vector<std::string>& classes) const;
  bool colours() const;
};

Explain::Explain() {
  command.required(&model, "model", "DIR|FILE", "trained folder or deployable file");
  command.option(&label, "label", "NAME", "explain this label");
  command.describe_default("the most probable one");
  command.flag(&as_json, "json", "a JSON object a text");
  command.option(&html, "html", "FILE", "write a page with all texts");
  command.choice(&colour, "color", {"auto", "always", "never"},
                 "colour words in place of numbers behind them; auto: in a terminal, unless "
                 "NO_COLOR is set");
  command.positional(&given, "TEXT|FILE",
                     "a text, or a file of texts, one a line unless --format or the name says "
                     "otherwise; - for standard input");
  declare_text_options(command, data);
}

/// What has no space and no file is a file that was mistyped, more likely than a text of one word.
void Explain::for_each_text(const std::function<void(const std::string&)>& visit) const {
  for (const std::string& one : given) {
    std::error_code ignored;
    if (one != "-" && !std::filesystem::exists(one, ignored)) {
      if (one.find(' ') == std::string::npos) {
        fail(quote(one), ": no such file; a text has spaces (put one behind a single word)");
      }
      visit(one);
      continue;
    }
    DataOptions options = data;
    options.format = text_format(one, data);
    const auto reader = open_records(one, options);
    size_t texts = 0;
    for (Record record; reader->next(record); ++texts) visit(record.text);
    if (texts == 0) fail(one == "-" ? "stdin" : one, ": holds no text");
  }
}

void Explain::warn_of_long(const Explainer& explainer, const std::string& text) {
  const ExplainingCost cost = explainer.cost(text);
  if (!cost.is_long()) return;
  std::cerr << "a text in which " << grouped_digits(cost.words)
            << " words count: it is judged once without each, which takes a while\n";
}

std::optional<uint32_t> Explain::wanted_class(const std::vector<std::string>& classes) const {
  if (label.empty()) return std::nullopt;
  const auto found = std::ranges::find(classes, label);
  if (found == classes.end()) {
    throw UsageError("--label " + quote(label) + ": the model does not know it, only " +
                     quote_list(classes) + did_you_mean(label, classes));
  }
  return static_cast<uint32_t>(found - classes.begin());
}

bool Explain::colours() const {
  if (colour != "auto") return colour == "always";
  return ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

int Explain::run() {
  if (given.empty()) throw UsageError("explain needs a text, or a file of texts");
  if (as_json && !html.empty()) throw UsageError("--json and --html exclude each other");
  if (!html.empty()) {
    std::vector<std::string> inputs = given;
    inputs.push_back(model);
    check_result_file("--html", html, model, inputs);
  } else {
    std::ranges::for_each(given, refuse_own_answers);
  }
  const Explainer explainer(load_folded(model));
  const std::optional<uint32_t> wanted = wanted_class(explainer.classes());
  std::vector<Explanation> explanations;
  bool first = true;
  for_each_text([&](const std::string& text) {
    warn_of_long(explainer, text);
    const Explanation explanation = explainer.explain(text, wanted);
    if (!html.empty()) {
      explanations.push_back(explanation);
    } else if (as_json) {
      std::cout << explanation_json(explanation, explainer.classes()) << '\n';
    } else {
      std::cout << (first ? "" : "\n")
                << explanation_text(explanation, explainer.classes(), colours());
    }
    first = false;
  });
  if (!html.empty()) {
    write_file_atomically(html, explanation_page(explanations, explainer.classes()));
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_explain_command() {
  return std::make_unique<Explain>();
}

}  // namespace ockham
