#include <algorithm>
#include <cmath>

#include "ockham/tensor/error.hpp"
#include "ockham/train/grow.hpp"
#include "ockham/train/prepare.hpp"

// What settings are where the user left them to the data.

namespace ockham {
namespace {

/// The size of a network that starts as a whole from a smaller or equal part of it.
void take_size(const char* option, size_t of_base, size_t& size) {
  if (size == 0) size = of_base;
  if (size >= of_base) return;
  fail("--", option, " ", size, " is less than the ", of_base,
       " of the model that training starts ", "from; give at least as many, or leave it out");
}

/// More classes turn on more words of a text, and rarer ones. With two, much text says the same
/// many times, so that `falling` saves time while the model is large. On IMDb, held-out texts,
/// means of three seeds, files of the same size are as accurate with 40 epochs of it as with 50 of
/// 0.5, small ones 0.2 points more; in small corpora the largest models lose by it.
DropoutSchedule word_dropout(size_t classes, bool falls, DropoutSchedule falling) {
  if (classes > 2) return {0.3, 0.3};
  return falls ? falling : DropoutSchedule{0.5, 0.5};
}

void resolve_dropout(DropoutSchedule& dropout, DropoutSchedule usual) {
  if (dropout.first < 0.0 && dropout.last < 0.0) dropout = usual;
  for (const double share : {dropout.first, dropout.last}) {
    if (!(share >= 0.0 && share < 1.0)) fail("word dropout is from 0 to less than 1, not ", share);
  }
}

}  // namespace

double held_out_share(const Dataset& dataset) {
  const auto texts = count_class_texts(dataset);
  const bool enough = dataset.size() >= 10'000 && *std::ranges::min_element(texts) >= 1'000;
  return enough ? 0.05 : 0.1;
}

TrainSettings resolve_settings(TrainSettings s, const Dataset& dataset, TrainingSources from) {
  const Classifier* base = from.base;
  constexpr size_t kLargeCorpus = 5'000'000;  // bytes: about a million words
  const size_t classes = dataset.classes.size();
  const bool large = dataset.arena.size() > kLargeCorpus;
  if (s.ngram_length == 0) s.ngram_length = large ? 3 : 2;
  if (s.min_count == 0) s.min_count = large ? 4 : 2;
  if (s.candidates == 0) {
    s.candidates = large ? std::min<size_t>(10'000 * (classes - 1), 40'000) : 20'000;
  }
  if (s.validation == 0.0) s.validation = held_out_share(dataset);
  if (base != nullptr && is_whole_start(*base, classes)) {
    const GrownPart part = part_of(*base);
    take_size("embedding", part.inputs, s.embedding);
    take_size("hidden", part.hidden, s.hidden);
  }
  if (s.language_epochs > 0) {  // its words have as many dimensions as a direction has units
    constexpr size_t kUsual = 64;
    if (s.embedding == 0 && from.vectors != nullptr) s.embedding = from.vectors->dimensions();
    if (s.embedding == 0) s.embedding = s.hidden > 0 ? s.hidden : kUsual;
    if (s.hidden == 0) s.hidden = s.embedding;
    if (s.hidden != s.embedding) {
      fail("a language model needs as many units a direction as words have dimensions, ",
           s.embedding, ", not --hidden ", s.hidden);
    }
  }
  // A column for each class's log-count ratios, as far as that is sensible.
  if (s.embedding == 0 && from.vectors != nullptr) s.embedding = from.vectors->dimensions();
  if (s.embedding == 0) {
    s.embedding = large && classes == 2 ? 8 : std::clamp<size_t>(classes, 16, 64);
  }
  if (s.hidden == 0) s.hidden = large && classes == 2 ? 4 : std::clamp<size_t>(classes / 32, 8, 32);
  // Word vectors say more, and would be overwritten.
  if (s.naive_bayes < 0.0) s.naive_bayes = from.vectors != nullptr ? 0.0 : large ? 0.4 : 0.8;
  // What nothing leaves does not get smaller, and what a model knows is not learned anew.
  const bool shrinks =
      large && classes == 2 && base == nullptr && prunes_by_log_alpha(s.method, s.groups);
  const bool falls = shrinks && s.dropout.first < 0.0;
  resolve_dropout(s.dropout, word_dropout(classes, shrinks, {0.8, 0.4}));
  resolve_dropout(s.fine_tune_dropout, word_dropout(classes, shrinks, {0.75, 0.4}));
  // The noise of as many logits as there are classes drowns the right one. That of 128 units, gone
  // through once a token, made gradients of long texts infinite; with 64 units less noise at the
  // start keeps fewer weights at a higher accuracy.
  constexpr size_t kManyClasses = 50, kManyUnits = 32;
  const bool large_sums = classes > kManyClasses || s.hidden > kManyUnits;
  if (s.log_sigma_by_size && large_sums) s.method.initial_log_sigma = -3.0;
  if (s.dense_steps == 0) s.dense_steps = classes > 2 ? std::max<size_t>(1'500, 6 * classes) : 500;
  // What a model knows is easily overwritten.
  if (s.dense_rate == 0.0) s.dense_rate = base == nullptr ? 3e-3 : 1e-3;
  // Higher rates make up for fewer epochs: over three and six seeds the path's models are as
  // accurate on held-out texts of IMDb, MR and SST-2 as with twice the epochs at 0.002, within 0.1
  // points.
  if (s.fine_tune_rate == 0.0) s.fine_tune_rate = large ? 8e-3 : 5e-3;
  if (s.epochs == 0) {
    // 50 epochs, or 40 with word dropout that falls, but at least 4,000 steps for small corpora and
    // at most 10,000 for large ones.
    const double usual = falls ? 40.0 : 50.0;
    const size_t made_up =
        base == nullptr ? 0 : rehearsal_texts(s.rehearsal, dataset.size(), base->vocabulary.size());
    const auto texts = static_cast<double>(dataset.size() + made_up);
    const double batches = std::max(1.0, std::ceil(texts / static_cast<double>(s.batch)));
    const double steps = std::clamp(usual * batches, 4'000.0, 10'000.0);
    s.epochs = static_cast<size_t>(std::max(8.0, std::round(steps / batches)));
  }
  return s;
}

}  // namespace ockham
