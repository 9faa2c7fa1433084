#include "ockham/deploy/c_vocabulary.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <vector>

#include "ockham/deploy/c_rows.hpp"
#include "ockham/deploy/c_text.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

uint32_t raw_width(size_t largest) {
  return std::max(1u, static_cast<uint32_t>(std::bit_width(largest)));
}

/// The program numbers bits, with the highest bit of the number to spare.
void check_size(const SymbolSink& sink) {
  constexpr size_t kMostBytes = size_t{1} << 27;
  if (sink.bytes().size() > kMostBytes) {
    fail("the model cannot be exported to C: its n-grams take ", sink.bytes().size(),
         " bytes, at most ", kMostBytes,
         " are possible; take a smaller one of the path with "
         "ockham compress --max-bytes");
  }
}

/// Words in ascending order, and n-grams as steps of a trie: from a word, or a shorter n-gram, by a
/// word to the longer one.
class WordTables {
 public:
  WordTables(const FoldedModel& model, WeightFormat format) : rows_(model.embedding, format) {
    number_nodes(model.vocabulary.ngrams());
    choose_frequent();
    for (const bool writing : {false, true}) {
      if (writing) make_codes();
      put_words();
      put_steps();
    }
    check_size(word_sink_);
    check_size(step_sink_);
  }

  std::string text() const {
    return rows_.text() + "/* Words. */\n" + c_define("BLOCK", CBlocks::kEntries) +
           c_blocks_type({&word_blocks_, &step_blocks_}) + c_define("WORDS", words_.size()) +
           c_define("WORD_BYTES", longest_) + c_define("WORD_BLOCKS", word_blocks_.keys.size()) +
           c_array("ockham_shared_code", shared_.table()) +
           c_array("ockham_byte_code", bytes_.table()) +
           c_array("ockham_words", word_sink_.bytes()) +
           c_blocks("ockham_word_blocks", word_blocks_) +
           "/* Steps from a word, or an n-gram, to a longer one. */\n" +
           c_define("NGRAM_WORDS", most_words_) + c_define("STEPS", steps_.size()) +
           c_define("STEP_BLOCKS", step_blocks_.keys.size()) + c_define("FAR", kFar) +
           c_define("FAR_BITS", raw_width(words_.size() + steps_.size())) +
           c_define("RARE", frequent_.size()) + c_define("WORD_BITS", raw_width(words_.size())) +
           c_array("ockham_distance_code", distance_.table()) +
           c_array("ockham_frequent_code", last_.table()) +
           c_array(c_type(words_.size()), "ockham_frequent", frequent_) +
           c_array("ockham_steps", step_sink_.bytes()) +
           c_blocks("ockham_step_blocks", step_blocks_);
  }

 private:
  static constexpr uint32_t kMostShared = 15;  // bytes that a word shares with the one before
  static constexpr uint32_t kFar = 31;         // the distance is given apart
  static constexpr size_t kMostFrequent = 250;
  static constexpr size_t kFrequent = 6;  // a frequent word saves more bits than its place takes

  struct Step {
    uint32_t from, word, row;
  };

  /// The words, and the steps of all n-grams by their lengths: then those from smaller numbers come
  /// first.
  void number_nodes(const std::vector<std::string>& ngrams) {
    struct Split {
      std::vector<std::string> words;
      uint32_t node = 0;
    };
    std::vector<Split> splits;
    for (const std::string& ngram : ngrams) {
      Split& split = splits.emplace_back();
      for_each_word(ngram, [&](std::string_view word) { split.words.emplace_back(word); });
      for (const std::string& word : split.words) words_.emplace(word, 0);
      most_words_ = std::max(most_words_, split.words.size());
    }
    // C has no empty arrays: a word and a step that no text has.
    if (words_.empty()) words_.emplace("\x01", 0);
    uint32_t number = 0;
    for (auto& [word, at] : words_) {
      at = number++;
      longest_ = std::max(longest_, word.size());
    }
    word_rows_.resize(words_.size(), CRows::kNone);
    for (uint32_t i = 0; i < splits.size(); ++i) {
      splits[i].node = words_.at(splits[i].words[0]);
      if (splits[i].words.size() == 1) word_rows_[splits[i].node] = i;
    }
    for (size_t length = 2; length <= most_words_; ++length) {
      std::map<std::pair<uint32_t, uint32_t>, uint32_t> level;  // to the row
      for (uint32_t i = 0; i < splits.size(); ++i) {
        if (splits[i].words.size() < length) continue;
        const auto key = std::pair(splits[i].node, words_.at(splits[i].words[length - 1]));
        const auto step = level.emplace(key, CRows::kNone).first;
        if (splits[i].words.size() == length) step->second = i;
      }
      const auto first = static_cast<uint32_t>(words_.size() + steps_.size());
      for (const auto& [key, row] : level) steps_.push_back({key.first, key.second, row});
      for (Split& split : splits) {
        if (split.words.size() < length) continue;
        const auto key = std::pair(split.node, words_.at(split.words[length - 1]));
        split.node = first + static_cast<uint32_t>(std::distance(level.begin(), level.find(key)));
      }
    }
    if (steps_.empty()) {
      steps_.push_back({0, 0, CRows::kNone});
      most_words_ = 2;
    }
  }

  void choose_frequent() {
    std::vector<size_t> counts(words_.size(), 0);
    for (const Step& step : steps_) ++counts[step.word];
    for (uint32_t word = 0; word < counts.size(); ++word) {
      if (counts[word] >= kFrequent) frequent_.push_back(word);
    }
    std::ranges::stable_sort(frequent_, std::greater<>{}, [&](uint32_t w) { return counts[w]; });
    frequent_.resize(std::min(frequent_.size(), kMostFrequent));
    place_of_.assign(words_.size(), static_cast<uint32_t>(frequent_.size()));
    for (uint32_t i = 0; i < frequent_.size(); ++i) place_of_[frequent_[i]] = i;
  }

