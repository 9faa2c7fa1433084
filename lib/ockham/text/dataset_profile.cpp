#include "ockham/text/dataset_profile.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <string_view>

#include "ockham/text/scripts.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

/// Letters by script. Most text is ASCII, whose letters are counted apart.
class ScriptCounter {
 public:
  void add(std::string_view text) {
    while (!text.empty()) {
      const size_t ascii = ascii_prefix(text);
      for (const char c : text.substr(0, ascii)) latin_ += is_ascii_letter(c) ? 1 : 0;
      text.remove_prefix(ascii);
      if (text.empty()) return;
      const DecodedCharacter character = decode_utf8(text);
      const std::string_view script = script_of(character.code_point);
      if (!script.empty()) ++others_[script];
      text.remove_prefix(character.length);
    }
  }

  std::vector<std::pair<std::string, uint64_t>> sorted() const {
    std::map<std::string_view, uint64_t> all = others_;
    if (latin_ > 0) all["Latin"] += latin_;
    std::vector<std::pair<std::string, uint64_t>> scripts(all.begin(), all.end());
    std::ranges::stable_sort(scripts, std::greater(), [](const auto& s) { return s.second; });
    return scripts;
  }

 private:
  static bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  uint64_t latin_ = 0;
  std::map<std::string_view, uint64_t> others_;
};

LengthProfile profile_lengths(std::vector<uint64_t> lengths) {
  LengthProfile profile;
  if (lengths.empty()) return profile;
  std::ranges::sort(lengths);
  profile.shortest = lengths.front();
  profile.longest = lengths.back();
  profile.median = lengths[(lengths.size() - 1) / 2];
  profile.mean = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), uint64_t{0})) /
                 static_cast<double>(lengths.size());
  profile.bins.resize(static_cast<size_t>(std::bit_width(profile.longest)) + 1);
  for (const uint64_t length : lengths) ++profile.bins[static_cast<size_t>(std::bit_width(length))];
  return profile;
}

}  // namespace

DatasetProfile profile_dataset(const Dataset& dataset, const Tokenizer& tokenizer) {
  DatasetProfile profile;
  profile.bytes = dataset.arena.size();
  profile.class_texts = count_class_texts(dataset);
  ScriptCounter scripts;
  TokenBuffer tokens;
  std::vector<uint64_t> lengths(dataset.size());
  for (size_t i = 0; i < dataset.size(); ++i) {
    const std::string_view text = dataset.text(i);
    visit_tokens(tokenizer, text, tokens,
                 [&](const TokenBuffer& some) { lengths[i] += some.size(); });
    scripts.add(text);
    profile.unlabelled += dataset.labels(i).empty() ? 1 : 0;
    profile.several_labels += dataset.labels(i).size() > 1 ? 1 : 0;
    if (lengths[i] == 0) profile.empty.add(i);
    if (lengths[i] > DatasetProfile::kVeryLong) profile.very_long.add(i);
    if (text.find('\0') != std::string_view::npos) profile.with_nul.add(i);
    if (text.find(kReplacementCharacter) != std::string_view::npos) profile.replaced.add(i);
  }
  profile.lengths = profile_lengths(std::move(lengths));
  profile.scripts = scripts.sorted();
  return profile;
}

}  // namespace ockham
