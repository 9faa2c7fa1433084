#include "ockham/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "ockham/compress/compaction.hpp"
#include "ockham/compress/figures.hpp"
#include "ockham/compress/survivors.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/train/epoch.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/label_metrics.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {
namespace {

constexpr const char* kValidationPart = "validation";

/// Of all parameters, each weighted as in the loss.
double total_kl(const Network& network, double group_kl) {
  double kl = 0.0;
  network.for_each_parameter(
      [&](const Parameter& p) { kl += is_multiplier(network, p) ? group_kl * p.kl() : p.kl(); });
  return kl;
}

size_t count_units(const Network& network) {
  size_t units = 0;
  for (const RecurrentLayer& layer : network.layers) units += layer.outputs();
  return units;
}

/// What the phases' epochs have in common.
EpochSettings epoch_settings(const TrainSettings& settings, double rate, double dropout) {
  EpochSettings epoch;
  epoch.optimizer.learning_rate = static_cast<float>(rate);
  epoch.optimizer.max_norm = static_cast<float>(settings.max_norm);
  epoch.batch = settings.batch;
  epoch.precision = settings.precision;
  epoch.word_dropout = static_cast<float>(dropout);
  epoch.layer_dropout = static_cast<float>(settings.layer_dropout);
  epoch.seed = settings.seed;
  return epoch;
}

[[noreturn]] void fail_without_a_model(const TrainSettings& settings) {
  constexpr std::string_view kWhat =
      "every n-gram was pruned before a model could be taken: the texts do not tell the classes ";
  if (!starts_from_log_sigma(settings.method, settings.groups)) {
    fail(kWhat, "apart, or the KL weighs too much; give more texts, lower --kl-scale or raise ",
         "--points");
  }
  fail(kWhat, "apart, the KL weighs too much, or the noise starts too wide for the weights, from ",
       "--initial-log-sigma ", settings.method.initial_log_sigma,
       "; give more texts, lower --kl-scale or --initial-log-sigma, or raise --points");
}

}  // namespace

Trainer::Trainer(Classifier start, TrainingSet training, ValidationSets validation,
                 TrainSettings settings, ThreadPool& pool, TrainingHooks hooks)
    : start_(std::move(start)),
      training_(std::move(training)),
      validation_(std::move(validation)),
      measure_(path_measure(validation_, start_, usual_criterion(start_.several_labels))),
      settings_(std::move(settings)),
      pool_(pool),
      hooks_(std::move(hooks)),
      state_{.network = start_.network,
             .optimizer = Optimizer(start_.network),
             .hysteresis = {},
             .path = {}} {
  start_.network = {};  // the state's is the one that counts; a second one is much memory
  hold_multipliers(settings_.method, state_.network);
}

void Trainer::restore(TrainingState state) {
  const std::vector<uint32_t>& words = state.network.embedding.row_ids;
  training_ = with_words(training_, words, start_.vocabulary.size());
  for (TrainingSet* set : {&validation_.texts, &validation_.made_up}) {
    *set = with_words(*set, words, start_.vocabulary.size());
  }
  state_ = std::move(state);
  if (state_.plan) follow(*state_.plan);
}

void Trainer::run() {
  using Phase = TrainingState::Phase;
  last_epoch_end_ = std::chrono::steady_clock::now();
  if (state_.phase == Phase::dense) {
    const Profile::Phase phase(hooks_.profile, "dense");
    if (settings_.dense_start && !run_dense()) return;
    start_bayes();
  }
  const Profile::Phase phase(hooks_.profile, "bayes");
  if (state_.phase == Phase::bayes && !run_bayes()) return;
  if (state_.path.empty()) fail_without_a_model(settings_);
  state_.phase = Phase::done;
}

size_t Trainer::batches() const {
  return (training_.size() + settings_.batch - 1) / settings_.batch;
}

size_t Trainer::dense_epochs() const {
  constexpr size_t kLeast = 3;
  return std::max(kLeast, (settings_.dense_steps + batches() - 1) / batches());
}

double Trainer::kl_scale(uint64_t step) const {
  return settings_.kl.scale(step, settings_.epochs * batches());
}

bool Trainer::run_dense() {
  // What is kept has to be learned first, but the path is what the time is for.
  constexpr double kMostTime = 0.3;
  const double most = kMostTime * hooks_.time_budget.value_or(INFINITY);
  while (state_.epoch < dense_epochs() && (state_.epoch == 0 || seconds_now() < most)) {
    EpochSettings epoch = epoch_settings(settings_, settings_.dense_rate, settings_.dense_dropout);
    epoch.profile = hooks_.profile;
    epoch.epoch = state_.all_epochs;
    const double loss =
        run_epoch(state_.network, state_.optimizer, training_, epoch, state_.step, pool_);
    if (!finish_epoch("dense", dense_epochs(), loss, 0.0)) return false;
  }
  return true;
}

