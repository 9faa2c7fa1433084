#include "ockham/deploy/file_maker.hpp"

#include <algorithm>
#include <utility>

#include "ockham/compress/known_characters.hpp"
#include "ockham/compress/plain_network.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/tensor/kernels.hpp"
#include "ockham/train/encode_texts.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/measure.hpp"
#include "ockham/train/rounding.hpp"
#include "ockham/train/temperature.hpp"

namespace ockham {

FileMaker::FileMaker(std::optional<HashWish> hashing, const FileTexts& texts, Criterion criterion,
                     ThreadPool& pool)
    : hashing_(hashing), texts_(texts), criterion_(criterion), pool_(pool) {
  if (!texts_.training) return;
  const Dataset& training = *texts_.training;
  if (texts_.validation) {
    split_.train = all_indices(training.size());
  } else {
    const size_t labelled = texts_.lesson ? texts_.lesson->labelled : training.size();
    const double share = texts_.held_out > 0.0 ? texts_.held_out : held_out_share(training);
    split_ = split_validation(training, share, labelled);
  }
}

size_t FileMaker::validation_texts() const {
  return texts_.validation ? texts_.validation->size() : split_.validation.size();
}

const NgramHashes& FileMaker::counts(const FoldedModel& model, uint32_t length) {
  if (texts_.training && length != counted_length_) {
    counts_ = count_ngram_hashes(*texts_.training, *model.tokenizer, length);
    counted_length_ = length;
  }
  return counts_;
}

HashFit FileMaker::fit(const FoldedModel& model) {
  const NgramVocabulary* words = model.vocabulary.words();
  if (words == nullptr) fail("the model was trained with hashes; its n-grams need no others");
  const uint32_t length = std::max(1u, words->max_length());
  return fit_hash(model, counts(model, length), hashing_->bits);
}

/// A tokenizer of a model that was trained with hashes is told of its characters by the texts.
void FileMaker::tell(FoldedModel& model) {
  const HashedVocabulary* hashed = model.vocabulary.hashed();
  if (hashed == nullptr || !texts_.training) return;
  const auto characters = known_characters(*hashed, *model.tokenizer, *texts_.training,
                                           counts(model, hashed->hashing().max_length));
  model.tokenizer = told_of(characters, model.tokenizer);
}

FileDraft FileMaker::draft(FoldedModel model) {
  if (!hashing_) {
    tell(model);
    return {std::move(model), std::nullopt};
  }
  const HashFit hash = fit(model);
  return {hash_ngrams(std::move(model), hash.hashing), hash};
}

MadeFile FileMaker::round(const FileDraft& draft, WeightFormat format) const {
  MadeFile made;
  made.bytes = encode_compact(draft.model, format);
  made.format = format;
  made.hash = draft.hash;
  return made;
}

MadeFile FileMaker::measure(FileDraft& draft, WeightFormat format) const {
  MadeFile made = measured(round_model(draft.model, format), draft, format);
  made.unrounded = score(draft);
  return made;
}

MadeFile FileMaker::fine_tune(FileDraft& draft, WeightFormat format, size_t epochs) const {
  if (!texts_.training) fail("there are no texts to train on; give the training's with --train");
  // That of trainings on little text: a chosen model is small, and does not get smaller here.
  const RoundingSettings settings{
      .format = format, .epochs = epochs, .dropout = draft.model.classes.size() > 2 ? 0.3 : 0.5};
  TrainingSet training = encode(draft.model, *texts_.training, split_.train);
  if (texts_.lesson) put_soft_targets(*texts_.lesson, training);
  const FoldedModel trained = fine_tune_rounded(draft.model, settings, training, pool_);
  MadeFile made = measured(calibrated(trained, format), draft, format);
  made.epochs = epochs;
  made.unrounded = score(draft);
  return made;
}

double FileMaker::score(FileDraft& draft) const {
  if (!draft.score) {
    FoldedModel model = draft.model;
    draft.score = fit_and_score(model);
  }
  return *draft.score;
}

FoldedModel FileMaker::calibrated(FoldedModel model, WeightFormat format) const {
  const TrainingSet set = validation_set(model);
  const Matrix probabilities = predict_set(plain_network(model), set, pool_);
  const auto relation =
      model.several_labels ? ClassRelation::independent : ClassRelation::exclusive;
  const double temperature = fit_temperature(probabilities, set.labels, relation);
  scale(static_cast<float>(1.0 / temperature), model.output_weight.values());
  scale(static_cast<float>(1.0 / temperature), model.output_bias.values());
  return round_model(model, format);
}

MadeFile FileMaker::measured(FoldedModel model, const FileDraft& draft, WeightFormat format) const {
  MadeFile made;
  made.score = fit_and_score(model);
  made.bytes = encode_compact(model, format);
  made.format = format;
  made.hash = draft.hash;
  return made;
}

double FileMaker::fit_and_score(FoldedModel& model) const {
  const TrainingSet set = validation_set(model);
  const Matrix probabilities = predict_set(plain_network(model), set, pool_);
  PathPoint point;
  if (model.several_labels) {
    model.thresholds = fit_thresholds(probabilities, set.labels, model.thresholds);
    set_scores(evaluate_label_sets(probabilities, set.labels, model.thresholds), point);
  } else {
    set_scores(evaluate_predictions(probabilities, set.labels.ids), point);
  }
  return ockham::score(point, criterion_);
}

TrainingSet FileMaker::validation_set(const FoldedModel& model) const {
  if (validation_texts() == 0) {
    const std::string name = texts_.training ? texts_.training->name + ": " : "";
    fail(name, "there are no texts to measure on; give some with --valid");
  }
  if (texts_.validation) {
    return encode(model, *texts_.validation, all_indices(texts_.validation->size()));
  }
  return encode(model, *texts_.training, split_.validation);
}

TrainingSet FileMaker::encode(const FoldedModel& model, const Dataset& texts,
                              std::span<const uint32_t> indices) const {
  TrainingSet set = make_training_set(
      texts, indices,
      encode_texts(texts, indices, *model.tokenizer, model.vocabulary, model.max_tokens, pool_));
  set.lasting = length_words(model.vocabulary);
  return set;
}

}  // namespace ockham
