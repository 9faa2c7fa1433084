#include "ockham/text/dataset_checks.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <vector>

#include "ockham/text/hash.hpp"
#include "ockham/text/quote.hpp"

namespace ockham {
namespace {

struct HashedText {
  uint64_t hash;
  uint64_t text;
};

/// All texts, by hash and then by number: what is the same comes to stand side by side.
std::vector<HashedText> sorted_hashes(const Dataset& dataset) {
  std::vector<HashedText> texts(dataset.size());
  for (size_t i = 0; i < texts.size(); ++i) texts[i] = {hash_bytes(dataset.text(i)), i};
  std::ranges::sort(texts, [](const HashedText& a, const HashedText& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.text < b.text;
  });
  return texts;
}

void keep_earlier(std::optional<TextPair>& kept, TextPair pair) {
  if (!kept || pair.second < kept->second) kept = pair;
}

/// Counts one run of texts of the same hash, which stand in order.
void count_run(const Dataset& dataset, std::span<const HashedText> run, DuplicateReport& report) {
  const size_t first = run[0].text;
  uint64_t same = 1;
  bool conflict = false;
  for (const HashedText& other : run.subspan(1)) {
    const size_t second = other.text;
    if (dataset.text(second) != dataset.text(first)) continue;  // the hash is the same by chance
    ++same;
    keep_earlier(report.repeat, {first, second});
    if (std::ranges::equal(dataset.labels(first), dataset.labels(second))) continue;
    conflict = true;
    keep_earlier(report.conflict, {first, second});
  }
  report.repeated += same - 1;
  if (conflict) report.conflicting += same;
}

std::string number_of_texts(uint64_t n) {
  return std::to_string(n) + (n == 1 ? " text" : " texts");
}

}  // namespace

DuplicateReport find_duplicates(const Dataset& dataset) {
  DuplicateReport report;
  const std::vector<HashedText> texts = sorted_hashes(dataset);
  for (size_t begin = 0, end = 0; begin < texts.size(); begin = end) {
    while (end < texts.size() && texts[end].hash == texts[begin].hash) ++end;
    if (end - begin > 1) count_run(dataset, std::span(texts).subspan(begin, end - begin), report);
  }
  return report;
}

std::string duplicates_text(const Dataset& dataset, const DuplicateReport& report) {
  if (!report.repeat) return "";
  std::string text = dataset.name + ": " + number_of_texts(report.repeated) +
                     (report.repeated == 1 ? " repeats" : " repeat") + " an earlier one (" +
                     dataset.where(report.repeat->second) + " is " +
                     dataset.where(report.repeat->first) + ")";
  if (!report.conflict) return text;
  return text + "; " + number_of_texts(report.conflicting) +
         " stand there with different labels (" + dataset.where(report.conflict->first) + " and " +
         dataset.where(report.conflict->second) + ")";
}

std::string alike_labels_text(const std::vector<std::string>& labels) {
  std::map<std::string, std::vector<std::string>> alike;
  for (const std::string& label : labels) {
    std::string plain;
    for (const char c : label) {
      const bool blank = c == ' ' || c == '\t' || c == '\r';
      if (!blank) plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    alike[plain].push_back(label);
  }
  std::string text;
  for (const auto& [plain, group] : alike) {
    if (group.size() > 1) text += (text.empty() ? "" : "; ") + quote_list(group);
  }
  return text.empty() ? "" : "labels that differ in blanks or capitals alone: " + text;
}

LeakReport find_leaks(const Dataset& dataset, const Dataset& training) {
  LeakReport report;
  const std::vector<HashedText> texts = sorted_hashes(training);
  for (size_t i = 0; i < dataset.size(); ++i) {
    const uint64_t hash = hash_bytes(dataset.text(i));
    auto at = std::ranges::lower_bound(texts, hash, {}, &HashedText::hash);
    for (; at != texts.end() && at->hash == hash; ++at) {
      if (training.text(at->text) != dataset.text(i)) continue;
      ++report.leaked;
      if (!report.example) report.example = TextPair{i, at->text};
      break;
    }
  }
  return report;
}

std::string leaks_text(const Dataset& dataset, const Dataset& training, const LeakReport& report) {
  if (!report.example) return "";
  return dataset.name + ": " + number_of_texts(report.leaked) +
         (report.leaked == 1 ? " stands" : " stand") + " in " + training.name + " too (" +
         dataset.where(report.example->first) + " is " + training.where(report.example->second) +
         ")";
}

}  // namespace ockham
