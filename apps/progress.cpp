#include "apps/progress.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "apps/terminal_text.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  char buffer[256];
  std::snprintf(buffer, sizeof buffer, pattern, values...);
  return buffer;
}

/// Of a phase, as 16 characters.
std::string bar_text(size_t done, size_t all) {
  constexpr size_t kWidth = 16;
  const size_t full = all == 0 ? 0 : std::min(kWidth, kWidth * done / all);
  return "[" + std::string(full, '=') + std::string(kWidth - full, ' ') + "]";
}

/// "0.4312 + KL 0.103 (x 1.20)"
std::string loss_text(const EpochReport& report) {
  std::string text = format("%.4f", report.loss);
  if (report.kl_scale > 0.0) text += format(" + KL %.3f (x %.2f)", report.kl, report.kl_scale);
  return text;
}

std::string kept_text(const EpochReport& report) {
  return grouped_digits(report.ngrams) + " n-grams, " + grouped_digits(report.units) + " units, " +
         grouped_digits(report.weights) + " weights";
}

/// What a phase's epochs lead to.
std::string end_of(const std::string& phase) {
  if (phase == kLanguagePhase) return " to the dense phase";
  return phase == kDensePhase ? " to the Bayes phase" : " left";
}

}  // namespace

double Progress::seconds_left(const EpochReport& report) const {
  constexpr size_t kRecent = 8;
  const size_t n = epoch_ends_.size();
  if (n < 2) return 0.0;
  const size_t recent = std::min(kRecent, n - 1);
  const double mean = (epoch_ends_[n - 1] - epoch_ends_[n - 1 - recent]) / double(recent);
  const double left = mean * static_cast<double>(report.epochs - report.epoch);
  return std::min(left, report.seconds_left.value_or(left));
}

/// What matters most comes first: a narrow terminal cuts the end off.
std::string Progress::live_text(const EpochReport& report) const {
  std::string line = report.phase + " " + bar_text(report.epoch, report.epochs) +
                     format(" %zu/%zu", report.epoch, report.epochs);
  // The phases differ too much to tell the whole time while the first one runs.
  const double left = seconds_left(report);
  if (left > 0.0) {
    line += "  " + duration_text(left) + end_of(report.phase);
  }
  // A language model says nothing of labels yet.
  if (report.phase != kLanguagePhase) line += "  " + percent_text(report.score) + "%";
  if (report.kept) line += ", kept " + percent_text(*report.kept) + "%";
  return line + "  loss " + loss_text(report) + "  " + kept_text(report);
}

void Progress::epoch(const EpochReport& report) {
  constexpr double kSecondsBetweenLines = 5.0;
  if (report.epoch == 1) epoch_ends_.clear();
  if (report.seconds < last_printed_) last_printed_ = -kSecondsBetweenLines;  // another training
  epoch_ends_.push_back(report.seconds);
  if (line_.terminal()) {
    line_.show(live_text(report));
    return;
  }
  const bool last = report.epoch == report.epochs;
  if (!last && report.seconds < last_printed_ + kSecondsBetweenLines) return;
  last_printed_ = report.seconds;
  std::string line =
      format("%s %zu/%zu  loss ", report.phase.c_str(), report.epoch, report.epochs) +
      loss_text(report) + "  ";
  if (report.phase != kLanguagePhase) line += "validation " + percent_text(report.score) + "%  ";
  if (report.kept) line += "kept " + percent_text(*report.kept) + "%  ";
  line += kept_text(report);
  const double left = seconds_left(report);
  if (left > 0.0) line += "  about " + duration_text(left) + end_of(report.phase);
  note(line);
}

void Progress::point(const PathPoint& point, Criterion criterion) {
  if (!line_.terminal()) return;
  note(format("  %.2f%% on validation with %s n-grams, %s bytes", 100.0 * score(point, criterion),
              grouped_digits(point.ngrams).c_str(), grouped_digits(point.bytes).c_str()));
}

std::string path_table(const PathSummary& path) {
  const Criterion criterion = path.measure.criterion;
  const bool kept = path.measure.made_up_texts > 0;
  std::ostringstream table;
  table << format("  %10s%s   n-grams   weights  units  gates      bytes\n",
                  criterion == Criterion::accuracy ? "validation"
                                                   : std::string(criterion_name(criterion)).c_str(),
                  kept ? "     kept" : "");
  for (size_t i = 0; i < path.points.size(); ++i) {
    const PathPoint& p = path.points[i];
    table << format("%s %9s%%", i == path.chosen ? ">" : " ",
                    percent_text(score(p, criterion)).c_str());
    if (kept) table << format("  %6s%%", percent_text(p.kept.value_or(0.0)).c_str());
    table << format("  %8s  %8s  %5zu  %5zu  %9s\n", grouped_digits(p.ngrams).c_str(),
                    grouped_digits(p.weights).c_str(), p.units, p.gates,
                    grouped_digits(p.bytes).c_str());
  }
  return table.str();
}

std::string path_texts(const PathMeasure& measure) {
  std::string text = counted(measure.texts, "validation text", "validation texts");
  if (measure.made_up_texts == 0) return text;
  return text + "; kept: " + "of what the model knew that it goes on from, on " +
         counted(measure.made_up_texts, "made-up text", "made-up texts") + "; chosen by " +
         (measure.by_kept ? "the mean of both" : "validation alone");
}

}  // namespace ockham
