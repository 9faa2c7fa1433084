#include <algorithm>
#include <cmath>
#include <utility>

#include "ockham/compress/figures.hpp"
#include "ockham/compress/survivors.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/train/epoch.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/trainer.hpp"

// The points of a training's path: when one is due, and how it is taken.

namespace ockham {

/// A pruned copy of the network as it is.
struct Trainer::Snapshot {
  Classifier model;
  std::vector<uint32_t> words;  ///< that are left of the network's
};

/// Nothing where no word is left.
std::optional<Trainer::Snapshot> Trainer::pruned_snapshot() const {
  Snapshot snapshot{start_, {}};
  Classifier& model = snapshot.model;
  model.network = state_.network;
  // Fine-tuning trains what is kept as plain numbers, around zeros. Without it, a point is still
  // the posterior of the Bayes phase.
  const Pruning pruning = prune_and_compact(
      model.network, fine_tune_epochs() == 0 ? PrunedMeans::kept : PrunedMeans::cleared);
  if (pruning.words.empty()) return std::nullopt;
  model.vocabulary = start_.vocabulary.select(model.network.embedding.row_ids);
  model.pruned = true;
  model.paper_weights = pruning.weights_with_constant_gates;
  snapshot.words = pruning.words;
  return snapshot;
}

/// Whether a size is wanted that no model of the path is as small as.
bool Trainer::wants_smaller() const {
  if (!hooks_.max_bytes || !hooks_.file_bytes) return false;
  const auto fits = [&](const PathModel& model) { return model.point.bytes <= *hooks_.max_bytes; };
  return std::ranges::none_of(state_.path, fits);
}

/// Whether files have just become as small as they are wanted. Fine-tuning changes their size by a
/// few bytes: then the next epoch's is looked at.
bool Trainer::reaches_size() const {
  if (!wants_smaller()) return false;
  const std::optional<Snapshot> snapshot = pruned_snapshot();
  return snapshot && hooks_.file_bytes(snapshot->model) <= *hooks_.max_bytes;
}

/// False where it is given up.
bool Trainer::take_point() {
  const Profile::Phase phase(hooks_.profile, "points");
  std::optional<Snapshot> snapshot = pruned_snapshot();
  if (!snapshot) return true;
  Classifier& model = snapshot->model;
  const size_t before = state_.network.embedding.rows();
  const double begun = seconds_now();
  if (!fine_tune(model.network, with_words(training_, snapshot->words, before))) return false;
  if (fine_tune_epochs() > 0) {
    const auto epochs = static_cast<double>(fine_tune_epochs());
    tuned_epoch_ =
        timed((seconds_now() - begun) / epochs, settings_.fine_tune_dropout.at(bayes_done()));
  }

  const CompressionFigures figures = compression_figures(model.shape, model.network);
  PathPoint point;
  point.kl_scale = kl_scale(static_cast<double>(state_.epoch));
  const ValidationSets sets{.texts = with_words(validation_.texts, snapshot->words, before),
                            .made_up = with_words(validation_.made_up, snapshot->words, before),
                            .by_both = validation_.by_both};
  {
    const Profile::Part part(hooks_.profile, kValidationPart);
    measure(model, sets, pool_, point);
  }
  point.ngrams = figures.words_kept;
  point.units = figures.units_kept;
  point.gates = figures.gates_kept;
  point.weights = figures.weights_kept;
  point.bytes = hooks_.file_bytes ? hooks_.file_bytes(model) : 0;
  if (hooks_.on_point) hooks_.on_point(point, noise_histograms(state_.network));
  state_.path.push_back({point, std::move(model)});
  return true;
}

/// The smaller the model, the cheaper an epoch and the more it wins: from the setting's number at
/// the beginning of the Bayes phase to three times as many at its end, growing with the square of
/// what is done.
size_t Trainer::fine_tune_epochs() const {
  const double done = bayes_done();
  return static_cast<size_t>(
      std::lround(static_cast<double>(settings_.fine_tune_epochs) * (1.0 + 2.0 * done * done)));
}

/// False where the point is given up.
bool Trainer::fine_tune(Network& network, const TrainingSet& set) const {
  Optimizer optimizer(network);
  uint32_t step = 0;
  const size_t epochs = fine_tune_epochs();
  const auto steps = static_cast<double>(epochs * batches());
  bool given_up = false;  // once is enough
  const auto gives_up = [&] {
    given_up = given_up || (hooks_.gives_up_point && hooks_.gives_up_point());
    return given_up;
  };
  for (size_t e = 0; e < epochs; ++e) {
    EpochSettings epoch =
        epoch_settings(settings_.fine_tune_rate, settings_.fine_tune_dropout.at(bayes_done()));
    epoch.profile = hooks_.profile;
    const size_t first = e * batches();
    // Down to 0 in a straight line: the last steps average out the noise of the first.
    epoch.rate_factor = [=](size_t b) { return 1.0 - static_cast<double>(first + b) / steps; };
    // Noise of its own for every point, apart from the run's.
    epoch.seed = settings_.seed + (uint64_t{state_.path.size()} + 1) * kHashMultiplier;
    epoch.epoch = e;
    epoch.stop = gives_up;
    run_epoch(network, optimizer, set, epoch, step, pool_);
    if (gives_up()) return false;
  }
  return true;
}

}  // namespace ockham
