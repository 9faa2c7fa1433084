#include <iomanip>
#include <optional>
#include <sstream>

#include "tests/cli/cli_test.hpp"

// compress with weights of few bits, which are trained for it and measured.

namespace ockham {
namespace {

using nlohmann::json;

class Rounding : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    put_model("m");
    write("test.tsv", make_corpus(200, 2));
  }
};

TEST_F(Rounding, WeightsLearnToBeRounded) {
  write("train.tsv", make_corpus(300));
  const std::string compress = "compress --model m --output r.ockham --train train.tsv ";
  const Outcome rounded = run_well(compress + "--weights int4 --fine-tune-epochs 8");
  EXPECT_NE(rounded.err.find("int4: "), std::string::npos) << rounded.err;
  EXPECT_NE(rounded.err.find("% on 30 validation texts"), std::string::npos) << rounded.err;
  run_well("compress --model m --output plain.ockham --weights int4");
  EXPECT_NE(read("r.ockham"), read("plain.ockham"));
  const double learned = evaluate("r.ockham", "test.tsv").at("accuracy");
  EXPECT_GE(learned, 0.85);
  // Of 200 texts; where rounding costs nothing, learning it wins nothing.
  EXPECT_GE(learned, evaluate("plain.ockham", "test.tsv").at("accuracy").get<double>() - 0.02);
  // What is said of the file is true of it.
  const Outcome valid = run_well(compress + "--weights int5 --fine-tune-epochs 1 --valid test.tsv");
  std::ostringstream expected;
  expected << std::fixed << std::setprecision(2)
           << 100.0 * evaluate("r.ockham", "test.tsv").at("accuracy").get<double>() << "% on ";
  EXPECT_NE(valid.err.find(expected.str()), std::string::npos) << valid.err;
  // The same, whatever the threads.
  const std::string before = read("r.ockham");
  run_well(compress + "--weights int5 --fine-tune-epochs 1 --valid test.tsv --threads 1");
  EXPECT_EQ(read("r.ockham"), before);
}

TEST_F(Rounding, TheTextsAreNotOverwritten) {
  const std::string texts = make_corpus(300);
  write("train.tsv", texts);
  expect_refusal(
      run("compress --model m --output ./train.tsv --vocabulary hashed --train train.tsv"), 1,
      {"./train.tsv: is read as well", "--output"});
  expect_refusal(run("compress --model m --output test.tsv --weights auto --train train.tsv "
                     "--valid test.tsv"),
                 1, {"test.tsv: is read as well"});
  EXPECT_EQ(read("train.tsv"), texts);
}

TEST_F(Rounding, AutoTakesTheSmallestFormatThatValidationAllows) {
  write("train.tsv", make_corpus(300));
  const Outcome made = run_well(
      "compress --model m --output a.ockham --train train.tsv --weights auto "
      "--fine-tune-epochs 8");
  // What it says of each format: its bytes and its accuracy, int8 first, which loses nothing here.
  size_t smallest = SIZE_MAX;
  std::optional<double> of_int8;
  for (const std::string format : {"int8", "int6", "int5", "int4"}) {
    const size_t at = made.err.find(format + ": ");
    ASSERT_NE(at, std::string::npos) << made.err;
    const std::string score = made.err.substr(made.err.find(", ", made.err.find(" bytes", at)) + 2);
    const double accuracy = std::stod(score);
    if (!of_int8) of_int8 = accuracy;
    run_well(
        "compress --model m --output f.ockham --train train.tsv --fine-tune-epochs 8 "
        "--weights " +
        format);
    if (accuracy >= *of_int8 - 0.2) smallest = std::min(smallest, read("f.ockham").size());
  }
  EXPECT_EQ(read("a.ockham").size(), smallest) << made.err;
  EXPECT_NE(made.err.find("weights of int"), std::string::npos) << made.err;
}

