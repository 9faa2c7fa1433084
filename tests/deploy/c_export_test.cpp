#include "ockham/deploy/c_export.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "ockham/deploy/compact_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/ngram_hashes.hpp"
#include "ockham/text/subword_tokenizer.hpp"
#include "tests/deploy/c_program.hpp"
#include "tests/deploy/deploy_test_util.hpp"
#include "tests/support/awkward_texts.hpp"
#include "tests/support/sample_subwords.hpp"

// Exported programs are compiled with the system's compilers and say what the engine says.

namespace ockham {
namespace {

const std::string kStrict = " -std=c99 -Wall -Wextra -Wpedantic -Werror ";

/// Words of several scripts and n-grams of up to four of them, as the tokenizer leaves them.
const std::vector<std::string> kNgrams{"good",
                                       "bad",
                                       "not",
                                       "not good",
                                       "not very good",
                                       "it's",
                                       "don't",
                                       "n't",
                                       "'",
                                       "?",
                                       ".",
                                       ",",
                                       "7 / 10",
                                       "/",
                                       "caf\u00E9",
                                       "na\u00EFve",
                                       "strasse",
                                       "i\u0307stanbul",
                                       "d\u0131\u015F",
                                       "=",
                                       "\u2260",
                                       "\u304C",
                                       "\u304B",
                                       "\uD55C\uAD6D",
                                       "\uD55C",
                                       "a",
                                       "b",
                                       "a b a b",
                                       "a b",
                                       "fine",
                                       "ca\u0301\u0327t",
                                       "\u1EA1\u0301",
                                       "\U0001F600",
                                       "kelvin",
                                       "0",
                                       "00",
                                       "1",
                                       "<length:1>",
                                       "<length:4>",
                                       "<length:10>",
                                       "bad <length:5>",
                                       "\u03C9",
                                       "\u0456\u0434",
                                       "g",
                                       "go",
                                       "goo",
                                       "an extraordinarily long word to share beginnings with",
                                       "extraordinary",
                                       "extraordinarily",
                                       "extraordinarilyextraordinarily",
                                       "extraordinarilyextraordinarilygood"};

struct Wanted {
  Cell cell = Cell::lstm;
  GateFunction gate_function = GateFunction::sigmoid;
  std::vector<size_t> dense_layers = {};
  bool bidirectional = true;
  OutputKind output = OutputKind::sigmoid;
  size_t classes = 2;
  std::vector<Pooling> poolings{Pooling::max, Pooling::mean};
  std::vector<std::string> ngrams = kNgrams;
};

/// Weights at random, the recurrent ones small, so that a rounding does not grow over a long text.
FoldedModel random_model(uint32_t seed, const Wanted& wanted) {
  std::mt19937 random(seed);
  const bool one = wanted.output == OutputKind::sigmoid && wanted.classes == 2;
  NetworkShape shape = small_shape(wanted.ngrams.size(), 3, wanted.output, one ? 1 : wanted.classes,
                                   {wanted.cell, 1, wanted.gate_function, wanted.dense_layers});
  shape.bidirectional = wanted.bidirectional;
  shape.poolings = wanted.poolings;
  FoldedModel model = fold(
      make_classifier(random_network(random, shape, 0.5), shape, wanted.classes, wanted.ngrams));
  for (FoldedDirection& direction : model.layers[0].directions) {
    for (float& weight : direction.weight_hh.values()) weight *= 0.3f;
  }
  return model;
}

/// Some of the n-grams' characters, and one that only becomes another.
const std::u32string kCharacters =
    U"\u00E9\u00EF\u00FC\u0301\u0307\u03C9\u0456\u1EA1\u2260\u304B\u304C\uD55C\U0001F600";

void set_options(FoldedModel& model, const TokenizerOptions& options,
                 const std::optional<std::u32string>& characters = {}) {
  model.tokenizer = std::make_shared<WordTokenizer>(options, characters);
}

/// The same with its n-grams known by hashes of their words, of few bits: others are taken for
/// them.
void hash(FoldedModel& model, const NgramHashing& hashing) {
  std::vector<uint32_t> buckets;
  std::mt19937 random(7);
  while (buckets.size() < model.vocabulary.size()) {
    const auto bucket = static_cast<uint32_t>(random() % (1u << hashing.bits));
    if (std::ranges::find(buckets, bucket) == buckets.end()) buckets.push_back(bucket);
  }
  model.vocabulary = HashedVocabulary(hashing, buckets);
}

/// The last of a block of buckets is one that texts hit, and looks like the first of the next where
/// it is cut to 16 bits.
void hash_beside_a_block(FoldedModel& model) {
  constexpr uint32_t kBlock = 32, kCutOff = 4;
  const NgramHashing hashing{.bits = 18, .seed = 0, .max_length = 2};
  uint32_t last = kCutOff - 1;
  for (const std::string& word : kNgrams) {
    if (last % kCutOff == kCutOff - 1 || last < 1000) last = hashing.bucket(hash_ngram(word));
  }
  std::vector<uint32_t> buckets;
  for (uint32_t i = 0; i < model.vocabulary.size(); ++i) buckets.push_back(last + 1 + i - kBlock);
  model.vocabulary = HashedVocabulary(hashing, buckets);
}

std::vector<ExportCase> all_cases() {
  std::vector<ExportCase> cases;
  const auto add = [&](const char* name, WeightFormat format, const Wanted& wanted,
                       const TokenizerOptions& options) -> FoldedModel& {
    cases.push_back({name, random_model(static_cast<uint32_t>(cases.size()), wanted), format});
    set_options(cases.back().model, options);
    return cases.back().model;
  };
  add("plain", WeightFormat::int8, {}, {.length_token = true});
  FoldedModel& labels =
      add("labels", WeightFormat::fp32,
          {.cell = Cell::gru, .bidirectional = false, .classes = 3, .poolings = {Pooling::last}},
          {.lower_case = false, .punctuation = false});
  labels.classes = {"\"?\?/\\*/ //",
                    "\xFF"
                    "1",
                    "\u00E9 ?"};  // what a string in C may stumble over
  labels.several_labels = true;
  labels.thresholds = {0.25f, 0.5f, 0.75f};
  FoldedModel& cut = add("cut", WeightFormat::fp16,
                         {.gate_function = GateFunction::hard_sigmoid,
                          .dense_layers = {4, 5},
                          .output = OutputKind::softmax,
                          .classes = 3},
                         {.compatibility = true, .fold_numbers = true, .length_token = true});
  cut.max_tokens = 7;
  cut.temperature = 1.5;
  hash(add("hashed", WeightFormat::int5,
           {.cell = Cell::gru,
            .gate_function = GateFunction::hard_sigmoid,
            .output = OutputKind::softmax},
           {.length_token = true}),
       {.bits = 8, .seed = 5, .max_length = 3});
  hash(add("hashed_nfkc", WeightFormat::fp32, {.bidirectional = false},
           {.compatibility = true, .punctuation = false, .fold_numbers = true}),
       {.bits = 9, .seed = 0, .max_length = 1});
  FoldedModel& some = add("hashed_some", WeightFormat::int4, {}, {.length_token = true});
  hash(some, {.bits = 8, .seed = 2, .max_length = 2});
  set_options(some, {.length_token = true}, kCharacters);
  FoldedModel& ascii = add("hashed_ascii", WeightFormat::int8, {}, {.lower_case = false});
  hash(ascii, {.bits = 18, .seed = 2, .max_length = 2});
  set_options(ascii, {.lower_case = false}, U"");
  hash_beside_a_block(add("hashed_beside", WeightFormat::int8, {}, {}));
  add("nothing", WeightFormat::fp32, {.ngrams = {}}, {});
  return cases;
}

std::vector<std::string> awkward_texts(uint32_t seed, size_t count) {
  std::vector<std::string> words;
  for (const std::string& ngram : kNgrams) {
    for_each_word(ngram, [&](std::string_view word) { words.emplace_back(word); });
  }
  for (const char* word :
       {"Good", "NOT", "Unknown", "CAF\u00C9", "\u0406\u0414", "10", "goodness"}) {
    words.emplace_back(word);
  }
  AwkwardTexts awkward(seed, words);
  std::vector<std::string> texts{"", " ", std::string("not\0good", 8), "good", "a\u0301"};
  std::string& longest = texts.emplace_back();  // several windows
  for (size_t i = 0; i < 400; ++i) longest += i % 7 == 0 ? "bad " : i % 3 == 0 ? "not " : "good ";
  while (texts.size() < count) texts.push_back(awkward.next(30));
  return texts;
}

/// Models whose coded tables end at every bit of a byte.
std::vector<ExportCase> tight_cases() {
  std::vector<ExportCase> cases;
  for (size_t n = 3; n < 19; ++n) {
    Wanted wanted{.bidirectional = false};
    wanted.ngrams.resize(n);
    ExportCase& one = cases.emplace_back();
    one = {"tight" + std::to_string(n), random_model(static_cast<uint32_t>(n), wanted),
           n % 2 == 0 ? WeightFormat::int4 : WeightFormat::int5};
    if (n % 4 < 2) hash(one.model, {.bits = 8, .seed = 1, .max_length = 2});
  }
  return cases;
}

/// All cases exported once, compiled by each test.
class CExport : public testing::Test {
 protected:
  static void SetUpTestSuite() { export_all(all_cases()); }

