#include "apps/profile_table.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <numeric>
#include <vector>

namespace ockham {
namespace {

std::string seconds_text(double seconds) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%10.2f", seconds);
  return buffer;
}

std::string line(const std::string& name, const std::vector<double>& seconds, double all) {
  constexpr size_t kNameColumns = 26;
  std::string text =
      "  " + name + std::string(kNameColumns - std::min(kNameColumns, name.size()), ' ');
  double sum = 0.0;
  for (const double s : seconds) {
    sum += s;
    text += s > 0.0 ? seconds_text(s) : std::string(9, ' ') + "-";
  }
  char share[16];
  std::snprintf(share, sizeof share, "%6.1f%%", all > 0.0 ? 100.0 * sum / all : 0.0);
  return text + seconds_text(sum) + share + "\n";
}

/// The values of `field`, each once, in order of appearance.
std::vector<std::string> distinct(const std::vector<Profile::Row>& rows,
                                  std::string Profile::Row::*field) {
  std::vector<std::string> names;
  for (const Profile::Row& row : rows) {
    if (std::ranges::find(names, row.*field) == names.end()) names.push_back(row.*field);
  }
  return names;
}

}  // namespace

std::string profile_table(Profile& profile) {
  const double all = profile.seconds();
  const std::vector<Profile::Row> rows = profile.rows();
  const std::vector<std::string> phases = distinct(rows, &Profile::Row::phase);
  std::string table = "where the time went, in seconds:\n" + std::string(28, ' ');
  for (const std::string& phase : phases) {
    const std::string name = phase.empty() ? "around" : phase;
    table += std::string(10 - std::min<size_t>(10, name.size()), ' ') + name;
  }
  table += "       all  share\n";
  std::vector<double> sums(phases.size(), 0.0);
  for (const std::string& part : distinct(rows, &Profile::Row::part)) {
    std::vector<double> seconds(phases.size(), 0.0);
    for (const Profile::Row& row : rows) {
      if (row.part != part) continue;
      const auto phase = std::ranges::find(phases, row.phase) - phases.begin();
      seconds[static_cast<size_t>(phase)] += row.seconds;
    }
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += seconds[i];
    table += line(part, seconds, all);
  }
  const double named = std::accumulate(sums.begin(), sums.end(), 0.0);
  const auto around = std::ranges::find(phases, "");
  if (around != phases.end()) {
    std::vector<double> rest(phases.size(), 0.0);
    const auto at = static_cast<size_t>(around - phases.begin());
    rest[at] = std::max(0.0, all - named);
    sums[at] += rest[at];
    table += line("the rest", rest, all);
  }
  return table + line("all", sums, all);
}

ProfileNote::~ProfileNote() {
  if (profile_ == nullptr) return;
  progress_.clear();
  std::cerr << profile_table(*profile_);
}

}  // namespace ockham
