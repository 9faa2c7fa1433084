#pragma once

#include <string>
#include <vector>

#include "ockham/train/label_metrics.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {

/// What was measured as one JSON object, with `count`, `accuracy`, `nll` and `ece` among the rest.
/// Where texts have several labels, `accuracy` is the share of texts whose labels are all right.
std::string evaluation_json(const Evaluation& evaluation, const std::vector<std::string>& classes);
std::string evaluation_json(const LabelSetEvaluation& evaluation,
                            const std::vector<std::string>& classes);

/// The same for people, on stdout.
void print_evaluation(const Evaluation& evaluation, const std::vector<std::string>& classes);
void print_evaluation(const LabelSetEvaluation& evaluation,
                      const std::vector<std::string>& classes);

}  // namespace ockham
