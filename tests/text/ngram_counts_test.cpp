#include "ockham/text/ngram_counts.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "ockham/text/likelihood_ratio_screen.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

/// A line of each text, of two classes in turn; words of few letters, so that n-grams repeat.
std::string corpus_of(const std::vector<std::vector<uint8_t>>& texts) {
  std::string tsv = "p\ta b a b\nq\tc d c d\n";
  for (size_t i = 0; i < texts.size(); ++i) {
    tsv += i % 2 == 0 ? "p\t" : "q\t";
    for (const uint8_t value : texts[i]) tsv.append({static_cast<char>('a' + value % 6), ' '});
    tsv += "\n";
  }
  return tsv;
}

TEST(NgramCounts, EncodingFromThemEqualsEncodingTheTexts) {
  EXPECT_TRUE(rc::check([](const std::vector<std::vector<uint8_t>>& texts) {
    const SpillPlace place{.memory_bytes = *rc::gen::element<size_t>(0, 60, 1'000'000)};
    const Dataset data = dataset_of(corpus_of(texts), place);
    const WordTokenizer tokenizer({.length_token = *rc::gen::arbitrary<bool>()});
    ScreenOptions options;
    options.max_length = *rc::gen::inRange(1u, 5u);
    options.min_count = *rc::gen::inRange(1u, 4u);
    options.threshold = *rc::gen::element(0.0, 0.5);
    options.most_telling = *rc::gen::inRange<size_t>(0, 20);
    options.max_tokens = *rc::gen::element<size_t>(0, 0, 1, 5);
    std::vector<uint32_t> indices;  // backwards, without some
    for (size_t i = data.size(); i > 0; --i) {
      if (i % 5 != 4) indices.push_back(static_cast<uint32_t>(i - 1));
    }
    const ScreenResult result = select_ngrams(data, indices, tokenizer, options);
    RC_ASSERT(result.encoded ==
              encode_corpus(data, indices, tokenizer, result.vocabulary, options.max_tokens));
    RC_ASSERT(result.encoded.ids.place().memory_bytes == place.memory_bytes);
  }));
}

TEST(NgramCounts, NgramsGoOnFromPieceToPiece) {
  std::string text;
  while (text.size() < 3 * kPieceBytes) text += "one two three four five ";
  const Dataset data = dataset_of("p\t" + text + "\nq\tsix six\np\tone two\nq\tsix six\n");
  ScreenOptions options;
  options.max_length = 3;
  options.min_count = 1;
  options.threshold = 0.0;
  const WordTokenizer tokenizer;
  const ScreenResult result = select_ngrams(data, all_indices(4), tokenizer, options);
  EXPECT_GT(result.encoded.length(0), 3 * kPieceBytes / 6);
  EXPECT_TRUE(result.encoded == encode_corpus(data, all_indices(4), tokenizer, result.vocabulary));
}

TEST(EncodedCorpus, ACopyWithoutWordsEqualsDroppingThem) {
  EXPECT_TRUE(rc::check([](const std::vector<std::vector<uint8_t>>& texts) {
    const Dataset data = dataset_of(corpus_of(texts), {.memory_bytes = 40});
    const NgramVocabulary vocabulary(std::vector<std::string>{"a", "b", "a b", "c", "d", "c d"});
    const EncodedCorpus whole =
        encode_corpus(data, all_indices(data.size()), WordTokenizer(), vocabulary);
    const std::vector<uint32_t> kept{4, 0, 2};
    const std::vector<uint32_t> new_id = renumbering(kept, vocabulary.size());
    EncodedCorpus dropped = whole;
    drop_words(dropped, new_id);
    RC_ASSERT(without_words(whole, new_id) == dropped);
  }));
}

}  // namespace
}  // namespace ockham
