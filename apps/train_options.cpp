#include "apps/train_options.hpp"

#include <algorithm>

#include "apps/hash_option.hpp"
#include "apps/thread_option.hpp"
#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/word_tokenizer.hpp"

namespace ockham {
bool names_a_file(const std::string& class_weights) {
  return class_weights != "none" && class_weights != "balanced";
}

TrainOptions::TrainOptions()
    : command_("train", "Train a classifier and its whole curve of accuracy against size.",
               "ockham train --train reviews.tsv --model reviews") {
  Command& c = command_;
  c.required(&arguments_.train, "train", "FILE",
             "labelled texts: a file, a folder, or - for stdin");
  c.required(&arguments_.model, "model", "DIR", "folder to write the model to");
  c.option(&arguments_.valid, "valid", "FILE",
           "labelled texts to choose by; without it the last part of each class is held out");
  c.option(&arguments_.init, "init", "DIR", "go on from a trained model");
  c.option(&arguments_.unlabelled, "unlabelled", "FILE", "texts without labels to learn from too");
  c.size(&arguments_.max_bytes, "max-bytes",
         "choose the most accurate model of so many (4000, 4k)");
  c.option(&arguments_.min_accuracy, "min-accuracy", "A",
           "choose the smallest model of this accuracy, 0 to 1", Range{0, 1});
  c.duration(&arguments_.time_budget, "time-budget", "end in so much time (90s, 5m, 1.5h)");
  c.option(&settings_.epochs, "epochs", "N", "passes of the Bayes phase; 0: by the data's size",
           Range{0, 1e6});
  c.option(&settings_.seed, "seed", "N", "of all random numbers", Range{0, 9e15});
  declare_threads(c, &arguments_.threads);
  c.flag(&arguments_.resume, "resume", "go on from the checkpoint in the model folder");
  c.flag(&arguments_.quiet, "quiet", "no progress");
  declare_data_options(c, arguments_.data, TextWeights::with);
  c.option(&arguments_.cache_folder, "cache-dir", "DIR",
           "for temporary files, where the texts are too many for the memory: on a disk, with room "
           "for some 5 times the texts; $TMPDIR or /tmp unless given");
  declare_labels();
  declare_teaching();
  declare_text();
  declare_network();
  method_fields_.declare(c);
  declare_training();
}

void TrainOptions::declare_labels() {
  Command& c = command_;
  c.group("Labels");
  c.flag(&settings_.several_labels, "multi-label", "a text may have any number of labels");
  c.option(&arguments_.class_weights, "class-weights", "WEIGHTS",
           "none; balanced: all classes weigh the same; or a file of label<TAB>weight lines");
  c.group("Choice", HelpLevel::expert);
  c.choice(&criterion_, "criterion", {"auto", "accuracy", "macro-f1", "micro-f1"},
           "what models are compared by; auto: accuracy, with --class-weights macro-f1, with "
           "--multi-label micro-f1");
}

void TrainOptions::declare_teaching() {
  Command& c = command_;
  c.group("Teachers", HelpLevel::expert);
  c.option(&arguments_.teachers, "teachers", "N",
           "train so many models first, with seeds of their own, whose mean opinion the model "
           "learns: of --unlabelled texts, and of the labelled ones beside their labels; unless "
           "given 3 with --unlabelled, else none",
           Range{0, 99});
  c.list(&arguments_.teacher, "teacher", "DIR[,DIR...]",
         "trained models to learn from instead, or beside them");
  c.option(&arguments_.teacher_share, "teacher-share", "X",
           "of their opinion in what labelled texts teach, the rest is their labels", Range{0, 1});
}

void TrainOptions::declare_text() {
  Command& c = command_;
  c.group("Text", HelpLevel::expert);
  c.option(&tokenizer_, "tokenizer", "word|sentencepiece|DIR",
           "words and marks; subwords learned from the training part; or what `ockham tokenizer` "
           "made, with its own options of the text");
  tokenizer_fields_.declare(c);
  c.option(&vocabulary_, "vocabulary", "words|hashed[:BITS]",
           "n-grams by their words, or by a hash of 8 to 24 bits (20 unless given, 18 for the "
           "smallest models), which takes about 10 bits a kept n-gram in the deployable file");
  c.option(&settings_.ngram_length, "ngrams", "N",
           "longest n-gram, in words; 0: 2, or 3 for corpora over 5 MB", Range{0, 5});
  c.flag(&settings_.length_token, "length-token",
         "end each text with a token that says how long it is; word dropout spares it");
  c.option(&settings_.min_count, "min-count", "N",
           "occurrences that an n-gram needs; 0: 2, or 4 for corpora over 5 MB", Range{0, 1e9});
  c.option(&settings_.frequency_limit, "frequency-limit", "N",
           "screen only so many of the most frequent n-grams", Range{1, 1e9});
  c.option(&settings_.screen, "screen", "NATS",
           "likelihood ratio that an n-gram needs with two classes; with more, the one that as few "
           "n-grams exceed by chance",
           Range{0, 700});
  c.option(&settings_.candidates, "candidates", "N",
           "train on at most so many n-grams, the most telling; 0: by the data's size",
           Range{0, 1e9});
  c.option(&settings_.max_tokens, "max-tokens", "N",
           "cut texts after N n-grams, the length token with the rest; 0: never", Range{0, 1e9});
  c.option(&settings_.validation, "validation", "SHARE",
           "held out where there is no --valid; 0: 0.1, or 0.05 where that leaves plenty",
           Range{0, 0.9});
}

void TrainOptions::declare_network() {
  Command& c = command_;
  c.group("Network", HelpLevel::expert);
  c.option(
      &settings_.embedding, "embedding", "N",
      "dimensions of a word; 0: by the data's size and classes, or those of the model of plain "
      "weights and the same labels that --init starts from",
      Range{0, kMostNewWidth});
  c.option(
      &settings_.hidden, "hidden", "N",
      "units a direction and layer, with --init beside the model's own unless that is of plain "
      "weights; 0: by the data's size and classes, or as --embedding",
      Range{0, kMostNewWidth});
  c.option(&arguments_.vectors, "vectors", "FILE",
           "start the embedding from word vectors: text as word2vec, GloVe and fastText write it");
  c.flag(&settings_.bidirectional, "bidirectional", "read the text in both directions");
  c.choice<Cell>(&settings_.cell, "cell", {{"lstm", Cell::lstm}, {"gru", Cell::gru}},
                 "the recurrent layers' kind");
  c.choice<GateFunction>(
      &settings_.gate_function, "gates",
      {{"sigmoid", GateFunction::sigmoid}, {"hard-sigmoid", GateFunction::hard_sigmoid}},
      "function of the gates; hard-sigmoid: clip(0.2 x + 0.5, 0, 1)");
  c.option(&settings_.layers, "layers", "N", "recurrent layers, each on top of the other",
           Range{1, 8});
  c.option(&settings_.layer_dropout, "layer-dropout", "P",
           "of what a layer gives the next, the same in all time steps of a text", Range{0, 0.99});
  c.choices(&poolings_, "pooling", {"max", "mean", "last"}, "how the outputs over time are joined");
  c.numbers(&settings_.dense_layers, "dense-layers", "N,M,...",
            "units of dense layers with ReLU between pooling and output", Range{1, kMostNewWidth});
  c.choice<OutputKind>(&settings_.two_class_output, "output",
                       {{"sigmoid", OutputKind::sigmoid}, {"softmax", OutputKind::softmax}},
                       "of two classes: sigmoid, one logit, as the papers' models have it, or "
                       "softmax, one for each");
  c.describe_mistake("; the folder for the model is --model");
  c.choices(&groups_, "groups", {"vocabulary", "inputs", "units", "gates"},
            "what has a multiplier of its own and can go as a whole");
  c.option(&settings_.naive_bayes, "naive-bayes", "X",
           "weight of the n-grams' log-count ratios in the initial embedding; -1: 0.8, or 0.4 for "
           "corpora over 5 MB",
           Range{-1, 100});
}

void TrainOptions::declare_training() {
  Command& c = command_;
  c.group("Training", HelpLevel::expert);
  c.flag(&arguments_.profile, "profile", "say at the end where the time went");
  c.option(&arguments_.log, "log", "FILE",
           "write the log there too, JSON Lines as in the model's folder (docs/log.md)");
  c.choice(&precision_, "precision", {"fp32", "bf16", "auto"},
           "of the products of large layers (32768 weights and more: 89 LSTM units, or 28 with "
           "embeddings of 300): bf16 rounds what is multiplied to 8 bits, in less time, where the "
           "processor can; auto: bf16 where it can, fp32 elsewhere");
  c.option(&settings_.batch, "batch", "N", "texts a step", Range{1, 1e6});
  c.option(
      &rehearsal_, "rehearsal", "X",
      "texts made up to keep what a model of --init knows: X times as many as new texts, of which "
      "1.5 times as many as the model has n-grams are counted at least, within 500 to 5000; 0: "
      "none",
      Range{0, 100});
  c.option(&settings_.max_norm, "max-norm", "X", "cut the gradient's norm to X; 0: never",
           Range::at_least(0));
  c.option(&settings_.language_epochs, "language-epochs", "N",
           "passes over the texts, those of --unlabelled too (which are for this alone with "
           "--teachers 0), as a language model that the network starts from (Dai & Le 2015): "
           "--embedding and --hidden are one then, 64 unless given",
           Range{0, 1e6});
  c.option(&settings_.language_rate, "language-rate", "X",
           "learning rate then, at first; it falls to 0", Range{0, 1});
  c.flag(&settings_.dense_start, "dense-start",
         "train plain weights before the Bayes phase; without, it starts from random ones, or "
         "those of --init or a language model");
  c.option(&settings_.dense_steps, "dense-steps", "N",
           "steps before the Bayes phase (3 epochs at least); 0: 500, or 1500 and more for over 2 "
           "classes",
           Range{0, 1e9});
  c.option(&settings_.dense_rate, "dense-rate", "X",
           "learning rate then; 0: 0.003, or 0.001 with --init", Range{0, 1});
  c.option(&settings_.dense_dropout, "dense-dropout", "P", "word dropout then", Range{0, 0.99});
  c.interval(&settings_.kl.low, &settings_.kl.high, "kl-scale", "LO:HI",
             "the KL's weight at the start and the end of the path; one number: constant",
             Range{1e-9, 1e9});
  c.choice(&settings_.kl.annealing, "kl-annealing",
           {{"linear", Annealing::linear},
            {"cosine", Annealing::cosine},
            {"cyclic", Annealing::cyclic},
            {"none", Annealing::none}},
           "how the KL's weight rises from 0: over the warm-up, or again in every cycle");
  c.option(&settings_.kl.warm_up, "kl-warm-up", "SHARE",
           "of the Bayes phase, from 0 to LO, with linear and cosine annealing", Range{0, 1});
  c.option(&settings_.kl.cycles, "kl-cycles", "N", "of cyclic annealing", Range{1, 1000});
  c.option(&settings_.group_kl, "group-kl", "X",
           "how many times as much the groups' KL weighs as the weights'", Range{0, 1e6});
  c.flag(&settings_.shrink, "shrink",
         "let words, inputs and units leave while training, once they were pruned twice running");
  c.option(&settings_.rate, "rate", "X", "learning rate of the Bayes phase", Range::above(0, 1));
  c.course(
      &settings_.dropout.first, &settings_.dropout.last, "dropout", "P|FIRST:LAST",
      "word dropout of the Bayes phase, from its start to its end; -1: 0.3 for over 2 classes, "
      "0.8:0.4 for over 5 MB of two where something is pruned, else 0.5",
      Range{0, 0.99});
  c.option(&settings_.points, "points", "N",
           "models on the path, ever closer towards its small end, where the last one is",
           Range{1, 99});
  c.option(&settings_.fine_tune_epochs, "fine-tune-epochs", "N",
           "at the start of the Bayes phase, three times as many at its end", Range{0, 1000});
  c.option(&settings_.fine_tune_rate, "fine-tune-rate", "X", "learning rate at first; 0: by size",
           Range{0, 1});
  c.course(
      &settings_.fine_tune_dropout.first, &settings_.fine_tune_dropout.last, "fine-tune-dropout",
      "P|FIRST:LAST",
      "word dropout then, from the Bayes phase's start to its end; -1: 0.3 for over 2 classes, "
      "0.75:0.4 for over 5 MB of two where something is pruned, else 0.5",
      Range{0, 0.99});
}

uint32_t TrainOptions::hash_bits() const {
  if (vocabulary_ == "words") return 0;
  if (!arguments_.vectors.empty()) {
    throw UsageError("--vectors are of words, which --vocabulary hashed does not know");
  }
  constexpr uint32_t kBits = 20;
  return ockham::hash_bits(vocabulary_).value_or(kBits);
}

Precision TrainOptions::precision() const {
  if (precision_ == "auto") return multiplies_bf16() ? Precision::bf16 : Precision::fp32;
  const Precision precision = parse_precision(precision_);
  if (precision == Precision::bf16 && !multiplies_bf16()) {
    throw UsageError("--precision bf16: this processor has no products of bf16; take auto or fp32");
  }
  return precision;
}

Groups TrainOptions::groups() const {
  const auto has = [&](const char* name) { return std::ranges::count(groups_, name) > 0; };
  return {has("vocabulary"), has("inputs"), has("units"), has("gates")};
}

TrainSettings TrainOptions::settings() const {
  TrainSettings settings = settings_;
  settings.poolings.clear();
  for (const std::string& name : poolings_) settings.poolings.push_back(parse_pooling(name));
  if (settings.poolings.empty())
    throw UsageError("--pooling needs at least one of max, mean, last");
  settings.hash_bits = hash_bits();
  settings.precision = precision();
  settings.tokenizer = tokenizer_fields_.settings(tokenizer_);
  refuse_shared_stdin({{"--train", arguments_.train},
                       {"--valid", arguments_.valid},
                       {"--class-weights", arguments_.class_weights},
                       {"--vectors", arguments_.vectors},
                       {"--unlabelled", arguments_.unlabelled}});
  check_vectors();
  check_language_model();
  check_acting();
  check_class_weights();
  settings.rehearsal = arguments_.init.empty() ? 0.0 : rehearsal_;
  if (settings.layer_dropout > 0.0 && settings.layers == 1) {
    throw UsageError("--layer-dropout acts between layers: it needs --layers 2 or more");
  }
  if (settings.several_labels && arguments_.class_weights != "none") {
    throw UsageError("--class-weights needs texts of one label each, not --multi-label");
  }
  if (settings.dense_layers.size() > kMostDenseLayers) {
    throw UsageError("--dense-layers takes at most " + std::to_string(kMostDenseLayers) +
                     " layers");
  }
  settings.groups = groups();
  settings.method = method_fields_.settings(settings.groups);
  settings.log_sigma_by_size = !method_fields_.log_sigma_given();
  if (settings.method.local_dense && settings.dense_layers.empty()) {
    throw UsageError("--local dense has no layer to act on; add some with --dense-layers");
  }
  return settings;
}

Criterion TrainOptions::criterion() const {
  if (criterion_ != "auto") return parse_criterion(criterion_);
  if (settings_.several_labels) return Criterion::micro_f1;
  return arguments_.class_weights == "none" ? Criterion::accuracy : Criterion::macro_f1;
}

DataOptions TrainOptions::data() const {
  DataOptions data = arguments_.data;
  data.several_labels = settings_.several_labels;
  return data;
}

template <typename T>
void TrainOptions::take_over(const char* option, T& field, const T& value) {
  const bool differs = command_.given(option) && field != value;
  field = value;
  if (!differs) return;
  throw UsageError(std::string("--") + option + " differs from the model in " + arguments_.init +
                   ", whose own value holds for what --init makes of it (" +
                   command_.argument(option) + "); leave the option out, or train without --init");
}

void TrainOptions::go_on_from(const Classifier& base) {
  if (base.vocabulary.hashed() != nullptr || vocabulary_ != "words") {
    throw UsageError(
        "--init needs the words of the old model's n-grams, to rehearse them; a model of "
        "--vocabulary hashed cannot be gone on from, nor become one");
  }
  const auto* subwords = dynamic_cast<const SubwordTokenizer*>(base.tokenizer.get());
  const auto* words = dynamic_cast<const WordTokenizer*>(base.tokenizer.get());
  const TokenizerOptions text = subwords != nullptr ? subwords->options() : words->options();
  check_no_subwords_to_learn();
  take_over("tokenizer", tokenizer_, std::string(subwords != nullptr ? "sentencepiece" : "word"));
  TokenizerFields::Text fields = tokenizer_fields_.text();
  take_over("lower-case", *fields.lower_case, text.lower_case);
  take_over("normalization", *fields.normalization,
            std::string(text.compatibility ? "nfkc" : "nfc"));
  take_over("punctuation", *fields.punctuation, text.punctuation);
  take_over("fold-numbers", *fields.fold_numbers, text.fold_numbers);
  take_over("length-token", settings_.length_token, text.length_token);
  take_over("max-tokens", settings_.max_tokens, base.max_tokens);
  take_over("multi-label", settings_.several_labels, base.several_labels);
  if (base.classes.size() == 2 && !base.several_labels) {
    take_over("output", settings_.two_class_output, base.shape.output);
  }
  take_over("bidirectional", settings_.bidirectional, base.shape.bidirectional);
  take_over("cell", settings_.cell, base.shape.cell);
  take_over("gates", settings_.gate_function, base.shape.gate_function);
  take_over("layers", settings_.layers, base.shape.layers);
  std::vector<std::string> poolings;
  for (const Pooling pooling : base.shape.poolings) poolings.emplace_back(pooling_name(pooling));
  take_over("pooling", poolings_, poolings);
  take_over("dense-layers", settings_.dense_layers, base.shape.dense_layers);
}

}  // namespace ockham
