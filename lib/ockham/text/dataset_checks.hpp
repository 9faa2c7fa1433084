#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ockham/text/dataset.hpp"

namespace ockham {

/// Two texts that are the same to the byte, by their numbers.
struct TextPair {
  size_t first = 0;
  size_t second = 0;

  friend bool operator==(const TextPair&, const TextPair&) = default;
};

struct DuplicateReport {
  uint64_t repeated = 0;             ///< texts that stand further in front too
  uint64_t conflicting = 0;          ///< texts that stand somewhere else with other labels
  std::optional<TextPair> repeat;    ///< the first repeated text, and where it stood first
  std::optional<TextPair> conflict;  ///< the first text whose labels differ from those before
};

/// Finds texts that stand in a dataset more than once. Takes 16 bytes a text for the time of the
/// call.
DuplicateReport find_duplicates(const Dataset& dataset);

/// One line that names the file, the numbers and an example; empty where there is nothing to say.
std::string duplicates_text(const Dataset& dataset, const DuplicateReport& report);

/// One line of the labels that differ in blanks and ASCII capitals alone; empty where none do.
std::string alike_labels_text(const std::vector<std::string>& labels);

struct LeakReport {
  uint64_t leaked = 0;              ///< texts that stand in the training data too
  std::optional<TextPair> example;  ///< the first of them, and its number in the training data
};

/// Finds the texts of a dataset that stand in the one trained on, with whatever labels. Takes 16
/// bytes a text of the training data for the time of the call.
LeakReport find_leaks(const Dataset& dataset, const Dataset& training);

/// As duplicates_text().
std::string leaks_text(const Dataset& dataset, const Dataset& training, const LeakReport& report);

}  // namespace ockham
