#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "ockham/nn/network_pass.hpp"
#include "ockham/tensor/kernels.hpp"
#include "tests/support/difference_quotient.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/expect_slopes.hpp"
#include "tests/support/reference_network.hpp"
#include "tests/support/sample_network.hpp"

// A whole pass: logits against the double-precision network, and the gradient by everything that
// is trained against slopes.
namespace ockham {
namespace {

constexpr uint32_t kSlopeWords = 7;
const std::vector<size_t> kSlopeLengths = {3, 5, 1, 0, 4, 2};

struct Setting {
  const char* name;
  NetworkShape shape;
  bool noisy_posteriors = true;
  bool with_noise = true;
  Estimator output_estimator = Estimator::batch;
  Estimator weight_estimator = Estimator::batch;  ///< of all other weights
  std::optional<Estimator> input_estimator = {};  ///< of W^x of each layer's first direction
  float layer_dropout = 0.0f;
  bool pruned = false;                            ///< some of everything
  std::optional<Estimator> dense_estimator = {};  ///< of the dense layers' weights
  bool certain_words = false;                     ///< word multipliers have no noise
};

std::ostream& operator<<(std::ostream& out, const Setting& s) {
  return out << s.name;
}

NetworkShape shape_of(size_t hidden, bool bidirectional, std::vector<Pooling> poolings,
                      OutputKind output, size_t outputs, Groups groups, Cell cell = Cell::lstm,
                      size_t layers = 1, GateFunction gates = GateFunction::sigmoid) {
  return {kSlopeWords, 3,       hidden, bidirectional, std::move(poolings),
          output,      outputs, groups, cell,          layers,
          gates,       {}};
}

NetworkShape with_dense(NetworkShape shape, std::vector<size_t> dense_layers) {
  shape.dense_layers = std::move(dense_layers);
  return shape;
}

const Setting kSettings[] = {
    {"dense_layer", with_dense(shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax,
                                        3, kAllGroups),
                               {5})},
    {"two_dense_layers_local",
     with_dense(shape_of(3, true, {Pooling::mean}, OutputKind::sigmoid, 1, kAllGroups), {4, 3}),
     true,
     true,
     Estimator::local,
     Estimator::batch,
     {},
     0.0f,
     false,
     Estimator::local},
    {"two_dense_layers_without_groups_own_weights",
     with_dense(shape_of(2, false, {Pooling::last}, OutputKind::softmax, 3, {}, Cell::gru), {5, 4}),
     true, true, Estimator::sequence, Estimator::sequence},
    {"dense_layers_pruned",
     with_dense(shape_of(3, true, {Pooling::max}, OutputKind::softmax, 3, kAllGroups), {5, 4}),
     true,
     true,
     Estimator::batch,
     Estimator::batch,
     {},
     0.0f,
     true,
     Estimator::local},
    {"dense_layers_expectation_pruned",
     with_dense(shape_of(3, true, {Pooling::max}, OutputKind::softmax, 3, kAllGroups), {5, 4}),
     true, false},
    {"everything", shape_of(3, true, {Pooling::max, Pooling::mean, Pooling::last},
                            OutputKind::softmax, 3, kAllGroups)},
    {"padded",
     shape_of(5, true, {Pooling::max, Pooling::mean}, OutputKind::sigmoid, 1, kAllGroups)},
    {"one_direction_without_groups_local",
     shape_of(4, false, {Pooling::last}, OutputKind::softmax, 2, {}), true, true, Estimator::local},
    {"local_with_groups", shape_of(3, true, {Pooling::max}, OutputKind::sigmoid, 3, kAllGroups),
     true, true, Estimator::local},
    {"own_weights_for_every_sequence",
     shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 3, kAllGroups), true,
     true, Estimator::sequence, Estimator::sequence},
    {"own_weights_local_output", shape_of(5, false, {Pooling::mean}, OutputKind::sigmoid, 1, {}),
     true, true, Estimator::local, Estimator::sequence},
    {"own_noise_for_every_step",
     shape_of(3, false, {Pooling::max, Pooling::mean}, OutputKind::softmax, 3, kAllGroups), true,
     true, Estimator::local, Estimator::batch, Estimator::local},
    {"every_step_and_every_sequence",
     shape_of(5, true, {Pooling::max}, OutputKind::sigmoid, 3, kAllGroups), true, true,
     Estimator::sequence, Estimator::sequence, Estimator::local},
    {"pruned_under_noise",
     shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 3, kAllGroups), true,
     true, Estimator::local, Estimator::batch, Estimator::local, 0.0f, true},
    {"pruned_with_own_weights",
     shape_of(3, true, {Pooling::mean}, OutputKind::softmax, 3, kAllGroups), true, true,
     Estimator::sequence, Estimator::sequence, std::nullopt, 0.0f, true},
    {.name = "words_without_noise_among_own_weights",
     .shape = shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 3, kAllGroups),
     .output_estimator = Estimator::sequence,
     .weight_estimator = Estimator::sequence,
     .certain_words = true},
    {.name = "words_without_noise",
     .shape = shape_of(4, true, {Pooling::mean}, OutputKind::sigmoid, 1, kAllGroups, Cell::gru),
     .certain_words = true},
    {"deterministic",
     shape_of(3, true, {Pooling::mean, Pooling::last}, OutputKind::softmax, 3, kAllGroups), false},
    {"words_only",
     shape_of(3, true, {Pooling::max}, OutputKind::softmax, 2, {true, false, false, false})},
    {"inputs_only",
     shape_of(3, false, {Pooling::mean}, OutputKind::softmax, 2, {false, true, false, false})},
    {"expectation_pruned",
     shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 3, kAllGroups), true,
     false},
    {"gru", shape_of(3, true, {Pooling::max, Pooling::mean, Pooling::last}, OutputKind::softmax, 3,
                     kAllGroups, Cell::gru)},
    {"gru_one_direction_without_groups",
     shape_of(5, false, {Pooling::last}, OutputKind::sigmoid, 1, {}, Cell::gru), true, true,
     Estimator::local},
    {"gru_own_weights_for_every_sequence",
     shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 3, kAllGroups,
              Cell::gru),
     true, true, Estimator::sequence, Estimator::sequence},
    {"gru_expectation_pruned",
     shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 3, kAllGroups,
              Cell::gru),
     true, false},
    {"hard_sigmoid_gates", shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 3,
                                    kAllGroups, Cell::lstm, 1, GateFunction::hard_sigmoid)},
    {"two_layers_of_gru_with_hard_sigmoid_gates",
     shape_of(3, true, {Pooling::mean, Pooling::last}, OutputKind::sigmoid, 1, kAllGroups,
              Cell::gru, 2, GateFunction::hard_sigmoid),
     true, true, Estimator::local},
    {"two_layers", shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 3,
                            kAllGroups, Cell::lstm, 2)},
    {"three_layers_one_direction",
     shape_of(2, false, {Pooling::mean}, OutputKind::sigmoid, 1, kAllGroups, Cell::lstm, 3)},
    {"two_layers_of_gru_with_dropout",
     shape_of(3, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 2, kAllGroups, Cell::gru,
              2),
     true,
     true,
     Estimator::batch,
     Estimator::batch,
     {},
     0.4f},
    {"two_layers_with_dropout_own_weights_for_every_sequence",
     shape_of(3, true, {Pooling::mean}, OutputKind::softmax, 2, kAllGroups, Cell::lstm, 2),
     true,
     true,
     Estimator::sequence,
     Estimator::sequence,
     {},
     0.4f},
    {"two_layers_own_noise_for_every_step",
     shape_of(3, true, {Pooling::mean}, OutputKind::softmax, 2, kAllGroups, Cell::gru, 2), true,
     true, Estimator::local, Estimator::batch, Estimator::local},
    {"two_layers_expectation_pruned_with_dropout",
     shape_of(4, true, {Pooling::max, Pooling::mean}, OutputKind::softmax, 2, kAllGroups, Cell::gru,
              2),
     true,
     false,
     Estimator::batch,
     Estimator::batch,
     {},
     0.4f},
};

