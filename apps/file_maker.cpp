#include "apps/file_maker.hpp"

#include <algorithm>
#include <utility>

#include "ockham/deploy/compact_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/train/encode_texts.hpp"
#include "ockham/train/prepare.hpp"
#include "ockham/train/rounding.hpp"

namespace ockham {

FileMaker::FileMaker(std::string name, std::optional<HashWish> hashing, const FileTexts& texts,
                     Criterion criterion, ThreadPool& pool)
    : name_(std::move(name)), hashing_(hashing), texts_(texts), criterion_(criterion), pool_(pool) {
  if (texts_.training && !texts_.validation) {
    const Dataset& training = *texts_.training;
    split_ = split_validation(training, resolve_settings({}, training).validation);
  } else if (texts_.training) {
    split_.train = all_indices(texts_.training->size());
  }
}

HashFit FileMaker::fit(const FoldedModel& model) {
  const NgramVocabulary* words = model.vocabulary.words();
  if (words == nullptr) fail(name_, ": was trained with hashes; leave out --vocabulary");
  const uint32_t length = std::max(1u, words->max_length());
  if (texts_.training && length != counted_length_) {
    counts_ = count_ngram_hashes(*texts_.training, *model.tokenizer, length);
    counted_length_ = length;
  }
  return fit_hash(model, counts_, hashing_->bits);
}

FileDraft FileMaker::draft(FoldedModel model) {
  FileDraft draft;
  draft.figures = compression_figures(model);
  if (hashing_) {
    draft.hash = fit(model);
    model = hash_ngrams(std::move(model), draft.hash->hashing);
  }
  draft.model = std::move(model);
  return draft;
}

MadeFile FileMaker::encode(const FileDraft& draft, const FoldedModel& model,
                           WeightFormat format) const {
  return {.bytes = encode_compact(model, format),
          .format = format,
          .figures = draft.figures,
          .hash = draft.hash,
          .score = {}};
}

MadeFile FileMaker::round(const FileDraft& draft, WeightFormat format) const {
  return encode(draft, draft.model, format);
}

TrainingSet FileMaker::encode(const FoldedModel& model, const Dataset& texts,
                              std::span<const uint32_t> indices) const {
  TrainingSet set = make_training_set(
      texts, indices,
      encode_texts(texts, indices, *model.tokenizer, model.vocabulary, model.max_tokens, pool_));
  set.lasting = length_words(model.vocabulary);
  return set;
}

void FileMaker::prepare_scores(FileDraft& draft) const {
  draft.validation = texts_.validation ? encode(draft.model, *texts_.validation,
                                                all_indices(texts_.validation->size()))
                                       : encode(draft.model, *texts_.training, split_.validation);
  if (draft.validation.size() == 0) {
    fail(texts_.validation ? texts_.validation->name : texts_.training->name,
         ": there are too few texts to hold some out; give others with --valid");
  }
}

void FileMaker::prepare_training(FileDraft& draft) const {
  draft.training = encode(draft.model, *texts_.training, split_.train);
}

MadeFile FileMaker::finish(const FileDraft& draft, WeightFormat format, size_t epochs) const {
  const RoundingSettings settings{
      .format = format, .epochs = epochs, .dropout = draft.model.classes.size() > 2 ? 0.3 : 0.5};
  FoldedModel model = fine_tune_rounded(draft.model, settings, draft.training, pool_);
  if (model.several_labels) fit_thresholds_of(model, draft.validation, pool_);
  MadeFile made = encode(draft, model, format);
  made.score = score_folded(model, draft.validation, criterion_, pool_);
  return made;
}

double FileMaker::score(const FileDraft& draft) const {
  return score_folded(draft.model, draft.validation, criterion_, pool_);
}

}  // namespace ockham
