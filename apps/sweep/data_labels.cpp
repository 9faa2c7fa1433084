#include "apps/sweep/data_labels.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "apps/data_options.hpp"
#include "apps/load_model.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

/// What a run's classes follow from.
struct Trained {
  std::string train, init;
  DataOptions options;

  bool operator==(const Trained&) const = default;
};

/// What a model will say.
struct Answers {
  std::vector<std::string> classes;
  bool several_labels = false;
};

/// Nothing where the training cannot begin.
std::optional<Answers> answers_of(const Trained& trained) {
  try {
    DataOptions options = trained.options;
    std::vector<std::string> known;
    if (!trained.init.empty()) {
      const Classifier base = load_base(trained.init);
      known = base.classes;
      options.several_labels = base.several_labels;
    }
    std::set<std::string> labels;
    const auto reader = open_records(trained.train, options);
    for (Record record; reader->next(record);) {
      labels.insert(record.labels.begin(), record.labels.end());
    }
    return Answers{joined_classes(known, {labels.begin(), labels.end()}), options.several_labels};
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
  std::vector<Trained> seen;
  for (const SweepRun& run : runs) {
    const Trained trained{run.train, run.init, run.data};
    if (std::ranges::find(seen, trained) != seen.end()) continue;
    seen.push_back(trained);
    const auto answers = answers_of(trained);
    if (!answers) continue;
    DataOptions asked = options;
    asked.several_labels = answers->several_labels;
    try {
      read_labels(data, asked, &answers->classes);
    } catch (const Error& error) {
      fail(error.what(), " (as the run ", run.name, " knows them)");
    }
  }
}

}  // namespace ockham
