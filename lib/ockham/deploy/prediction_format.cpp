#include "ockham/deploy/prediction_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace ockham {
namespace {

constexpr int kDecimals = 6;

void append_probability(float p, std::string& out) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), p,
                                 std::chars_format::fixed, kDecimals);
  out.append(digits.data(), end.ptr);
}

std::string quoted(const std::string& name) {
  return nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The labels that reach their thresholds, the most probable first.
std::vector<size_t> given_labels(std::span<const float> probabilities,
                                 std::span<const float> thresholds) {
  std::vector<size_t> given;
  for (size_t k = 0; k < probabilities.size(); ++k) {
    if (probabilities[k] >= thresholds[k]) given.push_back(k);
  }
  std::ranges::stable_sort(given, std::ranges::greater{},
                           [&](size_t k) { return probabilities[k]; });
  return given;
}

/// append_item(k) for each label, with commas between them.
template <typename AppendItem>
void append_list(std::span<const size_t> labels, std::string& out, const AppendItem& append_item) {
  for (size_t i = 0; i < labels.size(); ++i) {
    if (i > 0) out.push_back(',');
    append_item(labels[i]);
  }
}

}  // namespace

PredictionFormatter::PredictionFormatter(const Engine& engine, PredictionFormat format)
    : json_(format == PredictionFormat::json_lines), thresholds_(engine.thresholds()) {
  for (const std::string& name : engine.classes()) names_.push_back(json_ ? quoted(name) : name);
}

void PredictionFormatter::append(std::span<const float> probabilities, std::string& out) const {
  if (thresholds_.empty()) {
    append_one(probabilities, out);
  } else {
    append_several(probabilities, out);
  }
}

void PredictionFormatter::append_one(std::span<const float> probabilities, std::string& out) const {
  const auto top = std::ranges::max_element(probabilities);
  const std::string& name = names_[static_cast<size_t>(top - probabilities.begin())];
  if (!json_) {
    out.append(name).push_back('\t');
    append_probability(*top, out);
    out.push_back('\n');
    return;
  }
  out.append(R"({"label":)").append(name).append(R"(,"probability":)");
  append_probability(*top, out);
  out.push_back(',');
  append_all(probabilities, out);
}

void PredictionFormatter::append_several(std::span<const float> probabilities,
                                         std::string& out) const {
  const std::vector<size_t> given = given_labels(probabilities, thresholds_);
  const auto append_name = [&](size_t k) { out.append(names_[k]); };
  if (json_) {
    out.append(R"({"labels":[)");
    append_list(given, out, append_name);
    out.append("],");
    append_all(probabilities, out);
    return;
  }
  if (given.empty()) {
    out.append("-\t-\n");
    return;
  }
  append_list(given, out, append_name);
  out.push_back('\t');
  append_list(given, out, [&](size_t k) { append_probability(probabilities[k], out); });
  out.push_back('\n');
}

/// Every label's probability, and the end of the object and of the line.
void PredictionFormatter::append_all(std::span<const float> probabilities, std::string& out) const {
  out.append(R"("probabilities":{)");
  for (size_t k = 0; k < names_.size(); ++k) {
    if (k > 0) out.push_back(',');
    out.append(names_[k]).push_back(':');
    append_probability(probabilities[k], out);
  }
  out.append("}}\n");
}

}  // namespace ockham
