#include "ockham/text/dataset_profile.hpp"

#include <gtest/gtest.h>

#include "ockham/text/scripts.hpp"
#include "ockham/text/word_tokenizer.hpp"
#include "tests/text/record_test_util.hpp"

namespace ockham {
namespace {

using namespace std::string_literals;
using Scripts = std::vector<std::pair<std::string, uint64_t>>;

DatasetProfile profile_of(const std::string& tsv) {
  return profile_dataset(dataset_of(tsv), WordTokenizer());
}

TEST(ScriptOf, KnowsLettersByTheirBlocks) {
  const std::pair<char32_t, const char*> kinds[] = {
      {U'a', "Latin"},     {U'Z', "Latin"},      {U'ß', "Latin"},   {U'ẽ', "Latin"},
      {U'Ａ', "Latin"},    {U'ж', "Cyrillic"},   {U'λ', "Greek"},   {U'ש', "Hebrew"},
      {U'ع', "Arabic"},    {U'न', "Devanagari"}, {U'ก', "Thai"},    {U'あ', "Hiragana"},
      {U'カ', "Katakana"}, {U'漢', "Han"},       {U'한', "Hangul"}, {0x20000, "Han"},
      {0x10330, "other"},  {U'1', ""},           {U' ', ""},        {U'×', ""},
      {U'÷', ""},          {U'،', ""},           {U'๑', ""},        {U'。', ""},
      {0xFFFD, ""},        {0x10FFFF, ""}};
  for (const auto& [letter, script] : kinds) EXPECT_EQ(script_of(letter), script) << int(letter);
}

TEST(DatasetProfile, CountsLettersByScript) {
  EXPECT_EQ(profile_of("a\tabc 12 жук!\nb\t漢é\n").scripts,
            (Scripts{{"Latin", 4}, {"Cyrillic", 3}, {"Han", 1}}));
  EXPECT_EQ(profile_of("a\t12\n").scripts, Scripts{});
}

TEST(DatasetProfile, MeasuresLengthsInTokens) {
  const LengthProfile lengths = profile_of("a\tone two, three\na\t\na\tx\na\tx y\n").lengths;
  EXPECT_EQ(lengths.shortest, 0u);
  EXPECT_EQ(lengths.median, 1u);
  EXPECT_EQ(lengths.longest, 4u);
  EXPECT_DOUBLE_EQ(lengths.mean, 7.0 / 4.0);
  EXPECT_EQ(lengths.bins, (std::vector<uint64_t>{1, 1, 1, 1}));
}

TEST(DatasetProfile, CountsLabels) {
  const std::string jsonl =
      "{\"text\":\"x\",\"label\":[\"b\",\"a\"]}\n"
      "{\"text\":\"\",\"label\":[]}\n{\"text\":\"\",\"label\":[\"b\"]}\n";
  const DatasetProfile profile = profile_dataset(
      read_dataset(*read_records(std::make_unique<StringSource>(jsonl), "a.jsonl", {})),
      WordTokenizer());
  EXPECT_EQ(profile.class_texts, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(profile.unlabelled, 1u);
  EXPECT_EQ(profile.several_labels, 1u);
  EXPECT_EQ(profile.bytes, 1u);
}

TEST(DatasetProfile, NamesOddTexts) {
  std::string tsv = "a\tfine\na\t \na\tx\0y\na\tx\xFF\n"s;
  std::string longest;
  for (uint64_t i = 0; i <= DatasetProfile::kVeryLong; ++i) longest += "w ";
  tsv += "a\t" + longest + "\na\t" + longest.substr(2) + "\n";
  for (int i = 0; i < 7; ++i) tsv += "a\t\n";
  const DatasetProfile profile = profile_of(tsv);
  EXPECT_EQ(profile.empty.count, 8u);
  EXPECT_EQ(profile.empty.first, (std::vector<size_t>{1, 6, 7, 8, 9}));
  EXPECT_EQ(profile.with_nul.first, std::vector<size_t>{2});
  EXPECT_EQ(profile.replaced.first, std::vector<size_t>{3});
  EXPECT_EQ(profile.very_long.first, std::vector<size_t>{4});
}

}  // namespace
}  // namespace ockham
