#include "ockham/train/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "ockham/compress/compaction.hpp"
#include "ockham/compress/survivors.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/train/epoch.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/label_metrics.hpp"
#include "ockham/train/language_epoch.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {
namespace {

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
                 TrainSettings settings, ThreadPool& pool, TrainingHooks hooks,
                 EncodedCorpus language)
    : start_(std::move(start)),
      training_(std::move(training)),
      language_(std::move(language)),
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
  if (state_.phase != TrainingState::Phase::language) language_ = {};
}

void Trainer::run() {
  using Phase = TrainingState::Phase;
  last_epoch_end_ = std::chrono::steady_clock::now();
  if (state_.phase == Phase::language) {
    const Profile::Phase phase(hooks_.profile, kLanguagePhase);
    if (!run_language()) return;
  }
  if (state_.phase == Phase::dense) {
    const Profile::Phase phase(hooks_.profile, kDensePhase);
    if (settings_.dense_start && !run_dense()) return;
    start_bayes();
  }
  const Profile::Phase phase(hooks_.profile, kBayesPhase);
  if (state_.phase == Phase::bayes && !run_bayes()) return;
  if (state_.path.empty()) fail_without_a_model(settings_);
  state_.phase = Phase::done;
}

/// What the phases' epochs have in common.
EpochSettings Trainer::epoch_settings(double rate, double dropout) const {
  EpochSettings epoch;
  epoch.optimizer.learning_rate = static_cast<float>(rate);
  epoch.optimizer.max_norm = static_cast<float>(settings_.max_norm);
  epoch.batch = settings_.batch;
  epoch.precision = settings_.precision;
  epoch.word_dropout = static_cast<float>(dropout);
  epoch.layer_dropout = static_cast<float>(settings_.layer_dropout);
  epoch.seed = settings_.seed;
  return epoch;
}

size_t Trainer::batches() const {
  return batches_of(training_.size());
}

size_t Trainer::batches_of(size_t texts) const {
  return (texts + settings_.batch - 1) / settings_.batch;
}

size_t Trainer::dense_epochs() const {
  constexpr size_t kLeast = 3;
  return std::max(kLeast, (settings_.dense_steps + batches() - 1) / batches());
}

double Trainer::bayes_done() const {
  return std::min(1.0, course().done_at(static_cast<double>(state_.epoch)));
}

double Trainer::kl_scale(double epochs_over) const {
  return settings_.kl.scale(course().done_at(epochs_over));
}

bool Trainer::run_language() {
  const EncodedCorpus& texts = language_.size() > 0 ? language_ : training_.corpus;
  const size_t batches = batches_of(texts.size());
  const auto steps = static_cast<double>(settings_.language_epochs * batches);
  while (state_.epoch < settings_.language_epochs) {
    EpochSettings epoch = epoch_settings(settings_.language_rate, 0.0);
    epoch.profile = hooks_.profile;
    epoch.epoch = state_.all_epochs;
    const size_t first = state_.epoch * batches;
    epoch.rate_factor = [=](size_t b) { return 1.0 - static_cast<double>(first + b) / steps; };
    const double loss =
        run_language_epoch(state_.network, state_.optimizer, texts, epoch, state_.step, pool_);
    if (!finish_epoch(loss, 0.0)) return false;
  }
  language_ = {};
  state_.phase = TrainingState::Phase::dense;
  if (state_.epoch > 0) start_optimizer();  // the loss is another one
  state_.epoch = 0;
  return true;
}

bool Trainer::run_dense() {
  // What is kept has to be learned first, but the path is what the time is for. Twice as much of it
  // where nothing is learned yet.
  constexpr double kMostTime = 0.3;
  const double most = kMostTime * hooks_.time_budget.value_or(INFINITY);
  const auto has_time = [&] {
    const double spent = seconds_now() - state_.budget_began;
    return state_.epoch == 0 || spent < most ||
           (spent < 2.0 * most && !measure_.by_kept &&
            !beats_guessing(score_on(validation_.texts), measure_));
  };
  while (state_.epoch < dense_epochs() && has_time()) {
    EpochSettings epoch = epoch_settings(settings_.dense_rate, settings_.dense_dropout);
    epoch.profile = hooks_.profile;
    epoch.epoch = state_.all_epochs;
    const double loss =
        run_epoch(state_.network, state_.optimizer, training_, epoch, state_.step, pool_);
    if (!finish_epoch(loss, 0.0)) return false;
  }
  return true;
}

void Trainer::start_bayes() {
  apply_method(settings_.method, state_.network);
  start_optimizer();
  state_.phase = TrainingState::Phase::bayes;
  state_.epoch = 0;
}

void Trainer::start_optimizer() {
  state_.optimizer = Optimizer({});  // the old moments go before there are new ones
  state_.optimizer = Optimizer(state_.network);
}

