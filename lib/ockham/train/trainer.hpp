#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ockham/compress/noise_histogram.hpp"
#include "ockham/model/classifier.hpp"
#include "ockham/tensor/profile.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/train/epoch.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/optimizer.hpp"
#include "ockham/train/path.hpp"
#include "ockham/train/settings.hpp"
#include "ockham/train/time_plan.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// What phases are called in progress, logs and checkpoints.
inline constexpr const char* kLanguagePhase = "language";
inline constexpr const char* kDensePhase = "dense";
inline constexpr const char* kBayesPhase = "bayes";

/// One line of progress.
struct EpochReport {
  std::string phase;  ///< kLanguagePhase, kDensePhase or kBayesPhase
  size_t epoch = 0;   ///< of the phase, from 1
  size_t epochs = 0;
  double loss = 0;  ///< mean cross-entropy of the noisy passes, nats; a language model's by word
  double kl = 0;    ///< scale * KL / N, what the loss adds to it
  double kl_scale = 0;
  double score = 0;  ///< on validation, posterior means: what `criterion` says; chance before
                     ///< the dense phase
  Criterion criterion = Criterion::accuracy;
  std::optional<double> kept = {};  ///< the same on made-up texts, where there are any
  size_t ngrams = 0;                ///< rows left in the arrays
  size_t units = 0;                 ///< of all directions of all layers, as PathPoint::units
  size_t weights = 0;               ///< that would be kept if all were pruned now, without biases
  double seconds = 0;  ///< of training, without reading the texts; those before a stop included
  std::optional<double> seconds_left = {};  ///< of a time budget
};

/// One model of the path.
struct PathModel {
  PathPoint point;
  Classifier model;
};

/// How the path of a run that is done ended.
enum class PathEnd {
  whole,             ///< at the highest KL scale, or where every word was pruned
  knows_too_little,  ///< where a point had lost half of what the best one knows
  out_of_time,       ///< before either
};

/// All that changes while a run goes on: what a checkpoint holds.
struct TrainingState {
  enum class Phase { language, dense, bayes, done };

  Phase phase = Phase::language;
  size_t epoch = 0;         ///< finished epochs of the phase
  size_t all_epochs = 0;    ///< finished epochs of the run: orders the batches
  uint32_t step = 0;        ///< the noise's counter
  double seconds = 0;       ///< of training, those before a stop included
  double budget_began = 0;  ///< of `seconds`: what a time budget does not count
  /// How many epochs and points a time budget leaves, once it is known.
  std::optional<TimePlan> plan = {};
  /// The loss of the last epoch where the run was stopped while it took the point that is due after
  /// it: the point is taken first when the run goes on.
  std::optional<double> loss_before_point = {};
  Network network;
  Optimizer optimizer;
  Hysteresis hysteresis;
  std::vector<PathModel> path;
};

/// What a run tells, and asks, while it goes on.
struct TrainingHooks {
  std::function<void(const EpochReport&)> on_epoch;
  /// The point, and how noisy the weights were that it was pruned by.
  std::function<void(const PathPoint&, std::span<const NoiseHistogram>)> on_point;
  /// After every epoch, and where a point is given up; true ends the run there, to be resumed from
  /// its state, which this is the place to save.
  std::function<bool(const TrainingState&)> should_stop;
  /// Often while a point is fine-tuned, which may take as long as many epochs: true gives it up and
  /// ends the run, after a last call of should_stop, whatever that says.
  std::function<bool()> gives_up_point;
  /// Bytes of a model's deployable file.
  std::function<size_t(const Classifier&)> file_bytes;
  /// A size that a model is wanted for: one more point is taken as soon as files are that small,
  /// and the path goes on until then, however little the models know.
  std::optional<size_t> max_bytes = {};
  Profile* profile = nullptr;  ///< of where the time goes, by phases of the run; or null
  /// Seconds of training, those before a stop included, in which the path is to come to its end: it
  /// gets fewer epochs and points where they would not do. Results hang on the machine's speed
  /// then.
  std::optional<double> time_budget = {};
};

