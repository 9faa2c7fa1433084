#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/model_report.hpp"
#include "apps/options.hpp"
#include "apps/page/report_page.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

/// The log of the training that a model folder is of, and which point of it the model is.
struct FoundLog {
  fs::path file;
  size_t point = 0;
};

std::optional<FoundLog> find_log(const std::string& model, const std::optional<PathSummary>& path) {
  std::error_code ignored;
  if (path && fs::exists(fs::path(model) / kLogFile, ignored)) {
    return FoundLog{fs::path(model) / kLogFile, path->chosen};
  }
  // One of a path's: TRAINING/path/NN
  const fs::path folder = fs::weakly_canonical(model, ignored);
  const fs::path training = folder.parent_path().parent_path();
  const std::string number = folder.filename().string();
  size_t point = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), point);
  if (folder.parent_path().filename() != kPathFolder || read.ec != std::errc() ||
      !fs::exists(training / kLogFile, ignored)) {
    return std::nullopt;
  }
  return FoundLog{training / kLogFile, point};
}

/// Which point of a log that was named a model is, by what is left of it; nothing where a
/// deployable file, which rounding may have taken more from, is none. Throws Error for the log of
/// another training than a folder's.
std::optional<size_t> point_in_log(const std::string& log, const TrainingHistory& history,
                                   const std::string& model, const ModelReport& report) {
  if (report.path) {
    const std::vector<PathPoint>& path = report.path->points;
    const bool same = std::ranges::equal(path, history.points, [](const auto& a, const auto& b) {
      return a.ngrams == b.point.ngrams && a.weights == b.point.weights;
    });
    if (!same) fail(log, ": is the log of another training than that of ", model);
    return report.path->chosen;
  }
  const auto found = std::ranges::find_if(history.points, [&](const auto& p) {
    return p.point.ngrams == report.figures.words_kept &&
           p.point.units == report.figures.units_kept;
  });
  if (found == history.points.end()) return std::nullopt;
  return static_cast<size_t>(found - history.points.begin());
}

/// The mistakes that a model was surest of, explained.
std::vector<PageTest::WrongText> surest_mistakes(const std::string& model, const Judged& judged) {
  constexpr size_t kMost = 6;
  std::vector<size_t> wrong;
  for (size_t i = 0; i < judged.labels.size(); ++i) {
    if (!judged.is_right(i)) wrong.push_back(i);
  }
  std::ranges::stable_sort(wrong, std::ranges::greater{},
                           [&](size_t i) { return judged.probabilities(i, judged.given(i)); });
  wrong.resize(std::min(wrong.size(), kMost));
  const Explainer explainer(load_folded(model));
  std::vector<PageTest::WrongText> result;
  for (const size_t i : wrong) {
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
  command.option(&log, "log", "FILE", "a training's log.jsonl, for its curves on the page");
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
  if (html.empty() && (!log.empty() || !test.empty())) {
    throw UsageError("--log and --data are for the page that --html writes");
  }
  if (model.empty() && (!test.empty() || !train.empty() || as_json)) {
    throw UsageError("--data, --train and --json need --model");
  }
  if (!html.empty() && as_json) throw UsageError("--json and --html exclude each other");
  if (!html.empty()) check_written_file("--html", html, model, {model, train, log, test});
}

PageTest ReportCommand::judged_test() const {
  ThreadPool pool(std::max(1u, std::thread::hardware_concurrency()));
  PageTest result{
      .data = test, .judged = judge(model, test, data, {}, pool), .report = {}, .wrong = {}};
  result.report = make_evaluation_report(result.judged, 0);
  if (!result.judged.several_labels()) result.wrong = surest_mistakes(model, result.judged);
  return result;
}

ReportPage ReportCommand::page() const {
  ReportPage page;
  page.title = fs::path(model.empty() ? log : model).lexically_normal().filename().string();
  if (!model.empty()) page.model = make_model_report(model);
  if (!train.empty()) count_false_hits(train, data, *page.model);
  if (!log.empty()) {
    page.history = read_training_log(log);
    if (page.model) page.point = point_in_log(log, *page.history, model, *page.model);
  } else if (const auto found = find_log(model, page.model->path)) {
    page.history = read_training_log(found->file.string());
    page.point = found->point;
  }
  // A log of a run that was stopped.
  if (page.point && *page.point >= page.history->points.size()) page.point.reset();
  if (!test.empty()) page.test = judged_test();
  return page;
}

int ReportCommand::run() {
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
