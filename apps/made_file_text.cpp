#include "apps/made_file_text.hpp"

#include <algorithm>
#include <map>

#include "apps/terminal_text.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {

std::string measured_text(const MadeFile& file, size_t texts) {
  return std::string(weight_format_name(file.format)) + ": " + grouped_digits(file.bytes.size()) +
         " bytes, " + percent_text(*file.score) + "% on " +
         counted(texts, "validation text", "validation texts");
}

std::string hash_text(const HashFit& fit) {
  std::string text = "hashes of " + std::to_string(fit.hashing.bits) + " bits";
  if (fit.merged > 0) text += ", " + grouped_digits(fit.merged) + " n-grams lost to others";
  if (fit.hits == 0) {
    const bool most = fit.hashing.bits == NgramHashing::kMostBits;
    return text + (most ? "; with the training's texts, --train FILE, as few as will do\n" : "\n");
  }
  return text + (fit.all_texts ? "; in the texts " : "; in the first texts ") +
         grouped_digits(fit.hits) + " n-grams are known, " + grouped_digits(fit.false_hits) +
         " others are taken for one of them\n";
}

std::string tried_table(const std::vector<TriedFile>& tried, const std::string& path,
                        std::optional<size_t> taken) {
  constexpr size_t kBytes = 9, kScore = 8;
  const std::string absent(kBytes + kScore, ' ');
  std::map<size_t, std::map<WeightFormat, TriedFile>> points;  // the last is what was chosen by
  std::vector<WeightFormat> formats;
  for (const TriedFile& file : tried) {
    points[file.point].insert_or_assign(file.format, file);
    if (std::ranges::find(formats, file.format) == formats.end()) formats.push_back(file.format);
  }
  std::string table = "tried     ";
  for (const WeightFormat format : formats) {
    table += right_cell(weight_format_name(format), kBytes + kScore);
  }
  table += "\n";
  for (const auto& [point, files] : points) {
    const std::string name = path_model_folder(path, point).filename().string();
    table += point == taken ? "> " : "  ";
    table += cell("path/" + name, 8);
    for (const WeightFormat format : formats) {
      const auto file = files.find(format);
      table += file == files.end() ? absent
                                   : right_cell(grouped_digits(file->second.bytes), kBytes) +
                                         right_cell(percent_text(file->second.score) + "%", kScore);
    }
    table += "\n";
  }
  return table;
}

}  // namespace ockham
