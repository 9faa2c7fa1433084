#include "ockham/train/method.hpp"

#include <gtest/gtest.h>

#include <ranges>

#include <cmath>
#include <string>
#include <vector>

#include "ockham/nn/network_pass.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/train/optimizer.hpp"
#include "tests/support/sample_network.hpp"
#include "tests/support/sanitizers.hpp"

namespace ockham {
namespace {

using GroupPosterior = MethodSettings::GroupPosterior;

std::string refusal(const MethodSettings& method, const Groups& groups = kAllGroups) {
  try {
    check_method(method, groups);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void expect_refused(const MethodSettings& method, const char* reason,
                    const Groups& groups = kAllGroups) {
  const std::string message = refusal(method, groups);
  EXPECT_NE(message.find(reason), std::string::npos) << "\"" << message << "\"";
}

TEST(CheckMethod, RefusesWithTheReason) {
  EXPECT_EQ(refusal({}), "");
  expect_refused({.local_recurrent = true}, "covariance would be lost");
  expect_refused({.local_input = true}, "--input-noise step");
  expect_refused({.step_noise = true}, "needs --local input");
  expect_refused({.group_deviation = Sharing::layer}, "cannot tell its neurons apart");
  expect_refused({.noise = Estimator::activation}, "factor of the weights");
  expect_refused({.posterior = "variational-dropout", .noise = Estimator::activation},
                 "--deviation row or layer");
  expect_refused({.posterior = "deterministic", .noise = Estimator::flipout}, "has no noise");
  expect_refused({.posterior = "deterministic", .local_output = true}, "Gaussian noise");
  expect_refused({.posterior = "gaussian-dropout:0.5", .deviation = Sharing::layer},
                 "trains no deviation");
  expect_refused({.groups = GroupPosterior::log_normal}, "--groups", Groups{});
  expect_refused({.posterior = "variational-dropout", .initial_log_alpha = 0.5}, "at most 0");
  EXPECT_EQ(refusal({.posterior = "sparse-multiplicative", .initial_log_alpha = 0.5}), "");
  expect_refused({.posterior = "sparse-multiplicative", .initial_log_alpha = 3.1},
                 "--initial-log-alpha 3.1 is beyond where sparse-multiplicative prunes");
  const auto log_normal = [](double log_sigma) {
    return MethodSettings{.groups = GroupPosterior::log_normal,
                          .initial_group_log_sigma = log_sigma};
  };
  expect_refused(log_normal(5.0), "--initial-group-log-sigma 5 is beyond where log-normal groups");
  EXPECT_EQ(refusal(log_normal(-1.0)), "");
  expect_refused({.prune_log_alpha = -2.5}, "start with a log alpha of -2");
  EXPECT_EQ(refusal({.prune_log_alpha = -1.5}), "");
  EXPECT_EQ(refusal({.posterior = "deterministic", .groups = GroupPosterior::log_normal}), "");
  EXPECT_EQ(refusal({.posterior = "variational-dropout",
                     .deviation = Sharing::row,
                     .noise = Estimator::activation}),
            "");
}

struct NetworkKind {
  Cell cell;
  size_t layers;
  std::vector<size_t> dense = {};
};
const NetworkKind kOneLstm{Cell::lstm, 1};

struct Combination {
  MethodSettings method;
  Groups groups;
  NetworkKind encoder = kOneLstm;
};

/// Every choice of posterior, groups, noise and sharing with every other. Without groups and with
/// all of them: dense layers too, and the other cells and more layers with all but the sharing.
std::vector<Combination> all_combinations() {
  std::vector<Combination> all;
  std::vector<Groups> subsets;
  for (const int bits : std::views::iota(0, 16)) {
    if (has_sanitizers() && bits != 0 && bits != 15) continue;  // eight times as slow: none and all
    subsets.push_back({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0});
  }
  for (const char* posterior : {"deterministic", "sparse", "sparse-fitted", "sparse-multiplicative",
                                "variational-dropout", "gaussian-dropout:0.5"}) {
    for (const auto group : {GroupPosterior::as_weights, GroupPosterior::none,
                             GroupPosterior::normal, GroupPosterior::log_normal}) {
      for (const Groups& groups : subsets) {
        for (const Estimator noise :
             {Estimator::batch, Estimator::sequence, Estimator::flipout, Estimator::activation}) {
          for (const Sharing sharing :
               {Sharing::weight, Sharing::row, Sharing::column, Sharing::layer}) {
            for (const int local : {0, 1, 2}) {
              MethodSettings m{
                  .posterior = posterior, .groups = group, .deviation = sharing, .noise = noise};
              m.local_output = local > 0;
              m.local_input = m.step_noise = local > 1;
              all.push_back({m, groups});
              if (groups != Groups{} && groups != kAllGroups) continue;
              MethodSettings with_dense = m;
              with_dense.local_dense = local > 0;
              all.push_back({with_dense, groups, {Cell::lstm, 1, {3, 2}}});
              if (sharing != Sharing::weight) continue;
              for (const NetworkKind& e : {NetworkKind{Cell::gru, 1},
                                           {Cell::lstm, 2},
                                           {Cell::gru, 2},
                                           {Cell::gru, 1, {3}}}) {
                all.push_back({m, groups, e});
              }
            }
          }
        }
      }
    }
  }
  return all;
}

/// Two steps of what a training does. Returns why it is refused, or nothing.
std::string train_two_steps(const Combination& c) {
  const std::string refused = refusal(c.method, c.groups);
  if (!refused.empty()) return refused;
  NetworkShape shape{.words = 5,
                     .embedding = 3,
                     .hidden = 2,
                     .output = OutputKind::softmax,
                     .outputs = 3,
                     .groups = c.groups};
  shape.cell = c.encoder.cell;
  shape.layers = c.encoder.layers;
  shape.dense_layers = c.encoder.dense;
  Network network = make_network(shape, 1);
  hold_multipliers(c.method, network);
  apply_method(c.method, network);
  Optimizer optimizer(network);
  ThreadPool pool(1);
  const TokenBatch batch = sample_batch({3, 1, 4}, 5, 2);
  for (uint32_t step = 0; step < 2; ++step) {
    const PhiloxNoise noise(7, step);
    NetworkPass pass(network, batch, &noise, pool);
    Matrix dlogits(3, 3), targets(3, 3);
    for (size_t b = 0; b < 3; ++b) targets(b, b) = 1.0f;
    const double loss =
        cross_entropy(network.output, pass.logits(), targets, std::vector<float>(3, 1.0f), dlogits);
    EXPECT_TRUE(std::isfinite(loss));
    pass.backward(network, dlogits, pool);
    network.for_each_parameter([&](const Parameter& p) {
      for (const Matrix* m : {&p.mean_gradient, &p.spread_gradient}) {
        for (const float g : m->values()) EXPECT_TRUE(std::isfinite(g)) << p.path;
      }
    });
    optimizer.step(network, {.max_norm = 5.0f}, 0.01f, pool);
    network.for_each_parameter([&](const Parameter& p) {
      for (const Matrix* m : {&p.mean, &p.spread}) {
        for (const float w : m->values()) EXPECT_TRUE(std::isfinite(w)) << p.path;
      }
      EXPECT_TRUE(std::isfinite(p.kl())) << p.path;
    });
  }
  return "";
}

/// Words of the reason for which a combination has to be refused; empty: it has to train.
std::string expected_refusal(const Combination& c) {
  const MethodSettings& m = c.method;
  const std::string posterior = m.posterior.substr(0, m.posterior.find(':'));
  const bool noisy = posterior != "deterministic";
  const bool trains_spread = noisy && posterior != "gaussian-dropout";
  const bool multiplies = noisy && posterior != "sparse" && posterior != "sparse-fitted";
  if (m.deviation != Sharing::weight && !trains_spread) return "nothing to share";
  if (m.noise != Estimator::batch && !noisy) return "about single weights";
  if (m.noise == Estimator::activation) {
    if (!multiplies) return "factor of the weights";
    const bool one_a_row = m.deviation == Sharing::row || m.deviation == Sharing::layer;
    if (trains_spread && !one_a_row) return "one factor an input";
  }
  if ((m.local_output || m.local_dense) && !noisy) return "needs weights with Gaussian noise";
  const bool asks_for_groups =
      m.groups == GroupPosterior::normal || m.groups == GroupPosterior::log_normal;
  if (asks_for_groups && c.groups == Groups{}) return "no groups to act on";
  return "";
}

TEST(Method, EveryCombinationTrainsOrIsRefused) {
  size_t trained = 0;
  for (const Combination& c : all_combinations()) {
    SCOPED_TRACE(c.method.posterior + ", noise " + std::string(estimator_name(c.method.noise)) +
                 ", deviation " + std::string(sharing_name(c.method.deviation)) + ", local " +
                 std::to_string(c.method.local_output) + std::to_string(c.method.local_input) +
                 ", " + std::string(cell_name(c.encoder.cell)) + " " +
                 std::to_string(c.encoder.layers) + ", dense layers " +
                 std::to_string(c.encoder.dense.size()));
    const std::string reason = train_two_steps(c), expected = expected_refusal(c);
    EXPECT_EQ(reason.empty(), expected.empty()) << reason;
    EXPECT_NE(reason.find(expected), std::string::npos) << reason;
    trained += reason.empty();
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(trained, 1'000u);
}

TEST(Method, GroupsHaveTheKlAndTheThresholdOfTheWeights) {
  const auto group_posterior = [](const MethodSettings& method) {
    Network network = make_network(
        {.words = 5, .embedding = 3, .hidden = 2, .outputs = 3, .groups = kAllGroups}, 1);
    apply_method(method, network);
    return std::string(network.word_multiplier->posterior->name());
  };
  EXPECT_EQ(group_posterior({}), "sparse");
  EXPECT_EQ(group_posterior({.posterior = "sparse-fitted"}), "sparse-fitted");
  EXPECT_EQ(group_posterior({.posterior = "sparse-multiplicative"}), "sparse");
  EXPECT_EQ(group_posterior({.posterior = "variational-dropout"}), "deterministic");
  EXPECT_EQ(group_posterior({.posterior = "deterministic", .groups = GroupPosterior::normal}),
            "sparse");
  EXPECT_EQ(group_posterior({.prune_log_alpha = 1.5}), "sparse:1.5");
  EXPECT_EQ(group_posterior({.posterior = "sparse-fitted", .prune_log_alpha = 4}),
            "sparse-fitted:4");
  EXPECT_EQ(
      group_posterior(
          {.posterior = "deterministic", .groups = GroupPosterior::normal, .prune_log_alpha = 4}),
      "sparse:4");
  EXPECT_EQ(group_posterior({.groups = GroupPosterior::log_normal, .prune_log_alpha = 4}),
            "log-normal");
}

TEST(Method, SaysWhereAKlActs) {
  const auto terms = [](const MethodSettings& method, const Groups& groups) {
    const KlTerms t = kl_terms(method, groups);
    return std::pair(t.weights, t.groups);
  };
  EXPECT_EQ(terms({}, kAllGroups), std::pair(true, true));
  EXPECT_EQ(terms({}, {}), std::pair(true, false));
  EXPECT_EQ(terms({.posterior = "variational-dropout"}, kAllGroups), std::pair(true, false));
  EXPECT_EQ(terms({.posterior = "gaussian-dropout:0.5"}, kAllGroups), std::pair(false, false));
  EXPECT_EQ(terms({.posterior = "deterministic", .groups = GroupPosterior::log_normal}, kAllGroups),
            std::pair(false, true));
}

TEST(Method, LogNormalMultipliersStartAtOne) {
  Network network = make_network(
      {.words = 5, .embedding = 3, .hidden = 2, .outputs = 3, .groups = kAllGroups}, 1);
  const MethodSettings method{.posterior = "deterministic", .groups = GroupPosterior::log_normal};
  hold_multipliers(method, network);
  Optimizer optimizer(network);
  ThreadPool pool;
  network.for_each_parameter([](Parameter& p) { p.mean_gradient.fill(1.0f); });
  const float before = network.output_weight.mean(0, 0);
  optimizer.step(network, {}, 0.0f, pool);
  EXPECT_NE(network.output_weight.mean(0, 0), before);
  EXPECT_EQ(network.word_multiplier->mean, Matrix(5, 1, 1.0f));  // held
  apply_method(method, network);
  EXPECT_EQ(network.word_multiplier->posterior->name(), "log-normal");
  EXPECT_EQ(network.word_multiplier->mean, Matrix(5, 1, 0.0f));
  EXPECT_NEAR(network.word_multiplier->expectation()(0, 0), 0.9946f, 1e-4f);
}

TEST(Method, AllWeightsFollowTheNoiseButWhereTheyAreLocal) {
  Network network = make_network(
      {.words = 5, .embedding = 3, .hidden = 2, .outputs = 3, .groups = kAllGroups}, 1);
  apply_method({.noise = Estimator::flipout, .local_output = true}, network);
  EXPECT_EQ(network.embedding.estimator, Estimator::flipout);
  EXPECT_EQ(network.layers[0].directions[1].weight_ih.estimator, Estimator::flipout);
  EXPECT_EQ(network.layers[0].directions[0].weight_hh.estimator, Estimator::flipout);
  EXPECT_EQ(network.output_weight.estimator, Estimator::local);
  EXPECT_EQ(network.word_multiplier->estimator, Estimator::batch);
  apply_method({.posterior = "gaussian-dropout:0.5", .noise = Estimator::activation}, network);
  EXPECT_EQ(network.embedding.posterior->name(), "deterministic");
  EXPECT_EQ(network.layers[0].directions[0].weight_ih.estimator, Estimator::activation);
}

}  // namespace
}  // namespace ockham