bool Trainer::run_bayes() {
  // Where the run goes on; at the path's end nothing is left that takes time but an owed point.
  out_of_time_ = state_.epoch > 0 && state_.epoch < course().epochs && !has_time_for(0.0);
  if (const auto loss = std::exchange(state_.loss_before_point, {})) {
    if (!end_epoch(*loss, kl_scale(static_cast<double>(state_.epoch)), true)) return false;
  }
  while (state_.epoch < course().epochs && state_.network.embedding.rows() > 0 &&
         !path_has_ended() && !out_of_time_) {
    const double begun = seconds_now();
    const auto epochs_over = static_cast<double>(state_.epoch);
    const auto steps = static_cast<double>(batches());
    EpochSettings epoch = epoch_settings(settings_.rate, settings_.dropout.at(bayes_done()));
    epoch.profile = hooks_.profile;
    epoch.weight_noise = true;
    epoch.optimizer.group_kl = static_cast<float>(settings_.group_kl);
    epoch.epoch = state_.all_epochs;
    epoch.kl_scale = [&](size_t step) {
      return kl_scale(epochs_over + static_cast<double>(step) / steps);
    };
    const double loss =
        run_epoch(state_.network, state_.optimizer, training_, epoch, state_.step, pool_);
    compact_after_epoch();
    bayes_epoch_ = timed(seconds_now() - begun, epoch.word_dropout);
    if (!finish_epoch(loss, kl_scale(epochs_over + 1.0))) return false;
  }
  if (!state_.path.empty() || !out_of_time_ || take_point()) return true;
  if (hooks_.should_stop) hooks_.should_stop(state_);  // to save the state
  return false;
}

/// True when the last point's accuracy (micro-F1, where texts have several labels) is nearer to
/// that of always giving the most frequent label than to the best point's, which is clearly better:
/// no smaller model will be worth having, unless one is wanted.
bool Trainer::path_has_ended() const {
  if (state_.path.empty() || wants_smaller()) return false;
  double best = measure_.guess;
  for (const PathModel& model : state_.path) best = std::max(best, score(model.point, measure_));
  // Where one class is rare, the first models may be no better than guessing, and later ones are.
  if (!beats_guessing(best, measure_)) return false;
  return score(state_.path.back().point, measure_) < (best + measure_.guess) / 2.0;
}

PathEnd Trainer::path_end() const {
  if (out_of_time_) return PathEnd::out_of_time;
  if (state_.epoch >= course().epochs || state_.network.embedding.rows() == 0) {
    return PathEnd::whole;
  }
  return PathEnd::knows_too_little;
}

void Trainer::compact_after_epoch() {
  const Profile::Part part(hooks_.profile, "compaction");
  const double done = course().done_at(static_cast<double>(state_.epoch + 1));
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

double Trainer::score_on(const TrainingSet& set) const {
  const Profile::Part part(hooks_.profile, kValidationPart);
  const Matrix probabilities = predict_set(state_.network, set, pool_);
  const LabelLists& labels = set.labels;
  if (!start_.several_labels) return evaluate_predictions(probabilities, labels.ids).accuracy;
  return evaluate_label_sets(probabilities, labels, fit_thresholds(probabilities, labels)).micro_f1;
}

bool Trainer::finish_epoch(double loss, double kl_scale) {
  ++state_.epoch;
  ++state_.all_epochs;
  return end_epoch(loss, kl_scale);
}

/// What follows an epoch's steps: its point, if one is due or owed, the report, and whether to go
/// on.
bool Trainer::end_epoch(double loss, double kl_scale, bool owes_point) {
  const bool given_up = state_.phase == TrainingState::Phase::bayes && !take_due_point(owes_point);
  const auto now = std::chrono::steady_clock::now();
  state_.seconds += std::chrono::duration<double>(now - last_epoch_end_).count();
  last_epoch_end_ = now;
  if (given_up) {
    state_.loss_before_point = loss;
    if (hooks_.should_stop) hooks_.should_stop(state_);  // to save the state
    return false;
  }
  if (hooks_.on_epoch) hooks_.on_epoch(report(loss, kl_scale));
  return !(hooks_.should_stop && hooks_.should_stop(state_));
}

/// After an epoch of the Bayes phase: its point, if there is time for it, and what is left of the
/// time. False where the point is given up.
bool Trainer::take_due_point(bool owed) {
  const bool due = owed || reaches_size() || point_is_due(settings_.kl, course(), state_.epoch);
  const bool last = !due && is_last_chance();
  if (!owed) out_of_time_ = !(due ? has_time_for_point() : has_time_for(0.0));
  const bool takes = owed || last || (due && !out_of_time_);
  if (takes && !take_point()) return false;
  if ((takes || !planned_) && !last && !out_of_time_) plan_by_time();
  out_of_time_ = out_of_time_ || last;
  return true;
}

EpochReport Trainer::report(double loss, double kl_scale) const {
  using Phase = TrainingState::Phase;
  EpochReport report;
  report.epoch = state_.epoch;
  report.loss = loss;
  if (state_.phase == Phase::bayes) {
    report.phase = kBayesPhase;
    report.epochs = course().epochs;
    const auto texts = static_cast<double>(training_.size());
    report.kl = kl_scale * total_kl(state_.network, settings_.group_kl) / texts;
  } else {
    const bool dense = state_.phase == Phase::dense;
    report.phase = dense ? kDensePhase : kLanguagePhase;
    report.epochs = dense ? dense_epochs() : settings_.language_epochs;
  }
  report.kl_scale = kl_scale;
  report.score = score_on(validation_.texts);
  if (validation_.made_up.size() > 0) report.kept = score_on(validation_.made_up);
  report.criterion = usual_criterion(start_.several_labels);
  report.ngrams = state_.network.embedding.rows();
  report.units = count_units(state_.network);
  report.weights = count_kept_weights(state_.network);
  report.seconds = state_.seconds;
  if (hooks_.time_budget) report.seconds_left = std::max(0.0, deadline() - state_.seconds);
  return report;
}

}  // namespace ockham