  void make_codes() {
    for (PrefixCode* code : {&shared_, &bytes_, &distance_, &last_}) code->make();
    rows_.make_codes();
    word_sink_.write();
    step_sink_.write();
    word_blocks_ = step_blocks_ = {};
  }

  void put_words() {
    std::string_view before;
    for (const auto& [word, number] : words_) {
      if (number % CBlocks::kEntries == 0) {
        before = {};
        const auto byte = [&word = word](size_t i) {  // clang 14 captures no binding by &
          return i < word.size() ? uint32_t{static_cast<uint8_t>(word[i])} : 0u;
        };
        word_blocks_.add(byte(0) << 8 | byte(1), word_sink_.place());
      }
      const auto ends = std::ranges::mismatch(word, before);
      const auto shared =
          static_cast<uint32_t>(std::min<std::ptrdiff_t>(ends.in1 - word.begin(), kMostShared));
      word_sink_.symbol(shared_, shared);
      for (size_t i = shared; i < word.size(); ++i) {
        word_sink_.symbol(bytes_, static_cast<uint8_t>(word[i]));
      }
      word_sink_.symbol(bytes_, 0);
      rows_.put(word_rows_[number], word_sink_);
      before = word;
    }
  }

  void put_steps() {
    uint32_t from = 0;
    for (size_t i = 0; i < steps_.size(); ++i) {
      const Step& step = steps_[i];
      if (i % CBlocks::kEntries == 0) step_blocks_.add(from = step.from, step_sink_.place());
      const uint32_t distance = step.from - from;
      step_sink_.symbol(distance_, std::min(distance, kFar));
      if (distance >= kFar) step_sink_.raw(distance, raw_width(words_.size() + steps_.size()));
      const uint32_t place = place_of_[step.word];
      step_sink_.symbol(last_, place);
      if (place == frequent_.size()) step_sink_.raw(step.word, raw_width(words_.size()));
      rows_.put(step.row, step_sink_);
      from = step.from;
    }
  }

  CRows rows_;
  std::map<std::string, uint32_t, std::less<>> words_;  // to their numbers
  std::vector<uint32_t> word_rows_;
  std::vector<Step> steps_;
  size_t longest_ = 1, most_words_ = 1;
  std::vector<uint32_t> frequent_, place_of_;
  PrefixCode shared_, bytes_, distance_, last_;
  SymbolSink word_sink_, step_sink_;
  CBlocks word_blocks_, step_blocks_;
};

/// Buckets in ascending order, each by its distance from the one before.
std::string hash_tables(const FoldedModel& model, WeightFormat format) {
  const HashedVocabulary& hashed = *model.vocabulary.hashed();
  const NgramHashing& hashing = hashed.hashing();
  CRows rows(model.embedding, format);
  std::vector<uint32_t> buckets(hashed.buckets().begin(), hashed.buckets().end());
  const bool none = buckets.empty();  // C has no empty arrays
  if (none) buckets.push_back(0);
  // Blocks say where they begin in 16 bits; what is cut off is part of the first distance.
  const uint32_t key_shift = std::max(hashing.bits, 16u) - 16;
  uint32_t farthest = 0;
  for (size_t i = 1; i < buckets.size(); ++i) {
    farthest = std::max(farthest, buckets[i] - buckets[i - 1]);
  }
  // About the best for distances at random (Golomb's rule), and the coded part is a symbol.
  constexpr uint32_t kSymbolBits = 7;
  const auto mean = static_cast<uint32_t>((uint64_t{1} << hashing.bits) / buckets.size());
  const uint32_t raw_bits = std::max(static_cast<uint32_t>(std::bit_width(mean / 4)),
                                     std::max(raw_width(farthest), kSymbolBits) - kSymbolBits);
  PrefixCode distances;
  SymbolSink sink;
  CBlocks blocks;
  for (const bool writing : {false, true}) {
    if (writing) {
      distances.make();
      rows.make_codes();
      sink.write();
      blocks = {};
    }
    for (uint32_t i = 0; i < buckets.size(); ++i) {
      const bool first = i % CBlocks::kEntries == 0;
      if (first) blocks.add(buckets[i] >> key_shift, sink.place());
      const uint32_t before = first ? buckets[i] >> key_shift << key_shift : buckets[i - 1];
      const uint32_t distance = buckets[i] - before;
      sink.symbol(distances, distance >> raw_bits);
      sink.raw(distance & ((1u << raw_bits) - 1), raw_bits);
      rows.put(none ? CRows::kNone : i, sink);
    }
  }
  check_size(sink);
  return rows.text() + "/* Buckets. */\n" + c_define("BLOCK", CBlocks::kEntries) +
         c_blocks_type({&blocks}) + c_define("HASH_BITS", hashing.bits) +
         c_define("SEED", hashing.seed) + c_define("NGRAM_WORDS", hashing.max_length) +
         c_define("BUCKETS", buckets.size()) + c_define("BUCKET_BLOCKS", blocks.keys.size()) +
         c_define("KEY_SHIFT", key_shift) + c_define("DISTANCE_BITS", raw_bits) +
         c_array("ockham_distance_code", distances.table()) +
         c_array("ockham_buckets", sink.bytes()) + c_blocks("ockham_bucket_blocks", blocks);
}

}  // namespace

std::string c_vocabulary(const FoldedModel& model, WeightFormat format) {
  return model.vocabulary.hashed() != nullptr ? hash_tables(model, format)
                                              : WordTables(model, format).text();
}

}  // namespace ockham
