#include "apps/made_file_text.hpp"

#include <algorithm>
#include <map>

#include "apps/terminal_text.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

/// Ten times what is allowed where the bits are chosen, and more.
bool lose_much(const HashFit& fit) {
  constexpr double kMuch = 10 * kFalseHitShare;
  return static_cast<double>(fit.merged) > kMuch * static_cast<double>(fit.known) ||
         static_cast<double>(fit.false_hits) > kMuch * static_cast<double>(fit.hits);
}

}  // namespace

std::string measured_text(const MadeFile& file, Criterion criterion, size_t texts) {
  return std::string(weight_format_name(file.format)) + ": " + grouped_digits(file.bytes.size()) +
         " bytes, " + percent_text(*file.score) +
         (criterion == Criterion::accuracy ? "%" : "% " + std::string(criterion_name(criterion))) +
         " on " + counted(texts, "validation text", "validation texts");
}

std::string hash_text(const HashFit& fit) {
  std::string text = "hashes of " + std::to_string(fit.hashing.bits) + " bits";
  if (fit.merged > 0) {
    text += ", " + grouped_digits(fit.merged) + " of " + grouped_digits(fit.known) +
            " n-grams lost to others";
  }
  if (fit.hits > 0) {
    text += std::string(fit.all_texts ? "; in the texts " : "; in the first texts ") +
            grouped_digits(fit.hits) + " n-grams are known, " + grouped_digits(fit.false_hits) +
            " others are taken for one of them";
  } else if (fit.hashing.bits == NgramHashing::kMostBits) {
    text += "; with the training's texts, --train FILE, as few as will do";
  }
  if (lose_much(fit)) {
    text += "\nso few bits cost accuracy; --vocabulary hashed:" +
            std::to_string(NgramHashing::kMostBits) + " costs the least";
  }
  return text + "\n";
}

std::string tried_table(const std::vector<TriedFile>& tried, std::optional<size_t> taken) {
  constexpr size_t kScore = 8;
  size_t most = 0;
  for (const TriedFile& file : tried) most = std::max(most, file.bytes);
  const size_t bytes_width = 2 + grouped_digits(most).size();
  const std::string absent(bytes_width + kScore, ' ');
  std::map<size_t, std::map<WeightFormat, TriedFile>> points;  // the last is what was chosen by
  std::vector<WeightFormat> formats;
  for (const TriedFile& file : tried) {
    points[file.point].insert_or_assign(file.format, file);
    if (std::ranges::find(formats, file.format) == formats.end()) formats.push_back(file.format);
  }
  bool unrounded = false;
  std::string table = "tried     ";
  for (const WeightFormat format : formats) {
    table += right_cell(weight_format_name(format), bytes_width + kScore);
  }
  table += "\n";
  for (const auto& [point, files] : points) {
    std::string name = path_model_folder("", point).string();
    name.resize(std::max<size_t>(8, name.size()), ' ');
    table += (point == taken ? "> " : "  ") + name;
    for (const WeightFormat format : formats) {
      const auto found = files.find(format);
      if (found == files.end()) {
        table += absent;
        continue;
      }
      const TriedFile& file = found->second;
      table += right_cell(grouped_digits(file.bytes), bytes_width) +
               right_cell(percent_text(file.score) + "%", kScore);
      unrounded |= file.unrounded;
    }
    table += "\n";
  }
  return table + (unrounded
                      ? "these of models that are not rounded; one of each format learns to be\n"
                      : "");
}

}  // namespace ockham
