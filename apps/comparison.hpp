#pragma once

#include <cstddef>
#include <string>

#include "apps/judged.hpp"

namespace ockham {

/// A model and what it says of the texts.
struct ComparedModel {
  std::string name;  ///< the path that it was loaded from
  const Judged& judged;
};

/// Two models on the same texts.
struct Comparison {
  struct Side {
    std::string name;
    double accuracy = 0;  ///< of several labels: the share of texts whose labels are all right
    size_t bytes = 0;     ///< of its deployable file
    double texts_a_second = 0;
  };
  Side first, second;
  size_t texts = 0;
  size_t both_right = 0, only_first = 0, only_second = 0, neither = 0;
  double agreement = 0;  ///< share of texts to which both give the same
  double p = 1;          ///< McNemar's exact test
};

/// Throws Error where a model cannot be read, and where they do not know the same labels.
void check_comparable(const std::string& first, const std::string& second);

/// Of two that check_comparable() let pass.
Comparison compare(const ComparedModel& first, const ComparedModel& second);

std::string comparison_json(const Comparison& comparison);
void print_comparison(const Comparison& comparison);

}  // namespace ockham
