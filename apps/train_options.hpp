#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/data_options.hpp"
#include "apps/method_fields.hpp"
#include "apps/options.hpp"
#include "apps/tokenizer_fields.hpp"
#include "ockham/model/classifier.hpp"
#include "ockham/train/settings.hpp"

namespace ockham {

/// What `ockham train` may be told besides the training's settings.
struct TrainArguments {
  std::string train;
  std::string valid;
  std::string model;
  std::string init;        ///< model folder that training goes on from
  std::string vectors;     ///< a file of word vectors to start the embedding from; empty: none
  std::string unlabelled;  ///< texts that teachers label, or a language model reads; or empty
  std::vector<std::string> teacher;  ///< trained folders to learn from
  /// Models that are trained first, to learn from; nothing: as many as is usual.
  std::optional<size_t> teachers;
  double teacher_share = 0.7;  ///< of what they say in the targets of labelled texts
  std::string cache_folder;
  DataOptions data;                    ///< but several_labels, which is a setting
  std::string class_weights = "none";  ///< none, balanced, or a file
  std::optional<size_t> max_bytes;
  std::optional<double> min_accuracy;
  std::optional<double> time_budget;  ///< seconds
  std::string log;                    ///< a file for the log beside the folder's; empty: none
  size_t threads = 1;
  bool resume = false;
  bool quiet = false;
  bool profile = false;  ///< say where the time went

  bool trains_teachers() const { return teachers.value_or(0) > 0; }
  bool is_taught() const { return trains_teachers() || !teacher.empty(); }
};

/// Whether it is neither none nor balanced.
bool names_a_file(const std::string& class_weights);

/// Declares every option of `ockham train`.
class TrainOptions {
 public:
  TrainOptions();

  Command& command() { return command_; }
  const TrainArguments& arguments() const { return arguments_; }
  /// After parsing.
  TrainSettings settings() const;
  /// After parsing: what models are compared by. Unless it is said: the accuracy; micro-F1 where
  /// texts have several labels; macro-F1 where classes have weights.
  Criterion criterion() const;
  /// After parsing.
  DataOptions data() const;
  /// After parsing: how many teachers are trained where texts without
  /// labels are given and nothing else is said. Throws UsageError for what contradicts itself.
  void settle_teachers();
  /// After parsing: takes over what a model that training goes on from brings along: its text
  /// options, directions, poolings, and whether texts have several labels. Throws UsageError where
  /// the user asked for something else.
  void go_on_from(const Classifier& base);
  /// After parsing: the files and folders that the training reads; standard input is none.
  std::vector<std::string> inputs() const;
  /// After parsing: an INI file that reproduces the run. That this start of it may have gone on
  /// from a checkpoint does not belong to it.
  std::string ini();
  /// The same with whole paths: resuming works from every folder.
  std::string resume_ini();
  /// After parsing: the options in which this training is not the one whose checkpoint is in the
  /// model's folder, with both values, but for those that do not matter; empty: there is none.
  std::string difference_from_checkpoint();
  /// After parsing: whether the training whose checkpoint is in the model's folder had another time
  /// budget, or none.
  bool has_new_time_budget();
  /// After parsing: where the training whose checkpoint is in the model's folder writes its log
  /// besides; empty: nowhere.
  std::string checkpoint_log() const;
  /// The settings alone, as resolve_settings made them: with the data, all that a run's result
  /// depends on.
  std::string settings_ini(const TrainSettings& resolved);

 private:
  void check_vectors() const;
  void check_language_model() const;
  void check_acting() const;
  void check_tokenizer_folder() const;
  void check_kl_acts() const;
  Groups groups() const;
  void check_class_weights() const;
  void check_no_subwords_to_learn() const;
  uint32_t hash_bits() const;
  Precision precision() const;
  void declare_labels();
  void declare_teaching();
  void declare_text();
  void declare_network();
  void declare_training();
  template <typename Self, typename Visit>
  static void for_each_input(Self& self, const Visit& visit);
  template <typename T>
  void take_over(const char* option, T& field, const T& value);

  TrainArguments arguments_;
  TrainSettings settings_;
  std::string vocabulary_ = "words";
  std::string precision_ = "fp32";
  std::string tokenizer_ = "word";
  TokenizerFields tokenizer_fields_;
  std::vector<std::string> poolings_{"max", "mean"};
  std::vector<std::string> groups_{"vocabulary", "units", "gates"};
  MethodFields method_fields_;
  std::string criterion_ = "auto";
  static constexpr double kRehearsal = 2.0;
  double rehearsal_ = kRehearsal;  // nothing to rehearse without a model to go on from
  Command command_;
};

/// "go on with: " and the command line that goes on with the unfinished training in a folder, which
/// has left its settings there.
std::string resume_advice(const std::string& model_folder);

}  // namespace ockham