class NetworkGradient : public testing::TestWithParam<Setting> {
 protected:
  NetworkGradient()
      : network_(sample_network(GetParam().shape, 3, GetParam().noisy_posteriors)),
        batch_(
            sample_batch(kSlopeLengths, kSlopeWords - 1, 4, 10)),  // the last word does not occur
        targets_(batch_.size(), GetParam().shape.outputs),
        weights_{1.0f, 0.5f, 2.0f, 1.3f, 0.7f, 1.1f} {
    network_.for_each_parameter([&](Parameter& p) {
      if (!is_bias(network_, p)) p.estimator = GetParam().weight_estimator;
    });
    network_.output_weight.estimator = GetParam().output_estimator;
    if (const auto estimator = GetParam().dense_estimator) {
      for (DenseLayer& layer : network_.dense_layers) layer.weight.estimator = *estimator;
    }
    if (const auto estimator = GetParam().input_estimator) {
      for (RecurrentLayer& layer : network_.layers) {
        layer.directions[0].weight_ih.estimator = *estimator;
      }
    }
    if (GetParam().certain_words) {
      network_.word_multiplier->set_posterior(make_posterior("deterministic"), 0.0f);
    }
    if (!GetParam().with_noise || GetParam().pruned) prune_some();
    // Soft targets, all different, so that no symmetry hides an error.
    for (size_t b = 0; b < targets_.rows(); ++b) {
      float mass = 0.0f;
      for (size_t k = 0; k < targets_.cols(); ++k) {
        targets_(b, k) = 0.1f + 0.09f * static_cast<float>((3 * b + 5 * k) % 7);
        mass += targets_(b, k);
      }
      if (GetParam().shape.output == OutputKind::sigmoid) continue;
      for (size_t k = 0; k < targets_.cols(); ++k) targets_(b, k) /= mass;
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

  const NoiseSource* noise() const { return GetParam().with_noise ? &philox_ : nullptr; }

  /// As in fine-tuning, dropout may come without any noise of the weights.
  LayerDropout dropout() const { return {GetParam().layer_dropout, &philox_}; }

  double pass_loss() {
    NetworkPass pass(network_, batch_, noise(), pool_, {.dropout = dropout()});
    Matrix dlogits(batch_.size(), targets_.cols());
    return cross_entropy(GetParam().shape.output, pass.logits(), targets_, weights_, dlogits);
  }

  void run_backward() {
    NetworkPass pass(network_, batch_, noise(), pool_, {.dropout = dropout()});
    Matrix dlogits(batch_.size(), targets_.cols());
    cross_entropy(GetParam().shape.output, pass.logits(), targets_, weights_, dlogits);
    pass.backward(network_, dlogits, pool_);
  }

  /// The loss as its definition stands.
  double reference_loss(const Rows& logits) const {
    double loss = 0.0;
    for (size_t b = 0; b < logits.size(); ++b) {
      double row = 0.0, sum = 0.0;
      for (const double a : logits[b]) sum += std::exp(a);
      for (size_t k = 0; k < logits[b].size(); ++k) {
        const double a = logits[b][k], q = targets_(b, k);
        row -=
            GetParam().shape.output == OutputKind::softmax
                ? q * std::log(std::exp(a) / sum)
                : q * std::log(1 / (1 + std::exp(-a))) + (1 - q) * std::log(1 / (1 + std::exp(a)));
      }
      loss += weights_[b] * row;
    }
    return loss / static_cast<double>(logits.size());
  }

  Network network_;
  TokenBatch batch_;
  Matrix targets_;
  std::vector<float> weights_;
  PhiloxNoise philox_{42, 7};
  ThreadPool pool_{2};
};

INSTANTIATE_TEST_SUITE_P(Settings, NetworkGradient, testing::ValuesIn(kSettings),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(NetworkGradient, LogitsAreThoseOfTheEquations) {
  const NetworkPass pass(network_, batch_, noise(), pool_, {.dropout = dropout()});
  const Rows expected = ReferenceNetwork(network_, noise(), dropout()).logits(batch_);
  for (size_t b = 0; b < expected.size(); ++b) {
    // Some hundred fp32 operations on values of about 1.
    expect_close(pass.logits().view().row_span(b), expected[b], 5e-6, "text " + std::to_string(b));
  }
  EXPECT_NEAR(pass_loss(), reference_loss(expected), 5e-6);
}

TEST_P(NetworkGradient, IsTheSlopeOfTheEquations) {
  run_backward();
  ReferenceNetwork reference(network_, noise(), dropout());
  const auto loss = [&] { return reference_loss(reference.logits(batch_)); };
  for (auto& entry : reference.tensors()) {
    const std::string& path = entry.first;
    ReferenceNetwork::Tensor& tensor = entry.second;
    const auto check = [&](Rows& values, const Matrix& gradient, const char* what) {
      // Double-precision steps of 1e-5 are far too small to change which token is the maximum.
      std::vector<float> got;
      std::vector<double> expected;
      for (size_t r = 0; r < values.size(); ++r) {
        for (size_t c = 0; c < values[r].size(); ++c) {
          if (!tensor.kept(r, c)) continue;  // its gradient is not used
          got.push_back(gradient(r, c));
          expected.push_back(difference_quotient(values[r][c], loss));
        }
      }
      // Sums of some ten terms, each right to about 1e-6.
      expect_close(got, expected, 5e-6, path + what);
    };
    check(tensor.mean, tensor.source->mean_gradient, " mean");
    if (!tensor.spread.empty() && noise()) {
      check(tensor.spread, tensor.source->spread_gradient, " spread");
    }
  }
}

TEST_P(NetworkGradient, IsTheSlopeOfThePassItself) {
  // Without the reference: 1e-5 of rounding and about 1e-5 of the fifth derivative.
  // The maximum has kinks, which steps of this size would cross.
  const auto& poolings = GetParam().shape.poolings;
  if (std::count(poolings.begin(), poolings.end(), Pooling::max) > 0) {
    network_.poolings.assign(poolings.size(), Pooling::mean);
    network_.poolings[0] = Pooling::last;
  }
  // So do hard gates, at both ends of their line: smaller weights keep to its middle.
  if (network_.gate_function == GateFunction::hard_sigmoid) {
    network_.for_each_parameter([&](Parameter& p) {
      if (!is_multiplier(network_, p)) scale(0.5f, p.mean.values());
    });
  }
  for (DenseLayer& layer : network_.dense_layers) keep_from_kinks(layer);
  run_backward();
  expect_slopes(network_, noise() != nullptr, 0.05f, 6e-5, [&] { return pass_loss(); });
}

TEST_P(NetworkGradient, WordsThatDoNotOccurHaveNone) {
  run_backward();
  const auto zero_row = [](const Matrix& m, size_t r) {
    for (size_t c = 0; c < m.cols(); ++c) EXPECT_EQ(m(r, c), 0.0f);
  };
  zero_row(network_.embedding.mean_gradient, kSlopeWords - 1);
  if (!network_.embedding.spread.empty()) {
    zero_row(network_.embedding.spread_gradient, kSlopeWords - 1);
  }
  if (network_.word_multiplier) {
    zero_row(network_.word_multiplier->mean_gradient, kSlopeWords - 1);
  }
}

}  // namespace
}  // namespace ockham