TEST_F(Rounding, ABudgetLooksAtHashedAndRoundedFiles) {
  write("train.tsv", make_corpus(300));
  const std::string compress =
      "compress --model m --output f.ockham --vocabulary hashed:8 --weights int4 ";
  // By the texts at hand: no file of another point is better on them.
  const Outcome made = run_well(compress + "--max-bytes 1500 --train train.tsv --valid test.tsv");
  const double chosen = evaluate("f.ockham", "test.tsv").at("accuracy");
  std::ostringstream said;
  said << std::fixed << std::setprecision(2) << 100.0 * chosen << "% on 200 validation texts";
  EXPECT_NE(made.err.find(said.str()), std::string::npos) << made.err;
  const size_t points = report("m").at("path").at("points").size();
  for (size_t i = 0; i < points; ++i) {
    std::ostringstream point;
    point << "m/path/" << std::setw(2) << std::setfill('0') << i;
    run_well("compress --model " + point.str() +
             " --output p.ockham --vocabulary hashed:8 --weights int4 --train train.tsv");
    if (read("p.ockham").size() > 1500) continue;
    EXPECT_LE(evaluate("p.ockham", "test.tsv").at("accuracy").get<double>(), chosen) << i;
  }
  // What is said of the file is what it holds: of n-grams that share a bucket one is left.
  EXPECT_NE(
      made.err.find(" bytes, " + std::to_string(report("f.ockham").at("words_kept").get<int>()) +
                    " n-grams"),
      std::string::npos)
      << made.err;
  // The texts to measure on will do without those of the training, and without any it is said.
  run_well("compress --model m --output v.ockham --weights int4 --max-bytes 900 --valid test.tsv");
  EXPECT_NE(run_well(compress + "--max-bytes 1500").err.find("before hashing and rounding; give"),
            std::string::npos);
  EXPECT_EQ(run_well("compress --model m --output w.ockham --max-bytes 1500").err.find("before"),
            std::string::npos);
}

TEST_F(Rounding, AFineTunedFileKeepsTheBudget) {
  write("train.tsv", make_corpus(300));
  write("other.tsv", "neg\tnothing is known\npos\tof these words\nneg\twhat for\npos\tand why\n");
  for (const size_t most : {900u, 1'100u, 1'500u}) {
    for (const std::string weights : {"int8", "auto"}) {
      run_well(
          "compress --model m --output b.ockham --train train.tsv --fine-tune-epochs 1 "
          "--weights " +
          weights + " --max-bytes " + std::to_string(most));
      EXPECT_LE(read("b.ockham").size(), most) << weights;
    }
  }
  // One that fits until it is trained: rounded only, or refused, but never over the budget.
  run_well("compress --model m --output plain.ockham --weights int4 --max-bytes 900");
  for (size_t most = read("plain.ockham").size(), i = 0; i < 3; ++i, --most) {
    const Outcome tight =
        run("compress --model m --output t.ockham --train train.tsv "
            "--fine-tune-epochs 3 --weights int4 --max-bytes " +
            std::to_string(most));
    ASSERT_TRUE(tight.code == 0 || (i > 0 && tight.code == 1)) << tight.err;
    if (tight.code == 0) {
      EXPECT_LE(read("t.ockham").size(), most);
    }
  }
  // What is asked for is asked of the file.
  const Outcome poor =
      run("compress --model m --output p.ockham --train train.tsv --valid other.tsv "
          "--weights auto --min-accuracy 0.8");
  EXPECT_EQ(poor.code, 1);
  EXPECT_NE(poor.err.find("reaches 80% on validation; the best has"), std::string::npos)
      << poor.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "p.ockham"));
  const Outcome small =
      run("compress --model m --output c.ockham --train train.tsv --weights auto --max-bytes 50");
  EXPECT_EQ(small.code, 1);
  EXPECT_NE(small.err.find("fits in 50 bytes; the smallest has"), std::string::npos) << small.err;
}

}  // namespace
}  // namespace ockham
