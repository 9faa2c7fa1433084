#include "apps/judged.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include "apps/load_model.hpp"
#include "ockham/deploy/engine.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/train/monte_carlo.hpp"

namespace ockham {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point started) {
  return std::chrono::duration<double>(Clock::now() - started).count();
}

void read(const std::string& data, DataOptions options, Judged& judged) {
  options.several_labels = judged.several_labels();
  judged.dataset = read_labels(data, options, &judged.classes);
  for (size_t i = 0; i < judged.dataset.size(); ++i) judged.labels.add(judged.dataset.labels(i));
}

Judged judge_means(const std::string& model, const std::string& data, const DataOptions& options,
                   bool unpruned, ThreadPool& pool) {
  const Engine engine(unpruned ? fold(load_posterior(model)) : load_folded(model));
  Judged judged;
  judged.classes = engine.classes();
  judged.thresholds.assign(engine.thresholds().begin(), engine.thresholds().end());
  read(data, options, judged);
  std::vector<std::string_view> texts;
  for (size_t i = 0; i < judged.dataset.size(); ++i) texts.push_back(judged.dataset.text(i));
  const auto started = Clock::now();
  engine.predict(texts, pool, judged.probabilities);
  judged.seconds = seconds_since(started);
  return judged;
}

Judged judge_samples(const std::string& model, const std::string& data, const DataOptions& options,
                     const JudgeOptions& how, ThreadPool& pool) {
  const Classifier trained = how.unpruned ? load_posterior(model) : load_trained(model);
  Judged judged;
  judged.classes = trained.classes;
  judged.thresholds = trained.thresholds;
  read(data, options, judged);
  const auto started = Clock::now();
  const EncodedCorpus corpus =
      encode_corpus(judged.dataset, all_indices(judged.dataset.size()), *trained.tokenizer,
                    trained.vocabulary, trained.max_tokens);
  judged.samples = sample_predictions(trained, corpus, how.samples, pool);
  judged.seconds = seconds_since(started);
  judged.probabilities = judged.samples->mean;
  return judged;
}

std::string joined(const std::vector<std::string>& classes, std::span<const uint32_t> labels) {
  std::string text;
  for (const uint32_t label : labels) text.append(text.empty() ? "" : ",").append(classes[label]);
  return text;
}

}  // namespace

uint32_t Judged::given(size_t text) const {
  const std::span<const float> row = probabilities.view().row_span(text);
  return static_cast<uint32_t>(std::ranges::max_element(row) - row.begin());
}

std::vector<uint32_t> Judged::given_labels(size_t text) const {
  if (!several_labels()) return {given(text)};
  std::vector<uint32_t> all;
  for (uint32_t c = 0; c < classes.size(); ++c) {
    if (probabilities(text, c) >= thresholds[c]) all.push_back(c);
  }
  return all;
}

Judged judge(const std::string& model, const std::string& data, DataOptions options,
             const JudgeOptions& how, ThreadPool& pool) {
  return how.samples == 0 ? judge_means(model, data, options, how.unpruned, pool)
                          : judge_samples(model, data, options, how, pool);
}

std::vector<Confusion> top_confusions(const Judged& judged, size_t most) {
  std::map<std::pair<uint32_t, uint32_t>, std::vector<size_t>> wrong;
  for (size_t i = 0; i < judged.labels.size(); ++i) {
    const uint32_t label = judged.labels[i].front(), given = judged.given(i);
    if (label != given) wrong[{label, given}].push_back(i);
  }
  std::vector<Confusion> confusions;
  for (auto& [pair, texts] : wrong) {
    const auto sureness = [&](size_t text) { return judged.probabilities(text, pair.second); };
    std::ranges::stable_sort(texts, std::ranges::greater{}, sureness);
    Confusion& confusion =
        confusions.emplace_back(Confusion{pair.first, pair.second, texts.size(), {}});
    texts.resize(std::min(texts.size(), most));
    confusion.texts = std::move(texts);
  }
  std::ranges::stable_sort(confusions, std::ranges::greater{}, &Confusion::count);
  confusions.resize(std::min(confusions.size(), most));
  return confusions;
}

std::string predictions_table(const Judged& judged) {
  std::ostringstream table;
  table.precision(9);
  table << "text\tlabel\tgiven";
  for (const std::string& name : judged.classes) table << "\tp(" << name << ')';
  if (judged.samples) table << "\tpredictive_entropy\texpected_entropy\tmutual_information";
  table << '\n';
  for (size_t i = 0; i < judged.labels.size(); ++i) {
    table << judged.dataset.where(i) << '\t' << joined(judged.classes, judged.labels[i]) << '\t'
          << joined(judged.classes, judged.given_labels(i));
    for (const float p : judged.probabilities.view().row_span(i)) table << '\t' << p;
    if (judged.samples) {
      table << '\t' << judged.samples->predictive_entropy[i] << '\t'
            << judged.samples->expected_entropy[i] << '\t' << judged.samples->mutual_information[i];
    }
    table << '\n';
  }
  return table.str();
}

}  // namespace ockham
