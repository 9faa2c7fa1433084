#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/evaluation_report.hpp"
#include "apps/folder_names.hpp"
#include "apps/interruption.hpp"
#include "apps/judged.hpp"
#include "apps/live_line.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/options.hpp"
#include "apps/sweep/data_labels.hpp"
#include "apps/sweep/front_page.hpp"
#include "apps/sweep/sweep_folder.hpp"
#include "apps/sweep/sweep_plan.hpp"
#include "apps/sweep/sweep_results.hpp"
#include "apps/sweep/sweep_runner.hpp"
#include "apps/terminal_text.hpp"
#include "apps/thread_option.hpp"
#include "apps/training_log.hpp"
#include "ockham/model/classifier_io.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/tensor/folder_lock.hpp"
#include "ockham/train/measure.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResults = "results.jsonl";

/// That a training took, by its log; 0 where that cannot be read.
double seconds_of(const fs::path& log) {
  try {
    const TrainingHistory history = read_training_log(log.string());
    return history.epochs.empty() ? 0.0 : history.epochs.back().seconds;
  } catch (const Error& error) {
    std::cerr << error.what() << "; its seconds are left out\n";
    return 0.0;
  }
}

/// What was measured before is kept where it can be read.
void take_tested_of(const fs::path& earlier, SweepResults& results) {
  if (!is_there(earlier)) return;
  try {
    take_tested(read_sweep_jsonl(earlier.string()), results);
  } catch (const Error& error) {
    std::cerr << error.what() << "; what --data measured is left out\n";
  }
}

/// Those of a sweep that was killed live on until their epoch's end.
void wait_for_trainings(const SweepFolder& folder, LiveLine& line) {
  constexpr auto kPause = std::chrono::milliseconds(50);
  std::optional<std::string> waited_for;
  while (const auto name = folder.one_at_work()) {
    if (name != waited_for) line.note("waiting for the training that is at work in " + *name);
    waited_for = name;
    std::this_thread::sleep_for(kPause);
  }
}

/// Gives runs their new names in the results too.
void rename_results(const fs::path& file, const std::map<std::string, std::string>& names) {
  if (!is_there(file)) return;
  try {
    SweepResults results = read_sweep_jsonl(file.string());
    rename_runs(names, results);
    write_file_atomically(file, sweep_jsonl(results));
  } catch (const Error&) {  // damaged: it is told where it is read again
  }
}

/// Runs that are there under names of another plan get theirs. The results come first: a model that
/// has its new name already has no old one to find them by.
void take_old_runs(const std::vector<SweepRun>& runs, const SweepFolder& folder,
                   InputContents& contents, LiveLine& line) {
  const auto names = folder.rename_runs(
      runs, contents, [&](const auto& moves) { rename_results(folder.folder / kResults, moves); });
  for (const auto& [old, now] : names) {
    const bool planned = std::ranges::find(runs, now, &SweepRun::name) != runs.end();
    line.note(planned ? old + " is " + now + " now: a run of the same settings"
                      : old + " is set aside as " + now + ": its name is another run's now");
  }
}

/// One front of what was measured on several texts is of unlike figures.
void say_unlike(const std::vector<SweepRun>& runs, LiveLine& line) {
  const auto is_like_first = [&](const SweepRun& run) {
    return run.measured_on == runs.front().measured_on;
  };
  if (std::ranges::all_of(runs, is_like_first)) return;
  line.note(
      "the runs were not all measured on the same texts, and some may be easier than others; "
      "--data measures the models of the front on the same");
}

struct Sweep final : Subcommand {
  std::string plan, output, data;
  bool pareto = false, quiet = false;
  size_t threads = processors();
  size_t threads_each = 1;
  DataOptions data_options;
  Command command{"sweep", "Train with many settings, and say which models none is better than.",
                  "ockham sweep --plan sweep.ini --output sweep"};

  Sweep();
  Command& options() override { return command; }
  int run() override;

 private:
  void check() const;
  void check_files(const std::vector<SweepRun>& runs) const;
  int train_all() const;
  SweepResults collect(const std::vector<SweepRun>& runs, const SweepFolder& folder,
                       std::map<std::string, std::string>& failed) const;
  void write(const SweepResults& results) const;
  void test_front(SweepResults& results, const SweepFolder& folder) const;
};

Sweep::Sweep() {
  command.option(
      &plan, "plan", "FILE",
      "the settings: an INI file of ockham train, where a value may be several, separated "
      "by |, and a [section] is a list of its own");
  command.required(&output, "output", "DIR",
                   "folder for the runs and what came of them: results.csv, results.jsonl, "
                   "pareto.html; a sweep that was stopped goes on with the same command");
  command.flag(&pareto, "pareto", "only print the front of the sweep in --output");
  command.option(&data, "data", "FILE",
                 "labelled texts that no run has seen: measures the front's models on them");
  command.option(&threads, "threads", "N", "of all runs together", Range{1, 1024});
  command.describe_default("one a processor");
  command.option(&threads_each, "threads-each", "N", "of a run; so many less run at a time",
                 Range{1, 1024});
  command.flag(&quiet, "quiet", "no progress");
  declare_data_options(command, data_options, TextWeights::without);
}

