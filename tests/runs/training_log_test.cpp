#include "apps/training_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ockham {
namespace {

EpochReport epoch(size_t number, const std::string& phase = kBayesPhase) {
  EpochReport report;
  report.phase = phase;
  report.epoch = number;
  report.loss = 0.5 / static_cast<double>(number);
  report.kl = 0.125;
  report.kl_scale = 0.1;
  report.score = 0.875;
  report.ngrams = 700;
  report.units = 8;
  report.weights = 4'321;
  report.seconds = 1.5;
  return report;
}

PathPoint point(size_t bytes) {
  PathPoint p;
  p.accuracy = 0.9;
  p.macro_f1 = 0.89;
  p.micro_f1 = 0.9;
  p.nll = 0.3;
  p.ngrams = 600;
  p.bytes = bytes;
  return p;
}

NoiseHistogram histogram() {
  NoiseHistogram h;
  h.parameter = "embedding";
  h.threshold = 3.0;
  h.counts[7] = 5;
  h.counts[31] = 2;
  return h;
}

LogStart start(const std::string& fingerprint) {
  return {.settings = "seed = 1\n",
          .fingerprint = fingerprint,
          .texts = 10,
          .classes = 2,
          .ngrams = 900};
}

class TrainingLogTest : public TemporaryFolder {
 protected:
  std::string own() const { return (folder_ / "log.jsonl").string(); }
  std::string further() const { return (folder_ / "further.jsonl").string(); }

