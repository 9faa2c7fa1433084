#include "apps/sweep/data_labels.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "apps/data_options.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

/// What the classes of a run's models follow from.
struct Origin {
  std::string train;
  DataOptions options;
  std::vector<std::string> known_classes;

  bool operator==(const Origin&) const = default;
};

/// Nothing where the training texts cannot be read.
std::optional<std::vector<std::string>> classes_of(const Origin& origin) {
  try {
    std::set<std::string> labels;
    const auto reader = open_records(origin.train, origin.options);
    for (Record record; reader->next(record);) {
      labels.insert(record.labels.begin(), record.labels.end());
    }
    return joined_classes(origin.known_classes, {labels.begin(), labels.end()});
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

void check_data_labels(const std::string& data, const DataOptions& options,
                       const std::vector<SweepRun>& runs) {
  DataOptions any_labels = options;
  any_labels.several_labels = true;
  Record first;  // what is missing or empty is so whatever the run
  if (!open_records(data, any_labels)->next(first)) fail(data, ": holds no text");
  std::vector<Origin> seen;
  for (const SweepRun& run : runs) {
    const Origin origin{run.train, run.data, run.known_classes};
    if (std::ranges::find(seen, origin) != seen.end()) continue;
    seen.push_back(origin);
    const auto classes = classes_of(origin);
    if (!classes) continue;
    DataOptions asked = options;
    asked.several_labels = run.data.several_labels;
    try {
      read_labels(data, asked, &*classes);
    } catch (const Error& error) {
      fail(error.what(), " (as the run ", run.name, " knows them)");
    }
  }
}

}  // namespace ockham
