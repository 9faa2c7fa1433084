#include "ockham/train/optimizer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "ockham/tensor/error.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/sample_network.hpp"

namespace ockham {
namespace {

NetworkShape shape(size_t words = 7) {
  NetworkShape s;
  s.words = words;
  s.embedding = 3;
  s.hidden = 2;
  s.outputs = 3;
  s.groups = kAllGroups;
  return s;
}

/// Gradients that look like no other: every element its own size.
void fill_gradients(Network& network, uint32_t seed) {
  std::mt19937 random(seed);
  network.for_each_parameter([&](Parameter& p) {
    fill_normal(random, p.mean_gradient.values(), 0.1f, 0.5f);
    fill_normal(random, p.spread_gradient.values(), -0.1f, 0.3f);
  });
}

/// Adam in double precision as its paper states it, for every number of a network.
class ReferenceAdam {
 public:
  explicit ReferenceAdam(const Network& network) {
    network.for_each_parameter([&](const Parameter& p) {
      start(p.path, p.mean);
      start(p.path + " spread", p.spread);
    });
  }

  void step(const Network& network, const OptimizerSettings& s, double kl_weight) {
    ++steps_;
    double squares = 0.0;
    network.for_each_parameter([&](const Parameter& p) {
      for (const Matrix* g : {&p.mean_gradient, &p.spread_gradient}) {
        for (const float x : g->values()) squares += double{x} * x;
      }
    });
    const double clip =
        s.max_norm > 0 ? std::min(1.0, s.max_norm / (std::sqrt(squares) + 1e-6)) : 1.0;
    network.for_each_parameter([&](const Parameter& p) {
      Matrix dm(p.rows(), p.cols()), ds(p.spread.rows(), p.spread.cols());
      p.posterior->add_kl_gradient(1.0f, p.mean.values(), p.spread.values(), dm.values(),
                                   ds.values());
      update(p.path, p.mean_gradient, dm, clip, kl_weight, s);
      update(p.path + " spread", p.spread_gradient, ds, clip, kl_weight, s);
    });
  }

  void expect_same(const Network& network, double tolerance) const {
    network.for_each_parameter([&](const Parameter& p) {
      expect_close(p.mean, numbers_.at(p.path).value, tolerance, p.path);
      expect_close(p.spread, numbers_.at(p.path + " spread").value, tolerance, p.path + " spread");
    });
  }

 private:
  struct Numbers {
    std::vector<double> value, moment1, moment2;
  };

  void start(const std::string& name, const Matrix& m) {
    const std::vector<double> zeros(m.size());
    numbers_[name] = {{m.values().begin(), m.values().end()}, zeros, zeros};
  }

  void update(const std::string& name, const Matrix& data, const Matrix& kl, double clip,
              double kl_weight, const OptimizerSettings& s) {
    Numbers& n = numbers_.at(name);
    const double b1 = s.beta1, b2 = s.beta2;
    for (size_t i = 0; i < n.value.size(); ++i) {
      const double g = clip * data.values()[i] + kl_weight * kl.values()[i];
      n.moment1[i] = b1 * n.moment1[i] + (1 - b1) * g;
      n.moment2[i] = b2 * n.moment2[i] + (1 - b2) * g * g;
      const double m1 = n.moment1[i] / (1 - std::pow(b1, steps_));
      const double m2 = n.moment2[i] / (1 - std::pow(b2, steps_));
      n.value[i] -= s.learning_rate * m1 / (std::sqrt(m2) + s.epsilon);
    }
  }