  /// Two teachers, of which the second is not ready, and three epochs and a point of the model.
  void write_run(bool to_further = false) const {
    TrainingLog log;
    log.open(own(), to_further ? further() : "", {});
    for (const size_t teacher : {0u, 1u}) {
      log.start(start("teacher " + std::to_string(teacher)), teacher);
      log.epoch(epoch(1), teacher);
    }
    log.start(start("model"));
    const std::vector<NoiseHistogram> noise{histogram()};
    log.epoch(epoch(1));
    log.epoch(epoch(2));
    log.point(point(4'000), noise);  // of the third epoch
    log.epoch(epoch(3));
  }

  static std::vector<size_t> numbers(const TrainingCourse& course) {
    std::vector<size_t> numbers;
    for (const EpochReport& report : course.epochs) numbers.push_back(report.epoch);
    return numbers;
  }
};

using Numbers = std::vector<size_t>;

TEST_F(TrainingLogTest, GivesBackWhatItWasTold) {
  write_run();
  {
    TrainingLog log;
    EXPECT_TRUE(log.open(
        own(), "",
        {.teachers = {"teacher 0", "teacher 1"}, .fingerprint = "model", .epochs = SIZE_MAX}));
    EpochReport kept = epoch(4);
    kept.criterion = Criterion::micro_f1;
    kept.kept = 0.75;
    log.epoch(kept);
    log.end(0, 12.5);
  }
  const TrainingHistory history = read_training_log(own());
  ASSERT_EQ(numbers(history), (Numbers{1, 2, 3, 4}));
  const EpochReport& first = history.epochs.front();
  const EpochReport expected = epoch(1);
  EXPECT_EQ(first.phase, expected.phase);
  EXPECT_EQ(first.loss, expected.loss);
  EXPECT_EQ(first.kl, expected.kl);
  EXPECT_EQ(first.kl_scale, expected.kl_scale);
  EXPECT_EQ(first.score, expected.score);
  EXPECT_EQ(first.criterion, Criterion::accuracy);
  EXPECT_FALSE(first.kept);
  EXPECT_EQ(first.ngrams, expected.ngrams);
  EXPECT_EQ(first.units, expected.units);
  EXPECT_EQ(first.weights, expected.weights);
  EXPECT_EQ(first.seconds, expected.seconds);
  EXPECT_EQ(history.epochs.back().criterion, Criterion::micro_f1);
  EXPECT_EQ(history.epochs.back().kept, 0.75);
  ASSERT_EQ(history.points.size(), 1u);
  EXPECT_EQ(history.points[0].point, point(4'000));
  ASSERT_EQ(history.points[0].noise.size(), 1u);
  EXPECT_EQ(history.points[0].noise[0].parameter, "embedding");
  EXPECT_EQ(history.points[0].noise[0].threshold, 3.0);
  EXPECT_EQ(history.points[0].noise[0].counts, histogram().counts);
  EXPECT_EQ(history.chosen, 0u);
  EXPECT_FALSE(history.late);
  ASSERT_EQ(history.teachers.size(), 2u);
  EXPECT_EQ(numbers(history.teachers.at(1)), (Numbers{1}));
}

/// What is beyond the checkpoint happens again.
TEST_F(TrainingLogTest, GoesOnWhereTheTrainingDoes) {
  const auto opened = [&](const LogPosition& from) {
    write_run();
    TrainingLog log;
    return log.open(own(), "", from);
  };
  EXPECT_TRUE(opened({{"teacher 0", "teacher 1"}, "model", 2}));
  TrainingHistory history = read_training_log(own());
  EXPECT_EQ(numbers(history), (Numbers{1, 2}));
  EXPECT_TRUE(history.points.empty()) << "it is taken again";
  EXPECT_EQ(history.teachers.size(), 2u);

  EXPECT_TRUE(opened({{"teacher 0", "teacher 1"}, "model", 3}));
  history = read_training_log(own());
  EXPECT_EQ(numbers(history), (Numbers{1, 2, 3}));
  EXPECT_EQ(history.points.size(), 1u);

  EXPECT_FALSE(opened({{"teacher 0"}, "model", {}})) << "the second teacher begins anew";
  history = read_training_log(own());
  EXPECT_EQ(history.teachers.size(), 1u);
  EXPECT_TRUE(history.epochs.empty());
}

TEST_F(TrainingLogTest, DropsAnotherTrainings) {
  write_run();
  TrainingLog log;
  EXPECT_FALSE(log.open(own(), "", {{"teacher 0", "teacher 1"}, "another", 3}));
  EXPECT_TRUE(read_training_log(own()).epochs.empty());
  EXPECT_EQ(read_training_log(own()).teachers.size(), 2u);
  EXPECT_FALSE(log.open(own(), "", {{"no teacher"}, "model", 3}));
  EXPECT_EQ(read_file(own()), "");
}

TEST_F(TrainingLogTest, TheFurtherFileHasWhatTheOtherLost) {
  const LogPosition from{{"teacher 0", "teacher 1"}, "model", 4};
  write_run(true);
  const std::string whole = read_file(own());
  EXPECT_EQ(read_file(further()), whole);
  write_quickly(own(), whole.substr(0, whole.size() / 2));  // cut inside a line
  EXPECT_TRUE(TrainingLog().open(own(), further(), from));
  EXPECT_EQ(read_file(own()), whole);
  EXPECT_EQ(read_file(further()), whole);
  write_quickly(further(), "notes\n");
  EXPECT_TRUE(TrainingLog().open(own(), further(), from));
  EXPECT_EQ(read_file(further()), whole);
}

TEST_F(TrainingLogTest, OneThatLostItsBeginningIsLate) {
  LogStart late = start("model");
  late.epochs_before = 2;
  {
    TrainingLog log;
    log.open(own(), "", {{}, "model", 2});
    log.start(late);
    log.epoch(epoch(3));
    log.end(1, 2.0);
  }
  const TrainingHistory history = read_training_log(own());
  EXPECT_TRUE(history.late);
  EXPECT_EQ(numbers(history), (Numbers{3}));
  EXPECT_FALSE(history.chosen) << "which counts the lost points too";
  EXPECT_TRUE(TrainingLog().open(own(), "", {{}, "model", 3})) << "lost epochs count";
  EXPECT_EQ(numbers(read_training_log(own())), (Numbers{3}));
}

TEST_F(TrainingLogTest, SaysWhereItIsDamaged) {
  write_run();
  const std::string whole = read_file(own());
  write_quickly(own(), whole + "{\"event\":\"epo");
  EXPECT_EQ(numbers(read_training_log(own())), (Numbers{1, 2, 3})) << "it is still being written";
  for (const std::string line : {"{}", "[]", "{\"event\":7}", "{\"event\":\"epoch\"}",
                                 "{\"event\":\"teacher_epoch\",\"teacher\":0}"}) {
    write_quickly(own(), whole + line + "\n\n");
    try {
      read_training_log(own());
      ADD_FAILURE() << line;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find(own() + ":10: "), 0u) << error.what();
    }
  }
}

TEST_F(TrainingLogTest, IsKnownByItsFirstLine) {
  EXPECT_TRUE(is_training_log(own())) << "it may become one";
  write_run();
  EXPECT_TRUE(is_training_log(own()));
  write_quickly(own(), read_file(own()).substr(0, 40));
  EXPECT_TRUE(is_training_log(own())) << "cut off where the disk was full";
  write_quickly(own(), "my notes\n");
  EXPECT_FALSE(is_training_log(own()));
}

}  // namespace
}  // namespace ockham
