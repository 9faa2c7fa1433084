#include "apps/page/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "apps/page/html.hpp"

namespace ockham {
namespace {

/// The plane in pixels. Letters have the same size in it whatever it is scaled to, so that small
/// plots have a small plane of their own.
struct Frame {
  double width, height, left, right, top, bottom;
};

constexpr Frame kLarge{440, 264, 52, 432, 10, 218}, kSmall{300, 200, 48, 292, 10, 154};

/// Above the highest value, as a share of the axis: what lies on the edge is cut off.
constexpr double kHeadroom = 0.06;

/// A coordinate on the page: a tenth of a pixel is exact enough.
std::string at(double pixels) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", pixels);
  return text;
}

/// As a tick's label: 0.2, 15, 2.5k, 30M.
std::string short_number(double x) {
  const double size = std::abs(x);
  const char* unit = size >= 1e6 ? "M" : size >= 1e3 ? "k" : "";
  const double scaled = size >= 1e6 ? x / 1e6 : size >= 1e3 ? x / 1e3 : x;
  char text[32];
  std::snprintf(text, sizeof text, "%.3g%s", scaled, unit);
  return text;
}

/// From values to pixels.
class Scale {
 public:
  Scale(const PlotAxis& axis, double low, double high, double first, double last)
      : logarithmic_(axis.logarithmic),
        whole_(axis.whole),
        low_(axis.low.value_or(low)),
        high_(axis.high.value_or(high)),
        first_(first),
        last_(last) {
    if (!(high_ > low_)) {  // one value, or none
      if (!std::isfinite(low_)) low_ = logarithmic_ ? 1.0 : 0.0;
      high_ = logarithmic_ ? 10.0 * low_ : low_ + std::max(1.0, 0.1 * std::abs(low_));
    }
  }

  double low() const { return low_; }
  double high() const { return high_; }
  std::vector<double> ticks() const { return axis_ticks(low_, high_, logarithmic_, whole_); }

  double operator()(double value) const {
    const double share = (of(std::clamp(value, low_, high_)) - of(low_)) / (of(high_) - of(low_));
    return first_ + share * (last_ - first_);
  }

 private:
  double of(double value) const { return logarithmic_ ? std::log(value) : value; }

  bool logarithmic_, whole_;
  double low_, high_, first_, last_;
};

struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

std::pair<Extent, Extent> extents(const Plot& plot) {
  Extent x, y;
  for (const PlotLine& line : plot.lines) {
    for (const auto& [px, py] : line.points) {
      x.add(px);
      y.add(py);
    }
  }
  for (const PlotBar& bar : plot.bars) {
    x.add(bar.from);
    x.add(bar.to);
    y.add(0.0);
    y.add(bar.height);
  }
  return {x, y};
}

std::string text(double x, double y, const char* anchor, const std::string& words,
                 const std::string& more = "") {
  return "<text x=\"" + at(x) + "\" y=\"" + at(y) + "\" text-anchor=\"" + anchor + "\"" + more +
         ">" + escaped(words) + "</text>\n";
}

std::string segment(const char* kind, double x1, double y1, double x2, double y2) {
  return std::string("<line class=\"") + kind + "\" x1=\"" + at(x1) + "\" y1=\"" + at(y1) +
         "\" x2=\"" + at(x2) + "\" y2=\"" + at(y2) + "\"/>\n";
}

std::string axes(const Plot& plot, const Frame& frame, const Scale& x, const Scale& y) {
  std::string svg;
  for (const double tick : y.ticks()) {
    svg += segment("grid", frame.left, y(tick), frame.right, y(tick));
    svg += text(frame.left - 6, y(tick) + 4, "end", short_number(tick));
  }
  svg += segment("axis", frame.left, frame.bottom, frame.right, frame.bottom);
  for (const double tick : x.ticks()) {
    svg += segment("axis", x(tick), frame.bottom, x(tick), frame.bottom + 4);
    svg += text(x(tick), frame.bottom + 18, "middle", short_number(tick));
  }
  svg += text((frame.left + frame.right) / 2, frame.bottom + 38, "middle", plot.x.label);
  const double middle = (frame.top + frame.bottom) / 2;
  return svg + text(12, middle, "middle", plot.y.label,
                    " transform=\"rotate(-90 12 " + at(middle) + ")\"");
}

std::string class_of(size_t line) {
  return std::string("line s").append(std::to_string(line % 4 + 1));
}

std::string drawn(const PlotLine& line, size_t number, const Scale& x, const Scale& y) {
  constexpr size_t kStretches = 95;  // each four pixels of the plane: noise fills it as before
  std::string svg;
  if (line.joined) {
    svg += "<polyline class=\"" + class_of(number) + "\" points=\"";
    for (const auto& [px, py] : thinned(line.points, kStretches)) {
      svg += at(x(px)) + "," + at(y(py)) + " ";
    }
    svg += "\"/>\n";
  }
  for (size_t i = 0; i < line.points.size(); ++i) {
    const bool chosen = line.chosen == i;
    if (!line.dots && !chosen) continue;
    const auto& [px, py] = line.points[i];
    svg += "<circle class=\"dot s" + std::to_string(number % 4 + 1) + (chosen ? " chosen" : "") +
           "\" cx=\"" + at(x(px)) + "\" cy=\"" + at(y(py)) + "\" r=\"" + (chosen ? "6" : "3.5") +
           "\"/>\n";
  }
  return svg;
}

std::string drawn(const PlotBar& bar, const Frame& frame, const Scale& x, const Scale& y) {
  if (bar.height <= 0) return "";
  const double top = y(bar.height), left = x(bar.from);
  return std::string("<rect class=\"bar") + (bar.second_kind ? " gone" : "") + "\" x=\"" +
         at(left + 0.5) + "\" y=\"" + at(top) + "\" width=\"" +
         at(std::max(1.0, x(bar.to) - left - 1.0)) + "\" height=\"" + at(frame.bottom - top) +
         "\"/>\n";
}

std::string drawn(const PlotMark& mark, const Frame& frame, const Scale& x) {
  const double place = x(mark.x);
  constexpr double kRoomForWords = 80;
  const bool left = place > frame.right - kRoomForWords;
  return segment("guide", place, frame.top, place, frame.bottom) +
         text(left ? place - 5 : place + 5, frame.top + 10, left ? "end" : "start", mark.label);
}

std::string legend(const Plot& plot) {
  const auto named =
      std::ranges::count_if(plot.lines, [](const auto& l) { return !l.name.empty(); });
  if (named < 2) return "";
  std::string html = "<ul class=\"legend\">";
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    if (plot.lines[i].name.empty()) continue;
    html += "<li><svg viewBox=\"0 0 28 12\" aria-hidden=\"true\"><line class=\"" + class_of(i) +
            "\" x1=\"0\" y1=\"6\" x2=\"28\" y2=\"6\"/></svg>" + escaped(plot.lines[i].name) +
            "</li>";
  }
  return html + "</ul>\n";
}

}  // namespace

