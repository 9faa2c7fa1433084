#include "apps/terminal_text.hpp"

#include <gtest/gtest.h>

namespace ockham {
namespace {

TEST(TerminalText, Numbers) {
  EXPECT_EQ(grouped_digits(0), "0");
  EXPECT_EQ(grouped_digits(999), "999");
  EXPECT_EQ(grouped_digits(1'000), "1,000");
  EXPECT_EQ(grouped_digits(12'345'678), "12,345,678");
  EXPECT_EQ(percent_text(0.85), "85.00");
  EXPECT_EQ(percent_text(1.0), "100.00");
}

TEST(TerminalText, Durations) {
  EXPECT_EQ(duration_text(-1.0), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(59.6), "1 m 00 s");
  EXPECT_EQ(duration_text(3'725.0), "1 h 02 m");
}

TEST(TerminalText, CellsAreAsWideAsAsked) {
  EXPECT_EQ(cell("good", 6), "good  ");
  EXPECT_EQ(right_cell("good", 6), "  good");
  EXPECT_EQ(cell("excellent", 5), "excel");
  EXPECT_EQ(cell("", 2), "  ");
  EXPECT_EQ(cell("good", 0), "");
}

TEST(TerminalText, NamesStayDistinct) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(distinct_names(Names{"good", "bad"}, 8), (Names{"good", "bad"}));
  EXPECT_EQ(distinct_names(Names{"questions about prices", "answers"}, 8),
            (Names{"questio~", "answers"}));
  EXPECT_EQ(distinct_names(Names{"questions about prices", "questions about taste"}, 12),
            (Names{"questi~rices", "questi~taste"}));
  // In the middle alone; 9 and 10 take another column.
  Names alike, expected;
  for (int i = 1; i <= 10; ++i) {
    alike.push_back("questions " + std::to_string(i) + " about prices");
    expected.push_back((i < 10 ? "questi~" : "quest~") + std::to_string(i));
  }
  EXPECT_EQ(distinct_names(alike, 8), expected);
  // Of control characters all look alike.
  EXPECT_EQ(distinct_names(Names{"a\x1b", "a\x02"}, 8), (Names{"a?~1", "a?~2"}));
  // Wide characters are not cut in two.
  EXPECT_EQ(distinct_names(Names{"\u597d\u597d\u597d\u597d\u770b\u770b\u770b\u770b",
                                 "\u597d\u597d\u597d\u597d\u770b\u770b\u770b\u597d"},
                           8),
            (Names{"\u597d\u597d~\u770b", "\u597d\u597d~\u597d"}));
}

TEST(TerminalText, CharactersStayWhole) {
  EXPECT_EQ(cell("tr\u00e8s bon", 3), "tr\u00e8");
  EXPECT_EQ(display_width("\u597d\u770b"), 4u);  // ideographs take two columns
  EXPECT_EQ(cell("\u597d\u770b", 3), "\u597d ");
  EXPECT_EQ(cell("e\u0301t", 1), "e\u0301");  // a combining mark takes none
}

TEST(TerminalText, NothingSteersTheTerminal) {
  EXPECT_EQ(cell("a\x1b[31mb", 7), "a?[31mb");
  EXPECT_EQ(cell("a\tb", 3), "a?b");
  EXPECT_EQ(cell("\xff\xfe", 2), "??");
  EXPECT_EQ(cell("a\u202eb\u2028", 4), "a?b?");  // right-to-left override, line separator
}

}  // namespace
}  // namespace ockham
