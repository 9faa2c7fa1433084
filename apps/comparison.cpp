#include "apps/comparison.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "apps/load_model.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/train/ranking.hpp"

namespace ockham {
namespace {

using nlohmann::json;

/// Of a folder those of the file that compress makes of it.
size_t bytes_of(const std::string& model) {
  if (is_model_folder(model)) {
    return encode_compact(load_folded_folder(model), WeightFormat::int8).size();
  }
  return std::filesystem::file_size(model);
}

Comparison::Side side_of(const ComparedModel& model) {
  const Judged& judged = model.judged;
  size_t right = 0;
  for (size_t i = 0; i < judged.labels.size(); ++i) right += judged.is_right(i);
  const auto texts = static_cast<double>(judged.labels.size());
  return {model.name, static_cast<double>(right) / texts, bytes_of(model.name),
          texts / std::max(judged.seconds, 1e-9)};
}

json side_json(const Comparison::Side& side) {
  return {{"model", side.name},
          {"accuracy", side.accuracy},
          {"bytes", side.bytes},
          {"texts_per_second", side.texts_a_second}};
}

void print_side(const char* name, const Comparison::Side& side) {
  std::printf("%-3s %8s%% %12s %16s  %s\n", name, percent_text(side.accuracy).c_str(),
              grouped_digits(side.bytes).c_str(),
              grouped_digits(static_cast<size_t>(side.texts_a_second)).c_str(),
              cell(side.name, std::min<size_t>(display_width(side.name), 36)).c_str());
}

/// What sets two models apart that may know the same labels.
std::string several_text(const FoldedModel& a, const FoldedModel& b) {
  if (a.several_labels == b.several_labels) return "";
  return std::string(", and the ") + (a.several_labels ? "first" : "second") +
         " gives a text several";
}

}  // namespace

void check_comparable(const std::string& first, const std::string& second) {
  const FoldedModel a = load_folded(first), b = load_folded(second);
  if (!std::ranges::is_permutation(a.classes, b.classes) || a.several_labels != b.several_labels) {
    fail(first, " knows the labels ", quote_list(a.classes), ", ", second, " knows ",
         quote_list(b.classes), several_text(a, b), "; compare models of the same ones");
  }
}

Comparison compare(const ComparedModel& first, const ComparedModel& second) {
  const Judged &a = first.judged, &b = second.judged;
  std::vector<uint32_t> in_first;  // the number of each class of the second
  for (const std::string& name : b.classes) {
    in_first.push_back(
        static_cast<uint32_t>(std::ranges::find(a.classes, name) - a.classes.begin()));
  }
  Comparison c{.first = side_of(first), .second = side_of(second), .texts = a.labels.size()};
  size_t same = 0;
  for (size_t i = 0; i < c.texts; ++i) {
    const bool first_right = a.is_right(i), second_right = b.is_right(i);
    c.both_right += first_right && second_right;
    c.only_first += first_right && !second_right;
    c.only_second += !first_right && second_right;
    c.neither += !first_right && !second_right;
    std::vector<uint32_t> given = b.given_labels(i);
    for (uint32_t& label : given) label = in_first[label];
    std::ranges::sort(given);
    same += a.given_labels(i) == given;
  }
  c.agreement = static_cast<double>(same) / static_cast<double>(c.texts);
  c.p = mcnemar_p(c.only_first, c.only_second);
  return c;
}

std::string comparison_json(const Comparison& c) {
  const json object = {{"count", c.texts},
                       {"models", {side_json(c.first), side_json(c.second)}},
                       {"both_right", c.both_right},
                       {"only_first_right", c.only_first},
                       {"only_second_right", c.only_second},
                       {"neither_right", c.neither},
                       {"agreement", c.agreement},
                       {"mcnemar_p", c.p}};
  return object.dump(1, ' ', false, json::error_handler_t::replace);
}

void print_comparison(const Comparison& c) {
  std::printf("    accuracy        bytes  texts a second  model\n");
  print_side("A", c.first);
  print_side("B", c.second);
  std::printf("\n%s texts: both right %s, only A %s, only B %s, neither %s\n",
              grouped_digits(c.texts).c_str(), grouped_digits(c.both_right).c_str(),
              grouped_digits(c.only_first).c_str(), grouped_digits(c.only_second).c_str(),
              grouped_digits(c.neither).c_str());
  std::printf("the same answer   %s%%\n", percent_text(c.agreement).c_str());
  std::printf("McNemar's p       %.3g  (exact, two-sided: how likely chance splits them so)\n",
              c.p);
  std::fflush(stdout);
}

}  // namespace ockham
