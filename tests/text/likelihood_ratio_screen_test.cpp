#include "ockham/text/likelihood_ratio_screen.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "ockham/text/word_tokenizer.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

struct Reference {
  double ratio = 0;
  std::map<uint32_t, uint32_t> texts;  // by class
  uint64_t count = 0;
};

/// Every n-gram of the texts, counted by the book.
std::map<std::string, Reference> count_slowly(const Dataset& data,
                                              const std::vector<uint32_t>& indices,
                                              size_t max_length) {
  std::map<std::string, Reference> result;
  std::vector<double> class_texts(data.classes.size());
  for (const uint32_t i : indices) {
    const auto tokens = tokens_of(WordTokenizer(), data.text(i));
    std::set<std::string> present;
    for (size_t begin = 0; begin < tokens.size(); ++begin) {
      std::string ngram;
      for (size_t end = begin; end < std::min(begin + max_length, tokens.size()); ++end) {
        ngram += (end > begin ? " " : "") + tokens[end];
        ++result[ngram].count;
        present.insert(ngram);
      }
    }
    for (const std::string& ngram : present) ++result[ngram].texts[data.label(i)];
    ++class_texts[data.label(i)];
  }
  // The ratio is n times the mutual information of presence and class.
  const auto n = static_cast<double>(indices.size());
  for (auto& [ngram, reference] : result) {
    double with = 0;
    for (const auto& [label, texts] : reference.texts) with += texts;
    for (uint32_t label = 0; label < data.classes.size(); ++label) {
      const double cells[2] = {static_cast<double>(reference.texts[label]),
                               class_texts[label] - reference.texts[label]};
      const double rows[2] = {with, n - with};
      for (int x = 0; x < 2; ++x) {
        if (cells[x] == 0) continue;
        const double joint = cells[x] / n;
        reference.ratio += n * joint * std::log(joint / ((rows[x] / n) * (class_texts[label] / n)));
      }
    }
    std::erase_if(reference.texts, [](const auto& entry) { return entry.second == 0; });
  }
  return result;
}

std::string corpus_of(const std::vector<uint32_t>& drawn, uint32_t classes) {
  std::string tsv;
  for (uint32_t label = 0; label < classes; ++label) tsv += std::to_string(label) + "\tz\n";
  for (uint32_t value : drawn) {
    const uint32_t label = value % classes;
    tsv += std::to_string(label) + "\t";
    for (int i = 0; i < 7; ++i, value /= 3) {
      tsv += std::string(1, static_cast<char>('a' + (value + (i < 3 ? label : 0)) % 6)) + " ";
    }
    tsv += "\n";
  }
  return tsv;
}

void expect_same_as_reference(const Dataset& data, const std::vector<uint32_t>& indices,
                              const ScreenOptions& options) {
  auto reference = count_slowly(data, indices, options.max_length);
  std::erase_if(reference, [&](const auto& e) { return e.second.count < options.min_count; });
  const ScreenResult result = select_ngrams(data, indices, WordTokenizer(), options);
  RC_ASSERT(result.candidates == reference.size());
  const auto expected =
      static_cast<size_t>(std::count_if(reference.begin(), reference.end(), [&](const auto& e) {
        return e.second.ratio > options.threshold;
      }));
  RC_ASSERT(result.vocabulary.size() == expected);
  RC_ASSERT(result.ratios.size() == expected);
  for (uint32_t i = 0; i < expected; ++i) {
    const Reference& r = reference.at(result.vocabulary.ngram(i));
    RC_ASSERT(std::abs(result.ratios[i] - r.ratio) < 1e-9 * (1 + r.ratio));
    if (i > 0) RC_ASSERT(result.ratios[i] <= result.ratios[i - 1]);
    std::map<uint32_t, uint32_t> texts;
    const auto classes = result.class_counts.classes_of(i);
    for (size_t k = 0; k < classes.size(); ++k) {
      texts[classes[k]] = result.class_counts.texts_of(i)[k];
    }
    RC_ASSERT(texts == r.texts);
  }
}

