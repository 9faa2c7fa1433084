#include "ockham/text/word_vectors.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using Words = std::vector<std::string>;

WordVectors read(const std::string& text, const Words& wanted, const TextForm& form = {}) {
  std::istringstream stream(text);
  return read_word_vectors(stream_byte_source(stream, "v.txt"), "v.txt", wanted, form);
}

std::vector<float> row(const WordVectors& v, size_t r) {
  return {v.values.row(r), v.values.row(r) + v.values.cols()};
}

TEST(WordVectors, ReadsAllThreeFormats) {
  const Words wanted{"good", "absent", "bad"};
  for (const std::string text :
       {"3 2\ngood 0.5 -1\nother 1 1\nbad 2e-1 3 \n", "good 0.5 -1\nother 1 1\nbad 0.2 3\n",
        "\xEF\xBB\xBF"
        "good 0.5 -1\r\nother 1 1\r\n\r\nbad 0.2 3",
        "good\t0.5\t-1\nbad\t.2\t3"}) {
    const WordVectors v = read(text, wanted);
    EXPECT_EQ(v.dimensions(), 2u) << text;
    EXPECT_EQ(v.found, (std::vector<uint8_t>{1, 0, 1}));
    EXPECT_EQ(v.matched(), 2u);
    EXPECT_EQ(row(v, 0), (std::vector<float>{0.5f, -1.0f}));
    EXPECT_EQ(row(v, 1), (std::vector<float>{0.0f, 0.0f}));
    EXPECT_EQ(row(v, 2), (std::vector<float>{0.2f, 3.0f}));
  }
  EXPECT_EQ(read("3 2\ngood 0.5 -1\nother 1 1\n", wanted).file_words, 2u);
}

TEST(WordVectors, AWordAsItStandsWinsOverOneThatIsFolded) {
  for (const std::string text : {"Good 1\ngood 2\nGOOD 3\ngood 4\n", "GOOD 3\nGood 1\ngood 2\n"}) {
    EXPECT_EQ(row(read(text, {"good"}), 0), std::vector<float>{2.0f}) << text;
  }
  EXPECT_EQ(row(read("Good 1\nGOOD 3\n", {"good"}), 0), std::vector<float>{1.0f});
  EXPECT_FALSE(read("Good 1\n", {"good"}, {.fold = false}).found[0]);
}

TEST(WordVectors, AWordMayHoldSpacesAndBeANumber) {
  const WordVectors v = read(". . . 1 2\n1999 3 4\n", {". . .", "1999"});
  EXPECT_EQ(row(v, 0), (std::vector<float>{1, 2}));
  EXPECT_EQ(row(v, 1), (std::vector<float>{3, 4}));
}

TEST(WordVectors, TinyNumbersAreZeroAndHugeOnesNone) {
  const WordVectors v = read("good 1e-50 2 -1e-400\nbad 1 2 3\n", {"good"});
  EXPECT_EQ(row(v, 0), (std::vector<float>{0, 2, 0}));
  EXPECT_NE(message_of([] { read("x 1 2\ngood 1e39 2\n", {"good"}); }).find("v.txt:2: expected"),
            std::string::npos);
}

TEST(WordVectors, AHeaderThatStatesTooLittleIsRefused) {
  EXPECT_EQ(message_of([] { read("2 2\ngood 1 2 3\nbad 4 5 6\n", {"good"}); }),
            "v.txt:2: holds 3 numbers, but the first line states 2");
}

TEST(WordVectors, OneDimensionIsNoHeader) {
  // "7 5" is a header; "x 5" is a vector.
  EXPECT_EQ(read("x 5\ny 6\n", {"x"}).dimensions(), 1u);
}

TEST(WordVectors, SaysWhereAFileIsWrong) {
  const auto message = [](const std::string& text) {
    return message_of([&] { read(text, {"good"}); });
  };
  EXPECT_EQ(message(""), "v.txt: holds no word vectors");
  EXPECT_EQ(message("2 3\n"), "v.txt: holds no word vectors");
  EXPECT_EQ(message("good\n"), "v.txt:1: expected a word and 1 to 16384 numbers");
  EXPECT_EQ(message("a 1 2\n3 4\n"), "v.txt:2: expected a word before the 2 numbers");
  for (const char* wrong : {"a 1 2\nb 1\n", "a 1 2\nb 1 x\n", "a 1 2\nb 1 nan\n",
                            "a 1 2\nb 1 inf\n", "2 2\na 1 2\nb \x80\x81\x82 7\n"}) {
    const std::string said = message(wrong);
    EXPECT_NE(said.find("expected a word and 2 numbers"), std::string::npos) << said;
  }
  EXPECT_NE(message("5 99999999\n").find("16384"), std::string::npos);
  EXPECT_NE(message(std::string(5'000'000, 'x')).find("too long"), std::string::npos);
}

TEST(WordVectors, NoBytesBringItDown) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    try {
      const WordVectors v = read("2 2\n" + bytes, {"a", "b"});
      RC_ASSERT(v.values.rows() == 2u);
    } catch (const Error&) {
    }
  }));
}

}  // namespace
}  // namespace ockham
