#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ockham/text/dataset.hpp"
#include "ockham/text/tokenizer.hpp"

namespace ockham {

/// Texts that one should look at, by their numbers.
struct OddTexts {
  static constexpr size_t kMostNamed = 5;

  uint64_t count = 0;
  std::vector<size_t> first;  ///< the first few

  void add(size_t text) {
    if (first.size() < kMostNamed) first.push_back(text);
    ++count;
  }
};

/// How many tokens the texts have.
struct LengthProfile {
  uint64_t shortest = 0;
  uint64_t median = 0;
  uint64_t longest = 0;
  double mean = 0.0;
  std::vector<uint64_t> bins;  ///< [0]: texts of no token; [b]: of 2^(b-1) to 2^b - 1
};

/// What is in a dataset, as far as it can be told without training.
struct DatasetProfile {
  static constexpr uint64_t kVeryLong = 5'000;  ///< tokens; a long review has 500

  uint64_t bytes = 0;  ///< of the texts alone
  uint64_t unlabelled = 0;
  uint64_t several_labels = 0;        ///< texts with more than one label
  std::vector<uint64_t> class_texts;  ///< [classes]
  LengthProfile lengths;
  std::vector<std::pair<std::string, uint64_t>> scripts;  ///< letters of each, most first
  OddTexts empty;                                         ///< without a token
  OddTexts very_long;                                     ///< over kVeryLong tokens
  OddTexts with_nul;                                      ///< with a NUL byte
  OddTexts replaced;                                      ///< with U+FFFD, as invalid UTF-8 becomes
};

/// `tokenizer` says what the length of a text is.
DatasetProfile profile_dataset(const Dataset& dataset, const Tokenizer& tokenizer);

}  // namespace ockham
