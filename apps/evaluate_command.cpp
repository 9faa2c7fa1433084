#include <algorithm>
#include <iostream>
#include <thread>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/evaluation_text.hpp"
#include "apps/load_model.hpp"
#include "apps/options.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/label_metrics.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {
namespace {

struct Evaluate final : Subcommand {
  std::string model, data;
  bool as_json = false;
  DataOptions data_options;
  size_t threads = std::max(1u, std::thread::hardware_concurrency());
  Command command{"evaluate", "Measure a model on labelled texts: the pruned posterior mean.",
                  "ockham evaluate --model reviews --data test.tsv"};

  Evaluate();
  Command& options() override { return command; }
  int run() override;
};

Evaluate::Evaluate() {
  command.required(&model, "model", "DIR|FILE", "trained folder or deployable file");
  command.required(&data, "data", "FILE", "labelled texts: a file, a folder, or - for stdin");
  command.flag(&as_json, "json", "one JSON object");
  command.option(&threads, "threads", "N", "no result depends on it", Range{1, 1024});
  command.describe_default("one a processor");
  declare_data_options(command, data_options, TextWeights::without);
}

/// Says it in the form that is asked for.
template <typename Evaluation>
void say(const Evaluation& evaluation, const std::vector<std::string>& classes, bool as_json) {
  if (as_json) {
    std::cout << evaluation_json(evaluation, classes) << '\n';
  } else {
    print_evaluation(evaluation, classes);
  }
}

int Evaluate::run() {
  const Engine engine(load_folded(model));
  data_options.several_labels = !engine.thresholds().empty();
  const Dataset dataset = read_labels(data, data_options, &engine.classes());
  std::vector<std::string_view> texts;
  LabelLists labels;
  for (size_t i = 0; i < dataset.size(); ++i) {
    texts.push_back(dataset.text(i));
    labels.add(dataset.labels(i));
  }
  ThreadPool pool(threads);
  Matrix probabilities;
  engine.predict(texts, pool, probabilities);
  if (data_options.several_labels) {
    say(evaluate_label_sets(probabilities, labels, engine.thresholds()), engine.classes(), as_json);
  } else {
    say(evaluate_predictions(probabilities, labels.ids), engine.classes(), as_json);
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_evaluate_command() {
  return std::make_unique<Evaluate>();
}

}  // namespace ockham