void Sweep::check() const {
  if (pareto) {
    for (const char* name : {"plan", "data", "threads", "threads-each", "quiet"}) {
      if (command.given(name)) {
        throw UsageError("--pareto trains and measures nothing; leave out --" + std::string(name));
      }
    }
  }
  if (data.empty()) refuse_data_options(command, "--data; those of the runs are the plan's");
  if (data == "-")
    throw UsageError("--data is read for every model; give a file, not standard input");
  if (threads_each > threads) {
    throw UsageError("--threads-each " + std::to_string(threads_each) + " is more than --threads " +
                     std::to_string(threads) + ", which is of all runs together");
  }
  if (!pareto && plan.empty()) {
    throw UsageError("sweep needs --plan FILE, or --pareto to look at a sweep; for example: " +
                     std::string("ockham sweep --plan sweep.ini --output sweep"));
  }
}

int Sweep::run() {
  check();
  if (!pareto) return train_all();
  std::cout << front_table(read_sweep_jsonl((fs::path(output) / kResults).string()));
  return 0;
}

/// What is not there is told now, and not when all is trained.
void Sweep::check_files(const std::vector<SweepRun>& runs) const {
  if (!data.empty()) check_data_labels(data, data_options, runs);
  if (fs::exists(fs::path(output) / kConfigFile)) {
    fail(output, ": is a model's folder; name a new one with --output");
  }
}

int Sweep::train_all() const {
  const std::vector<SweepRun> runs = read_sweep_plan(plan);
  check_files(runs);
  const SweepFolder folder{output};
  FolderLock lock;
  make_folders(output);
  if (!lock.take(output)) fail(output, ": another sweep is at work in it; wait until it has ended");
  LiveLine line(quiet);
  InputContents contents;
  wait_for_trainings(folder, line);
  take_old_runs(runs, folder, contents, line);
  const size_t at_a_time = std::max<size_t>(1, threads / threads_each);
  SweepRunner runner(folder, contents, at_a_time, threads_each, line);
  std::map<std::string, std::string> failed = runner.run(runs);
  line.clear();
  SweepResults results = collect(runs, folder, failed);
  if (results.points.empty()) fail("no run came to its end; see ", folder.runs().string());
  mark_front(results);
  take_tested_of(folder.folder / kResults, results);
  write(results);
  if (!data.empty()) {
    for (SweepPoint& p : results.points) p.tested.reset();  // perhaps of other texts
    test_front(results, folder);
    write(results);
  }
  std::cout << front_table(results);
  say_unlike(runs, line);
  line.note("all models: " + (folder.folder / "results.csv").string() +
            "; a picture: " + (folder.folder / "pareto.html").string());
  if (!failed.empty()) {
    fail(counted(failed.size(), "run", "runs"), " of ", runs.size(), " failed, the first one ",
         failed.begin()->first, ": ", failed.begin()->second);
  }
  return 0;
}

void Sweep::write(const SweepResults& results) const {
  const fs::path folder = output;
  write_file_atomically(folder / "results.csv", sweep_csv(results));
  write_file_atomically(folder / kResults, sweep_jsonl(results));
  write_file_atomically(folder / "pareto.html", front_page(last_name(folder), results));
}

/// The models of all finished runs. Those that a run's own wish did not get count as `failed`.
SweepResults Sweep::collect(const std::vector<SweepRun>& runs, const SweepFolder& folder,
                            std::map<std::string, std::string>& failed) const {
  SweepResults results{.criterion = runs.front().criterion, .points = {}};
  for (const SweepRun& run : runs) {
    if (!folder.is_finished(run)) continue;
    PathSummary path;
    try {
      path = load_summary(folder.model(run).string());
    } catch (const Error& error) {
      failed.emplace(run.name, error.what());
      continue;
    }
    try {
      choose_point(path.points, path.measure, path.wish);
    } catch (const Error& error) {
      failed.emplace(run.name, error.what());
    }
    const double seconds = seconds_of(log_of_model(folder.model(run)));
    for (size_t i = 0; i < path.points.size(); ++i) {
      results.points.push_back({.run = run.name,
                                .varied = run.varied,
                                .number = i,
                                .chosen = i == path.chosen,
                                .point = path.points[i],
                                .on_front = false,
                                .tested = {},
                                .seconds = seconds});
    }
  }
  return results;
}

void Sweep::test_front(SweepResults& results, const SweepFolder& folder) const {
  ThreadPool pool(usable_threads(threads));
  for (SweepPoint& p : results.points) {
    if (!p.on_front) continue;
    if (interrupted()) {
      fail("stopped before the front was measured on ", data, "; the same command goes on");
    }
    const fs::path model = path_model_folder(folder.runs() / p.run, p.number);
    const Judged judged = judge(model.string(), data, data_options, {}, pool);
    const EvaluationReport report = make_evaluation_report(judged, 0);
    PathPoint point;
    if (report.labels) {
      set_scores(*report.labels, point);
    } else {
      set_scores(*report.evaluation, point);
    }
    p.tested = score(point, results.criterion);
  }
}

}  // namespace

std::unique_ptr<Subcommand> make_sweep_command() {
  return std::make_unique<Sweep>();
}

}  // namespace ockham