TEST(LikelihoodRatio, HasKnownValues) {
  // 4 texts in each of two classes; the n-gram in all of one and none of the other: 8 ln 2.
  const std::vector<uint64_t> class_texts{4, 4};
  EXPECT_NEAR(likelihood_ratio(std::vector<uint32_t>{1}, std::vector<uint32_t>{4}, class_texts),
              8 * std::log(2.0), 1e-12);
  // In every text: it tells nothing.
  EXPECT_NEAR(
      likelihood_ratio(std::vector<uint32_t>{0, 1}, std::vector<uint32_t>{4, 4}, class_texts), 0,
      1e-12);
}

/// What select_buckets() has to find, from all n-grams and their buckets.
void expect_buckets_of_reference(const Dataset& data, const std::vector<uint32_t>& indices,
                                 const NgramHashing& hashing, const ScreenOptions& options) {
  const Vocabulary whole = HashedVocabulary::whole(hashing);
  std::map<uint32_t, uint32_t> counts;
  std::map<uint32_t, std::map<uint32_t, std::set<uint32_t>>> texts;  // bucket, class, text
  const EncodedCorpus corpus = encode_corpus(data, indices, WordTokenizer(), whole);
  for (uint32_t i = 0; i < indices.size(); ++i) {
    for (const uint32_t bucket : corpus.tokens(i)) {
      ++counts[bucket];
      texts[bucket][data.label(indices[i])].insert(i);
    }
  }
  std::erase_if(counts, [&](const auto& entry) { return entry.second < options.min_count; });
  const ScreenResult result = select_buckets(data, indices, WordTokenizer(), hashing, options);
  RC_ASSERT(result.candidates == counts.size());
  size_t expected = 0;
  for (const auto& [bucket, count] : counts) {
    std::vector<uint32_t> classes, present;
    for (const auto& [label, in] : texts[bucket]) {
      classes.push_back(label);
      present.push_back(static_cast<uint32_t>(in.size()));
    }
    const double ratio = likelihood_ratio(classes, present, result.class_texts);
    expected += ratio > options.threshold;
    const auto& buckets = result.vocabulary.hashed()->buckets();
    const auto at = std::ranges::find(buckets, bucket);
    RC_ASSERT((at != buckets.end()) == (ratio > options.threshold));
    if (at == buckets.end()) continue;
    const auto i = static_cast<size_t>(at - buckets.begin());
    RC_ASSERT(result.ratios[i] == ratio);
    RC_ASSERT(std::ranges::equal(result.class_counts.classes_of(i), classes));
    RC_ASSERT(std::ranges::equal(result.class_counts.texts_of(i), present));
  }
  RC_ASSERT(result.vocabulary.size() == expected);
  RC_ASSERT(result.encoded ==
            encode_corpus(data, indices, WordTokenizer(), result.vocabulary, options.max_tokens));
}

TEST(Screen, ChoosesBuckets) {
  EXPECT_TRUE(rc::check([](const std::vector<uint32_t>& drawn) {
    const Dataset data = dataset_of(corpus_of(drawn, 3));
    const NgramHashing hashing{.bits = *rc::gen::inRange(8u, 12u),
                               .seed = *rc::gen::inRange(0u, 9u),
                               .max_length = *rc::gen::inRange(1u, 4u)};
    ScreenOptions options;
    options.min_count = *rc::gen::inRange(1u, 4u);
    options.frequency_limit = 0;
    options.threshold = *rc::gen::element(0.0, 0.5, 2.0);
    options.max_tokens = *rc::gen::element<size_t>(0, 3);
    expect_buckets_of_reference(data, all_indices(data.size()), hashing, options);
  }));
}

TEST(Screen, AgreesWithMutualInformation) {
  for (const uint32_t classes : {2u, 5u}) {
    EXPECT_TRUE(rc::check([&](const std::vector<uint32_t>& drawn) {
      const Dataset data = dataset_of(corpus_of(drawn, classes));
      ScreenOptions options;
      options.max_length = *rc::gen::inRange(1u, 4u);
      options.min_count = *rc::gen::inRange(1u, 4u);
      // Between the values that occur, so that rounding decides nothing.
      options.threshold = *rc::gen::element(0.0123456, 0.4567891, 1.2345678);
      expect_same_as_reference(data, all_indices(data.size()), options);
    }));
  }
}