/// One training that walks the whole path from accurate to small:
///   language: if asked for, a language model of the training texts, and of others where there are
///          any, which the network starts from (Dai & Le 2015);
///   dense: the network without noise or KL, so that there is something learned to keep;
///   bayes: sparse variational dropout on weights and groups, KL scale rising (KlSchedule), what
///          was pruned twice running leaving the arrays after each epoch;
///   points: every few epochs, and as soon as a wanted size is reached, a copy is pruned,
///           fine-tuned without noise and measured. The run ends before the KL scale's end when a
///           point has lost half of what the best one knows, unless a smaller one is wanted.
class Trainer {
 public:
  /// `start`: an initialised dense classifier. The sets' words are its vocabulary's. `settings` are
  /// resolved (no zeros). `language`: what a language model reads; no texts: those of `training`.
  Trainer(Classifier start, TrainingSet training, ValidationSets validation, TrainSettings settings,
          ThreadPool& pool, TrainingHooks hooks, EncodedCorpus language = {});

  /// Goes on from a checkpoint's state instead of the start.
  void restore(TrainingState state);

  /// After restore(), where the time budget is another one than before, or gone: it counts from
  /// here, and what is left gets all the epochs and points that were wished again, from the KL's
  /// scale that it has come to.
  void begin_budget();

  /// Runs to the end, or until a hook stops it. Throws Error when the loss is no number, and when
  /// nothing is left before the first point.
  void run();

  const TrainingState& state() const { return state_; }
  bool done() const { return state_.phase == TrainingState::Phase::done; }
  /// Once it is done.
  PathEnd path_end() const;

 private:
  static constexpr const char* kValidationPart = "validation";  // of a profile

  bool run_language();
  bool run_dense();
  bool run_bayes();
  void start_bayes();
  void start_optimizer();
  void compact_after_epoch();
  bool wants_smaller() const;
  bool reaches_size() const;
  struct Snapshot;
  std::optional<Snapshot> pruned_snapshot() const;
  bool path_has_ended() const;
  double seconds_now() const;
  double deadline() const;
  bool has_time_for(double seconds) const;
  bool has_time_for_point() const;
  bool is_last_chance() const;
  double point_seconds() const;
  TimedEpoch timed(double seconds, double dropout) const;
  TimedEpoch foreseen_tuned_epoch() const;
  PathRest wished_rest(double done) const;
  void plan_by_time();
  TimePlan course() const;
  bool take_point();
  size_t fine_tune_epochs() const;
  bool fine_tune(Network& network, const TrainingSet& set) const;
  bool finish_epoch(double loss, double kl_scale);
  bool end_epoch(double loss, double kl_scale, bool owes_point = false);
  bool take_due_point(bool owed);
  EpochReport report(double loss, double kl_scale) const;
  double score_on(const TrainingSet& set) const;
  /// The share of the Bayes phase that is over, 1 at most: of its epochs, unless a plan cut some.
  double bayes_done() const;
  double kl_scale(double epochs_over) const;
  EpochSettings epoch_settings(double rate, double dropout) const;
  size_t batches() const;  // of the training set
  size_t batches_of(size_t texts) const;
  size_t dense_epochs() const;

  Classifier start_;
  TrainingSet training_;
  EncodedCorpus language_;  // until it is read
  ValidationSets validation_;
  PathMeasure measure_;  // by what the path ends
  TrainSettings settings_;
  ThreadPool& pool_;
  TrainingHooks hooks_;
  TrainingState state_;
  std::chrono::steady_clock::time_point last_epoch_end_;
  bool out_of_time_ = false;  // for another point
  TimedEpoch bayes_epoch_;    // the latest; no seconds: none yet
  TimedEpoch tuned_epoch_;    // the latest point's
  bool planned_ = false;      // by this run: what a state brings along is an older one's
};

}  // namespace ockham
