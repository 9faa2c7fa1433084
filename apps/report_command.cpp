#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/folder_names.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/model_report.hpp"
#include "apps/options.hpp"
#include "apps/page/report_page.hpp"
#include "apps/thread_option.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

/// The training that a model folder is of, and which point of it the model is.
struct OwnTraining {
  fs::path folder;
  size_t point = 0;
};

std::optional<OwnTraining> own_training(const std::string& model) {
  const std::optional<fs::path> training = training_of(model);
  if (!training) return std::nullopt;
  std::error_code ignored;
  if (fs::equivalent(*training, model, ignored)) {
    return OwnTraining{*training, load_summary(training->string()).chosen};
  }
  const std::string number = last_name(model);  // TRAINING/path/NN
  size_t point = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), point);
  if (read.ec != std::errc() || read.ptr != number.data() + number.size()) return std::nullopt;
  return OwnTraining{*training, point};
}

/// How many of the training's points a log does not tell, as its beginning was lost; nothing where
/// it is another training's log.
std::optional<size_t> missing_points(const TrainingHistory& history, const OwnTraining& training) {
  const std::vector<PathPoint> path = load_summary(training.folder.string()).points;
  const size_t told = history.points.size();
  if (told > path.size() || (told < path.size() && !history.late)) return std::nullopt;
  const bool same = std::equal(path.end() - static_cast<std::ptrdiff_t>(told), path.end(),
                               history.points.begin(), [](const auto& a, const auto& b) {
                                 return a.ngrams == b.point.ngrams && a.weights == b.point.weights;
                               });
  return same ? std::optional(path.size() - told) : std::nullopt;
}

/// The log that --log names. Throws Error for one that tells nothing yet, or of another training.
TrainingHistory named_history(const std::string& log, const std::optional<OwnTraining>& training) {
  TrainingHistory history = read_training_log(log);
  if (history.epochs.empty() && history.teachers.empty()) {
    fail(log, ": tells of no epoch of a training; --log takes its log.jsonl");
  }
  if (training && !missing_points(history, *training)) {
    fail(log, ": is the log of another training than ", training->folder.string());
  }
  return history;
}

/// The log of a training's model; nothing where it is gone.
std::optional<TrainingHistory> own_history(const OwnTraining& training) {
  const fs::path log = log_of_model(training.folder);
  if (!is_there(log)) return std::nullopt;
  try {
    TrainingHistory history = read_training_log(log.string());
    if (missing_points(history, training)) return history;
    std::cerr << log.string() << ": is the log of another training; the page does without it\n";
  } catch (const Error& error) {
    std::cerr << error.what() << "; the page does without it\n";
  }
  return std::nullopt;
}

/// Which point of a log a deployable file was made of: of those with as many n-grams, units and
/// gates the one whose weights are nearest, of which rounding may have taken some; nothing where
/// there is none.
std::optional<size_t> likely_point(const TrainingHistory& history, const CompressionFigures& file) {
  std::optional<size_t> best;
  const auto missing = [&](size_t i) {
    const size_t weights = history.points[i].point.weights;
    return std::max(weights, file.weights_kept) - std::min(weights, file.weights_kept);
  };
  for (size_t i = 0; i < history.points.size(); ++i) {
    const PathPoint& point = history.points[i].point;
    const bool alike = point.ngrams == file.words_kept && point.units == file.units_kept &&
                       point.gates == file.gates_kept;
    if (alike && (!best || missing(i) < missing(*best))) best = i;
  }
  return best;
}

/// The mistakes that a model was surest of, explained.
std::vector<PageTest::WrongText> surest_mistakes(const std::string& model, const Judged& judged) {
  constexpr size_t kMost = 6;
  const Explainer explainer(load_folded(model));
  std::vector<size_t> wrong;
  for (size_t i = 0; i < judged.labels.size(); ++i) {
    if (!judged.is_right(i)) wrong.push_back(i);
  }
  std::ranges::stable_sort(wrong, std::ranges::greater{},
                           [&](size_t i) { return judged.probabilities(i, judged.given(i)); });
  std::vector<PageTest::WrongText> result;
  for (const size_t i : wrong) {
    if (result.size() == kMost) break;
    if (explainer.cost(judged.dataset.text(i)).is_long()) continue;  // nobody would read it all
    result.push_back({i, explainer.explain(judged.dataset.text(i), judged.given(i))});
  }
  return result;
}

