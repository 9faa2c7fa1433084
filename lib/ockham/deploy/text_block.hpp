#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ockham {

/// Texts that were read and are answered together, and the answers.
struct TextBlock {
  static constexpr size_t kBytes = size_t{1} << 18;
  static constexpr size_t kTexts = 4096;

  std::string bytes;
  std::vector<size_t> ends;         ///< where each text ends in `bytes`
  std::string others;               ///< what stands beside each text (Record::others)
  std::vector<size_t> others_ends;  ///< empty where nothing does
  std::string answers;
  uint64_t answered = 0;            ///< lines in `answers`
  uint64_t replaced_sequences = 0;  ///< of invalid UTF-8

  bool full() const { return ends.size() >= kTexts || bytes.size() >= kBytes; }

  void add(std::string_view text) {
    bytes.append(text);
    ends.push_back(bytes.size());
  }

  void add_others(std::string_view members) {
    others.append(members);
    others_ends.push_back(others.size());
  }

  std::string_view text(size_t i) const { return part(bytes, ends, i); }
  std::string_view others_of(size_t i) const {
    return others_ends.empty() ? std::string_view{} : part(others, others_ends, i);
  }

  void clear() {
    bytes.clear();
    ends.clear();
    others.clear();
    others_ends.clear();
    answers.clear();
    answered = replaced_sequences = 0;
  }

 private:
  static std::string_view part(const std::string& all, const std::vector<size_t>& ends, size_t i) {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(all).substr(begin, ends[i] - begin);
  }
};

}  // namespace ockham