  std::map<std::string, Numbers> numbers_;
  int steps_ = 0;
};

void expect_reference(const OptimizerSettings& settings, float kl_weight, bool noisy) {
  Network network = sample_network(shape(), 1, noisy);
  Optimizer optimizer(network);
  ReferenceAdam reference(network);
  ThreadPool pool;
  for (uint32_t step = 0; step < 8; ++step) {
    fill_gradients(network, step);
    reference.step(network, settings, kl_weight);
    optimizer.step(network, settings, kl_weight, pool);
    reference.expect_same(network, 3e-6);
  }
  EXPECT_EQ(optimizer.steps(), 8u);
}

TEST(Optimizer, IsAdam) {
  expect_reference({.learning_rate = 0.01f}, 0.0f, false);
}

TEST(Optimizer, IsAdamWithTheKl) {
  expect_reference({.learning_rate = 0.01f}, 0.02f, true);
}

TEST(Optimizer, ClipsTheDataGradientAlone) {
  // The gradients' joint norm is about 8.
  expect_reference({.learning_rate = 0.01f, .max_norm = 0.5f}, 0.02f, true);
  expect_reference({.learning_rate = 0.01f, .max_norm = 1000.0f}, 0.02f, true);
}

/// A tensor with shared spreads moves as one whose every sharer has the sum of the gradients.
TEST(Optimizer, SharedSpreadsMoveByTheSumOfTheirGradients) {
  for (const Sharing sharing : {Sharing::row, Sharing::column, Sharing::layer}) {
    SCOPED_TRACE(sharing_name(sharing));
    Network network = sample_network(shape(), 1);
    Parameter& p = network.embedding;
    p.sharing = sharing;
    p.set_shared_spread(p.shared_spread());
    Optimizer optimizer(network);
    ThreadPool pool;
    const OptimizerSettings settings{.learning_rate = 0.01f, .max_norm = 1.0f};
    constexpr float kKl = 0.03f;
    std::vector<double> value, m1, m2;
    const Matrix start = p.shared_spread();
    for (const float s : start.values()) value.push_back(s);
    m1 = m2 = std::vector<double>(value.size(), 0.0);
    for (uint32_t step = 1; step <= 4; ++step) {
      fill_gradients(network, step);
      double squares = 0.0;
      network.for_each_parameter([&](const Parameter& q) {
        const Matrix ds = q.sum_shared(q.spread_gradient);
        for (const Matrix* g : {&q.mean_gradient, &ds}) {
          for (const float x : g->values()) squares += double{x} * x;
        }
      });
      Matrix dm(p.rows(), p.cols()), ds(p.rows(), p.cols());
      p.posterior->add_kl_gradient(kKl, p.mean.values(), p.spread.values(), dm.values(),
                                   ds.values());
      const double clip = std::min(1.0, 1.0 / (std::sqrt(squares) + 1e-6));
      const Matrix data = p.sum_shared(p.spread_gradient), kl = p.sum_shared(ds);
      for (size_t i = 0; i < value.size(); ++i) {
        const double g = clip * data.values()[i] + kl.values()[i];
        m1[i] = 0.9 * m1[i] + 0.1 * g;
        m2[i] = 0.999 * m2[i] + 0.001 * g * g;
        value[i] -= 0.01 * (m1[i] / (1 - std::pow(0.9, step))) /
                    (std::sqrt(m2[i] / (1 - std::pow(0.999, step))) + 1e-8);
      }
      optimizer.step(network, settings, kKl, pool);
      expect_close(p.shared_spread(), value, 5e-6, "shared spread");
      Matrix all = p.spread;
      p.set_shared_spread(p.shared_spread());
      EXPECT_EQ(all, p.spread);  // all sharers moved together
      EXPECT_EQ(p.spread_gradient, Matrix(p.rows(), p.cols()));
    }
  }
}

TEST(Optimizer, TheGroupsKlMayWeighMore) {
  // Without data gradients the first step of Adam goes by the KL's sign alone; after steps with the
  // same data gradient, a multiplier moves as with so many times the KL weight, a weight does not.
  const auto after = [](float kl_weight, float group_kl) {
    Network network = sample_network(shape(), 1);
    Optimizer optimizer(network);
    ThreadPool pool;
    for (uint32_t step = 0; step < 3; ++step) {
      fill_gradients(network, step);
      optimizer.step(network, {.learning_rate = 0.01f, .group_kl = group_kl}, kl_weight, pool);
    }
    return network;
  };
  // Weights whose product is exact: not all instruction sets round it alike.
  constexpr float kWeight = 1.0f / 32.0f;
  const Network plain = after(kWeight, 1.0f), groups = after(kWeight, 5.0f),
                all = after(5.0f * kWeight, 1.0f);
  EXPECT_EQ(groups.embedding.mean, plain.embedding.mean);
  EXPECT_NE(groups.embedding.mean, all.embedding.mean);
  EXPECT_EQ(groups.word_multiplier->mean, all.word_multiplier->mean);
  EXPECT_NE(groups.word_multiplier->mean, plain.word_multiplier->mean);
  EXPECT_EQ(groups.layers[0].directions[1].gate_multiplier->spread,
            all.layers[0].directions[1].gate_multiplier->spread);
}

/// A direction may lose all its units, and inputs may leave after that: the moments keep the shapes
/// that a new optimizer gives them, which is what a checkpoint is read into.
TEST(Optimizer, CompactionToNothingKeepsTheShapes) {
  for (const Sharing sharing : {Sharing::weight, Sharing::row, Sharing::column, Sharing::layer}) {
    SCOPED_TRACE(sharing_name(sharing));
    Network network = sample_network(shape(), 1);
    network.for_each_parameter([&](Parameter& p) {
      if (!is_bias(network, p) && !is_multiplier(network, p)) p.sharing = sharing;
      if (p.posterior->has_spread()) p.set_shared_spread(p.shared_spread());
    });
    Optimizer optimizer(network);
    for (const Survivors& survivors :
         {Survivors{{0, 1, 4}, {0, 2}, {{}, {0}}}, Survivors{{0, 2}, {1}, {{}, {0}}},
          Survivors{{}, {}, {{}, {}}}}) {
      const auto selected = selections(network, survivors);
      compact(network, selected);
      optimizer.compact(selected);
      const Optimizer anew(network);
      for (size_t i = 0; i < anew.moments().size(); ++i) {
        const auto same = [&](const Matrix& kept, const Matrix& expected) {
          EXPECT_EQ(kept.rows(), expected.rows()) << i;
          EXPECT_EQ(kept.cols(), expected.cols()) << i;
        };
        same(optimizer.moments()[i].mean1, anew.moments()[i].mean1);
        same(optimizer.moments()[i].spread2, anew.moments()[i].spread2);
      }
    }
  }
}

TEST(Optimizer, CompactionKeepsSharedMoments) {
  for (const Sharing sharing : {Sharing::row, Sharing::column, Sharing::layer}) {
    Network network = sample_network(shape(), 1);
    network.embedding.sharing = sharing;
    network.embedding.set_shared_spread(network.embedding.shared_spread());
    Optimizer optimizer(network);
    ThreadPool pool;
    fill_gradients(network, 1);
    optimizer.step(network, {}, 0.1f, pool);
    const Matrix before = optimizer.moments()[0].spread2;
    const Survivors survivors{{1, 4}, {0, 2}, {{0, 1}, {0, 1}}};
    const auto selected = selections(network, survivors);
    compact(network, selected);
    optimizer.compact(selected);
    const Matrix& after = optimizer.moments()[0].spread2;
    const Parameter& p = network.embedding;
    ASSERT_EQ(after.rows(), p.shared_spread().rows());
    ASSERT_EQ(after.cols(), p.shared_spread().cols());
    // The last of them: its row 4, its column 2, or the only one.
    const size_t row = sharing == Sharing::row ? 4 : 0, column = sharing == Sharing::column ? 2 : 0;
    EXPECT_EQ(after(after.rows() - 1, after.cols() - 1), before(row, column));
    optimizer.step(network, {}, 0.1f, pool);  // and the shapes still fit
  }
}

TEST(Optimizer, AgreesWithTheOracle) {
  NetworkShape s;
  s.words = 3;
  s.embedding = 2;
  s.hidden = 1;
  s.outputs = 4;
  for (const auto& run : read_oracle("adam", "runs")) {
    Network network = make_network(s, 1);
    network.embedding.mean = to_matrix(run["start"][0], 3);
    network.output_bias.mean = to_matrix(run["start"][1], 1);
    const Matrix output = network.output_weight.mean;
    Optimizer optimizer(network);
    OptimizerSettings settings{.learning_rate = run["lr"]};
    if (!run["max_norm"].is_null()) settings.max_norm = run["max_norm"];
    ThreadPool pool;
    for (const auto& step : run["steps"]) {
      network.embedding.mean_gradient = to_matrix(step["gradients"][0], 3);
      network.output_bias.mean_gradient = to_matrix(step["gradients"][1], 1);
      optimizer.step(network, settings, 0.0f, pool);
      expect_close(network.embedding.mean, numbers(step["values"][0]), 1e-6, "first tensor");
      expect_close(network.output_bias.mean, numbers(step["values"][1]), 1e-6, "second tensor");
    }
    EXPECT_EQ(network.output_weight.mean, output);  // no gradient, no step
  }
}

TEST(Optimizer, ClearsTheGradients) {
  Network network = sample_network(shape(), 1);
  Optimizer optimizer(network);
  ThreadPool pool;
  fill_gradients(network, 1);
  optimizer.step(network, {}, 0.1f, pool);
  network.for_each_parameter([](const Parameter& p) {
    EXPECT_EQ(p.mean_gradient, Matrix(p.rows(), p.cols())) << p.path;
    EXPECT_EQ(p.spread_gradient, Matrix(p.spread.rows(), p.spread.cols())) << p.path;
  });
}

TEST(Optimizer, WhatIsPrunedStaysAtZeroAndOutOfTheNorm) {
  const auto train = [](float pruned_gradient) {
    Network network = sample_network(shape(), 1);
    std::vector<uint8_t> mask(network.embedding.mean.size(), 1);
    for (size_t i = 0; i < mask.size(); i += 2) mask[i] = 0;
    network.embedding.prune(mask);
    Optimizer optimizer(network);
    ThreadPool pool;
    for (uint32_t step = 0; step < 5; ++step) {
      fill_gradients(network, step);
      for (size_t i = 0; i < mask.size(); i += 2) {
        network.embedding.mean_gradient.values()[i] = pruned_gradient;
      }
      optimizer.step(network, {.learning_rate = 0.1f, .max_norm = 1.0f}, 0.0f, pool);
      for (size_t i = 0; i < mask.size(); i += 2) {
        EXPECT_EQ(network.embedding.mean.values()[i], 0.0f);
      }
    }
    return network.embedding.mean;
  };
  EXPECT_EQ(train(1.0f), train(1e4f));
}

TEST(Optimizer, RefusesWhatNoStepCanBeMadeOf) {
  Network network = sample_network(shape(), 1);
  Optimizer optimizer(network);
  ThreadPool pool;
  fill_gradients(network, 1);
  network.output_weight.mean_gradient.values()[0] = std::numeric_limits<float>::infinity();
  for (const float max_norm : {1.0f, 0.0f}) {
    EXPECT_THROW(optimizer.step(network, {.max_norm = max_norm}, 0.0f, pool), Error);
  }
  fill_gradients(network, 1);
  network.output_weight.prune(std::vector<uint8_t>(network.output_weight.mean.size(), 0));
  EXPECT_THROW(optimizer.step(network, {.max_norm = 1.0f}, 0.1f, pool), Error);
  EXPECT_EQ(optimizer.steps(), 0u);
}

TEST(Optimizer, CompactionKeepsTheSurvivorsMomentsAndTheStepCount) {
  Network network = sample_network(shape(), 1);
  Optimizer optimizer(network);
  ThreadPool pool;
  const OptimizerSettings settings{.learning_rate = 0.05f};
  for (uint32_t step = 0; step < 3; ++step) {
    fill_gradients(network, step);
    optimizer.step(network, settings, 0.01f, pool);
  }
  const Survivors survivors{{0, 2, 3, 6}, {1, 2}, {{1}, {0, 1}}};
  const std::vector<Selection> selected = selections(network, survivors);
  Network small = network;
  Optimizer small_optimizer = optimizer;
  compact(small, selected);
  small_optimizer.compact(selected);
  EXPECT_EQ(small_optimizer.steps(), 3u);

  for (uint32_t step = 3; step < 6; ++step) {
    fill_gradients(network, step);
    std::vector<const Parameter*> whole;
    network.for_each_parameter([&](const Parameter& p) { whole.push_back(&p); });
    size_t i = 0;
    small.for_each_parameter([&](Parameter& p) {
      const auto& [rows, columns] = selected[i];
      p.mean_gradient = select_elements(whole[i]->mean_gradient, rows, columns);
      if (!p.spread.empty()) {
        p.spread_gradient = select_elements(whole[i]->spread_gradient, rows, columns);
      }
      ++i;
    });
    optimizer.step(network, settings, 0.01f, pool);
    small_optimizer.step(small, settings, 0.01f, pool);
  }
  compact(network, selected);
  optimizer.compact(selected);
  std::vector<const Parameter*> whole;
  network.for_each_parameter([&](const Parameter& p) { whole.push_back(&p); });
  size_t i = 0;
  small.for_each_parameter([&](const Parameter& p) {
    EXPECT_EQ(p.mean, whole[i]->mean) << p.path;
    EXPECT_EQ(p.spread, whole[i]->spread) << p.path;
    EXPECT_EQ(small_optimizer.moments()[i].mean1, optimizer.moments()[i].mean1) << p.path;
    EXPECT_EQ(small_optimizer.moments()[i].mean2, optimizer.moments()[i].mean2) << p.path;
    EXPECT_EQ(small_optimizer.moments()[i].spread1, optimizer.moments()[i].spread1) << p.path;
    EXPECT_EQ(small_optimizer.moments()[i].spread2, optimizer.moments()[i].spread2) << p.path;
    ++i;
  });
}

TEST(Optimizer, TheNumberOfThreadsChangesNothing) {
  const auto train = [](size_t threads) {
    Network network = sample_network(shape(20'000), 1);  // several pieces of the embedding
    Optimizer optimizer(network);
    ThreadPool pool(threads);
    for (uint32_t step = 0; step < 2; ++step) {
      fill_gradients(network, step);
      optimizer.step(network, {.max_norm = 1.0f}, 0.01f, pool);
    }
    return network.embedding.mean;
  };
  const Matrix alone = train(1);
  EXPECT_EQ(train(2), alone);
  EXPECT_EQ(train(3), alone);
}

}  // namespace
}  // namespace ockham
