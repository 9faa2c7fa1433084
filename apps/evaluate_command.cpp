#include <algorithm>
#include <iostream>

#include "apps/commands.hpp"
#include "apps/comparison.hpp"
#include "apps/data_options.hpp"
#include "apps/evaluation_report.hpp"
#include "apps/judged.hpp"
#include "apps/load_model.hpp"
#include "apps/model_folder.hpp"
#include "apps/options.hpp"
#include "apps/thread_option.hpp"
#include "ockham/tensor/atomic_file.hpp"

namespace ockham {
namespace {

struct Evaluate final : Subcommand {
  std::string model, data, other, predictions;
  bool as_json = false;
  DataOptions data_options;
  JudgeOptions how;
  size_t errors = 0;
  size_t threads = 1;
  Command command{"evaluate", "Measure a model on labelled texts.",
                  "ockham evaluate --model reviews --data test.tsv"};

  Evaluate();
  Command& options() override { return command; }
  int run() override;

 private:
  void say_one(const Judged& judged) const;
};

Evaluate::Evaluate() {
  command.required(&model, "model", "DIR|FILE", "trained folder or deployable file");
  command.required(&data, "data", "FILE", "labelled texts: a file, a folder, or - for stdin");
  command.option(&how.samples, "samples", "N",
                 "average the probabilities over N draws of the weights (Monte Carlo); 0: the "
                 "weights' means",
                 Range{0, 1e6});
  command.flag(&how.unpruned, "unpruned",
               "with what was pruned among the weights that are there at its posterior's mean (or "
               "draws), not at 0; of models trained with --fine-tune-epochs 0");
  command.option(&errors, "errors", "N",
                 "show the N most frequent confusions, with the N texts each that were surest",
                 Range{0, 1000});
  command.option(&predictions, "predictions", "FILE",
                 "write a table with a line for each text: where it stands, its label, the model's "
                 "and all probabilities");
  command.option(&other, "compare", "MODEL",
                 "another model on the same texts: who is right where, and McNemar's exact test");
  command.flag(&as_json, "json", "one JSON object");
  declare_threads(command, &threads);
  declare_data_options(command, data_options, TextWeights::without);
}

void Evaluate::say_one(const Judged& judged) const {
  const EvaluationReport report = make_evaluation_report(judged, errors);
  if (as_json) {
    std::cout << evaluation_json(report, judged) << '\n';
  } else {
    print_evaluation(report, judged);
  }
}

int Evaluate::run() {
  ThreadPool pool(usable_threads(threads));
  if (!other.empty() && (errors > 0 || !predictions.empty())) {
    throw UsageError("--compare is of two models; --errors and --predictions are of one");
  }
  if (!other.empty() && data == "-") {
    throw UsageError("--compare reads the texts twice; give a file, not standard input");
  }
  if (!predictions.empty()) check_result_file("--predictions", predictions, model, {model, data});
  if (!other.empty()) check_comparable(model, other);  // before any text is read
  if (errors > 0 && load_folded(model).several_labels) {
    throw UsageError("--errors is for texts of one label each");
  }
  const Judged judged = judge(model, data, data_options, how, pool);
  if (!predictions.empty()) write_file_atomically(predictions, predictions_table(judged));
  if (other.empty()) {
    say_one(judged);
    return 0;
  }
  const Judged second = judge(other, data, data_options, how, pool);
  const Comparison comparison = compare({model, judged}, {other, second});
  if (as_json) {
    std::cout << comparison_json(comparison) << '\n';
  } else {
    print_comparison(comparison);
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_evaluate_command() {
  return std::make_unique<Evaluate>();
}

}  // namespace ockham