struct ReportCommand final : Subcommand {
  std::string model, train, html, log, test;
  DataOptions data;
  bool as_json = false;
  Command command{"report", "Say what was kept of a model and what it costs.",
                  "ockham report --model reviews --html reviews.html --data test.tsv"};

  ReportCommand();
  Command& options() override { return command; }
  int run() override;

 private:
  void check() const;
  PageTest judged_test() const;
  ReportPage page() const;
};

ReportCommand::ReportCommand() {
  command.option(&model, "model", "DIR|FILE", "trained folder or deployable file");
  command.option(&html, "html", "FILE",
                 "write one page for a browser that holds all it needs: what was kept, the words "
                 "with a search, the training's curves, noise and pruning");
  command.option(
      &test, "data", "FILE",
      "labelled texts for the page: accuracy, calibration, confusions, mistakes explained");
  command.option(&log, "log", "DIR|FILE",
                 "a training's log.jsonl or folder, for its curves on the page");
  command.describe_default("that of the model's folder");
  command.option(&train, "train", "FILE",
                 "the texts of the training: counts the false hits of hashed n-grams in them");
  command.flag(&as_json, "json", "one JSON object, with every kept n-gram and its polarity");
  declare_data_options(command, data, TextWeights::without);
}

void ReportCommand::check() const {
  if (model.empty() && (html.empty() || log.empty())) {
    throw UsageError(
        "report needs --model DIR|FILE (or --html and --log, for a page of a training alone); for "
        "example: ockham report --model reviews");
  }
  if (train.empty() && test.empty()) refuse_data_options(command, "--train or --data");
  if (html.empty() && (!log.empty() || !test.empty())) {
    throw UsageError("--log and --data are for the page that --html writes");
  }
  if (model.empty() && (!test.empty() || !train.empty() || as_json)) {
    throw UsageError("--data, --train and --json need --model");
  }
  if (!html.empty() && as_json) throw UsageError("--json and --html exclude each other");
  if (!html.empty()) check_result_file("--html", html, model, {model, train, log, test});
}

PageTest ReportCommand::judged_test() const {
  ThreadPool pool(processors());
  PageTest result{
      .data = test, .judged = judge(model, test, data, {}, pool), .report = {}, .wrong = {}};
  result.report = make_evaluation_report(result.judged, 0);
  if (!result.judged.several_labels()) result.wrong = surest_mistakes(model, result.judged);
  return result;
}

ReportPage ReportCommand::page() const {
  ReportPage page;
  page.title = last_name(model.empty() ? log : model);
  if (!model.empty()) page.model = make_model_report(model);
  if (!train.empty()) count_false_hits(train, data, *page.model);
  std::optional<OwnTraining> own;
  if (page.model) own = own_training(model);
  if (!log.empty()) {
    page.history = named_history(log, own);
    if (page.model && !own) page.point = likely_point(*page.history, page.model->figures);
  } else if (own) {
    page.history = own_history(*own);
  }
  if (own && page.history) {
    const size_t missing = missing_points(*page.history, *own).value_or(0);
    if (own->point >= missing) page.point = own->point - missing;
  }
  // The number of a folder that no training wrote.
  if (page.point && *page.point >= page.history->points.size()) page.point.reset();
  if (!test.empty()) page.test = judged_test();
  return page;
}

int ReportCommand::run() {
  // Without a model it is the newest training's that is asked for.
  if (fs::is_directory(log)) {
    log = (model.empty() ? fs::path(log) / kLogFile : log_of_model(log)).string();
  }
  check();
  if (!html.empty()) {
    write_file_atomically(html, report_page(page()));
    return 0;
  }
  ModelReport report = make_model_report(model);
  if (!train.empty()) count_false_hits(train, data, report);
  if (as_json) {
    std::cout << model_report_json(report) << '\n';
  } else {
    print_model_report(report);
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_report_command() {
  return std::make_unique<ReportCommand>();
}

}  // namespace ockham
