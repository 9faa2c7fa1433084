#include "ockham/text/subword_training.hpp"

#include <sentencepiece_trainer.h>

#include <algorithm>
#include <random>
#include <unordered_map>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/text/sentencepiece_file.hpp"
#include "ockham/text/subword_words.hpp"
#include "ockham/text/text_pieces.hpp"

namespace ockham {
namespace {

// SentencePiece leaves out sentences of more than 4,192 bytes. Words are cut one by one, so that it
// does not matter where a text is parted between them; a longer word is parted too.
constexpr size_t kSentenceBytes = 1000;

/// The sentences of SentencePiece's trainer: words with spaces between them.
class Sentences final : public sentencepiece::SentenceIterator {
 public:
  void add(std::string_view word) {
    while (word.size() > kSentenceBytes) {
      const size_t length = character_start(word, kSentenceBytes);
      append(word.substr(0, length));
      word.remove_prefix(length);
    }
    append(word);
  }

  bool empty() const { return sentences_.empty(); }
  bool done() const override { return at_ == sentences_.size(); }
  void Next() override { ++at_; }
  const std::string& value() const override { return sentences_[at_]; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void append(std::string_view word) {
    if (sentences_.empty() || sentences_.back().size() + word.size() > kSentenceBytes) {
      sentences_.emplace_back();
    }
    std::string& sentence = sentences_.back();
    if (!sentence.empty()) sentence += ' ';
    sentence += word;
  }

  std::vector<std::string> sentences_;
  size_t at_ = 0;
};

/// The numbers of the texts to learn from, ascending: all, or drawn until there are enough bytes.
std::vector<uint32_t> draw_sample(std::span<const std::string_view> texts, size_t most_bytes) {
  std::vector<uint32_t> order = counting(texts.size());
  size_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  if (bytes <= most_bytes) return order;
  std::mt19937_64 random;  // its numbers are the same everywhere; those of std::shuffle are not
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  size_t count = 0;
  for (bytes = 0; bytes < most_bytes; ++count) bytes += texts[order[count]].size();
  order.resize(count);
  std::ranges::sort(order);
  return order;
}

Sentences sample_sentences(std::span<const std::string_view> texts, const TokenizerOptions& options,
                           size_t most_bytes) {
  Sentences sentences;
  std::string normalized;
  size_t bytes = 0;
  for (const uint32_t index : draw_sample(texts, most_bytes)) {
    for (std::string_view rest = texts[index]; !rest.empty() && bytes < most_bytes;) {
      const std::string_view piece = rest.substr(0, piece_length(rest, true));
      rest.remove_prefix(piece.size());
      bytes += piece.size();
      normalize_text(piece, text_form(options), normalized);
      visit_words(normalized, options.punctuation,
                  [&](std::string_view word) { sentences.add(word); });
    }
  }
  return sentences;
}

std::unordered_map<std::string, std::string> trainer_arguments(const SubwordTraining& training) {
  return {{"model_type", subword_kind_name(training.kind)},
          {"vocab_size", std::to_string(training.vocabulary_size)},
          {"hard_vocab_limit", "false"},
          // The text is normalised already, and unknown characters are tokens of their own.
          {"normalization_rule_name", "identity"},
          {"byte_fallback", "false"},
          {"bos_id", "-1"},
          {"eos_id", "-1"},
          {"pad_id", "-1"},
          // Sums of floats hang on how they are shared out; the sample is drawn already.
          {"num_threads", "4"},
          {"shuffle_input_sentence", "false"},
          {"minloglevel", "3"}};
}

/// Turns SentencePiece's message into what to do.
[[noreturn]] void refuse(const std::string& message, const SubwordTraining& training,
                         const std::string& name) {
  if (message.find("smaller than required_chars") != std::string::npos) {
    fail(name, ": has more different characters than the ", training.vocabulary_size,
         " subwords asked for; raise --vocabulary-size");
  }
  fail(name, ": no subwords can be learned from it (SentencePiece: ", message, ")");
}

}  // namespace

SubwordModel train_subwords(std::span<const std::string_view> texts,
                            const TokenizerOptions& options, const SubwordTraining& training,
                            const std::string& name) {
  Sentences sentences = sample_sentences(texts, options, training.sample_bytes);
  if (sentences.empty()) fail(name, ": holds no word to learn subwords from; give more texts");
  std::string model;
  const auto status =
      sentencepiece::SentencePieceTrainer::Train(trainer_arguments(training), &sentences, &model);
  if (!status.ok()) refuse(status.ToString(), training, name);
  return read_sentencepiece(model, name);
}

}  // namespace ockham