TEST(Screen, SeesTheGivenTextsOnly) {
  const Dataset data = dataset_of(
      "pos\tgood film\npos\tgood plot\nneg\tbad film\nneg\tbad plot\n"
      "pos\tsecret good\npos\tsecret good\nneg\tbad bad\n");
  const std::vector<uint32_t> train{0, 1, 2, 3};
  ScreenOptions options;
  options.min_count = 1;
  options.threshold = 0.1;
  const ScreenResult result = select_ngrams(data, train, WordTokenizer(), options);
  const Dataset train_alone =
      dataset_of("pos\tgood film\npos\tgood plot\nneg\tbad film\nneg\tbad plot\n");
  const ScreenResult alone = select_ngrams(train_alone, all_indices(4), WordTokenizer(), options);
  EXPECT_EQ(result.vocabulary.ngrams(), alone.vocabulary.ngrams());
  EXPECT_EQ(result.ratios, alone.ratios);
  EXPECT_EQ(result.class_counts.texts, alone.class_counts.texts);
  EXPECT_EQ(result.vocabulary.find("secret"), NgramVocabulary::kNotFound);
  EXPECT_EQ(result.class_texts, (std::vector<uint64_t>{2, 2}));
}

TEST(Screen, OrdersByRatioThenBytes) {
  const Dataset data = dataset_of("p\tc a x\np\tc a\nq\tb x\nq\tb\n");
  ScreenOptions options;
  options.min_count = 1;
  options.threshold = 0.5;
  const ScreenResult result = select_ngrams(data, all_indices(4), WordTokenizer(), options);
  EXPECT_EQ(result.vocabulary.ngrams(),
            (std::vector<std::string>{"a", "b", "c", "c a", "a x", "b x"}));
  options.most_telling = 3;
  EXPECT_EQ(select_ngrams(data, all_indices(4), WordTokenizer(), options).vocabulary.ngrams(),
            (std::vector<std::string>{"a", "b", "c"}));
}

TEST(Screen, LooksAtTheMostFrequentOnly) {
  const Dataset data = dataset_of("p\ta a a b c d\np\ta\nq\te e f g h\nq\te e\n");
  ScreenOptions options;
  options.max_length = 1;
  options.min_count = 1;
  options.threshold = 0;
  options.frequency_limit = 4;
  const ScreenResult result = select_ngrams(data, all_indices(4), WordTokenizer(), options);
  EXPECT_EQ(result.candidates, 4u);
  EXPECT_EQ(result.vocabulary.ngrams(), (std::vector<std::string>{"a", "e", "b", "c"}));
  options.frequency_limit = 0;
  EXPECT_EQ(select_ngrams(data, all_indices(4), WordTokenizer(), options).candidates, 8u);
}

TEST(Screen, CountsNoNgramAcrossTexts) {
  const Dataset data = dataset_of("p\tx y\nq\tz\np\tx y\nq\tz\n");
  ScreenOptions options;
  options.min_count = 1;
  options.threshold = 0;
  const ScreenResult result = select_ngrams(data, all_indices(4), WordTokenizer(), options);
  EXPECT_EQ(result.candidates, 4u);  // x, y, z, x y
  EXPECT_EQ(result.vocabulary.find("y z"), NgramVocabulary::kNotFound);
}

TEST(Screen, HandlesAThousandClasses) {
  std::string tsv;
  for (int c = 0; c < 1000; ++c) {
    const std::string number = std::to_string(c);
    for (int k = 0; k < 2; ++k) tsv.append("c").append(number + "\tw" + number + " common\n");
  }
  const Dataset data = dataset_of(tsv);
  ScreenOptions options;
  options.min_count = 2;
  options.threshold = 1;
  const auto indices = all_indices(data.size());
  const ScreenResult result = select_ngrams(data, indices, WordTokenizer(), options);
  EXPECT_EQ(result.vocabulary.size(), 2000u);  // each word and its bigram, not "common"
  EXPECT_EQ(result.class_counts.classes.size(), 2000u);
  // Two texts of 2,000 hold the word, both in one class of two: 2 ln 1000 + 1998 ln(2000 / 1998).
  EXPECT_NEAR(result.ratios[0], 2 * std::log(1000.0) + 1998 * std::log(2000.0 / 1998.0), 1e-9);
}

