#include "ockham/train/prepare.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "ockham/model/tokenizer_io.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/likelihood_ratio_screen.hpp"
#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "ockham/train/encode_texts.hpp"
#include "ockham/train/grow.hpp"

namespace ockham {
namespace {

/// The class that an output stands for.
size_t class_of_output(size_t output, size_t outputs) {
  return outputs == 1 ? 1 : output;
}

/// log P(n-gram | class) / P(n-gram | other classes), by texts that hold it, add-one smoothed.
double log_count_ratio(double in_class, double class_texts, double in_others, double other_texts) {
  return std::log((in_class + 1.0) / (class_texts + 2.0)) -
         std::log((in_others + 1.0) / (other_texts + 2.0));
}

/// Into the columns from `first` on; row_of[w] is the embedding's row of the screen's n-gram w.
void start_embedding(const ScreenResult& screen, double weight, size_t outputs, size_t first,
                     std::span<const uint32_t> row_of, Parameter& embedding) {
  const auto all_texts = static_cast<double>(screen.texts);
  const size_t columns = std::min(outputs, embedding.cols() - first);
  std::vector<double> count(screen.class_texts.size());
  for (size_t w = 0; w < row_of.size(); ++w) {
    std::ranges::fill(count, 0.0);
    const auto classes = screen.class_counts.classes_of(w);
    const auto texts = screen.class_counts.texts_of(w);
    for (size_t i = 0; i < classes.size(); ++i) count[classes[i]] = texts[i];
    for (size_t k = 0; k < columns; ++k) {
      const size_t c = class_of_output(k, outputs);
      const auto class_texts = static_cast<double>(screen.class_texts[c]);
      // Going on with a model, there may be nothing to compare.
      if (class_texts == 0.0 || class_texts == all_texts) continue;
      embedding.mean(row_of[w], first + k) += static_cast<float>(
          weight * log_count_ratio(count[c], class_texts, screen.ngram_texts[w] - count[c],
                                   all_texts - class_texts));
    }
  }
}

/// A softmax starts at the classes' log shares of all labels, a sigmoid at its class's log odds
/// among the texts.
void start_output_bias(const ScreenResult& screen, OutputKind kind, Parameter& bias) {
  double all_labels = 0.0;
  for (const uint64_t n : screen.class_texts) all_labels += static_cast<double>(n);
  const size_t outputs = bias.cols();
  for (size_t k = 0; k < outputs; ++k) {
    // The half keeps a label finite that no text of the training part has, or all have.
    const auto at_least = [](double n) { return std::max(0.5, n); };
    const auto count = static_cast<double>(screen.class_texts[class_of_output(k, outputs)]);
    const double others =
        kind == OutputKind::softmax ? all_labels : static_cast<double>(screen.texts) - count;
    bias.mean(0, k) = static_cast<float>(std::log(at_least(count) / at_least(others)));
  }
}

/// The base's n-grams first, then those of the screen that it lacks; row_of[w]: where n-gram w of
/// the screen is among them.
Vocabulary joined_vocabulary(const Classifier* base, const Vocabulary& screened,
                             std::vector<uint32_t>& row_of) {
  row_of = all_indices(screened.size());
  if (base == nullptr) return screened;
  std::vector<std::string> ngrams = base->vocabulary.ngrams();
  for (uint32_t w = 0; w < screened.size(); ++w) {
    std::string ngram = screened.ngram(w);
    row_of[w] = base->vocabulary.find(ngram);
    if (row_of[w] != NgramVocabulary::kNotFound) continue;
    row_of[w] = static_cast<uint32_t>(ngrams.size());
    ngrams.push_back(std::move(ngram));
  }
  return NgramVocabulary(ngrams);
}

/// The untrained dense classifier over the n-grams that were chosen, and those of `base`.
Classifier start_classifier(const Dataset& dataset, const ScreenResult& screen,
                            std::shared_ptr<const Tokenizer> tokenizer,
                            const TrainSettings& settings, const Classifier* base) {
  Classifier start;
  start.classes = dataset.classes;
  start.tokenizer = std::move(tokenizer);
  start.max_tokens = base == nullptr ? settings.max_tokens : base->max_tokens;
  start.seed = settings.seed;
  start.several_labels = settings.several_labels;
  if (start.several_labels) start.thresholds.assign(dataset.classes.size(), 0.5f);
  std::vector<uint32_t> row_of;
  start.vocabulary = joined_vocabulary(base, screen.vocabulary, row_of);

  const GrownPart old = base == nullptr ? GrownPart{} : part_of(*base);
  const size_t classes = dataset.classes.size();
  const bool beside = base != nullptr && !is_whole_start(*base, classes);
  NetworkShape& shape = start.shape;
  shape.words = start.vocabulary.size();
  shape.embedding = settings.embedding + (beside ? old.inputs : 0);
  shape.hidden = settings.hidden + (beside ? old.hidden : 0);
  shape.cell = base == nullptr ? settings.cell : base->shape.cell;
  shape.gate_function = base == nullptr ? settings.gate_function : base->shape.gate_function;
  shape.layers = base == nullptr ? settings.layers : base->shape.layers;
  shape.bidirectional = base == nullptr ? settings.bidirectional : base->shape.bidirectional;
  shape.poolings = base == nullptr ? settings.poolings : base->shape.poolings;
  shape.dense_layers = base == nullptr ? settings.dense_layers : base->shape.dense_layers;
  shape.output = settings.several_labels ? OutputKind::sigmoid
                 : classes == 2          ? settings.two_class_output
                                         : OutputKind::softmax;
  const bool one_logit = shape.output == OutputKind::sigmoid && !settings.several_labels;
  shape.outputs = one_logit ? 1 : classes;
  shape.groups = settings.groups;
  start.network = make_network(shape, settings.seed);
  start_embedding(screen, settings.naive_bayes, shape.outputs, old.inputs, row_of,
                  start.network.embedding);
  start_output_bias(screen, shape.output, start.network.output_bias);
  start.dense_bytes = dense_model_bytes(start.network, start.vocabulary);
  return base == nullptr ? start : grow(*base, std::move(start));
}

std::shared_ptr<const Tokenizer> make_tokenizer(const Dataset& dataset,
                                                std::span<const uint32_t> training,
                                                const TokenizerSettings& settings,
                                                bool length_token) {
  if (settings.kind == TokenizerSettings::Kind::folder) {
    return load_bare_tokenizer(settings.folder, length_token);
  }
  TokenizerOptions options = settings.text;
  options.length_token = length_token;
  if (settings.kind == TokenizerSettings::Kind::words) {
    return std::make_shared<WordTokenizer>(options);
  }
  std::vector<std::string_view> texts;
  for (const uint32_t index : training) texts.push_back(dataset.text(index));
  return std::make_shared<SubwordTokenizer>(std::make_shared<const SubwordModel>(train_subwords(
                                                texts, options, settings.subwords, dataset.name)),
                                            options);
}

/// The classes that any of these texts has.
std::vector<uint64_t> class_texts(const Dataset& dataset, std::span<const uint32_t> texts) {
  std::vector<uint64_t> counts(dataset.classes.size());
  for (const uint32_t i : texts) {
    for (const uint32_t label : dataset.labels(i)) ++counts[label];
  }
  return counts;
}

/// The n-grams to train on; Error if there are none and no others.
ScreenResult screen_ngrams(const Dataset& dataset, std::span<const uint32_t> training,
                           const Tokenizer& tokenizer, const TrainSettings& settings,
                           const Classifier* base) {
  // Only with a base do classes have no texts. Where all texts have the same labels, nothing tells
  // them apart but that the base's texts were others: then the frequent n-grams are taken.
  const std::vector<uint64_t> counts = class_texts(dataset, training);
  const auto present =
      static_cast<size_t>(std::ranges::count_if(counts, [](uint64_t n) { return n > 0; }));
  const bool all_alike =
      std::ranges::all_of(counts, [&](uint64_t n) { return n == 0 || n == training.size(); });
  const size_t classes = std::max<size_t>(present, 2);
  const ScreenOptions options{
      .max_length = settings.ngram_length,
      .min_count = settings.min_count,
      .frequency_limit = settings.frequency_limit,
      .threshold = screen_threshold(settings.screen, classes),
      .several_labels = settings.several_labels,
      .class_threshold = class_screen_threshold(settings.screen, classes, settings.several_labels),
      .most_telling = settings.candidates,
      .other_texts = base != nullptr && all_alike ? training.size() : 0,
      .max_tokens = settings.max_tokens};
  ScreenResult screen =
      settings.hash_bits == 0
          ? select_ngrams(dataset, training, tokenizer, options)
          : select_buckets(dataset, training, tokenizer,
                           {.bits = settings.hash_bits, .max_length = settings.ngram_length},
                           options);
  if (screen.vocabulary.size() == 0 && base == nullptr) {
    fail(dataset.name, ": no word occurs ", settings.min_count,
         " times and tells the classes apart; give more texts, or lower --min-count and --screen");
  }
  return screen;
}

}  // namespace

PreparedTraining prepare_training(const Dataset& dataset, const Dataset* validation,
                                  const TrainSettings& settings, ThreadPool& pool,
                                  TrainingSources from) {
  const Classifier* base = from.base;
  assert(base == nullptr || (from.vectors == nullptr && from.lesson == nullptr));
  const bool held_out = validation == nullptr;
  check_trainable(dataset, {.several_labels = settings.several_labels,
                            .known_classes = base == nullptr ? 0 : base->classes.size(),
                            .held_out = held_out});
  if (validation != nullptr && validation->classes != dataset.classes) {
    fail(validation->name, ": has other classes than ", dataset.name,
         "; read it with the training file's classes");
  }
  Split split{all_indices(dataset.size()), {}};
  if (held_out) {
    split = split_validation(dataset, settings.validation,
                             from.lesson == nullptr ? dataset.size() : from.lesson->labelled);
    if (split.validation.empty()) {
      fail(dataset.name, ": there are too few texts to hold some out; give more, or others as the ",
           "validation file");
    }
  }

  const auto tokenizer = base != nullptr ? base->tokenizer
                                         : make_tokenizer(dataset, split.train, settings.tokenizer,
                                                          settings.length_token);
  ScreenResult screen = screen_ngrams(dataset, split.train, *tokenizer, settings, base);
  PreparedTraining prepared;
  prepared.candidates = screen.candidates;
  prepared.screened = screen.vocabulary.size();
  prepared.start = start_classifier(dataset, screen, tokenizer, settings, base);
  if (from.vectors != nullptr) {
    prepared.vectors =
        start_from_vectors(*from.vectors, prepared.start.vocabulary, settings.tokenizer.text,
                           prepared.start.network.embedding);
  }
  const auto make_set = [&](const Dataset& texts, std::span<const uint32_t> indices) {
    const Classifier& start = prepared.start;
    return make_training_set(
        texts, indices,
        encode_texts(texts, indices, *start.tokenizer, start.vocabulary, start.max_tokens, pool),
        base == nullptr ? WeightScale::own_mean : WeightScale::one);
  };
  // The training part was encoded as its n-grams were counted, if these are all.
  prepared.training = base == nullptr
                          ? make_training_set(dataset, split.train, std::move(screen.encoded))
                          : make_set(dataset, split.train);
  prepared.training.lasting = length_words(prepared.start.vocabulary);
  if (from.lesson != nullptr) put_soft_targets(*from.lesson, prepared.training);
  if (from.read_beside != nullptr) {
    const Classifier& start = prepared.start;
    prepared.language = prepared.training.corpus;
    append(encode_texts(*from.read_beside, all_indices(from.read_beside->size()), *start.tokenizer,
                        start.vocabulary, start.max_tokens, pool),
           prepared.language);
  }
  prepared.validation.texts = held_out ? make_set(dataset, split.validation)
                                       : make_set(*validation, all_indices(validation->size()));
  if (base != nullptr) {
    prepared.going_on =
        go_on_from(*base, prepared.start, settings, {dataset.size(), held_out, dataset.weighted},
                   prepared.training, prepared.validation, pool);
  }
  return prepared;
}

}  // namespace ockham
