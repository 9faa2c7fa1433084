#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "ockham/tensor/matrix.hpp"
#include "ockham/text/encoded_corpus.hpp"
#include "ockham/text/tokenizer.hpp"
#include "ockham/text/vocabulary.hpp"
#include "ockham/train/training_set.hpp"

namespace ockham {

/// Numbers that are the same everywhere, which std's distributions are not.
class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  /// [0, 1)
  double share() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  /// 0 .. bound - 1
  size_t below(size_t bound) { return static_cast<size_t>(share() * static_cast<double>(bound)); }

 private:
  std::mt19937_64 random_;
};

/// What made-up texts are drawn from; all of it must outlive the sampler.
struct RehearsalSource {
  const Vocabulary& vocabulary;  ///< the old n-grams first
  const Matrix& alone;  ///< [old n-grams + 1, old classes] what the old model says of each alone
  const std::vector<uint8_t>& contradicted;  ///< [old n-grams] 1: never drawn
  const std::vector<uint8_t>& unmentioned;   ///< [old classes] 1: no new text has it
  const TrainingSet& real;                   ///< the new texts
  double most_changed = 0.5;                 ///< share of changed texts, at most

  size_t old_words() const { return alone.rows() - 1; }
  size_t old_classes() const { return alone.cols(); }
};

/// Makes texts up. A text is one of two:
/// - old n-grams, most of which may speak for one class, cut anew as every text is, with some new
///   n-grams of a new text between them;
/// - a new text or a part of it, with or without its own old n-grams, into which others are put
///   that (next to) no new text holds, and such a length if there is one: what the texts of a new
///   label have in common may stand in old texts too, and does not overrule what they lack. Half
///   of the made-up texts beside a text whose labels are all new, or any where some old label is
///   in none; fewer where there are few new texts (changed_share()).
class RehearsalSampler {
 public:
  RehearsalSampler(const RehearsalSource& source, uint64_t seed);

  /// Whether there is nothing to draw from.
  bool empty() const { return all_.ids.empty(); }
  /// Appends a text's n-grams, in the vocabulary's numbers; closing it is the caller's.
  void put_text(EncodedCorpus& corpus);
  /// Share of changed texts among so many made up beside so many new ones: half, but no more than
  /// ten of each. For a hundred, as 30 new texts would have, say that no other text is like it.
  static double changed_share(size_t made_up, size_t new_texts);

 private:
  /// Old n-grams to draw from.
  struct Pool {
    std::vector<uint32_t> ids;
    std::vector<std::vector<std::string>> words;
    std::vector<std::vector<double>> cumulative;  // [old classes][ids] what they say, summed up

    void add(uint32_t id, const std::string& ngram, std::span<const float> alone);
    /// The words of one that speaks for the class, with the given probability, or of any.
    const std::vector<std::string>& draw(size_t label, double one_sided, Dice& dice) const;
  };

  std::vector<uint8_t> rare_ngrams() const;
  bool knows_lengths() const;
  bool is_apart(size_t text) const;
  void put_words(const Pool& pool);
  std::vector<uint32_t> some_of(size_t text, bool with_old, double most);
  std::vector<uint32_t> drawn(const Pool& pool);
  void merge(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b,
             MappedVector<uint32_t>& ids);
  void put_length(const std::vector<uint32_t>& from, EncodedCorpus& corpus);
  void put_old_text(size_t companion, EncodedCorpus& corpus);
  void put_changed_text(size_t companion, EncodedCorpus& corpus);

  RehearsalSource from_;
  Dice dice_;
  Pool all_;
  Pool absent_;                    // next to no new text holds them
  std::vector<uint32_t> lengths_;  // old length tokens, or new ones where there are no old ones
  std::vector<uint32_t> absent_lengths_;  // old ones that next to no new text has
  TokenBuffer tokens_;                    // of the text at work
};

}  // namespace ockham
