#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Plots as SVG that stands in the page: colours and fonts are the page's (report.css), so that they
// follow light and dark.

namespace ockham {

struct PlotAxis {
  std::string label;         ///< with its unit
  bool logarithmic = false;  ///< all values above 0
  bool whole = false;        ///< of counts: no ticks between whole numbers
  std::optional<double> low = {},
                        high = {};  ///< where it is to begin and end; else what the data need
};

struct PlotLine {
  std::string name = {};  ///< in the legend; empty: not there
  std::vector<std::pair<double, double>> points = {};
  bool dots = false;                  ///< with a dot at each point
  bool joined = true;                 ///< by a line
  std::optional<size_t> chosen = {};  ///< the point that is marked
};

struct PlotBar {
  double from = 0, to = 0;  ///< on the x axis
  double height = 0;
  bool second_kind = false;  ///< drawn in the other colour
};

/// A vertical line with words beside it.
struct PlotMark {
  double x = 0;
  std::string label = {};
};

struct Plot {
  std::string title = {};
  std::string note = {};         ///< under the title
  std::string description = {};  ///< what it shows, for who cannot see it
  PlotAxis x = {}, y = {};
  std::vector<PlotLine> lines = {};  ///< up to four, told apart by colour and dashes
  std::vector<PlotBar> bars = {};
  std::vector<PlotMark> marks = {};
  bool diagonal = false;  ///< y = x, as a guide
  bool small = false;     ///< one of many side by side
};

/// A <figure> with the title, the legend, if there is more than one line, and the plot.
std::string plot_figure(const Plot& plot);

/// A line of points from left to right, with as few as look the same where x is cut into so many
/// stretches: of each the first, the lowest, the highest and the last (M4, Jugel et al. 2014).
/// Finite numbers, at least one stretch.
std::vector<std::pair<double, double>> thinned(std::span<const std::pair<double, double>> points,
                                               size_t stretches);

/// Where an axis from low to high has its ticks: some three to eight round numbers inside it, fewer
/// where there are fewer whole ones.
std::vector<double> axis_ticks(double low, double high, bool logarithmic, bool whole = false);

}  // namespace ockham
