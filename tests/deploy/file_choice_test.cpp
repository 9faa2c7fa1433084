#include "ockham/deploy/file_choice.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "tests/deploy/deploy_test_util.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

std::vector<MadeFile> files(double unrounded, std::vector<std::pair<size_t, double>> all) {
  std::vector<MadeFile> made;
  for (const auto& [bytes, score] : all) {
    MadeFile& file = made.emplace_back();
    file.bytes.assign(bytes, 'x');
    file.score = score;
    file.unrounded = unrounded;
  }
  return made;
}

TEST(ChooseRounded, LosesAtMostAFifthOfAPoint) {
  const std::vector<std::pair<size_t, double>> all = {
      {900, 0.900}, {800, 0.899}, {700, 0.8985}, {600, 0.890}};
  EXPECT_EQ(choose_rounded(files(0.900, all)), 2u);
  EXPECT_EQ(choose_rounded(files(0.9009, all)), 1u);
  EXPECT_EQ(choose_rounded(files(0.880, all)), 3u);
}

TEST(ChooseRounded, TakesTheSmallestOfTheBestWhereAllLoseMore) {
  EXPECT_EQ(choose_rounded(files(0.9, {{900, 0.85}, {800, 0.84}, {700, 0.85}, {600, 0.8}})), 2u);
}

/// Files of a path of three models, each smaller than the one before. The texts are labelled by the
/// first, which so is right about all of them as long as it is not rounded. (Drawn such that
/// training makes its file larger; each test asserts what it needs.)
class FilesOfAPath : public testing::Test {
 protected:
  static constexpr size_t kEpochs = 2;
  static constexpr WeightFormat kFormat = WeightFormat::int4;

  FilesOfAPath() {
    std::mt19937 random(21);
    for (const size_t words : {40, 20, 8}) {
      models_.push_back(fold(sparse_classifier(random, words, 3, OutputKind::softmax, 2, 0.7)));
      points_.emplace_back();  // what training measured does not count where files are measured
    }
    texts_.training = labelled(word_texts(random, 120, 40, 12));
    texts_.validation = labelled(word_texts(random, 80, 40, 12));
  }

  Dataset labelled(const std::vector<std::string>& texts) const {
    const Matrix probabilities = engine_probabilities(Engine(models_.front()), texts);
    std::string tsv;
    for (size_t i = 0; i < texts.size(); ++i) {
      tsv += models_.front().classes[probabilities(i, 1) > probabilities(i, 0)] + "\t" +
             (texts[i].empty() ? "none" : texts[i]) + "\n";
    }
    return dataset_of(tsv);
  }

  FileOfPath make(size_t epochs, PathWish path, std::vector<WeightFormat> formats = {kFormat}) {
    measured_.clear();
    tried_.clear();
    FileMaker maker({}, texts_, Criterion::accuracy, pool_);
    return make_file_of_path(
        models_, points_, {}, {std::move(formats), epochs, path, true}, maker,
        {.on_measured = [&](const MadeFile& file) { measured_.push_back(file); },
         .on_tried = [&](const TriedFile& file) { tried_.push_back(file); }});
  }

  /// What a model becomes without any choice.
  MadeFile alone(size_t point, size_t epochs) {
    FileMaker maker({}, texts_, Criterion::accuracy, pool_);
    FileDraft draft = maker.draft(models_[point]);
    return epochs > 0 ? maker.fine_tune(draft, kFormat, epochs) : maker.measure(draft, kFormat);
  }

  std::vector<FoldedModel> models_;
  std::vector<PathPoint> points_;
  FileTexts texts_;
  ThreadPool pool_{1};
  std::vector<MadeFile> measured_;
  std::vector<TriedFile> tried_;
};