TEST(Screen, RefusesLengthsOutOfRange) {
  const Dataset data = dataset_of("p\tx\nq\ty\n");
  ScreenOptions options;
  for (const uint32_t length : {0u, NgramVocabulary::kMaxLength + 1}) {
    options.max_length = length;
    EXPECT_THROW(select_ngrams(data, all_indices(2), WordTokenizer(), options), Error);
  }
}

// Quantiles of chi-squared: Q(0.5, 0.3) = 0.43858 of one degree of freedom; -ln of it with two
// degrees, and tables (scipy.stats.chi2.isf) for five and eighteen.
TEST(ScreenThreshold, LetsAsManyMeaninglessNgramsPassWithAnyNumberOfClasses) {
  EXPECT_EQ(screen_threshold(0.3, 2), 0.3);
  EXPECT_NEAR(screen_threshold(0.3, 3), -std::log(std::erfc(std::sqrt(0.3))), 1e-12);
  EXPECT_NEAR(screen_threshold(1.920729, 6), 11.0705 / 2, 1e-4);  // both 0.05
  EXPECT_NEAR(screen_threshold(1.920729, 19), 28.8693 / 2, 1e-4);
  EXPECT_EQ(screen_threshold(0.0, 19), 0.0);
  EXPECT_EQ(screen_threshold(1e6, 19), 1e6);  // rarer than a double can say
}

TEST(Screen, LeavesOutWhatNoDeployableFileCanHold) {
  std::string tsv;
  for (const size_t bytes : {NgramVocabulary::kMaxBytes, NgramVocabulary::kMaxBytes + 1}) {
    const std::string word(bytes, 'x');
    for (int i = 0; i < 4; ++i) tsv.append("a\t").append(word).append("\nb\ty\n");
  }
  const Dataset data = dataset_of(tsv);
  std::vector<uint32_t> all(data.size());
  std::iota(all.begin(), all.end(), 0u);
  const auto ngrams =
      select_ngrams(data, all, WordTokenizer(), {.max_length = 1, .min_count = 1, .threshold = 0.0})
          .vocabulary.ngrams();
  EXPECT_EQ(ngrams.size(), 2u);
  for (const std::string& ngram : ngrams) EXPECT_LE(ngram.size(), NgramVocabulary::kMaxBytes);
}

TEST(ClassScreen, IsTheLargestRatioOfOneClassAgainstTheRest) {
  const std::vector<uint64_t> class_texts{10, 30, 60};
  const std::vector<uint32_t> classes{0, 2}, texts{4, 6};
  const std::vector<uint32_t> pair{0, 1};
  const auto one_against_rest = [&](uint32_t in_class, uint64_t size) {
    return likelihood_ratio(pair, std::vector<uint32_t>{in_class, 10 - in_class},
                            std::vector<uint64_t>{size, 100 - size});
  };
  EXPECT_DOUBLE_EQ(class_likelihood_ratio(classes, texts, class_texts, 10, 100),
                   std::max(one_against_rest(4, 10), one_against_rest(6, 60)));
  // With two classes there is but one such ratio.
  const std::vector<uint32_t> three_and_one{3, 1};
  const std::vector<uint64_t> sizes{9, 8};
  EXPECT_NEAR(class_likelihood_ratio(pair, three_and_one, sizes, 4, 17),
              likelihood_ratio(pair, three_and_one, sizes), 1e-12);
}

