#include <array>
#include <filesystem>

#include "apps/train_options.hpp"
#include "ockham/text/nearest_name.hpp"

// Which options of a training have something to do, and with which others they do not go together.

namespace ockham {

/// Options that would do nothing.
void TrainOptions::check_acting() const {
  const TrainSettings defaults;
  if (rehearsal_ != kRehearsal && arguments_.init.empty()) {
    throw UsageError("--rehearsal is of a model that training goes on from: it needs --init");
  }
  if (settings_.validation != defaults.validation && !arguments_.valid.empty()) {
    throw UsageError("--validation is of texts held out where there is no --valid; leave out one");
  }
  if (settings_.several_labels && settings_.two_class_output != defaults.two_class_output) {
    throw UsageError("--output is of two classes that exclude each other, not of --multi-label");
  }
  if (settings_.kl.cycles != defaults.kl.cycles && settings_.kl.annealing != Annealing::cyclic) {
    throw UsageError("--kl-cycles belongs to --kl-annealing cyclic");
  }
  const bool warms_up =
      settings_.kl.annealing == Annealing::linear || settings_.kl.annealing == Annealing::cosine;
  if (settings_.kl.warm_up != defaults.kl.warm_up && !warms_up) {
    throw UsageError("--kl-warm-up belongs to --kl-annealing linear and cosine");
  }
  if (arguments_.data.label_separator != DataOptions{}.label_separator &&
      !settings_.several_labels) {
    throw UsageError("--label-separator parts several labels: it needs --multi-label");
  }
  if (tokenizer_ != "sentencepiece" &&
      tokenizer_fields_.settings(tokenizer_).subwords != SubwordTraining{}) {
    throw UsageError(
        "--model-type, --vocabulary-size and --tokenizer-sample say how subwords are learned: they "
        "need --tokenizer sentencepiece");
  }
  check_tokenizer_folder();
  check_kl_acts();
  const auto refuse = [](bool changed, const std::string& name, const std::string& because) {
    if (changed) throw UsageError("--" + name + " is of " + because);
  };
  if (!settings_.dense_start) {
    const std::string because = "the dense start, which --no-dense-start leaves out";
    refuse(settings_.dense_steps != defaults.dense_steps, "dense-steps", because);
    refuse(settings_.dense_rate != defaults.dense_rate, "dense-rate", because);
    refuse(settings_.dense_dropout != defaults.dense_dropout, "dense-dropout", because);
  }
  if (settings_.fine_tune_epochs == 0) {
    const std::string because = "fine-tuning, which --fine-tune-epochs 0 leaves out";
    refuse(settings_.fine_tune_rate != defaults.fine_tune_rate, "fine-tune-rate", because);
    refuse(settings_.fine_tune_dropout != defaults.fine_tune_dropout, "fine-tune-dropout", because);
  }
}

/// A tokenizer that is there has its own way with the text, whatever is said here.
void TrainOptions::check_tokenizer_folder() const {
  if (!names_tokenizer_folder(tokenizer_)) return;
  const TokenizerOptions text = tokenizer_fields_.settings(tokenizer_).text, defaults;
  const char* option = text.lower_case != defaults.lower_case         ? "--lower-case"
                       : text.compatibility != defaults.compatibility ? "--normalization"
                       : text.punctuation != defaults.punctuation     ? "--punctuation"
                       : text.fold_numbers != defaults.fold_numbers   ? "--fold-numbers"
                                                                      : nullptr;
  if (option == nullptr) return;
  throw UsageError(std::string(option) + " is of how `ockham tokenizer` made " + tokenizer_ +
                   "; leave it out, or make another tokenizer with it");
}

void TrainOptions::check_kl_acts() const {
  const TrainSettings defaults;
  const KlTerms terms = kl_terms(method_fields_.settings(groups()), groups());
  const KlSchedule& kl = settings_.kl;
  const bool changed = kl.low != defaults.kl.low || kl.high != defaults.kl.high ||
                       kl.annealing != defaults.kl.annealing || kl.warm_up != defaults.kl.warm_up;
  if (changed && !terms.weights && !terms.groups) {
    throw UsageError(
        "--kl-scale and the like weigh a KL, which no weight or group has with this --posterior; "
        "leave them out");
  }
  if (settings_.group_kl != defaults.group_kl && !terms.groups) {
    throw UsageError(
        "--group-kl weighs the groups' KL, which none has; name them with --groups, and their "
        "--group-posterior");
  }
}

/// With a model to go on from, nothing is learned that these would shape.
void TrainOptions::check_no_subwords_to_learn() const {
  const auto [kind, size, sample] = tokenizer_fields_.settings(tokenizer_).subwords;
  const SubwordTraining defaults;
  const char* option = kind != defaults.kind              ? "--model-type"
                       : size != defaults.vocabulary_size ? "--vocabulary-size"
                       : sample != defaults.sample_bytes  ? "--tokenizer-sample"
                                                          : nullptr;
  if (option == nullptr) return;
  throw UsageError(std::string(option) + " is of subwords that are learned from the texts, and " +
                   "--init cuts texts as the model in " + arguments_.init +
                   " does; leave the option out, or train without --init");
}

void TrainOptions::check_language_model() const {
  const bool asked = settings_.language_epochs > 0;
  if (!asked && settings_.language_rate != TrainSettings{}.language_rate) {
    throw UsageError("--language-rate is of a language model: it needs --language-epochs");
  }
  if (asked && !arguments_.init.empty()) {
    throw UsageError("--language-epochs and --init both say where training starts; leave out one");
  }
  if (asked && arguments_.time_budget) {
    throw UsageError("--time-budget is of a training without a language model, which takes as " +
                     std::string("long as it needs; leave out one"));
  }
  const size_t dimensions = settings_.embedding, units = settings_.hidden;
  if (asked && dimensions > 0 && units > 0 && dimensions != units) {
    throw UsageError("a language model's words have as many dimensions as a direction has units; " +
                     std::string("give --embedding and --hidden the same number, or one of them"));
  }
}

void TrainOptions::check_vectors() const {
  if (arguments_.vectors.empty()) return;
  if (tokenizer_ != "word") throw UsageError("--vectors are of words: they need --tokenizer word");
  if (!arguments_.init.empty()) {
    throw UsageError("--vectors and --init both say where the embedding starts; leave out one");
  }
}

void TrainOptions::settle_teachers() {
  constexpr size_t kTeachers = 3;
  TrainArguments& a = arguments_;
  if (!a.teachers && !a.unlabelled.empty() && a.teacher.empty()) a.teachers = kTeachers;
  if (!a.is_taught() && a.teacher_share != TrainArguments{}.teacher_share) {
    throw UsageError(
        "--teacher-share is of what teachers say; have some with --teachers N or --teacher DIR");
  }
  if (a.unlabelled.empty() && !a.is_taught()) return;
  if (!a.is_taught() && settings_.language_epochs == 0) {
    throw UsageError(
        "nothing learns from --unlabelled where there are neither teachers nor --language-epochs; "
        "leave --teachers 0 out, or name trained models with --teacher");
  }
  if (!a.init.empty()) {
    throw UsageError(
        "--init brings a model that new texts are learned beside; --unlabelled, --teachers and "
        "--teacher train without one; leave out either");
  }
  if (a.time_budget && a.trains_teachers()) {
    throw UsageError(
        "--time-budget is of a training without teachers to train, which take as long as they "
        "need; leave it out, or name trained ones with --teacher");
  }
}

/// A word that is neither a file nor quite one of the words is a slip.
void TrainOptions::check_class_weights() const {
  const std::string& wish = arguments_.class_weights;
  std::error_code ignored;
  if (!names_a_file(wish) || std::filesystem::exists(wish, ignored)) return;
  const auto nearest = nearest_name(wish, std::array<std::string, 2>{"none", "balanced"});
  if (!nearest) return;
  throw UsageError("--class-weights: there is no file \"" + wish + "\"; did you mean \"" +
                   *nearest + "\"?");
}

}  // namespace ockham
