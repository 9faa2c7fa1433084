#include "ockham/deploy/prediction_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "ockham/tensor/error.hpp"
#include "ockham/text/utf8.hpp"
#include "tests/deploy/deploy_test_util.hpp"
#include "tests/support/byte_sources.hpp"

namespace ockham {
namespace {

const Engine& named_engine() {
  static const Engine kEngine = [] {
    std::mt19937 random(1);
    Classifier classifier = sparse_classifier(random, 9, 3, OutputKind::softmax, 3, 1.0);
    classifier.classes = {"good", "so \"so\"", "b\xC3\xA4"};
    return make_engine(classifier);
  }();
  return kEngine;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> predicted(const std::string& input,
                                   PredictionFormat format = PredictionFormat::tsv,
                                   size_t threads = 1) {
  std::istringstream in(input);
  std::ostringstream out;
  ThreadPool pool(threads);
  const PredictionStatistics statistics = predict_lines(
      named_engine(), stream_byte_source(in, "in"), "in", {out, "out", {.format = format}}, pool);
  const auto lines = split_lines(out.str());
  EXPECT_EQ(statistics.lines, lines.size());
  EXPECT_TRUE(lines.empty() || out.str().back() == '\n');
  return lines;
}

TEST(PredictLines, GivesLabelAndProbability) {
  const auto lines = predicted("a1 a2\n\na8 a8 a8\n");
  ASSERT_EQ(lines.size(), 3u);
  const Matrix p = engine_probabilities(named_engine(), {"a1 a2", "", "a8 a8 a8"});
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto row = p.view().row_span(i);
    const auto top = std::max_element(row.begin(), row.end());
    const size_t tab = lines[i].find('\t');
    EXPECT_EQ(lines[i].substr(0, tab),
              named_engine().classes()[static_cast<size_t>(top - row.begin())]);
    EXPECT_NEAR(std::stof(lines[i].substr(tab + 1)), *top, 1e-6f);
    EXPECT_EQ(lines[i].size(), tab + 1 + 8);
  }
}

TEST(PredictLines, AnswersEveryLineOnce) {
  const std::vector<std::pair<std::string, size_t>> cases = {
      {"", 0},
      {"\n", 1},
      {"\n\n\n", 3},
      {"a1", 1},
      {"a1\na2", 2},
      {"a1\r\na2\r\n", 2},
      {"\r\n\r\n", 2},
      {std::string("a1 \0 a2\n\0\n", 10), 2},
      {"\xFF\n\xC3\n\xE2\x82\na\n", 4},
      {"\xEF\xBB\xBF"
       "a1\na2\n",
       2},
      {"a\tb\tc\n\t\n", 2},
      {std::string(1 << 20, 'x') + "\na1\n", 2},
      {std::string(3 << 20, ' '), 1},
  };
  for (const auto& [input, lines] : cases) {
    EXPECT_EQ(predicted(input).size(), lines) << input.substr(0, 40);
    EXPECT_EQ(predicted(input, PredictionFormat::json_lines).size(), lines);
  }
}

TEST(PredictLines, ReadsLineEndsAndTheByteOrderMarkAsNoText) {
  const auto plain = predicted("a1 a2\na3\n");
  EXPECT_EQ(predicted("\xEF\xBB\xBF"
                      "a1 a2\r\na3"),
            plain);
}

TEST(PredictLines, GivesTheSameLinesOnAnyNumberOfThreads) {
  std::mt19937 random(2);
  std::string input;
  for (const std::string& text : word_texts(random, 12'000, 9, 40)) input += text + "\n";
  const auto lines = predicted(input);
  EXPECT_EQ(lines.size(), 12'000u);
  EXPECT_EQ(predicted(input, PredictionFormat::tsv, 3), lines);
}

/// Lines that are too long to be held, cut by the blocks they are read in at any place.
TEST(PredictLines, AnswersLongLinesAsTheTextsTheyAre) {
  std::mt19937 random(3);
  std::string words, invalid;
  while (words.size() < 900'000)
    words += word_texts(random, 1, 9, 40)[0] + "don't it 's b\xC3\xA4 ";
  for (size_t i = 0; i < 400'000; ++i) invalid += i % 7 == 0 ? "\xE2\x82" : "a1 ";
  const std::vector<std::string> texts = {
      words, "a1 a2", invalid, std::string(1'500'000, 'a'), "", words + "\r" + words};
  std::string input;
  uint64_t replaced = 0;
  std::vector<std::string> valid(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    input += texts[i] + (i % 2 == 0 ? "\n" : "\r\n");
    replaced += sanitize_utf8(texts[i], valid[i]);
  }
  const auto lines = predicted(input);
  ASSERT_EQ(lines.size(), texts.size());
  const Matrix p = engine_probabilities(named_engine(), valid);
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto row = p.view().row_span(i);
    const float top = *std::max_element(row.begin(), row.end());
    EXPECT_NEAR(std::stof(lines[i].substr(lines[i].find('\t') + 1)), top, 5e-7f) << i;
  }
  std::istringstream in(input);
  std::ostringstream out;
  ThreadPool pool;
  const auto statistics =
      predict_lines(named_engine(), stream_byte_source(in, "in"), "in", {out, "out"}, pool);
  EXPECT_EQ(statistics.replaced_sequences, replaced);
}

/// Half a character at the end of a line that comes in parts is read as U+FFFD, and no more.
TEST(PredictLines, ReplacesHalfACharacterAtALongLinesEnd) {
  std::string words;
  while (words.size() < 300'000) words += "a1 a2 x ";
  const std::pair<const char*, uint64_t> ends[] = {
      {"\xE2\x82", 1}, {"\xF0\x9F\x98", 1}, {"\xC3", 1}, {"\xC3\xA4", 0}, {"\xE2\x82\xC3", 2}};
  for (const auto& [end, replaced] : ends) {
    for (const std::string line_end : {"", "\n", "\r\n", "\na5 a5\n"}) {
      const std::string text = words + "a8 " + end;
      const std::string input = text + line_end;
      std::string valid;
      ASSERT_EQ(sanitize_utf8(text, valid), replaced);
      std::ostringstream out;
      ThreadPool pool;
      const PredictionStatistics statistics = predict_lines(
          named_engine(), std::make_unique<StringSource>(input), "in", {out, "out"}, pool);
      EXPECT_EQ(statistics.replaced_sequences, replaced);
      const auto lines = split_lines(out.str());
      ASSERT_EQ(lines.size(), line_end.size() > 2 ? 2u : 1u);
      const auto row = engine_probabilities(named_engine(), {valid});
      const float top = *std::ranges::max_element(row.view().row_span(0));
      EXPECT_NEAR(std::stof(lines[0].substr(lines[0].find('\t') + 1)), top, 5e-7f);
      if (lines.size() == 2) {
        EXPECT_EQ(lines[1], predicted("a5 a5\n")[0]);
      }
    }
  }
}

TEST(PredictLines, WritesJsonLines) {
  const auto lines = predicted("a1 a2\na5\n", PredictionFormat::json_lines);
  ASSERT_EQ(lines.size(), 2u);
  const Matrix p = engine_probabilities(named_engine(), {"a1 a2", "a5"});
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto object = nlohmann::json::parse(lines[i]);
    EXPECT_EQ(object.size(), 3u);
    const auto& all = object.at("probabilities");
    ASSERT_EQ(all.size(), 3u);
    for (size_t k = 0; k < 3; ++k) {
      EXPECT_NEAR(all.at(named_engine().classes()[k]).get<float>(), p(i, k), 1e-6f);
    }
    EXPECT_EQ(object.at("probability"), all.at(object.at("label").get<std::string>()));
  }
}

/// The labels of the other engine, each by itself, with thresholds that some texts reach.
const Engine& several_labels_engine() {
  static const Engine kEngine = [] {
    std::mt19937 random(1);
    Classifier classifier = sparse_classifier(random, 9, 3, OutputKind::sigmoid, 3, 1.0);
    classifier.classes = {"good", "so \"so\"", "b\xC3\xA4"};
    classifier.several_labels = true;
    // In the middle of what it gives some texts.
    const Matrix p = engine_probabilities(make_engine(classifier), word_texts(random, 101, 9, 6));
    for (size_t k = 0; k < 3; ++k) {
      std::vector<float> column;
      for (size_t r = 0; r < p.rows(); ++r) column.push_back(p(r, k));
      const auto [low, high] = std::ranges::minmax(column);
      classifier.thresholds.push_back(0.5f * (low + high));
    }
    return make_engine(classifier);
  }();
  return kEngine;
}

TEST(PredictLines, GivesEveryLabelThatReachesItsThreshold) {
  std::mt19937 random(4);
  const std::vector<std::string> texts = word_texts(random, 200, 9, 6);
  std::string input;
  for (const std::string& text : texts) input += text + "\n";
  const auto run = [&](PredictionFormat format) {
    std::istringstream in(input);
    std::ostringstream out;
    ThreadPool pool;
    predict_lines(several_labels_engine(), stream_byte_source(in, "in"), "in",
                  {out, "out", {.format = format}}, pool);
    return split_lines(out.str());
  };
  const auto lines = run(PredictionFormat::tsv), objects = run(PredictionFormat::json_lines);
  ASSERT_EQ(lines.size(), texts.size());
  ASSERT_EQ(objects.size(), texts.size());
  const Matrix p = engine_probabilities(several_labels_engine(), texts);
  std::array<size_t, 4> given_times{};
  for (size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::pair<float, std::string>> given;
    for (size_t k = 0; k < 3; ++k) {
      if (p(i, k) >= several_labels_engine().thresholds()[k])
        given.emplace_back(-p(i, k), several_labels_engine().classes()[k]);
    }
    std::ranges::stable_sort(given, {}, &std::pair<float, std::string>::first);
    ++given_times[given.size()];
    std::string names, numbers;
    for (const auto& [minus_p, name] : given) {
      names += (names.empty() ? "" : ",") + name;
      char number[16];
      std::snprintf(number, sizeof number, "%s%.6f", numbers.empty() ? "" : ",", -minus_p);
      numbers += number;
    }
    EXPECT_EQ(lines[i], given.empty() ? "-\t-" : names + "\t" + numbers);
    const auto object = nlohmann::json::parse(objects[i]);
    ASSERT_EQ(object.at("labels").size(), given.size());
    for (size_t g = 0; g < given.size(); ++g) EXPECT_EQ(object["labels"][g], given[g].second);
    EXPECT_EQ(object.at("probabilities").size(), 3u);
  }
  EXPECT_GT(given_times[0], 0u);  // the test has met none, one and several
  EXPECT_GT(given_times[1], 0u);
  EXPECT_GT(given_times[2] + given_times[3], 0u);
}

TEST(PredictLines, CountsInvalidSequences) {
  std::istringstream in("ok\n\xFF and \xC3\n");
  std::ostringstream out;
  ThreadPool pool;
  EXPECT_EQ(predict_lines(named_engine(), stream_byte_source(in, "in"), "in", {out, "out"}, pool)
                .replaced_sequences,
            2u);
}

/// Hands out one piece at a time and looks at what was answered before each.
class SlowSource final : public ByteSource {
 public:
  SlowSource(std::vector<std::string> pieces, std::function<void(size_t)> before_piece)
      : pieces_(std::move(pieces)), before_piece_(std::move(before_piece)) {}

  size_t read(char* target, size_t /*capacity*/) override {
    before_piece_(next_);
    if (next_ == pieces_.size()) return 0;
    pieces_[next_].copy(target, pieces_[next_].size());
    return pieces_[next_++].size();
  }

 private:
  std::vector<std::string> pieces_;
  std::function<void(size_t)> before_piece_;
  size_t next_ = 0;
};

TEST(PredictLines, AnswersWhatItHasBeforeItWaitsForMore) {
  std::ostringstream out;
  const std::vector<size_t> answered{0, 1, 3, 3, 4};  // before each piece, and before the end
  const auto look = [&](size_t piece) {
    EXPECT_EQ(split_lines(out.str()).size(), answered[piece]) << piece;
  };
  ThreadPool pool;
  const std::vector<std::string> pieces{"a1\n", "a2\na3\na", "4", "\n"};
  predict_lines(named_engine(), std::make_unique<SlowSource>(pieces, look), "in", {out, "out"},
                pool);
  EXPECT_EQ(split_lines(out.str()).size(), 4u);
}

TEST(PredictLines, SaysWhereItCannotWrite) {
  /// Takes nothing, as a full disk.
  struct FullDisk : std::streambuf {
    int_type overflow(int_type /*c*/) override { return traits_type::eof(); }
  } disk;
  std::ostream out(&disk);
  std::istringstream in("a1\n");
  ThreadPool pool;
  try {
    predict_lines(named_engine(), stream_byte_source(in, "in"), "in", {out, "answers.tsv"}, pool);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("answers.tsv"), std::string::npos);
  }
}

TEST(PredictLines, PassesOnAFailureToRead) {
  std::ostringstream out;
  ThreadPool pool;
  const auto fail_at = [](size_t piece) {
    if (piece == 1) fail("the device is gone");
  };
  EXPECT_THROW(
      predict_lines(named_engine(),
                    std::make_unique<SlowSource>(std::vector<std::string>{"a1\n", "a2\n"}, fail_at),
                    "in", {out, "out"}, pool),
      Error);
  EXPECT_EQ(split_lines(out.str()).size(), 1u);
}

}  // namespace
}  // namespace ockham
