#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "apps/page/html.hpp"
#include "apps/page/plot.hpp"
#include "ockham/tensor/error.hpp"

// What pages are made of. tests/browser looks at whole pages in a browser.

namespace ockham {
namespace {

TEST(Escaped, LeavesNothingThatActs) {
  EXPECT_EQ(escaped("<b>\"a\" & 'c'</b>"), "&lt;b&gt;&quot;a&quot; &amp; 'c'&lt;/b&gt;");
  EXPECT_EQ(escaped("größer"), "größer");
  EXPECT_EQ(escaped("a\u202Eb\u2066c\u2019"), "a\uFFFDb\uFFFDc\u2019");
}

TEST(Shortened, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("größer", 6), "größer");
  EXPECT_EQ(shortened("größer", 3), "grö…");
  EXPECT_EQ(shortened("", 0), "");
  EXPECT_EQ(shortened("a", 0), "…");
}

TEST(ScriptJson, CannotEndItsScript) {
  EXPECT_EQ(script_json(R"({"a":"</script><script>"})"), R"({"a":"\u003c/script>\u003cscript>"})");
}

TEST(HtmlPage, HoldsItsParts) {
  const std::string page = html_page("a < b", "report", "search", "<main></main>\n");
  EXPECT_NE(page.find("<title>a &lt; b</title>"), std::string::npos);
  EXPECT_NE(page.find("prefers-color-scheme: dark"), std::string::npos);
  EXPECT_NE(page.find("\"use strict\""), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos) << "fetches something";
  EXPECT_THROW(html_page("a", "no such style", "", ""), Error);
}

TEST(AxisTicks, AreRoundNumbersInside) {
  EXPECT_EQ(axis_ticks(0, 10, false), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(axis_ticks(50.5, 99, false), (std::vector<double>{60, 70, 80, 90}));
  EXPECT_EQ(axis_ticks(75'000, 91'000, true),
            (std::vector<double>{75'000, 80'000, 85'000, 90'000}));
  EXPECT_EQ(axis_ticks(4, 7, false, true), (std::vector<double>{4, 5, 6, 7}));
  EXPECT_EQ(axis_ticks(0.5, 1.5, false, true), (std::vector<double>{1}));
  const std::vector<double> thousands = axis_ticks(800, 45'000, true);
  EXPECT_EQ(thousands, (std::vector<double>{1000, 3000, 10'000, 30'000}));
  for (const double span : {1e-9, 0.37, 1.0, 2.2, 9.99, 123.0, 4.2e8}) {
    for (const double low : {-3.3 * span, 0.0, 0.1 * span, 7 * span}) {
      const std::vector<double> ticks = axis_ticks(low, low + span, false);
      EXPECT_GE(ticks.size(), 3u) << span;
      EXPECT_LE(ticks.size(), 8u) << span;
      for (const double tick : ticks) {
        EXPECT_GE(tick, low - 1e-9 * span);
        EXPECT_LE(tick, low + span * (1 + 1e-9));
      }
    }
  }
}

TEST(Thinned, KeepsWhatOneSees) {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i < 10'000; ++i) points.emplace_back(i, std::sin(i * i));
  points[4321].second = 7;
  points[8765].second = -5;
  const auto few = thinned(points, 100);
  EXPECT_LE(few.size(), 404u);
  EXPECT_EQ(few.front(), points.front());
  EXPECT_EQ(few.back(), points.back());
  EXPECT_TRUE(std::ranges::is_sorted(few));
  for (const size_t peak : {4321, 8765}) {
    EXPECT_NE(std::ranges::find(few, points[peak]), few.end()) << peak;
  }
  for (const auto& point : few) EXPECT_EQ(point, points[static_cast<size_t>(point.first)]);

  const std::vector<std::pair<double, double>> short_line(points.begin(), points.begin() + 400);
  EXPECT_EQ(thinned(short_line, 100), short_line);
  EXPECT_TRUE(thinned({}, 100).empty());
  const std::vector<std::pair<double, double>> wall(1000, {3.0, 1.0});
  EXPECT_LE(thinned(wall, 100).size(), 4u) << "all at one x";
}

std::vector<double> numbers_of(const std::string& svg, const std::string& attribute) {
  std::vector<double> numbers;
  for (size_t at = svg.find(attribute); at != std::string::npos; at = svg.find(attribute, at + 1)) {
    numbers.push_back(std::stod(svg.substr(at + attribute.size())));
  }
  return numbers;
}

TEST(PlotFigure, PutsPointsWhereTheyBelong) {
  Plot plot{.title = "a <title>", .description = "what it is"};
  plot.x = {.label = "bytes", .logarithmic = true};
  plot.y = {.label = "%", .low = 0, .high = 100};
  plot.lines = {{.points = {{10, 0}, {100, 50}, {1000, 100}}, .dots = true, .chosen = 1}};
  const std::string svg = plot_figure(plot);
  const std::vector<double> x = numbers_of(svg, "cx=\""), y = numbers_of(svg, "cy=\"");
  ASSERT_EQ(x.size(), 3u);
  EXPECT_NEAR(x[1], (x[0] + x[2]) / 2, 0.11) << "equal steps of a logarithm";
  EXPECT_NEAR(y[1], (y[0] + y[2]) / 2, 0.11);
  EXPECT_GT(y[0], y[2]) << "upwards is more";
  EXPECT_NE(svg.find("a &lt;title&gt;"), std::string::npos);
  EXPECT_NE(svg.find("aria-label=\"what it is\""), std::string::npos);
  EXPECT_EQ(svg.find("class=\"legend\""), std::string::npos) << "one line needs none";
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(PlotFigure, TakesOnePointAndNone) {
  Plot plot{.title = "t"};
  plot.lines = {{.name = "a"}, {.name = "b"}};
  const std::string none = plot_figure(plot);
  EXPECT_EQ(none.find("nan"), std::string::npos) << none;
  EXPECT_EQ(none.find("inf"), std::string::npos) << none;
  EXPECT_NE(none.find("class=\"legend\""), std::string::npos);
  plot.lines[0].points = {{5, 5}};
  const std::string one = plot_figure(plot);
  EXPECT_EQ(one.find("nan"), std::string::npos) << one;
}

}  // namespace
}  // namespace ockham
