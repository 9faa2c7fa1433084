#include <gtest/gtest.h>

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "ockham/nn/network_pass.hpp"
#include "tests/support/expect_slopes.hpp"
#include "tests/support/random_matrix.hpp"
#include "tests/support/sample_network.hpp"

// A whole pass with every posterior and every way to draw its noise: the gradient by everything
// that is trained against slopes of the same pass, the noise held.
namespace ockham {
namespace {

constexpr uint32_t kPosteriorWords = 5;
constexpr size_t kClasses = 3;

struct PosteriorSetting {
  const char* name;
  const char* posterior;
  const char* group_posterior;
  Estimator estimator;  ///< of all weights that can have it
  Cell cell = Cell::lstm;
  size_t layers = 1;
  bool pruned = false;  ///< some of everything
};
std::ostream& operator<<(std::ostream& out, const PosteriorSetting& s) {
  return out << s.name;
}

const PosteriorSetting kPosteriorSettings[] = {
    {"flipout", "sparse", "sparse", Estimator::flipout},
    {"flipout_two_layers_pruned", "sparse", "sparse", Estimator::flipout, Cell::gru, 2, true},
    {"flipout_that_multiplies_log_normal_groups", "sparse-multiplicative", "log-normal",
     Estimator::flipout, Cell::gru},
    {"log_normal_groups", "sparse", "log-normal", Estimator::batch},
    {"log_normal_groups_alone", "deterministic", "log-normal", Estimator::batch, Cell::gru, 2},
    {"fitted_own_weights_pruned", "sparse-fitted", "log-normal", Estimator::sequence, Cell::lstm, 1,
     true},
    {"multiplicative", "sparse-multiplicative", "sparse", Estimator::batch, Cell::lstm, 2},
    {"variational_own_weights", "variational-dropout", "deterministic", Estimator::sequence,
     Cell::gru},
    {"variational_local", "variational-dropout", "sparse", Estimator::local},
    {"variational_activation", "variational-dropout", "sparse", Estimator::activation, Cell::gru},
    {"gaussian_batch", "gaussian-dropout:0.3", "sparse", Estimator::batch, Cell::gru},
    {"gaussian_activation", "gaussian-dropout:0.3", "sparse", Estimator::activation},
    {"gaussian_activation_pruned", "gaussian-dropout:0.3", "log-normal", Estimator::activation,
     Cell::gru, 2, true},
};

class PosteriorGradient : public testing::TestWithParam<PosteriorSetting> {
 protected:
  PosteriorGradient()
      : network_(sample_network({.words = kPosteriorWords,
                                 .embedding = 2,
                                 .hidden = 2,
                                 .poolings = {Pooling::last, Pooling::mean},  // no kinks
                                 .output = OutputKind::softmax,
                                 .outputs = kClasses,
                                 .groups = kAllGroups,
                                 .cell = GetParam().cell,
                                 .layers = GetParam().layers,
                                 .dense_layers = {3}},
                                3)),
        batch_(sample_batch({3, 4, 0, 1}, kPosteriorWords - 1, 4, 10)),
        targets_(batch_.size(), kClasses) {
    set_posteriors();
    set_estimators();
    if (GetParam().pruned) prune_some();
    for (DenseLayer& layer : network_.dense_layers) keep_from_kinks(layer);
    for (size_t b = 0; b < targets_.rows(); ++b) targets_(b, b % kClasses) = 1.0f;
  }

  void set_posteriors() {
    std::mt19937 random(9);
    network_.for_each_parameter([&](Parameter& p) {
      if (is_bias(network_, p)) return;
      p.set_posterior(make_posterior(is_multiplier(network_, p) ? GetParam().group_posterior
                                                                : GetParam().posterior),
                      0.0f);
      if (p.posterior->logarithmic()) fill_normal(random, p.mean.values(), -0.5f, 0.2f);
      // Noise of about a quarter of a weight's usual size, either way.
      const float spread = p.posterior->multiplicative() ? -2.5f : -1.4f;
      if (p.posterior->has_spread()) fill_normal(random, p.spread.values(), spread, 0.3f);
    });
  }

  void set_estimators() {
    const Estimator estimator = GetParam().estimator;
    network_.for_each_parameter([&](Parameter& p) {
      if (is_bias(network_, p) || is_multiplier(network_, p)) return;
      p.estimator = estimator;
      if (estimator != Estimator::activation || !p.posterior->has_spread()) return;
      p.sharing = Sharing::row;
      p.set_shared_spread(p.shared_spread());
    });
    Parameter& embedding = network_.embedding;
    if (estimator == Estimator::local) {  // of neither of the two is it possible
      embedding.estimator = Estimator::batch;
      for (RecurrentDirection* d : network_.directions()) {
        d->weight_hh.estimator = Estimator::sequence;
      }
    }
    if (estimator == Estimator::activation) {
      embedding.estimator = Estimator::batch;
      embedding.sharing = Sharing::weight;
      embedding.set_posterior(make_posterior("deterministic"), 0.0f);
    }
  }

  void prune_some() {
    uint32_t count = 0;
    network_.for_each_parameter([&](Parameter& p) {
      std::vector<uint8_t> kept(p.mean.size());
      for (uint8_t& k : kept) k = ++count % 5 != 0;
      p.prune(kept);
    });
  }

  double pass_loss(bool backward = false) {
    NetworkPass pass(network_, batch_, &noise_, pool_,
                     {.dropout = {GetParam().layers > 1 ? 0.3f : 0.0f, &noise_}});
    Matrix dlogits(batch_.size(), kClasses);
    const double loss = cross_entropy(OutputKind::softmax, pass.logits(), targets_,
                                      std::vector<float>(batch_.size(), 1.0f), dlogits);
    if (backward) pass.backward(network_, dlogits, pool_);
    return loss;
  }

  Network network_;
  TokenBatch batch_;
  Matrix targets_;
  PhiloxNoise noise_{42, 7};
  ThreadPool pool_{1};
};
INSTANTIATE_TEST_SUITE_P(Settings, PosteriorGradient, testing::ValuesIn(kPosteriorSettings),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(PosteriorGradient, IsTheSlopeOfThePassItself) {
  pass_loss(true);
  // Steps of 0.05 leave 6e-4 of the log-normals' fifth derivative, those of 0.02 less than the
  // 3e-5 that rounding does.
  expect_slopes(network_, true, 0.02f, 6e-5, [&] { return pass_loss(); });
}

}  // namespace
}  // namespace ockham
