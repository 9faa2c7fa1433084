#include "ockham/compress/noise_histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "ockham/bayes/posterior.hpp"
#include "ockham/compress/figures.hpp"
#include "ockham/compress/survivors.hpp"
#include "tests/compress/random_classifier.hpp"

namespace ockham {
namespace {

Network random_network(const char* posterior, float spread) {
  Network network = make_network(small_shape(4, 2, OutputKind::softmax, 2, {}), 1);
  network.embedding.set_posterior(make_posterior(posterior), spread);
  return network;
}

size_t total(const NoiseHistogram& histogram) {
  return std::accumulate(histogram.counts.begin(), histogram.counts.end(), size_t{0});
}

TEST(NoiseHistograms, CountWhatIsRandom) {
  const Network network = random_network("sparse", -2.0f);
  const std::vector<NoiseHistogram> histograms = noise_histograms(network);
  ASSERT_EQ(histograms.size(), 1u) << "the others are plain numbers";
  EXPECT_EQ(histograms[0].parameter, network.embedding.path);
  EXPECT_EQ(total(histograms[0]), network.embedding.mean.size());
  ASSERT_TRUE(histograms[0].threshold);
  EXPECT_EQ(*histograms[0].threshold, 3.0);
}

/// What lies in bins from the threshold on is what the pruning criterion does not keep.
TEST(NoiseHistograms, AgreeWithPruning) {
  Network network = random_network("sparse", 0.0f);
  float step = 0.0f;
  for (float& spread : network.embedding.spread.values()) spread = -9.13f + (step += 0.37f);
  network.embedding.mean(0, 0) = 0.0f;
  const NoiseHistogram histogram = noise_histograms(network)[0];
  const auto first_pruned =
      static_cast<size_t>((*histogram.threshold - NoiseHistogram::kLow) / NoiseHistogram::kStep);
  const size_t pruned = std::accumulate(histogram.counts.begin() + static_cast<long>(first_pruned),
                                        histogram.counts.end(), size_t{0});
  const std::vector<uint8_t> kept = network.embedding.keep_mask();
  EXPECT_EQ(pruned, static_cast<size_t>(std::ranges::count(kept, uint8_t{0})));
  EXPECT_GT(pruned, 0u);
  EXPECT_LT(pruned, kept.size());
}

TEST(LogAlphas, AreVarianceOverSquaredMean) {
  const std::vector<float> mean{2.0f, -0.5f, 0.0f}, spread{-1.0f, 0.5f, 0.0f};
  std::vector<float> value(3);
  make_posterior("sparse")->log_alphas(mean, spread, value);
  EXPECT_NEAR(value[0], std::log(std::exp(-2.0) / 4.0), 1e-5);
  EXPECT_NEAR(value[1], std::log(std::exp(1.0) / 0.25), 1e-5);
  EXPECT_TRUE(std::isinf(value[2]));
  make_posterior("variational-dropout")->log_alphas(mean, spread, value);
  EXPECT_NEAR(value[0], -1.0, 1e-5) << "the spread is log alpha itself";
  const std::vector<float> tiny{1e-30f};  // the variance is 0 in a float
  make_posterior("variational-dropout")
      ->log_alphas(tiny, std::span(spread).first(1), std::span(value).first(1));
  EXPECT_EQ(value[0], -1.0f);
  EXPECT_FALSE(make_posterior("variational-dropout")->prune_log_alpha());
  // A log-normal multiplier is pruned below a signal-to-noise ratio of 1.
  EXPECT_EQ(make_posterior("log-normal")->prune_log_alpha(), 0.0f);
  const std::vector<float> low{-5.0f}, narrow{-5.0f};
  make_posterior("log-normal")->log_alphas(low, narrow, std::span(value).first(1));
  EXPECT_NEAR(value[0], -10.0, 0.05) << "sigma^2 where it is narrow";
}

TEST(CountKeptWeights, LeavesOutWhatHangsOnNothing) {
  Network network = random_network("sparse", -9.0f);
  network.for_each_parameter([](Parameter& p) { p.mean.fill(1.0f); });
  const size_t all = count_kept_weights(network);
  EXPECT_EQ(all, dense_weights(small_shape(4, 2, OutputKind::softmax, 2, {})));
  for (float& spread : network.embedding.spread.values().subspan(0, network.embedding.cols())) {
    spread = 9.0f;
  }
  EXPECT_EQ(count_kept_weights(network), all - network.embedding.cols()) << "one word less";
  // Units that nothing reads, not even each other, carry nothing.
  const auto prune = [](Parameter& p) { p.prune(std::vector<uint8_t>(p.mean.size(), 0)); };
  prune(network.output_weight);
  for (RecurrentDirection& d : network.layers[0].directions) prune(d.weight_hh);
  EXPECT_EQ(count_kept_weights(network), 0u);
}

}  // namespace
}  // namespace ockham
