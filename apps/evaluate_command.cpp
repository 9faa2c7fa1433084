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
#include "ockham/train/monte_carlo.hpp"

namespace ockham {
namespace {

struct Judged;

struct Evaluate final : Subcommand {
  std::string model, data;
  bool as_json = false;
  DataOptions data_options;
  size_t samples = 0;
  bool unpruned = false;
  size_t threads = std::max(1u, std::thread::hardware_concurrency());
  Command command{"evaluate", "Measure a model on labelled texts.",
                  "ockham evaluate --model reviews --data test.tsv"};

  Evaluate();
  Command& options() override { return command; }
  int run() override;

 private:
  Judged judge_means(ThreadPool& pool);
  Judged judge_samples(ThreadPool& pool);
};

Evaluate::Evaluate() {
  command.required(&model, "model", "DIR|FILE", "trained folder or deployable file");
  command.required(&data, "data", "FILE", "labelled texts: a file, a folder, or - for stdin");
  command.option(&samples, "samples", "N",
                 "average the probabilities over N draws of the weights (Monte Carlo); 0: the "
                 "weights' means",
                 Range{0, 1e6});
  command.flag(&unpruned, "unpruned",
               "with what was pruned among the weights that are there at its posterior's mean (or "
               "draws), not at 0; of models trained with --fine-tune-epochs 0");
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

/// What a model says of texts, and how it is to be judged.
struct Judged {
  std::vector<std::string> classes;
  std::vector<float> thresholds;  // empty: one label a text
  Dataset dataset;
  Matrix probabilities;
};

Judged Evaluate::judge_means(ThreadPool& pool) {
  const Engine engine(unpruned ? fold(load_posterior(model)) : load_folded(model));
  Judged judged{engine.classes(), {engine.thresholds().begin(), engine.thresholds().end()}, {}, {}};
  data_options.several_labels = !judged.thresholds.empty();
  judged.dataset = read_labels(data, data_options, &engine.classes());
  std::vector<std::string_view> texts;
  for (size_t i = 0; i < judged.dataset.size(); ++i) texts.push_back(judged.dataset.text(i));
  engine.predict(texts, pool, judged.probabilities);
  return judged;
}

Judged Evaluate::judge_samples(ThreadPool& pool) {
  const Classifier trained = unpruned ? load_posterior(model) : load_trained(model);
  Judged judged{trained.classes, trained.thresholds, {}, {}};
  data_options.several_labels = trained.several_labels;
  judged.dataset = read_labels(data, data_options, &trained.classes);
  const EncodedCorpus corpus =
      encode_corpus(judged.dataset, all_indices(judged.dataset.size()), *trained.tokenizer,
                    trained.vocabulary, trained.max_tokens);
  judged.probabilities = sample_predictions(trained, corpus, samples, pool).mean;
  return judged;
}

int Evaluate::run() {
  ThreadPool pool(threads);
  const Judged judged = samples == 0 ? judge_means(pool) : judge_samples(pool);
  LabelLists labels;
  for (size_t i = 0; i < judged.dataset.size(); ++i) labels.add(judged.dataset.labels(i));
  if (data_options.several_labels) {
    say(evaluate_label_sets(judged.probabilities, labels, judged.thresholds), judged.classes,
        as_json);
  } else {
    say(evaluate_predictions(judged.probabilities, labels.ids), judged.classes, as_json);
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_evaluate_command() {
  return std::make_unique<Evaluate>();
}

}  // namespace ockham