void Trainer::start_bayes() {
  apply_method(settings_.method, state_.network);
  state_.optimizer = Optimizer({});  // the old moments go before there are new ones
  state_.optimizer = Optimizer(state_.network);
  state_.phase = TrainingState::Phase::bayes;
  state_.epoch = 0;
}

bool Trainer::run_bayes() {
  if (const auto loss = std::exchange(state_.loss_before_point, {})) {
    if (!end_epoch("bayes", settings_.epochs, *loss, kl_scale(state_.epoch * batches()))) {
      return false;
    }
  }
  while (state_.epoch < settings_.epochs && state_.network.embedding.rows() > 0 &&
         !path_has_ended() && !out_of_time_) {
    const double begun = seconds_now();
    const uint64_t first_step = state_.epoch * batches();
    EpochSettings epoch = epoch_settings(settings_, settings_.rate, settings_.dropout);
    epoch.profile = hooks_.profile;
    epoch.weight_noise = true;
    epoch.optimizer.group_kl = static_cast<float>(settings_.group_kl);
    epoch.epoch = state_.all_epochs;
    epoch.kl_scale = [&](size_t step) { return kl_scale(first_step + step); };
    const double loss =
        run_epoch(state_.network, state_.optimizer, training_, epoch, state_.step, pool_);
    compact_after_epoch();
    if (hooks_.time_budget && !state_.plan) plan_by_time(seconds_now() - begun);
    const double scale = kl_scale(first_step + batches());
    const bool go_on = finish_epoch("bayes", settings_.epochs, loss, scale);
    if (!go_on) return false;
  }
  if (state_.path.empty() && out_of_time_) return take_point();
  return true;
}

double Trainer::seconds_now() const {
  const auto since = std::chrono::steady_clock::now() - last_epoch_end_;
  return state_.seconds + std::chrono::duration<double>(since).count();
}

bool Trainer::has_time_for(double seconds) const {
  return !hooks_.time_budget || seconds_now() + seconds <= *hooks_.time_budget;
}

/// The first one is taken in any case.
bool Trainer::has_time_for_point() const {
  const double tuned_epoch = state_.plan ? state_.plan->tuned_epoch : 0.0;
  return state_.path.empty() || has_time_for(static_cast<double>(fine_tune_epochs()) * tuned_epoch);
}

/// After the first epoch of the Bayes phase: how many more there is time for.
void Trainer::plan_by_time(double first_epoch) {
  const size_t dense = settings_.dense_start ? dense_epochs() : 0;
  TrainingCosts costs;
  costs.spent = seconds_now();
  costs.epoch = first_epoch;
  costs.tuned_epoch = std::min(
      first_epoch, dense > 0 ? (costs.spent - first_epoch) / static_cast<double>(dense) : INFINITY);
  costs.fine_tune_epochs = 2 * settings_.fine_tune_epochs;  // from one time to three times as many
  state_.plan =
      plan_time(*hooks_.time_budget, costs,
                {.epochs = settings_.epochs, .points = settings_.points, .tuned_epoch = 0});
  follow(*state_.plan);
}

void Trainer::follow(const TimePlan& plan) {
  settings_.epochs = plan.epochs;
  settings_.points = plan.points;
}

/// True when the last point's accuracy (micro-F1, where texts have several labels) is nearer to
/// that of always giving the most frequent label than to the best point's, which is clearly better:
/// no smaller model will be worth having.
bool Trainer::path_has_ended() const {
  if (state_.path.empty()) return false;
  const double guess = measure_.guess;
  double best = guess;
  for (const PathModel& model : state_.path) best = std::max(best, score(model.point, measure_));
  // Where one class is rare, the first models may be no better than guessing, and later ones are.
  const double error = std::sqrt(guess * (1.0 - guess) / effective_texts(measure_));
  if (best - guess <= 2.0 * error) return false;
  return score(state_.path.back().point, measure_) < (best + guess) / 2.0;
}

void Trainer::compact_after_epoch() {
  const Profile::Part part(hooks_.profile, "compaction");
  const double done = static_cast<double>(state_.epoch + 1) / static_cast<double>(settings_.epochs);
  if (!settings_.shrink || done < settings_.kl.first_warm_up()) return;
  Masks masks = keep_masks(state_.network);
  const Survivors survivors =
      state_.hysteresis.filter(state_.network, find_survivors(state_.network, masks));
  const size_t before = state_.network.embedding.rows();
  pass_on_constants(state_.network, survivors);
  const std::vector<Selection> selected = selections(state_.network, survivors);
  compact(state_.network, selected);
  state_.optimizer.compact(selected);
  if (survivors.words.size() < before) {
    keep_words(training_, survivors.words, before);
    keep_words(validation_.texts, survivors.words, before);
    if (validation_.made_up.size() > 0) keep_words(validation_.made_up, survivors.words, before);
  }
}

