#include "ockham/train/monte_carlo.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/train/evaluate.hpp"
#include "ockham/train/method.hpp"
#include "tests/model/sample_classifier.hpp"

namespace ockham {
namespace {

NetworkShape sampled_shape() {
  return {.words = 12,
          .embedding = 3,
          .hidden = 2,
          .outputs = 3,
          .groups = kAllGroups,
          .dense_layers = {4}};
}

Classifier dense_model(uint32_t seed = 1) {
  const KeptIds kept{counting(12), counting(3), {counting(2), counting(2)}, {counting(4)}};
  return sample_classifier(sampled_shape(), kept, seed);
}

Classifier model(uint32_t seed = 1) {
  Classifier classifier = dense_model(seed);
  prune_some(classifier.network, seed);
  return classifier;
}

/// One whose weights' noise is drawn so, as far as they can have it.
Classifier model_with(Estimator estimator) {
  MethodSettings method;
  if (estimator == Estimator::activation) method.posterior = "gaussian-dropout:0.3";
  if (estimator == Estimator::local) {
    method.local_output = method.local_dense = true;
  } else {
    method.noise = estimator;
  }
  Classifier classifier = dense_model();
  apply_method(method, classifier.network);
  prune_some(classifier.network, 1);
  return classifier;
}

EncodedCorpus corpus(std::vector<std::vector<uint32_t>> texts) {
  EncodedCorpus c;
  for (const auto& text : texts) {
    c.ids.append(text);
    c.offsets.push_back(c.ids.size());
  }
  return c;
}

const std::vector<std::vector<uint32_t>> kSampledTexts = {
    {0, 1, 2}, {3}, {}, {4, 5, 6, 7, 0}, {1, 1}};

TEST(MonteCarlo, ATextsSamplesDependOnNothingBesideIt) {
  const Classifier m = model();
  ThreadPool one(1), three(3);
  const MonteCarloSummary all = sample_predictions(m, corpus(kSampledTexts), 4, one);
  auto reversed_texts = kSampledTexts;
  std::ranges::reverse(reversed_texts);
  const MonteCarloSummary reversed = sample_predictions(m, corpus(reversed_texts), 4, three);
  for (size_t i = 0; i < kSampledTexts.size(); ++i) {
    const MonteCarloSummary alone = sample_predictions(m, corpus({kSampledTexts[i]}), 4, one);
    for (size_t k = 0; k < 3; ++k) {
      // A row's sums do not depend on the others', up to the kernels' widths.
      EXPECT_NEAR(all.mean(i, k), reversed.mean(kSampledTexts.size() - 1 - i, k), 1e-6);
      EXPECT_NEAR(all.mean(i, k), alone.mean(0, k), 1e-6);
    }
  }
}

TEST(MonteCarlo, TendsToTheMeanModelWithTheNoise) {
  // With deviations of e^-9 the samples are the means; with deviations of 1 they are not.
  Classifier m = model();
  ThreadPool pool(1);
  m.network.for_each_parameter([](Parameter& p) { p.spread.fill(0.0f); });
  const Matrix noisy = sample_predictions(m, corpus(kSampledTexts), 3, pool).mean;
  m.network.for_each_parameter([](Parameter& p) { p.spread.fill(-9.0f); });
  const MonteCarloSummary still = sample_predictions(m, corpus(kSampledTexts), 3, pool);
  TrainingSet set;
  set.corpus = corpus(kSampledTexts);
  set.texts = counting(kSampledTexts.size());
  const Matrix mean = predict_set(m.network, set, pool);
  double apart = 0.0;
  for (size_t i = 0; i < mean.size(); ++i) {
    EXPECT_NEAR(still.mean.values()[i], mean.values()[i], 2e-3);
    apart = std::max(apart, std::abs(double{noisy.values()[i]} - mean.values()[i]));
  }
  EXPECT_GT(apart, 0.01);
  for (const double information : still.mutual_information) EXPECT_LT(information, 1e-5);
}

TEST(MonteCarlo, DrawsWhatIsPrunedOnlyOnceItIsNot) {
  ThreadPool pool(1);
  for (const Estimator estimator : {Estimator::batch, Estimator::sequence, Estimator::flipout,
                                    Estimator::activation, Estimator::local}) {
    SCOPED_TRACE(estimator_name(estimator));
    Classifier m = model_with(estimator);
    ASSERT_EQ(m.network.output_weight.estimator, estimator);
    ASSERT_EQ(m.network.dense_layers[0].weight.estimator, estimator);
    const Matrix before = sample_predictions(m, corpus(kSampledTexts), 3, pool).mean;
    // Means and deviations under the mask take no part.
    m.network.for_each_parameter([](Parameter& p) {
      for (size_t i = 0; i < p.kept.size(); ++i) {
        if (p.kept[i]) continue;
        p.mean.values()[i] = 0.7f;
        if (!p.spread.empty()) p.spread.values()[i] = -0.5f;
      }
    });
    EXPECT_EQ(sample_predictions(m, corpus(kSampledTexts), 3, pool).mean, before);
    // Each layer's weights by themselves come back.
    for (Parameter* p : {&m.network.output_weight, &m.network.dense_layers[0].weight}) {
      const std::vector<uint8_t> kept = std::exchange(p->kept, {});
      EXPECT_NE(sample_predictions(m, corpus(kSampledTexts), 3, pool).mean, before) << p->path;
      p->kept = kept;
    }
  }
}

TEST(MonteCarlo, OfPlainWeightsIsRefused) {
  Classifier m = model();
  m.network.for_each_parameter(
      [](Parameter& p) { p.set_posterior(make_posterior("deterministic"), 0.0f); });
  ThreadPool pool(1);
  EXPECT_THROW(sample_predictions(m, corpus(kSampledTexts), 3, pool), Error);
}

}  // namespace
}  // namespace ockham
