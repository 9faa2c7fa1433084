#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "ockham/deploy/prediction_stream.hpp"
#include "ockham/tensor/error.hpp"
#include "tests/deploy/deploy_test_util.hpp"
#include "tests/support/byte_sources.hpp"
#include "tests/support/temporary_folder.hpp"

// One answer for each record of the formats that training reads.

namespace ockham {
namespace {

const Engine& engine() {
  static const Engine kEngine = [] {
    std::mt19937 random(1);
    return make_engine(sparse_classifier(random, 9, 3, OutputKind::softmax, 3, 1.0));
  }();
  return kEngine;
}

struct Answered {
  std::string out;
  std::string error;  // empty: none
  PredictionStatistics statistics;
};

template <typename Predict>
Answered answered(const Predict& predict, const PredictionStyle& style = {}) {
  Answered result;
  std::ostringstream out;
  ThreadPool pool(2);
  try {
    result.statistics = predict(PredictionOutput{out, "out", style}, pool);
  } catch (const Error& error) {
    result.error = error.what();
  }
  result.out = out.str();
  return result;
}

Answered lines(const std::string& bytes) {
  return answered([&](const PredictionOutput& output, ThreadPool& pool) {
    return predict_lines(engine(), std::make_unique<StringSource>(bytes), "in", output, pool);
  });
}

/// It must make no difference in which pieces the bytes come.
Answered records(const std::string& bytes, const DataOptions& options,
                 const PredictionStyle& style = {}) {
  const auto from = [&](std::unique_ptr<ByteSource> source) {
    return answered(
        [&](const PredictionOutput& output, ThreadPool& pool) {
          return predict_records(engine(), std::move(source), "in", options, output, pool);
        },
        style);
  };
  const Answered whole = from(std::make_unique<StringSource>(bytes));
  const Answered drip = from(std::make_unique<DripSource>(bytes));
  EXPECT_EQ(whole.out, drip.out);
  EXPECT_EQ(whole.error, drip.error);
  return whole;
}

const std::string kLines = "a1 a2\na5 a5 a1\n\na8\n";

TEST(PredictRecords, AnswersAsForTheTextsAsLines) {
  const std::string expected = lines(kLines).out;
  const auto check = [&](const std::string& bytes, const DataOptions& options) {
    const Answered answer = records(bytes, options);
    EXPECT_EQ(answer.error, "");
    EXPECT_EQ(answer.out, expected);
    EXPECT_EQ(answer.statistics.lines, 4u);
  };
  check("id,text\n1,a1 a2\n2,\"a5\na5 a1\"\n3,\n4,a8\n", {.format = DataFormat::csv});
  check("x\ty\na1\ta2\n\"a5\na5\"\ta1\n\"\"\t\na8\t\n",
        {.format = DataFormat::csv, .text_column = "x,y", .delimiter = '\t'});
  check(
      "{\"d\":{\"t\":\"a1 a2\"}}\n{\"d\":{\"t\":\"a5\\na5 a1\"}}\n{\"d\":{\"t\":\"\"}}\n"
      "{\"d\":{\"t\":\"a8\"}}\n",
      {.format = DataFormat::jsonl, .text_column = "d.t"});
  check("x\ta1 a2\nx\ta5 a5 a1\nx\t\ny\ta8\n", {.format = DataFormat::tsv});
  check("__label__x a1 a2\na5 a5 a1\n__label__x\na8 __label__y\n",
        {.format = DataFormat::fasttext});
}

TEST(PredictRecords, AnswersWhatStandsBeforeABrokenRecord) {
  const std::string first = lines("a1\na2\n").out;
  const Answered ragged = records("text,id\na1,1\na2,2\na3\na4,4\n", {.format = DataFormat::csv});
  EXPECT_EQ(ragged.out, first);
  EXPECT_TRUE(ragged.error.starts_with("in:4: found 1 field")) << ragged.error;
  const Answered open = records("text\na1\na2\n\"a3\n", {.format = DataFormat::csv});
  EXPECT_EQ(open.out, first);
  EXPECT_TRUE(open.error.starts_with("in:4: the quote that opens here")) << open.error;
  const Answered json = records("{\"text\":\"a1\"}\n{\"text\":\"a2\"}\n{\"text\":3}\n",
                                {.format = DataFormat::jsonl});
  EXPECT_EQ(json.out, first);
  EXPECT_TRUE(json.error.starts_with("in:3: \"text\" is a number")) << json.error;
}

/// The objects of the answers, without what the answers themselves say.
std::vector<std::string> others(const Answered& answer) {
  std::istringstream stream(answer.out);
  std::vector<std::string> objects;
  for (std::string line; std::getline(stream, line);) {
    const auto object = nlohmann::json::parse(line);  // no key is there twice: see the texts
    EXPECT_TRUE(object.contains("label") && object.contains("probabilities")) << line;
    objects.push_back(line.substr(0, line.rfind(",\"label\":")));
  }
  return objects;
}

TEST(PredictRecords, KeepsOtherFieldsInJsonLines) {
  const PredictionStyle json{.format = PredictionFormat::json_lines};
  const std::string first = R"({"id":12345678901234567890,"text":"a1","label":"x","at":[1,"}"]})";
  EXPECT_EQ(
      others(records(first + "\n{ \"text\":\"a2\", \"probability\":1, \"z\": {} }\n",
                     {.format = DataFormat::jsonl}, json)),
      (std::vector<std::string>{R"({"id":12345678901234567890,"at":[1,"}"])", R"({"z": {})"}));
  EXPECT_EQ(others(records("id,text,\"a\"\"\"\n1,a1,\"x\"\"y\"\n,a2,\xFF\n",
                           {.format = DataFormat::csv, .header = true}, json)),
            (std::vector<std::string>{R"({"id":"1","a\"":"x\"y")",
                                      "{\"id\":\"\",\"a\\\"\":\"\xEF\xBF\xBD\""}));
}