  static void export_all(std::vector<ExportCase> cases) {
    std::string pattern = (std::filesystem::temp_directory_path() / "ockham-test-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    cases_ = std::move(cases);
    write_programs(cases_, folder_);
  }
  static void TearDownTestSuite() {
    std::filesystem::remove_all(folder_);
    cases_.clear();
  }

  static void expect_engines_answers(const std::string& program,
                                     const std::vector<std::string>& texts) {
    constexpr double kTolerance = 1e-4;  // sums are rounded in another order
    const std::vector<float> got = answers(program, texts, folder_);
    size_t width = 0;
    for (const ExportCase& one : cases_) width += one.model.classes.size();
    ASSERT_EQ(got.size(), width * texts.size());
    size_t first = 0, differing = 0;
    for (const ExportCase& one : cases_) {
      const Engine engine(decode_compact(encode_compact(one.model, one.format), one.name));
      const Matrix expected = engine_probabilities(engine, texts);
      for (size_t i = 0; i < texts.size() && differing < 5; ++i) {
        for (size_t k = 0; k < expected.cols(); ++k) {
          const float p = got[i * width + first + k];
          if (std::abs(p - expected(i, k)) <= kTolerance) continue;
          ++differing;
          ADD_FAILURE() << one.name << ": " << p << ", expected " << expected(i, k) << " for "
                        << testing::PrintToString(texts[i]);
          break;
        }
      }
      first += one.model.classes.size();
    }
  }

  static void expect_the_same_again() {
    for (const ExportCase& one : cases_) {
      const CProgram program = export_c(one.model, one.format, {one.name, one.name + ".h"});
      EXPECT_EQ(program.source, read_all(folder_ / (one.name + ".c")));
      EXPECT_EQ(program.header, read_all(folder_ / (one.name + ".h")));
    }
  }

  static std::filesystem::path folder_;
  static std::vector<ExportCase> cases_;
};
std::filesystem::path CExport::folder_;
std::vector<ExportCase> CExport::cases_;

/// Models that hardly know a character, with so few buckets that what is another token or one more
/// is seen.
std::vector<ExportCase> few_characters_cases() {
  std::vector<ExportCase> cases;
  for (const bool compatibility : {false, true}) {
    for (const std::u32string& characters : {std::u32string(), std::u32string(U"\u1100\u1161")}) {
      ExportCase& one = cases.emplace_back();
      const auto seed = static_cast<uint32_t>(cases.size());
      one = {"few" + std::to_string(seed), random_model(seed, {}), WeightFormat::int6};
      hash(one.model, {.bits = 8, .seed = seed, .max_length = 2});
      set_options(one.model, {.compatibility = compatibility, .length_token = true}, characters);
    }
  }
  return cases;
}

class FewCharactersCExport : public CExport {
 protected:
  static void SetUpTestSuite() { export_all(few_characters_cases()); }
};

class TightCExport : public CExport {
 protected:
  static void SetUpTestSuite() { export_all(tight_cases()); }
};

TEST_F(CExport, ProgramsSayWhatTheEngineSays) {
  // A small window, so that texts are read again to be run through backwards.
  run_shell("gcc -O0 -g" + kStrict +
                "-fsanitize=address,undefined -fno-sanitize-recover=all -DPLAIN_WINDOW=3 "
                "*.c -o program -lm",
            folder_);
  expect_engines_answers("program", awkward_texts(1, 700));
  run_shell("./program classes >names", folder_);
  std::string names;
  for (const ExportCase& one : cases_) {
    for (const std::string& name : one.model.classes) names.append(name).push_back('\0');
  }
  EXPECT_EQ(read_all(folder_ / "names"), names);
}

TEST_F(FewCharactersCExport, ProgramsSayWhatTheEngineSays) {
  run_shell("gcc -O0" + kStrict + "*.c -o program -lm", folder_);
  std::vector<std::string> texts;
  for (const char* word :
       {"\u1100\u1161", "\u1100\u1161\u11AB", "\u3131\u1161", "\uAC00", "\u1161\u1100",
        "\u32D2\u3099", "\uFF8A\uFF9E", "\u30D2\u309A", "\u304B\u3099", "caf\u00E9", "cafe\u0301",
        "\u212Aelvin", "\uFF47ood", "\uFB01ne", "\u0130", "\u2026", "\u00BD", "a\u0301\u0323"}) {
    for (const char* text : {"", "good ", "not very good "}) {
      texts.push_back(text + std::string(word));
      texts.push_back(word + std::string(" ") + text + word + "a bad " + word);
    }
  }
  expect_engines_answers("program", texts);
}

// ASan sees what is read past a table's end.
TEST_F(TightCExport, ReadsNothingPastItsTables) {
  run_shell(
      "gcc -O0 -std=c99 -fsanitize=address,undefined -fno-sanitize-recover=all *.c -lm "
      "-o program",
      folder_);
  expect_engines_answers("program", awkward_texts(3, 400));
}

TEST_F(CExport, ClangCompilesThemToo) {
  if (!is_there("clang")) GTEST_SKIP() << "there is no clang";
  run_shell("clang -O0" + kStrict + "*.c -o program-clang -lm", folder_);
  expect_engines_answers("program-clang", awkward_texts(2, 200));
}

TEST_F(CExport, TheHeaderIsOneForCppToo) {
  run_shell("g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ plain.h",
            folder_);
}

TEST_F(CExport, IsTheSameEachTime) {
  expect_the_same_again();
}

TEST_F(TightCExport, IsTheSameEachTime) {
  expect_the_same_again();
}

TEST_F(CExport, RoundsWhatComesAsItIs) {
  // The case's model has weights that int8 cannot hold; its file's model has the rounded ones.
  const ExportCase& one = cases_.front();
  const FoldedModel rounded = decode_compact(encode_compact(one.model, one.format), "file");
  EXPECT_NE(rounded.embedding, one.model.embedding);
  EXPECT_EQ(export_c(rounded, one.format, {"plain", "plain.h"}).source,
            read_all(folder_ / "plain.c"));
}

void expect_refusal(const FoldedModel& model, const std::string& part, const std::string& remedy) {
  try {
    export_c(model, WeightFormat::fp32);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find(remedy), std::string::npos) << error.what();
  }
}

TEST(CExportRefuses, WhatHasNoPlaceInIt) {
  std::mt19937 random(1);
  const Classifier stacked =
      sparse_classifier(random, 5, 3, OutputKind::softmax, 3, 0.5, {Cell::lstm, 2});
  expect_refusal(fold(stacked), "2 recurrent layers", "--layers 1");
  FoldedModel subwords = random_model(1, {});
  subwords.tokenizer =
      std::make_shared<SubwordTokenizer>(sample_subwords(SubwordKind::unigram), TokenizerOptions());
  expect_refusal(subwords, "tokenizer", "--tokenizer word");
}

TEST(CExportRefuses, NamesThatAreNone) {
  for (const char* name : {"", "1a", "a-b", "a b", "\u00E9", "_a"}) {
    EXPECT_THROW(check_c_prefix(name), Error) << name;
  }
  check_c_prefix("a_B1");
}

}  // namespace
}  // namespace ockham
