#include "ockham/text/encoded_corpus.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "ockham/text/word_tokenizer.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using Strings = std::vector<std::string>;

TEST(EncodedCorpus, EncodesTheGivenTexts) {
  const Dataset data = dataset_of("p\ta b\nq\t\np\tb x b\nq\ta\n");
  const NgramVocabulary vocabulary(Strings{"b", "a", "a b"});
  const EncodedCorpus corpus =
      encode_corpus(data, std::vector<uint32_t>{2, 1, 0}, WordTokenizer(), vocabulary);
  EXPECT_EQ(corpus.ids, (std::vector<uint32_t>{0, 0, 1, 0, 2}));
  EXPECT_EQ(corpus.offsets, (std::vector<uint64_t>{0, 2, 2, 5}));
  EXPECT_EQ(corpus.lengths(), (std::vector<uint32_t>{2, 0, 3}));
  EXPECT_EQ(corpus.tokens(2)[2], 2u);
}

TEST(EncodedCorpus, TruncatesWhenAsked) {
  const Dataset data = dataset_of("p\ta b\nq\tb\np\tb x b a\n");
  const NgramVocabulary vocabulary(Strings{"b", "a", "a b"});
  const EncodedCorpus corpus = encode_corpus(data, all_indices(3), WordTokenizer(), vocabulary, 2);
  EXPECT_EQ(corpus.ids, (std::vector<uint32_t>{1, 0, 0, 0, 0}));
  EXPECT_EQ(corpus.offsets, (std::vector<uint64_t>{0, 2, 3, 5}));
}

TEST(EncodedCorpus, DroppingWordsEqualsEncodingWithTheSelection) {
  EXPECT_TRUE(
      rc::check([](const std::vector<std::vector<uint8_t>>& texts, const std::vector<bool>& keep) {
        const Strings ngrams{"a", "b", "c", "d", "a b", "b c", "a b c", "d d"};
        std::string tsv = "p\ta b c d d\n";
        for (const auto& text : texts) {
          tsv += "q\t";
          for (const uint8_t value : text)
            tsv += std::string(1, static_cast<char>('a' + value % 5)) + " ";
          tsv += "\n";
        }
        std::vector<uint32_t> kept;
        for (uint32_t i = 0; i < ngrams.size(); ++i) {
          if (i >= keep.size() || keep[i]) kept.push_back(i);
        }
        const Dataset data = dataset_of(tsv);
        const NgramVocabulary vocabulary(ngrams);
        const auto indices = all_indices(data.size());
        EncodedCorpus corpus = encode_corpus(data, indices, WordTokenizer(), vocabulary);
        drop_words(corpus, renumbering(kept, ngrams.size()));
        RC_ASSERT(corpus == encode_corpus(data, indices, WordTokenizer(), vocabulary.select(kept)));
      }));
}

}  // namespace
}  // namespace ockham
