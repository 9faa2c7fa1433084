#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "apps/evaluation_report.hpp"
#include "apps/judged.hpp"
#include "apps/model_report.hpp"
#include "apps/training_log.hpp"
#include "ockham/deploy/explanation.hpp"

namespace ockham {

// What any number of labels and words of any length may take of a page.

inline constexpr size_t kLabelColumns = 60;    ///< of a label (distinct_names)
inline constexpr size_t kWordCharacters = 80;  ///< of a word or n-gram (shortened)

/// Texts that a model answered on a page, with why it was wrong where it was surest.
struct PageTest {
  struct WrongText {
    size_t text = 0;  ///< in `judged`
    Explanation why;  ///< of the label that it was given
  };

  std::string data;  ///< their name
  Judged judged;
  EvaluationReport report;
  std::vector<WrongText> wrong;  ///< the surest first
};

/// What a page is made of; what is not there has no section.
struct ReportPage {
  std::string title;
  std::optional<ModelReport> model;
  std::optional<TrainingHistory> history;
  std::optional<size_t> point;  ///< of `history`, that the model is
  std::optional<PageTest> test;
};

/// One page that holds all it needs, for the screen, a phone and paper; under 300 KB.
std::string report_page(const ReportPage& page);

// Its sections, each empty where there is nothing to show.

std::string headline_html(const ReportPage& page);
/// What was kept, and what the file's bytes are for.
std::string kept_html(const ModelReport& model);
/// Accuracy against bytes of the path's points.
std::string path_html(const PathSummary& path);
/// The n-grams, strongest first, with a search.
std::string ngrams_html(const ModelReport& model);
/// How good the models are that taught this one, where any were trained.
std::string teachers_html(const TrainingHistory& history);
/// Loss, validation and what was kept, epoch by epoch.
std::string curves_html(const TrainingHistory& history);
/// How noisy the weights were when the point was taken, and where pruning cut.
std::string noise_html(const TrainingCourse::Point& point);
/// How good, how sure, and what was taken for what.
std::string test_html(const PageTest& test);
/// The surest mistakes, explained.
std::string mistakes_html(const PageTest& test);

}  // namespace ockham