TEST(ClassScreen, ManyClassesDoNotHideAWordThatTellsOne) {
  // 400 classes of four texts; each class has a word in three of them, all share others.
  std::string tsv;
  for (int c = 0; c < 400; ++c) {
    for (int i = 0; i < 4; ++i) {
      tsv += "c" + std::to_string(c) + "\t" + (i < 3 ? "own" + std::to_string(c) : "none");
      tsv += " common" + std::to_string((c + i) % 5) + "\n";
    }
  }
  const Dataset dataset = dataset_of(tsv);
  const auto found = [&](double class_threshold) {
    return select_ngrams(dataset, all_indices(dataset.size()), WordTokenizer(),
                         {.max_length = 1,
                          .min_count = 2,
                          .threshold = screen_threshold(0.3, 400),
                          .class_threshold = class_threshold});
  };
  EXPECT_EQ(found(std::numeric_limits<double>::infinity()).vocabulary.find("own7"),
            NgramVocabulary::kNotFound);
  const ScreenResult result = found(class_screen_threshold(0.3, 400));
  for (int c = 0; c < 400; ++c) {
    EXPECT_NE(result.vocabulary.find("own" + std::to_string(c)), NgramVocabulary::kNotFound);
  }
  EXPECT_EQ(result.vocabulary.find("common3"), NgramVocabulary::kNotFound);
}

TEST(ClassScreen, TheThresholdGrowsWithTheClasses) {
  EXPECT_EQ(class_screen_threshold(0.3, 2), std::numeric_limits<double>::infinity());
  EXPECT_EQ(class_screen_threshold(1e4, 9), std::numeric_limits<double>::infinity());
  // P(chi-squared_1 > 2 t) = P(chi-squared_1 > 0.6) / C, e.g. 0.4386 / 10 = P(> 4.0617)
  EXPECT_NEAR(class_screen_threshold(0.3, 10), 2.0309, 2e-4);
  EXPECT_GT(class_screen_threshold(0.3, 1000), class_screen_threshold(0.3, 10));
}

/// A word that parts labelled texts from those without a label tells as much as any other.
TEST(SeveralLabelsScreen, CountsTextsWithoutALabel) {
  Dataset dataset = dataset_of([] {
    std::string tsv;
    for (int i = 0; i < 350; ++i) {
      tsv += std::string(i % 7 == 0 ? "a" : "b") + "\tcommon" + (i % 7 == 0 ? " toxic" : "") + "\n";
    }
    return tsv;
  }());
  // Those with the word have both labels, the others none.
  std::vector<uint32_t> ids;
  std::vector<uint64_t> offsets{0};
  for (int i = 0; i < 350; ++i) {
    if (i % 7 == 0) ids.insert(ids.end(), {0, 1});
    offsets.push_back(ids.size());
  }
  dataset.label_ids = ids;
  dataset.label_offsets = offsets;
  const ScreenResult result =
      select_ngrams(dataset, all_indices(dataset.size()), WordTokenizer(),
                    {.max_length = 1,
                     .min_count = 2,
                     .several_labels = true,
                     .class_threshold = class_screen_threshold(0.3, 2, true)});
  EXPECT_EQ(result.vocabulary.ngrams(), std::vector<std::string>{"toxic"});
  EXPECT_EQ(result.texts, 350u);
  EXPECT_EQ(result.ngram_texts, std::vector<uint32_t>{50});
  EXPECT_EQ(result.class_texts, (std::vector<uint64_t>{50, 50}));
  EXPECT_EQ(result.class_counts.classes, (std::vector<uint32_t>{0, 1}));
}

/// Where all texts have one label, others elsewhere make its frequent words tell it.
TEST(Screen, MayCompareWithTextsThatAreElsewhere) {
  const Dataset dataset = dataset_of("z\tusual often\nz\tusual often\nz\tusual once\nz\tonce\n");
  for (const bool several : {false, true}) {
    ScreenOptions options{.max_length = 1,
                          .min_count = 2,
                          .threshold = 0.3,
                          .several_labels = several,
                          .class_threshold = 0.3};
    const auto select = [&] {
      return select_ngrams(dataset, all_indices(4), WordTokenizer(), options);
    };
    EXPECT_EQ(select().vocabulary.size(), 0u);
    options.other_texts = 4;
    const ScreenResult result = select();
    EXPECT_EQ(result.vocabulary.ngrams(), (std::vector<std::string>{"usual", "often", "once"}));
    EXPECT_EQ(result.class_texts, std::vector<uint64_t>{4});
    EXPECT_EQ(result.texts, 4u);
    EXPECT_EQ(result.ngram_texts, (std::vector<uint32_t>{3, 2, 2}));
  }
}

}  // namespace
}  // namespace ockham