TEST_F(FilesOfAPath, TokenizersOfHashesAreToldOfTheTextsCharacters) {
  FoldedModel model = models_.front();
  const NgramHashing hashing{.bits = 20};
  std::vector<uint32_t> buckets;
  for (uint32_t id = 0; id < model.vocabulary.size(); ++id) {
    const std::string ngram = id == 0 ? "caf\u00E9" : model.vocabulary.ngram(id);
    buckets.push_back(hashing.bucket(hash_ngram(ngram)));
  }
  model.vocabulary = HashedVocabulary(hashing, buckets);
  const auto told = [&] {
    FileMaker maker({}, texts_, Criterion::accuracy, pool_);
    const FileDraft draft = maker.draft(model);
    return dynamic_cast<const WordTokenizer&>(*draft.model.tokenizer).characters();
  };
  texts_.training = dataset_of("c0\ta caf\u00C9, na\u00EFve\nc1\tw1 w2\n");
  EXPECT_EQ(told(), U"\u00E9");
  texts_.training.reset();
  EXPECT_EQ(told(), std::nullopt);
}

TEST_F(FilesOfAPath, TellsWhatIsTried) {
  const FileOfPath made =
      make(0, {.max_bytes = 100'000, .min_accuracy = {}}, {WeightFormat::int8, kFormat});
  ASSERT_EQ(tried_.size(), 6u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(tried_[i].format, WeightFormat::int8);
    EXPECT_EQ(tried_[3 + i].format, kFormat);
    EXPECT_EQ(tried_[3 + i].point, i);
    const MadeFile file = alone(i, 0);
    EXPECT_EQ(tried_[3 + i].bytes, file.bytes.size());
    EXPECT_EQ(tried_[3 + i].score, *file.score);
  }
  const auto best = std::ranges::max_element(tried_, {}, &TriedFile::score);
  EXPECT_EQ(*made.file.score, best->score);
  ASSERT_EQ(measured_.size(), 1u);
  EXPECT_EQ(measured_.front().bytes, made.file.bytes);
}

TEST_F(FilesOfAPath, TheBestIsTrained) {
  const FileOfPath made = make(kEpochs, {.max_bytes = 100'000, .min_accuracy = {}});
  EXPECT_EQ(made.point, 0u);
  EXPECT_EQ(made.file.epochs, kEpochs);
  EXPECT_EQ(made.file.bytes, alone(0, kEpochs).bytes);
  EXPECT_EQ(tried_.size(), 3u);
  EXPECT_EQ(tried_.front().score, 1.0) << "by what the models have unrounded";
}

TEST_F(FilesOfAPath, OneThatTrainingMakesTooLargeIsOnlyRounded) {
  const MadeFile rounded = alone(0, 0), trained = alone(0, kEpochs), next = alone(1, kEpochs);
  ASSERT_LT(rounded.bytes.size(), trained.bytes.size());
  ASSERT_GT(*rounded.score, *next.score);
  const FileOfPath made =
      make(kEpochs, {.max_bytes = trained.bytes.size() - 1, .min_accuracy = {}});
  EXPECT_EQ(made.point, 0u);
  EXPECT_EQ(made.file.epochs, 0u);
  EXPECT_EQ(made.file.bytes, rounded.bytes);
  ASSERT_EQ(measured_.size(), 2u) << "and the next was tried";
  EXPECT_EQ(measured_.back().bytes, next.bytes);
}

TEST_F(FilesOfAPath, ThoseThatTrainingMakesTooPoorAreNotTaken) {
  ASSERT_LT(*alone(0, 0).score, 1.0);
  ASSERT_LT(*alone(0, kEpochs).score, 1.0);
  const std::string refusal =
      message_of([&] { make(kEpochs, {.max_bytes = {}, .min_accuracy = 1.0}); });
  EXPECT_NE(refusal.find("reaches 100% on validation"), std::string::npos) << refusal;
  EXPECT_TRUE(measured_.empty());
}

TEST_F(FilesOfAPath, WhereNoneFitsTheSmallestIsNamed) {
  const size_t smallest = alone(2, 0).bytes.size();
  for (const size_t epochs : {size_t{0}, kEpochs}) {
    const std::string refusal =
        message_of([&] { make(epochs, {.max_bytes = smallest - 1, .min_accuracy = {}}); });
    EXPECT_NE(refusal.find("the smallest has " + std::to_string(smallest)), std::string::npos)
        << refusal;
    EXPECT_EQ(tried_.size(), epochs == 0 ? 3u : 6u);
  }
}

}  // namespace
}  // namespace ockham