/// `points` snapshots at equal steps of (p + p^2) / 2, p the KL schedule's progress, and the last
/// one at the end: three times as close there, where the models differ more, as at the start.
bool Trainer::point_is_due() const {
  if (state_.epoch == settings_.epochs || reaches_size()) return true;
  const auto slot = [&](size_t epoch) {
    const double progress = settings_.kl.progress(epoch * batches(), settings_.epochs * batches());
    const double share = 0.5 * (progress + progress * std::max(0.0, progress));
    return std::floor(share * static_cast<double>(settings_.points) + 1e-9);
  };
  return slot(state_.epoch) >= 1.0 && slot(state_.epoch) > slot(state_.epoch - 1);
}

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

/// Whether files have just become as small as they are wanted. Fine-tuning changes their size by a
/// few bytes: then the next epoch's is looked at.
bool Trainer::reaches_size() const {
  if (!hooks_.max_bytes || !hooks_.file_bytes) return false;
  const auto fits = [&](const PathModel& model) { return model.point.bytes <= *hooks_.max_bytes; };
  if (std::ranges::any_of(state_.path, fits)) return false;
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
  if (!fine_tune(model.network, with_words(training_, snapshot->words, before))) return false;

  const CompressionFigures figures = compression_figures(model.shape, model.network);
  PathPoint point;
  point.kl_scale = kl_scale(state_.epoch * batches());
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
/// the beginning of the Bayes phase to three times as many at its end.
size_t Trainer::fine_tune_epochs() const {
  const double share = static_cast<double>(state_.epoch) / static_cast<double>(settings_.epochs);
  return static_cast<size_t>(
      std::lround(static_cast<double>(settings_.fine_tune_epochs) * (1.0 + 2.0 * share)));
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
        epoch_settings(settings_, settings_.fine_tune_rate, settings_.fine_tune_dropout);
    epoch.profile = hooks_.profile;
    const size_t first = e * batches();
    // Down to 0 in a straight line: the last steps average out the noise of the first.
    epoch.rate_factor = [=](size_t b) { return 1.0 - static_cast<double>(first + b) / steps; };
    // Noise of its own for every point, apart from the run's.
    epoch.seed = settings_.seed + (uint64_t{state_.path.size()} + 1) * 0x9E3779B97F4A7C15u;
    epoch.epoch = e;
    epoch.stop = gives_up;
    run_epoch(network, optimizer, set, epoch, step, pool_);
    if (gives_up()) return false;
  }
  return true;
}

double Trainer::score_on(const TrainingSet& set) const {
  const Profile::Part part(hooks_.profile, kValidationPart);
  const Matrix probabilities = predict_set(state_.network, set, pool_);
  const LabelLists& labels = set.labels;
  if (!start_.several_labels) return evaluate_predictions(probabilities, labels.ids).accuracy;
  return evaluate_label_sets(probabilities, labels, fit_thresholds(probabilities, labels)).micro_f1;
}

bool Trainer::finish_epoch(const char* phase, size_t epochs, double loss, double kl_scale) {
  ++state_.epoch;
  ++state_.all_epochs;
  return end_epoch(phase, epochs, loss, kl_scale);
}

/// What follows an epoch's steps: its point, if one is due, the report, and whether to go on.
bool Trainer::end_epoch(const char* phase, size_t epochs, double loss, double kl_scale) {
  const bool bayes = state_.phase == TrainingState::Phase::bayes;
  const bool due = bayes && point_is_due();
  out_of_time_ = bayes && (due ? !has_time_for_point() : !has_time_for(0.0));
  if (due && !out_of_time_ && !take_point()) {
    state_.loss_before_point = loss;
    if (hooks_.should_stop) hooks_.should_stop(state_);  // to save the state
    return false;
  }
  const auto now = std::chrono::steady_clock::now();
  state_.seconds += std::chrono::duration<double>(now - last_epoch_end_).count();
  last_epoch_end_ = now;
  if (hooks_.on_epoch) {
    EpochReport report{.phase = phase, .epoch = state_.epoch, .epochs = epochs, .loss = loss};
    const double n = static_cast<double>(training_.size());
    report.kl_scale = kl_scale;
    report.kl = bayes ? kl_scale * total_kl(state_.network, settings_.group_kl) / n : 0.0;
    report.score = score_on(validation_.texts);
    if (validation_.made_up.size() > 0) report.kept = score_on(validation_.made_up);
    report.criterion = usual_criterion(start_.several_labels);
    report.ngrams = state_.network.embedding.rows();
    report.units = count_units(state_.network);
    report.weights = count_kept_weights(state_.network);
    report.seconds = state_.seconds;
    hooks_.on_epoch(report);
  }
  return !(hooks_.should_stop && hooks_.should_stop(state_));
}

}  // namespace ockham