std::vector<std::pair<double, double>> thinned(std::span<const std::pair<double, double>> points,
                                               size_t stretches) {
  if (points.size() <= 4 * stretches) return {points.begin(), points.end()};
  const double first = points.front().first, width = points.back().first - first;
  const auto stretch_of = [&](const auto& point) {
    return width > 0 ? std::floor((point.first - first) / width * static_cast<double>(stretches))
                     : 0.0;
  };
  std::vector<std::pair<double, double>> few;
  for (auto from = points.begin(); from != points.end();) {
    const auto end = std::find_if(
        from, points.end(), [&](const auto& p) { return stretch_of(p) != stretch_of(*from); });
    const auto [lowest, highest] = std::minmax_element(
        from, end, [](const auto& a, const auto& b) { return a.second < b.second; });
    auto last = points.end();
    for (const auto at : {from, std::min(lowest, highest), std::max(lowest, highest), end - 1}) {
      if (at != last) few.push_back(*at);
      last = at;
    }
    from = end;
  }
  return few;
}

std::vector<double> axis_ticks(double low, double high, bool logarithmic, bool whole) {
  std::vector<double> ticks;
  if (logarithmic) {
    const double decades = std::log10(high / low);
    const std::vector<double> steps = decades > 3     ? std::vector<double>{1}
                                      : decades > 1.2 ? std::vector<double>{1, 3}
                                                      : std::vector<double>{1, 2, 3, 5, 7};
    for (double power = std::floor(std::log10(low)); power <= std::log10(high); power += 1) {
      for (const double step : steps) {
        const double tick = step * std::pow(10.0, power);
        if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push_back(tick);
      }
    }
    if (ticks.size() > 1) return ticks;
    ticks.clear();  // so short an axis is nearly linear
  }
  const double rough = (high - low) / 7;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = power;
  for (const double factor : {2.0, 5.0, 10.0}) {
    if (step < rough) step = factor * power;
  }
  if (whole) step = std::max(step, 1.0);
  // Counted, for sums of steps drift away from round numbers.
  const auto first = static_cast<long>(std::ceil(low / step - 1e-9));
  const auto last = static_cast<long>(std::floor(high / step + 1e-9));
  for (long i = first; i <= last; ++i) ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

std::string plot_figure(const Plot& plot) {
  const auto [x_extent, y_extent] = extents(plot);
  const Frame& frame = plot.small ? kSmall : kLarge;
  const double headroom = plot.y.logarithmic ? 0.0 : kHeadroom * (y_extent.high - y_extent.low);
  const Scale x(plot.x, x_extent.low, x_extent.high, frame.left, frame.right);
  const Scale y(plot.y, y_extent.low, y_extent.high + headroom, frame.bottom, frame.top);
  std::string svg = "<svg viewBox=\"0 0 " + at(frame.width) + " " + at(frame.height) +
                    "\" role=\"img\" aria-label=\"" + escaped(plot.description) + "\">\n";
  svg += axes(plot, frame, x, y);
  if (plot.diagonal) {
    const double low = std::max(x.low(), y.low()), high = std::min(x.high(), y.high());
    svg += segment("guide", x(low), y(low), x(high), y(high));
  }
  for (const PlotBar& bar : plot.bars) svg += drawn(bar, frame, x, y);
  for (const PlotMark& mark : plot.marks) svg += drawn(mark, frame, x);
  for (size_t i = 0; i < plot.lines.size(); ++i) svg += drawn(plot.lines[i], i, x, y);
  const std::string note =
      plot.note.empty() ? "" : "<br><span class=\"quiet\">" + escaped(plot.note) + "</span>";
  return "<figure><figcaption>" + escaped(plot.title) + note + "</figcaption>\n" + legend(plot) +
         svg + "</svg></figure>\n";
}

}  // namespace ockham
