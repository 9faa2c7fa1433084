#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "apps/commands.hpp"
#include "apps/data_options.hpp"
#include "apps/load_model.hpp"
#include "apps/options.hpp"
#include "apps/terminal_text.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/metrics.hpp"

namespace ockham {
namespace {

using nlohmann::json;

json to_json(const Evaluation& e, const std::vector<std::string>& classes) {
  json per_class = json::object();
  for (size_t c = 0; c < classes.size(); ++c) {
    const ClassScores& scores = e.classes[c];
    per_class[classes[c]] = {{"count", scores.count},
                             {"predicted", scores.predicted},
                             {"precision", scores.precision},
                             {"recall", scores.recall},
                             {"f1", scores.f1}};
  }
  return {{"count", e.count},
          {"accuracy", e.accuracy},
          {"accuracy_low", e.accuracy_low},
          {"accuracy_high", e.accuracy_high},
          {"nll", e.nll},
          {"brier", e.brier},
          {"ece", e.ece},
          {"ece_equal_mass", e.ece_equal_mass},
          {"aurc", e.aurc},
          {"macro_f1", e.macro_f1},
          {"classes", per_class},
          {"labels", classes},
          {"confusion", e.confusion}};
}

void print_classes(const Evaluation& e, const std::vector<std::string>& classes) {
  size_t width = 5;
  for (const std::string& name : classes) {
    width = std::max(width, std::min<size_t>(display_width(name), 24));
  }
  std::printf("\n%s   texts  precision  recall      F1\n", cell("label", width).c_str());
  for (size_t c = 0; c < classes.size(); ++c) {
    const ClassScores& s = e.classes[c];
    std::printf("%s %7zu %9.2f%% %6.2f%% %6.2f%%\n", cell(classes[c], width).c_str(), s.count,
                100 * s.precision, 100 * s.recall, 100 * s.f1);
  }
}

/// Only where it fits a screen.
void print_confusion(const Evaluation& e, const std::vector<std::string>& classes) {
  constexpr size_t kMost = 8;
  if (classes.size() > kMost) return;
  std::printf("\n%-14s", "true \\ given");
  for (const std::string& name : classes) {
    std::printf(" %s", right_cell(name, 8).c_str());
  }
  std::printf("\n");
  for (size_t t = 0; t < classes.size(); ++t) {
    std::printf("%s", cell(classes[t], 14).c_str());
    for (size_t p = 0; p < classes.size(); ++p) std::printf(" %8zu", e.confusion[t][p]);
    std::printf("\n");
  }
}

void print(const Evaluation& e, const std::vector<std::string>& classes) {
  std::printf("texts      %s\n", grouped_digits(e.count).c_str());
  std::printf("accuracy   %s%%  (95%% interval %s to %s)\n", percent_text(e.accuracy).c_str(),
              percent_text(e.accuracy_low).c_str(), percent_text(e.accuracy_high).c_str());
  std::printf("macro-F1   %s%%\n", percent_text(e.macro_f1).c_str());
  std::printf("NLL        %.4f nats a text\n", e.nll);
  std::printf("Brier      %.4f\n", e.brier);
  std::printf("ECE        %.4f  (%zu bins of equal width; %.4f of equal mass)\n", e.ece,
              kCalibrationBins, e.ece_equal_mass);
  std::printf("AURC       %.4f\n", e.aurc);
  print_classes(e, classes);
  print_confusion(e, classes);
  std::fflush(stdout);
}

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

int Evaluate::run() {
  const Engine engine(load_folded(model));
  const Dataset dataset = read_single_labels(data, data_options, &engine.classes());
  std::vector<std::string_view> texts;
  std::vector<uint32_t> labels;
  for (size_t i = 0; i < dataset.size(); ++i) {
    texts.push_back(dataset.text(i));
    labels.push_back(dataset.label(i));
  }
  ThreadPool pool(threads);
  Matrix probabilities;
  engine.predict(texts, pool, probabilities);
  const Evaluation evaluation = evaluate_predictions(probabilities, labels);
  if (as_json) {
    std::cout
        << to_json(evaluation, engine.classes()).dump(1, ' ', false, json::error_handler_t::replace)
        << '\n';
  } else {
    print(evaluation, engine.classes());
  }
  return 0;
}

}  // namespace

std::unique_ptr<Subcommand> make_evaluate_command() {
  return std::make_unique<Evaluate>();
}

}  // namespace ockham
