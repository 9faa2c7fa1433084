#include "ockham/deploy/prediction_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "ockham/tensor/error.hpp"
#include "ockham/text/json_text.hpp"

namespace ockham {
namespace {

constexpr int kDecimals = 6;

void append_probability(float p, std::string& out) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), p,
                                 std::chars_format::fixed, kDecimals);
  out.append(digits.data(), end.ptr);
}

/// append_item(k) for each label, with commas between them.
template <typename AppendItem>
void append_list(std::span<const size_t> labels, std::string& out, const AppendItem& append_item) {
  for (size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_item(labels[i]);
  }
}

/// A column of a line: what would end the line becomes a space.
void append_column(std::string_view text, std::string& out) {
  const size_t begin = out.size();
  out.append(text);
  const auto ends_line = [](char c) { return c == '\n' || c == '\r'; };
  std::replace_if(out.begin() + static_cast<ptrdiff_t>(begin), out.end(), ends_line, ' ');
}

}  // namespace

PredictionFormatter::PredictionFormatter(const Engine& engine, const PredictionStyle& style)
    : style_(style),
      json_(style.format == PredictionFormat::json_lines),
      thresholds_(engine.thresholds()) {
  if (style.abstain_below > 0.0 && !thresholds_.empty()) {
    fail("the model gives a text any number of labels, each from a threshold of its own on: it ",
         "abstains (-) where none is reached; leave --abstain-below out");
  }
  style_.top = std::min(style.top, engine.classes().size());
  for (const std::string& name : engine.classes()) {
    names_.push_back(json_ ? json_string(name) : name);
  }
}

std::vector<std::string> PredictionFormatter::own_members() const {
  std::vector<std::string> names{"label", "labels", "probability", "probabilities"};
  if (style_.copy_text) names.push_back("text");
  return names;
}

void PredictionFormatter::append(std::span<const float> probabilities, std::string_view text,
                                 std::string_view others, std::string& out) const {
  std::vector<size_t> labels;
  labels_to_show(probabilities, labels);
  if (json_) {
    out.push_back('{');
    if (!others.empty()) out.append(others).push_back(',');
    if (style_.copy_text) out.append(R"("text":)").append(json_string(text)).push_back(',');
    append_members(probabilities, labels, out);
    out.append("}\n");
    return;
  }
  append_columns(probabilities, labels, out);
  if (style_.copy_text) {
    out.push_back('\t');
    append_column(text, out);
  }
  out.push_back('\n');
}

/// The most probable first.
void PredictionFormatter::labels_to_show(std::span<const float> probabilities,
                                         std::vector<size_t>& labels) const {
  const auto probability = [&](size_t k) { return probabilities[k]; };
  if (style_.top > 0) {
    for (size_t k = 0; k < probabilities.size(); ++k) labels.push_back(k);
    std::ranges::stable_sort(labels, std::ranges::greater{}, probability);
    labels.resize(style_.top);
  } else if (thresholds_.empty()) {
    const auto most = std::ranges::max_element(probabilities);
    labels.push_back(static_cast<size_t>(most - probabilities.begin()));
  } else {
    for (size_t k = 0; k < probabilities.size(); ++k) {
      if (probabilities[k] >= thresholds_[k]) labels.push_back(k);
    }
    std::ranges::stable_sort(labels, std::ranges::greater{}, probability);
  }
}

void PredictionFormatter::append_columns(std::span<const float> probabilities,
                                         std::span<const size_t> labels, std::string& out) const {
  if (!thresholds_.empty() && style_.top == 0) {
    append_lists(probabilities, labels, out);
    return;
  }
  for (size_t i = 0; i < labels.size(); ++i) {
    const float p = probabilities[labels[i]];
    if (i > 0) out.push_back('\t');
    out.append(i == 0 && abstains(p) ? "-" : names_[labels[i]]).push_back('\t');
    append_probability(p, out);
  }
}

void PredictionFormatter::append_lists(std::span<const float> probabilities,
                                       std::span<const size_t> labels, std::string& out) const {
  if (labels.empty()) {
    out.append("-\t-");
    return;
  }
  append_list(labels, out, [&](size_t k) { out.append(names_[k]); });
  out.push_back('\t');
  append_list(labels, out, [&](size_t k) { append_probability(probabilities[k], out); });
}

void PredictionFormatter::append_members(std::span<const float> probabilities,
                                         std::span<const size_t> labels, std::string& out) const {
  if (thresholds_.empty()) {
    const float most = probabilities[labels.front()];
    out.append(R"("label":)").append(abstains(most) ? "null" : names_[labels.front()]);
    out.append(R"(,"probability":)");
    append_probability(most, out);
  } else {
    std::vector<size_t> given;
    for (const size_t k : labels) {
      if (probabilities[k] >= thresholds_[k]) given.push_back(k);
    }
    out.append(R"("labels":[)");
    append_list(given, out, [&](size_t k) { out.append(names_[k]); });
    out.push_back(']');
  }
  out.append(R"(,"probabilities":{)");
  const auto append_item = [&](size_t k) {
    out.append(names_[k]).push_back(':');
    append_probability(probabilities[k], out);
  };
  if (style_.top > 0) {
    append_list(labels, out, append_item);
  } else {
    for (size_t k = 0; k < names_.size(); ++k) {
      if (k > 0) out.push_back(',');
      append_item(k);
    }
  }
  out.push_back('}');
}

}  // namespace ockham
