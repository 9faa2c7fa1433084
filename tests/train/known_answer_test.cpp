#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <sstream>
#include <string>

#include "ockham/compress/compaction.hpp"
#include "ockham/train/trainer.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/train/synthetic_corpus.hpp"

// Of twenty words three carry the label: every method that prunes keeps exactly those, and half of
// the units that it was given at most.
namespace ockham {
namespace {

using GroupPosterior = MethodSettings::GroupPosterior;

// Sanitizers are ten times as slow, and what they look for needs no more.
const uint64_t kSeeds = has_sanitizers() ? 1 : 5;

struct Method {
  const char* name;
  MethodSettings settings;
  double highest_kl = 30.0;  ///< where the path ends
  Cell cell = Cell::lstm;
  uint64_t seeds = kSeeds;
};
std::ostream& operator<<(std::ostream& out, const Method& m) {
  return out << m.name;
}

const Method kMethods[] = {
    {"sparse", {}},
    {"fitted_kl", {.posterior = "sparse-fitted"}},
    {"multiplicative", {.posterior = "sparse-multiplicative"}},
    {"groups_alone", {.posterior = "deterministic", .groups = GroupPosterior::normal}},
    {"log_normal_groups_alone",
     {.posterior = "deterministic", .groups = GroupPosterior::log_normal},
     8.0},
    {"log_normal_groups", {.groups = GroupPosterior::log_normal}},
    {"deviation_of_every_row", {.deviation = Sharing::row}, 20.0},
    {"deviation_of_the_layer", {.deviation = Sharing::layer}},
    {"own_weights_for_every_sequence", {.noise = Estimator::sequence}},
    {"flipout", {.noise = Estimator::flipout}},
    {"local_output", {.local_output = true}},
    {"local_input_and_output", {.local_output = true, .local_input = true, .step_noise = true}},
    {"gru", {}, 30.0, Cell::gru, std::min<uint64_t>(2, kSeeds)},
    {"gru_log_normal_groups",
     {.groups = GroupPosterior::log_normal},
     30.0,
     Cell::gru,
     std::min<uint64_t>(2, kSeeds)},
};

class KnownAnswer : public testing::TestWithParam<Method> {};
INSTANTIATE_TEST_SUITE_P(Methods, KnownAnswer, testing::ValuesIn(kMethods),
                         [](const auto& test) { return std::string(test.param.name); });

TrainingState train(const Method& method, uint64_t seed) {
  const Dataset dataset = signal_corpus(600, static_cast<uint32_t>(seed) + 10, {}, 17);
  TrainSettings settings = quick_settings(seed);
  settings.method = method.settings;
  settings.method.initial_log_sigma = -2.0;
  settings.cell = method.cell;
  settings.hidden = 4;
  settings.epochs = 60;
  settings.kl.high = method.highest_kl;
  settings.points = 25;
  const TrainSettings resolved = resolve_settings(settings, dataset);
  const PreparedTraining prepared = prepare(dataset, resolved);
  ThreadPool pool(1);
  Trainer trainer(prepared.start, prepared.training, prepared.validation, resolved, pool, {});
  trainer.run();
  return trainer.state();
}

TEST_P(KnownAnswer, KeepsTheWordsThatCarryTheLabelAndFewUnits) {
  for (uint64_t seed = 1; seed <= GetParam().seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const TrainingState state = train(GetParam(), seed);
    std::ostringstream path;
    size_t found = 0, longest = 0;  // points running that have the answer
    for (const PathModel& m : state.path) {
      std::vector<std::string> words = m.model.vocabulary.ngrams();
      std::ranges::sort(words);
      path << m.point.accuracy << ", " << m.point.units << " units:";
      for (const std::string& word : words) path << ' ' << word;
      path << '\n';
      // Of 8 units; every method and seed comes down to 3 or fewer.
      const bool right = words == kSignalWords && m.point.accuracy >= 0.97 && m.point.units <= 4;
      found = right ? found + 1 : 0;
      longest = std::max(longest, found);
    }
    EXPECT_GE(longest, 3u) << path.str();
  }
}

}  // namespace
}  // namespace ockham