TEST(PredictRecords, ACopiedTextTakesThePlaceOfAFieldOfItsName) {
  const PredictionStyle json{.format = PredictionFormat::json_lines, .copy_text = true};
  EXPECT_EQ(others(records("{\"body\":\"a1\",\"text\":\"other\",\"n\":1}\n",
                           {.format = DataFormat::jsonl, .text_column = "body"}, json)),
            (std::vector<std::string>{R"({"n":1,"text":"a1")"}));
}

TEST(PredictRecords, AnswersManyInOrder) {
  std::mt19937 random(2);
  std::string plain, csv = "text\n";
  for (const std::string& text : word_texts(random, 10'000, 9, 40)) {
    plain += text + "\n";
    csv += "\"" + text + "\"\n";
  }
  // One that is longer than what is kept at a time.
  std::string longest;
  while (longest.size() < 600'000) longest += "a1 a2 b a7 ";
  plain += longest + "\na1\n";
  csv += longest + "\na1\n";
  EXPECT_TRUE(records(csv, {.format = DataFormat::csv}).out == lines(plain).out);
}

TEST(PredictRecords, CountsBlankLinesAndInvalidUtf8) {
  const Answered answer = records("\ntext\n\na\xFF\n \n", {.format = DataFormat::csv});
  EXPECT_EQ(answer.statistics.lines, 1u);
  EXPECT_EQ(answer.statistics.blank_lines, 3u);
  EXPECT_EQ(answer.statistics.replaced_sequences, 1u);
  EXPECT_EQ(records("", {.format = DataFormat::csv}).error, "");
}

/// Gives a row a read and looks at what was answered before.
class Rows final : public ByteSource {
 public:
  Rows(const std::ostringstream& out, std::vector<size_t>& answered)
      : out_(out), answered_(answered) {}
  size_t read(char* target, size_t) override {
    const std::string answers = out_.str();
    answered_.push_back(static_cast<size_t>(std::ranges::count(answers, '\n')));
    const std::string row = next_ == 0 ? "text\n" : "a1\n";
    return next_++ < 4 ? row.copy(target, row.size()) : 0;
  }

 private:
  const std::ostringstream& out_;
  std::vector<size_t>& answered_;
  size_t next_ = 0;
};

TEST(PredictRecords, AnswersWhatItHasBeforeItWaitsForMore) {
  std::ostringstream out;
  std::vector<size_t> answered;
  ThreadPool pool(1);
  predict_records(engine(), std::make_unique<Rows>(out, answered), "in",
                  {.format = DataFormat::csv}, {out, "out"}, pool);
  EXPECT_EQ(answered, (std::vector<size_t>{0, 0, 1, 2, 3}));
}

using PredictFolder = TemporaryFolder;

TEST_F(PredictFolder, AnswersFilesInTheOrderOfTheirNames) {
  write_quickly(folder_ / "2.txt", "a5 a5 a1");
  write_quickly(folder_ / "1.txt", "a1\na2\n");
  const Answered answer = answered([&](const PredictionOutput& output, ThreadPool& pool) {
    return predict_records(engine(), *open_records(folder_, {.labels = false}), output, pool);
  });
  EXPECT_EQ(answer.out, lines("a1 a2\na5 a5 a1\n").out);
}

TEST(PredictLines, RefusesUtf16) {
  const std::string text(
      "\xFF\xFE"
      "a\0\n\0",
      6);
  EXPECT_EQ(lines(text).error,
            "in:1: the file is UTF-16; expected UTF-8; convert it, e.g. with iconv -f UTF-16 -t "
            "UTF-8");
  EXPECT_EQ(lines(text).out, "");
  EXPECT_NE(lines("\xFE\xFF").error.find("UTF-16"), std::string::npos);
  EXPECT_EQ(lines("\xFF\n\xFF\xFE\n").error, "") << "only at the start it says so";
}

TEST(PredictLines, RefusesUtf16WithoutItsMark) {
  EXPECT_NE(lines(std::string("g\0o\0o\0d\0\n\0", 10)).error.find("UTF-16"), std::string::npos);
  EXPECT_EQ(lines(std::string("good\0bad\0\n", 10)).error, "");
}

}  // namespace
}  // namespace ockham
