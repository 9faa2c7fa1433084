#include "ockham/train/prepare.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/train/synthetic_corpus.hpp"

namespace ockham {
namespace {

using Ids = std::vector<uint32_t>;

/// Eight texts, the last of each class for validation.
std::string small_corpus(const std::string& last_bad, const std::string& last_good) {
  return "bad\tdull long film\ngood\tfine film\nbad\tdull film\ngood\tfine fine plot\n"
         "bad\tlong dull plot\ngood\tfilm of fine wit\nbad\t" +
         last_bad + "\ngood\t" + last_good + "\n";
}

TrainSettings small_settings() {
  TrainSettings s = quick_settings();
  s.validation = 0.25;
  return s;
}

TEST(Prepare, WhatValidationSaysLeaksNothing) {
  const auto from = [](const std::string& bad, const std::string& good) {
    return prepare(dataset_of(small_corpus(bad, good)), small_settings());
  };
  const PreparedTraining once = from("dull dull film", "fine fine");
  const PreparedTraining other =
      from("unseen unseen unseen rumour fine fine fine", "unseen rumour rumour film dull");
  EXPECT_EQ(once.start.vocabulary.ngrams(), other.start.vocabulary.ngrams());
  EXPECT_EQ(once.start.vocabulary.find("unseen"), NgramVocabulary::kNotFound);
  EXPECT_EQ(once.candidates, other.candidates);
  EXPECT_EQ(once.start.shape, other.start.shape);
  EXPECT_EQ(once.start.dense_bytes, other.start.dense_bytes);
  std::vector<Matrix> values;
  once.start.network.for_each_parameter([&](const Parameter& p) { values.push_back(p.mean); });
  size_t next = 0;
  other.start.network.for_each_parameter(
      [&](const Parameter& p) { EXPECT_EQ(p.mean, values[next++]) << p.path; });
  EXPECT_EQ(once.training.corpus, other.training.corpus);
  EXPECT_EQ(once.training.labels, other.training.labels);
  EXPECT_NE(once.validation.texts.corpus, other.validation.texts.corpus);
  EXPECT_EQ(once.training.texts, (Ids{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(once.validation.texts.texts, (Ids{6, 7}));
  EXPECT_EQ(once.validation.texts.labels.ids, (Ids{0, 1}));
}

TEST(Prepare, HashesNgramsWhereThatIsAskedFor) {
  TrainSettings settings = small_settings();
  settings.hash_bits = 16;
  settings.ngram_length = 2;
  const Dataset dataset = dataset_of(small_corpus("dull dull film", "fine fine"));
  const PreparedTraining prepared = prepare(dataset, settings);
  const HashedVocabulary* hashed = prepared.start.vocabulary.hashed();
  ASSERT_NE(hashed, nullptr);
  EXPECT_EQ(hashed->hashing(), (NgramHashing{.bits = 16, .max_length = 2}));
  EXPECT_NE(prepared.start.vocabulary.find("dull"), Vocabulary::kNotFound);
  EXPECT_EQ(prepared.start.vocabulary.find("unseen"), Vocabulary::kNotFound);
  // What two texts share is not told apart by hashes of 16 bits from what words give.
  settings.hash_bits = 0;
  const PreparedTraining by_words = prepare(dataset, settings);
  EXPECT_EQ(prepared.start.vocabulary.size(), by_words.start.vocabulary.size());
  EXPECT_EQ(prepared.training.corpus.lengths(), by_words.training.corpus.lengths());
  EXPECT_EQ(std::ranges::count(prepared.training.lasting, 1),
            std::ranges::count(by_words.training.lasting, 1));
  EXPECT_LT(prepared.start.dense_bytes, by_words.start.dense_bytes) << "no words are stored";
}

TEST(Prepare, TwoClassesMayHaveALogitEach) {
  TrainSettings settings = small_settings();
  const Dataset dataset = dataset_of(small_corpus("dull dull film", "fine fine"));
  EXPECT_EQ(prepare(dataset, settings).start.shape.outputs, 1u);
  settings.two_class_output = OutputKind::softmax;
  const Classifier start = prepare(dataset, settings).start;
  EXPECT_EQ(start.shape.outputs, 2u);
  EXPECT_EQ(start.network.output, OutputKind::softmax);
  EXPECT_EQ(start.network.output_weight.cols(), 2u);
}

/// The pieces of a prepared training's tokenizer.
std::vector<SubwordPiece> pieces_of(const PreparedTraining& prepared) {
  return dynamic_cast<const SubwordTokenizer&>(*prepared.start.tokenizer).model().pieces();
}

TEST(Prepare, LearnsSubwordsFromTheTrainingPart) {
  TrainSettings settings = small_settings();
  settings.tokenizer.kind = TokenizerSettings::Kind::subwords;
  settings.tokenizer.subwords.vocabulary_size = 40;
  settings.length_token = true;
  const auto from = [&](const std::string& bad, const std::string& good) {
    return prepare(dataset_of(small_corpus(bad, good)), settings);
  };
  const PreparedTraining once = from("dull dull film", "fine fine");
  const PreparedTraining other = from("unseen unseen unseen quiz", "unseen zzz zzz zzz");
  EXPECT_EQ(pieces_of(once), pieces_of(other));
  EXPECT_EQ(once.start.vocabulary.ngrams(), other.start.vocabulary.ngrams());
  const SubwordTokenizer& tokenizer = dynamic_cast<const SubwordTokenizer&>(*once.start.tokenizer);
  EXPECT_TRUE(tokenizer.options().length_token);
  EXPECT_EQ(tokenizer.model().kind(), SubwordKind::unigram);

  settings.tokenizer.subwords.kind = SubwordKind::bpe;
  EXPECT_NE(pieces_of(from("dull", "fine")), pieces_of(once));
}

TEST(Prepare, TakesTheTextOptionsOfItsTokenizer) {
  TrainSettings settings = small_settings();
  settings.tokenizer.text = {.lower_case = false, .punctuation = false};
  settings.length_token = true;
  const PreparedTraining prepared = prepare(dataset_of(small_corpus("dull", "fine")), settings);
  EXPECT_EQ(dynamic_cast<const WordTokenizer&>(*prepared.start.tokenizer).options(),
            (TokenizerOptions{.lower_case = false, .punctuation = false, .length_token = true}));
}

TEST(Prepare, TrainingNeverDropsTheLengthToken) {
  std::string texts;
  for (int i = 0; i < 8; ++i) texts += "short\ta film\nlong\ta film of a thousand nights and one\n";
  const PreparedTraining prepared = prepare(dataset_of(texts), small_settings());
  const std::vector<std::string> ngrams = prepared.start.vocabulary.ngrams();
  ASSERT_EQ(prepared.training.lasting.size(), ngrams.size());
  size_t lasting = 0;
  for (size_t i = 0; i < ngrams.size(); ++i) {
    const bool length = ngrams[i] == "<length:2>" || ngrams[i] == "<length:8>";
    EXPECT_EQ(prepared.training.lasting[i], length) << ngrams[i];
    lasting += length;
  }
  EXPECT_EQ(lasting, 2u);
}

/// The naive Bayes part of the start values: what the weight adds to the embedding.
Matrix naive_bayes_part(const Dataset& dataset, TrainSettings settings, double weight) {
  settings.naive_bayes = weight;
  Matrix with = prepare(dataset, settings).start.network.embedding.mean;
  settings.naive_bayes = 0.0;
  const PreparedTraining plain = prepare(dataset, settings);
  const Matrix& without = plain.start.network.embedding.mean;
  EXPECT_EQ(without, make_network(plain.start.shape, settings.seed).embedding.mean);
  for (size_t i = 0; i < with.size(); ++i) with.values()[i] -= without.values()[i];
  return with;
}

TEST(Prepare, StartsTheFirstColumnAtTheLogCountRatio) {
  const Dataset dataset = dataset_of(small_corpus("dull", "fine"));
  const Vocabulary vocabulary = prepare(dataset, small_settings()).start.vocabulary;
  const Matrix part = naive_bayes_part(dataset, small_settings(), 0.4);
  ASSERT_EQ(part.cols(), 3u);
  // Texts of three that hold the word: in "good" (the second class), in "bad".
  const auto expected = [](double good, double bad) {
    return 0.4 * (std::log((good + 1) / 5) - std::log((bad + 1) / 5));
  };
  const auto row = [&](const char* word) { return part.row(vocabulary.find(word)); };
  EXPECT_NEAR(row("fine")[0], expected(3, 0), 1e-6);
  EXPECT_NEAR(row("dull")[0], expected(0, 3), 1e-6);
  EXPECT_NEAR(row("long")[0], expected(0, 2), 1e-6);
  for (size_t w = 0; w < part.rows(); ++w) {
    EXPECT_EQ(part(w, 1), 0.0f);
    EXPECT_EQ(part(w, 2), 0.0f);
  }
}

TEST(Prepare, StartsOneColumnAClass) {
  const Dataset dataset =
      dataset_of("a\tx u\nb\ty u\nc\tz\na\tx\nb\ty\nc\tz u\na\tq\nb\tq\nc\tq\n");
  TrainSettings settings = small_settings();
  const Vocabulary vocabulary = prepare(dataset, settings).start.vocabulary;
  const Matrix part = naive_bayes_part(dataset, settings, 1.0);
  const auto ratio = [](double in, double others) {
    return std::log((in + 1) / 4) - std::log((others + 1) / 6);
  };
  const float* x = part.row(vocabulary.find("x"));
  EXPECT_NEAR(x[0], ratio(2, 0), 1e-6);
  EXPECT_NEAR(x[1], ratio(0, 2), 1e-6);
  EXPECT_NEAR(x[2], ratio(0, 2), 1e-6);
  // With fewer columns than classes the first ones are used.
  settings.embedding = 2;
  EXPECT_EQ(naive_bayes_part(dataset, settings, 1.0).cols(), 2u);
}

TEST(Prepare, OutputBiasesAreTheLogOddsOfTheTrainingPart) {
  std::string two, three;
  for (int i = 0; i < 20; ++i) {
    two += i % 4 == 0 ? "yes\tfine word\n" : "no\tdull word\n";
    three += i % 4 == 0 ? "a\tx\n" : i % 4 == 1 ? "b\ty\n" : "c\tz\n";
  }
  // Held out, a fifth: 1 of 5 and 3 of 15.
  const PreparedTraining binary = prepare(dataset_of(two), quick_settings());
  EXPECT_EQ(binary.start.shape.output, OutputKind::sigmoid);
  expect_close(binary.start.network.output_bias.mean, std::vector<double>{std::log(4.0 / 12.0)},
               1e-6, "log odds of \"yes\"");
  const PreparedTraining multi = prepare(dataset_of(three), quick_settings());
  EXPECT_EQ(multi.start.shape.output, OutputKind::softmax);
  expect_close(multi.start.network.output_bias.mean,
               std::vector<double>{std::log(0.25), std::log(0.25), std::log(0.5)}, 1e-6, "priors");
}

/// Where a text may have several labels, one without any counts among the others of each.
TEST(Prepare, OutputBiasesOfSeveralLabelsAreLogOddsAmongAllTexts) {
  std::string tsv;
  for (int i = 0; i < 20; ++i) {
    const char* kinds[] = {"a,b\tx y\n", "a\tx\n", "c\tz\n", "\tq\n", "\tx q\n"};
    tsv += kinds[i % 5];
  }
  std::istringstream stream(tsv);
  TsvReader reader(stream, "data.tsv");
  reader.take_several_labels(',');
  const Dataset dataset = read_dataset(reader);
  TrainSettings settings = quick_settings();
  settings.several_labels = true;
  const PreparedTraining prepared = prepare(dataset, settings, &dataset);  // nothing is held out
  EXPECT_EQ(prepared.start.shape.output, OutputKind::sigmoid);
  expect_close(
      prepared.start.network.output_bias.mean,
      std::vector<double>{std::log(8.0 / 12.0), std::log(4.0 / 16.0), std::log(4.0 / 16.0)}, 1e-6,
      "log odds of \"a\", \"b\" and \"c\"");
}

TEST(Prepare, NothingThatTellsTheClassesApartIsAnError) {
  const Dataset same = dataset_of("a\tone\nb\tone\na\tone\nb\tone\na\tone\nb\tone\n");
  EXPECT_EQ(message_of([&] { prepare(same, small_settings()); }),
            "data.tsv: no word occurs 2 times and tells the classes apart; give more texts, or "
            "lower --min-count and --screen");
  const Dataset rare = dataset_of("a\tone\nb\ttwo\na\tthree\nb\tfour\n");
  EXPECT_NE(message_of([&] { prepare(rare, small_settings()); }).find("no word occurs 2 times"),
            std::string::npos);
}

TEST(Prepare, AValidationFileLeavesAllTextsToTraining) {
  const Dataset dataset = dataset_of(small_corpus("dull", "fine"));
  std::istringstream stream("good\tfine unseen\nbad\tlong dull\nbad\tnothing known\n");
  TsvReader reader(stream, "valid.tsv");
  const Dataset validation = read_dataset(reader, dataset.classes);
  const PreparedTraining prepared = prepare(dataset, small_settings(), &validation);
  EXPECT_EQ(prepared.training.size(), 8u);
  EXPECT_EQ(prepared.validation.texts.texts, (Ids{0, 1, 2}));
  EXPECT_EQ(prepared.validation.texts.labels.ids, (Ids{1, 0, 0}));
  EXPECT_EQ(prepared.validation.texts.corpus.lengths(), (Ids{1, 2, 0}));
}

TEST(Prepare, AValidationFileReadWithOtherClassesIsAnError) {
  const Dataset dataset = dataset_of(small_corpus("dull", "fine"));
  const Dataset other = dataset_of("bad\tx\ngood\ty\nugly\tz\n");
  EXPECT_NE(message_of([&] {
              prepare(dataset, small_settings(), &other);
            }).find("other classes than data.tsv"),
            std::string::npos);
}

TEST(Prepare, OneClassIsAnError) {
  const Dataset dataset = dataset_of("a\tx\na\ty\n");
  EXPECT_NE(message_of([&] { prepare(dataset, small_settings()); }).find("at least two classes"),
            std::string::npos);
}

TEST(Prepare, TheNumberOfThreadsChangesNothing) {
  SyntheticCorpus texts(1);
  for (size_t i = 0; i < 3000; ++i) texts.add(i % 2 == 0 ? "no" : "yes", {}, i % 5);
  const Dataset dataset = texts.dataset();
  const TrainSettings settings = resolve_settings(quick_settings(), dataset);
  ThreadPool one;
  const PreparedTraining alone = prepare_training(dataset, nullptr, settings, one);
  EXPECT_EQ(alone.training.corpus, encode_corpus(dataset, alone.training.texts,
                                                 *alone.start.tokenizer, alone.start.vocabulary));
  for (const size_t threads : {2, 3}) {
    ThreadPool pool(threads);
    const PreparedTraining prepared = prepare_training(dataset, nullptr, settings, pool);
    EXPECT_EQ(prepared.training.corpus, alone.training.corpus);
    EXPECT_EQ(prepared.validation.texts.corpus, alone.validation.texts.corpus);
    EXPECT_EQ(prepared.start.vocabulary.ngrams(), alone.start.vocabulary.ngrams());
  }
}

/// They are known by the training part's words, and shape nothing.
TEST(Prepare, TextsReadBesideAreALanguageModelsAlone) {
  const Dataset labelled = dataset_of(small_corpus("dull dull film", "fine fine"));
  const Dataset beside = dataset_of("?\tdull rumour film dull\n?\trumour\n");
  const PreparedTraining with =
      prepare(labelled, small_settings(), nullptr, {.read_beside = &beside});
  const PreparedTraining without = prepare(labelled, small_settings());
  EXPECT_EQ(with.start.vocabulary.ngrams(), without.start.vocabulary.ngrams());
  EXPECT_EQ(with.start.network.embedding.mean, without.start.network.embedding.mean);
  EXPECT_EQ(with.training.corpus, without.training.corpus);
  EXPECT_EQ(with.validation.texts.corpus, without.validation.texts.corpus);
  EXPECT_EQ(without.language.size(), 0u);
  ASSERT_EQ(with.language.size(), with.training.size() + beside.size());
  for (size_t i = 0; i < with.training.size(); ++i) {
    EXPECT_TRUE(std::ranges::equal(with.language.tokens(i), with.training.corpus.tokens(i)));
  }
  const auto first = with.language.tokens(with.training.size());
  const uint32_t dull = with.start.vocabulary.find("dull");
  ASSERT_NE(dull, NgramVocabulary::kNotFound);
  EXPECT_EQ(std::ranges::count(first, dull), 2);
  EXPECT_TRUE(with.language.tokens(with.training.size() + 1).empty());
}

TEST(Prepare, TextsMayBeCut) {
  TrainSettings settings = small_settings();
  settings.max_tokens = 2;
  const PreparedTraining prepared = prepare(dataset_of(small_corpus("dull", "fine")), settings);
  for (size_t i = 0; i < prepared.training.size(); ++i) {
    EXPECT_LE(prepared.training.corpus.length(i), 2u);
  }
  EXPECT_EQ(prepared.start.max_tokens, 2u);
}

}  // namespace
}  // namespace ockham
