#include "apps/sweep/sweep_runner.hpp"

#include <csignal>
#include <fstream>

#include "apps/interruption.hpp"
#include "apps/model_folder.hpp"
#include "apps/sweep/child_process.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

/// The last line of a training's messages, which says what went wrong.
std::string last_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) last = line;
  }
  const std::string program = "ockham: ";
  return last.starts_with(program) ? last.substr(program.size()) : last;
}

}  // namespace

std::map<std::string, std::string> SweepRunner::run(const std::vector<SweepRun>& runs) {
  std::vector<const SweepRun*> waiting;
  for (const SweepRun& run : runs) {
    if (folder_.is_begun(run, contents_) && folder_.is_finished(run)) continue;
    contents_.of(run);  // as the sweep begins
    waiting.push_back(&run);
  }
  all_ = waiting.size();
  std::string note = counted(runs.size(), "run", "runs");
  if (all_ < runs.size()) {
    note += ", " + grouped_digits(runs.size() - all_) + " finished already";
  }
  line_.note(note + ", " + grouped_digits(at_a_time_) + " at a time");
  make_folders(folder_.runs());
  trap_signals(Waiting::ends);
  expect_children();
  std::map<std::string, std::string> failed;
  size_t next = 0;
  while (ended_ < all_) {
    while (next < all_ && trainings_.size() < at_a_time_ && !interrupted()) {
      start_unchanged(*waiting[next++], failed);
    }
    show();
    if (interrupted()) stop();
    if (!trainings_.empty()) take_end(failed);
  }
  return failed;
}

/// All runs of a sweep are of the texts that were there as it began.
void SweepRunner::start_unchanged(const SweepRun& run, std::map<std::string, std::string>& failed) {
  try {
    const std::string inputs = InputContents().of(run);
    const auto changed = first_difference(contents_.of(run), inputs);
    if (!changed) return start(run, inputs);
    say_failed(run, *changed + " has changed since the sweep began", failed);
  } catch (const Error& error) {  // the others go on
    say_failed(run, error.what(), failed);
  }
  ++ended_;
}

void SweepRunner::say_failed(const SweepRun& run, const std::string& reason,
                             std::map<std::string, std::string>& failed) const {
  failed[run.name] = reason;
  line_.note(run.name + " failed: " + reason);
}

void SweepRunner::start(const SweepRun& run, const std::string& inputs) {
  write_file_atomically(folder_.settings(run), run.ini + inputs);
  std::vector<std::string> arguments{"train",
                                     "--config",
                                     folder_.settings(run).string(),
                                     "--model",
                                     folder_.model(run).string(),
                                     "--threads",
                                     std::to_string(threads_each_),
                                     "--quiet"};
  if (has_unfinished_training(folder_.model(run))) arguments.emplace_back("--resume");
  const int child = start_self(arguments, folder_.messages(run).string());
  trainings_[child] = {&run, Clock::now()};
}

/// Waits for the end of one training, or for a signal.
void SweepRunner::take_end(std::map<std::string, std::string>& failed) {
  const std::optional<ChildEnd> end = wait_for_child();
  const auto found = end ? trainings_.find(end->child) : trainings_.end();
  if (found == trainings_.end()) return;
  const Training training = found->second;
  trainings_.erase(found);
  ++ended_;
  if (interrupted() && end->code != 0) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - training.started).count();
  if (end->code != 0) {
    say_failed(*training.run, last_line(folder_.messages(*training.run)), failed);
    return;
  }
  ++trained_;
  seconds_ += seconds;
  if (!line_.terminal()) {
    line_.note(std::to_string(ended_) + "/" + std::to_string(all_) + "  " + training.run->name +
               "  " + duration_text(seconds));
  }
}

void SweepRunner::show() const {
  std::string text = std::to_string(ended_) + " of " + std::to_string(all_) + " runs, " +
                     std::to_string(trainings_.size()) + " at work";
  if (trained_ > 0) {
    const double each = seconds_ / static_cast<double>(trained_);
    const auto left = static_cast<double>(all_ - ended_);
    text += "  about " + duration_text(each * left / static_cast<double>(at_a_time_)) + " left";
  }
  line_.show(text);
}

/// Ends the trainings, each with a checkpoint.
void SweepRunner::stop() {
  for (const auto& [child, training] : trainings_) kill(child, SIGTERM);
  std::map<std::string, std::string> ignored;
  while (!trainings_.empty()) take_end(ignored);
  fail("stopped; the same command goes on from here");
}

}  // namespace ockham
