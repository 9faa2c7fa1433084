#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "ockham/bayes/posterior.hpp"
#include "ockham/nn/network_pass.hpp"
#include "tests/support/difference_quotient.hpp"
#include "tests/support/reference_network.hpp"

// What a whole network promises of many draws: the mean of its noisy gradient is the gradient of
// the expected loss. That one is integrated over the noise by quadrature in double precision and
// differentiated by finite differences, so it knows neither the library's random numbers nor its
// backward pass. The texts' losses are averaged, so the expectation asks only how the noise of one
// text is distributed: it is the same with a sample for the mini-batch, for each text, and with
// flipout.
namespace ockham {
namespace {

constexpr uint32_t kDraws = 10'000;
/// In standard errors of the mean of all draws. Of 121 means a right gradient has one beyond
/// it in one of 130 choices of the seed, which is fixed.
constexpr double kErrors = 4.0;

/// A weight that has noise; all others' is 1e-9 of it or less.
struct NoisyWeight {
  std::string path;
  uint32_t row, column;
  float spread;
};

/// As good as none, in each posterior's own terms: a deviation of 1e-13, a share of the mean as
/// small, and the least that log-normals go to.
float no_spread(const Posterior& posterior) {
  if (posterior.logarithmic()) return -20.0f;
  return posterior.multiplicative() ? -60.0f : -30.0f;
}

/// A network of one unit whose loss is curved where the noise goes: labels of about a half.
struct SmallModel {
  SmallModel(Cell cell, Groups groups, std::vector<NoisyWeight> noisy_weights,
             const char* posterior = "sparse", const char* group_posterior = "sparse")
      : network(make_network({.words = 3,
                              .embedding = 1,
                              .hidden = 1,
                              .bidirectional = false,
                              .poolings = {Pooling::mean},
                              .output = OutputKind::sigmoid,
                              .outputs = 1,
                              .groups = groups,
                              .cell = cell},
                             1)),
        noisy(std::move(noisy_weights)) {
    // Means of all different sizes and both signs, so that no symmetry hides an error.
    size_t count = 0;
    network.for_each_parameter([&](Parameter& p) {
      for (float& m : p.mean.values()) {
        m = (count % 3 == 1 ? -1.0f : 1.0f) * (0.7f + 0.13f * static_cast<float>(count % 5));
        ++count;
      }
      if (is_bias(network, p)) return;
      const auto q = make_posterior(is_multiplier(network, p) ? group_posterior : posterior);
      p.set_posterior(q, no_spread(*q));
      if (q->logarithmic()) p.mean.fill(-0.9f);
    });
    network.output_weight.mean(0, 0) = 1.3f;
    network.output_bias.mean(0, 0) = 0.2f;
    for (const NoisyWeight& w : noisy) parameter(w.path).spread(w.row, w.column) = w.spread;
    batch.add(std::vector<uint32_t>{0, 1, 0, 0}, 0);
    batch.add(std::vector<uint32_t>{2, 1, 1}, 1);
    targets(0, 0) = 0.45f;
    targets(1, 0) = 0.6f;
  }

  Parameter& parameter(const std::string& path) {
    Parameter* found = nullptr;
    network.for_each_parameter([&](Parameter& p) {
      if (p.path == path) found = &p;
    });
    return *found;
  }

  void set_estimator(Estimator estimator) {
    network.for_each_parameter([&](Parameter& p) {
      if (!is_bias(network, p)) p.estimator = estimator;
    });
  }

  Network network;
  std::vector<NoisyWeight> noisy;
  TokenBatch batch;
  Matrix targets{2, 1};
};

SmallModel lstm() {
  const std::string path = "encoder/lstm_0/forward/";
  return SmallModel(Cell::lstm, {.units = true},
                    {{path + "weight_ih", 0, 2, -1.3f},  // of the candidate
                     {path + "unit_multiplier", 0, 0, -0.8f},
                     {"output/weight", 0, 0, -0.4f}});
}

SmallModel gru() {
  return SmallModel(Cell::gru, {.vocabulary = true},
                    {{"embedding/weight", 0, 0, -0.6f},
                     {"embedding/word_multiplier", 1, 0, -0.4f},
                     {"encoder/gru_0/forward/weight_hh", 0, 2, -0.2f}});  // of the candidate
}

SmallModel lstm_with_log_normal_units() {
  const std::string path = "encoder/lstm_0/forward/";
  return SmallModel(Cell::lstm, {.units = true},
                    {{path + "unit_multiplier", 0, 0, -1.1f}, {"output/weight", 0, 0, -0.6f}},
                    "sparse", "log-normal");
}

SmallModel multiplicative_gru() {
  return SmallModel(Cell::gru, {},
                    {{"embedding/weight", 0, 0, -1.4f},
                     {"encoder/gru_0/forward/weight_hh", 0, 2, -1.0f}},  // of the candidate
                    "sparse-multiplicative");
}

/// Names of what a gradient has a number for: each mean, then the spread of each noisy weight.
std::vector<std::string> names_of(const SmallModel& model) {
  std::vector<std::string> names;
  const auto at = [](size_t r, size_t c) { return std::to_string(r) + "," + std::to_string(c); };
  model.network.for_each_parameter([&](const Parameter& p) {
    for (size_t r = 0; r < p.rows(); ++r) {
      for (size_t c = 0; c < p.cols(); ++c) names.push_back(p.path + " mean " + at(r, c));
    }
  });
  for (const NoisyWeight& w : model.noisy)
    names.push_back(w.path + " spread " + at(w.row, w.column));
  return names;
}
using Gradient = std::vector<double>;  // in the same order

/// The numbers of a few weights, the same for all texts; 0 for all others. Uniform ones are those
/// that normal ones would be made of.
class ChosenNoise final : public NoiseSource {
 public:
  struct Element {
    uint32_t tensor;
    bool multiplier;  // its rows are texts
    uint32_t row, column;
    float e;
  };
  std::vector<Element> elements;

  void matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> rows,
              std::span<const uint32_t> columns, MatrixView out) const override {
    for (size_t i = 0; i < rows.size(); ++i) {
      for (size_t j = 0; j < columns.size(); ++j) out(i, j) = at(kind, tensor, rows[i], columns[j]);
    }
  }
  void sequence_matrix(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> /*texts*/,
                       std::span<const uint32_t> rows, std::span<const uint32_t> columns,
                       MatrixView out) const override {
    matrix(kind, tensor, rows, columns, out);
  }
  void pairs(NoiseKind kind, uint32_t tensor, std::span<const uint32_t> texts,
             std::span<const uint32_t> words, std::span<float> out) const override {
    for (size_t i = 0; i < texts.size(); ++i) out[i] = at(kind, tensor, words[i], 0);
  }

 private:
  float at(NoiseKind kind, uint32_t tensor, uint32_t row, uint32_t column) const {
    float e = 0.0f;
    for (const Element& x : elements) {
      if (x.tensor == tensor && (x.multiplier || x.row == row) && x.column == column) e = x.e;
    }
    return kind == NoiseKind::uniform ? 0.5f * std::erfc(-e / std::sqrt(2.0f)) : e;
  }
};

/// The expected loss of a model at any means and spreads.
class ExpectedLoss {
 public:
  explicit ExpectedLoss(SmallModel& model) : model_(model), reference_(model.network, &noise_) {
    for (const NoisyWeight& w : model.noisy) {
      const Parameter& p = model.parameter(w.path);
      const bool by_text = is_multiplier(model.network, p) && p.rows() == 1;
      noise_.elements.push_back({p.id, by_text, w.row, w.column, 0.0f});
    }
  }

  Gradient gradient() {
    Gradient all;
    const auto loss = [&] { return expected(0); };
    model_.network.for_each_parameter([&](const Parameter& p) {
      for (std::vector<double>& row : reference_.tensors().at(p.path).mean) {
        for (double& m : row) all.push_back(difference_quotient(m, loss));
      }
    });
    for (const NoisyWeight& w : model_.noisy) {
      double& spread = reference_.tensors().at(w.path).spread[w.row][w.column];
      all.push_back(difference_quotient(spread, loss));
    }
    return all;
  }

 private:
  // With half the step no gradient of the models above changes by a tenth of its standard error.
  static constexpr double kStep = 1.2;
  static constexpr int kPoints = 4;

  /// Over the noise from element `first` on.
  double expected(size_t first) {
    if (first == noise_.elements.size()) return loss();
    // The trapezoid rule: weighted by a Gaussian, what is smooth converges faster than by powers.
    double sum = 0.0;
    for (int i = -kPoints; i <= kPoints; ++i) {
      const double e = kStep * i;
      noise_.elements[first].e = static_cast<float>(e);
      sum += kStep * std::exp(-0.5 * e * e) / std::sqrt(2.0 * M_PI) * expected(first + 1);
    }
    return sum;
  }

  double loss() const {
    const Rows logits = reference_.logits(model_.batch);
    double sum = 0.0;
    for (size_t b = 0; b < logits.size(); ++b) {
      sum += std::log1p(std::exp(logits[b][0])) - model_.targets(b, 0) * logits[b][0];
    }
    return sum / static_cast<double>(logits.size());
  }

  SmallModel& model_;
  ChosenNoise noise_;
  ReferenceNetwork reference_;
};

/// The noisy gradient of one draw.
Gradient draw_gradient(SmallModel& model, const NoiseSource& noise, ThreadPool& pool) {
  Network& network = model.network;
  network.for_each_parameter([](Parameter& p) {
    p.mean_gradient.fill(0.0f);
    p.spread_gradient.fill(0.0f);
  });
  NetworkPass pass(network, model.batch, &noise, pool);
  Matrix dlogits(model.batch.size(), 1);
  cross_entropy(OutputKind::sigmoid, pass.logits(), model.targets, {}, dlogits);
  pass.backward(network, dlogits, pool);
  Gradient all;
  network.for_each_parameter([&](const Parameter& p) {
    all.insert(all.end(), p.mean_gradient.values().begin(), p.mean_gradient.values().end());
  });
  for (const NoisyWeight& w : model.noisy) {
    all.push_back(model.parameter(w.path).spread_gradient(w.row, w.column));
  }
  return all;
}

/// How far the mean of many draws is off, in its standard errors.
std::vector<double> errors_of_draws(SmallModel& model, const Gradient& expected, uint32_t draws) {
  ThreadPool pool(1);
  std::vector<double> sums(expected.size(), 0.0), squares(expected.size(), 0.0), off;
  for (uint32_t step = 0; step < draws; ++step) {
    const Gradient drawn = draw_gradient(model, PhiloxNoise(21, step), pool);
    for (size_t i = 0; i < expected.size(); ++i) {
      sums[i] += drawn[i];
      squares[i] += drawn[i] * drawn[i];
    }
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    const double mean = sums[i] / draws, variance = squares[i] / draws - mean * mean;
    off.push_back((mean - expected[i]) / std::sqrt(variance / draws));
  }
  return off;
}

void expect_unbiased(SmallModel model, const std::vector<Estimator>& estimators) {
  const Gradient expected = ExpectedLoss(model).gradient();
  const std::vector<std::string> names = names_of(model);
  ASSERT_EQ(names.size(), expected.size());
  for (const Estimator estimator : estimators) {
    model.set_estimator(estimator);
    const std::vector<double> off = errors_of_draws(model, expected, kDraws);
    for (size_t i = 0; i < off.size(); ++i) {
      EXPECT_LE(std::abs(off[i]), kErrors)
          << estimator_name(estimator) << ": " << names[i] << ", expected " << expected[i];
    }
  }
}

TEST(ExpectedGradient, OfAnLstmWithUnitMultipliers) {
  expect_unbiased(lstm(), {Estimator::batch, Estimator::sequence, Estimator::flipout});
}

TEST(ExpectedGradient, OfAGruWithWordMultipliers) {
  expect_unbiased(gru(), {Estimator::sequence});
}

TEST(ExpectedGradient, OfAnLstmWithLogNormalUnits) {
  expect_unbiased(lstm_with_log_normal_units(), {Estimator::batch});
}

TEST(ExpectedGradient, OfAGruWithNoiseThatMultiplies) {
  expect_unbiased(multiplicative_gru(), {Estimator::batch});
}

/// That the bounds are narrow enough to tell: noise of every time step's own is another model, and
/// a tenth of the draws shows it.
TEST(ExpectedGradient, IsAnotherOneWhereTimeStepsDoNotShareTheNoise) {
  SmallModel model(Cell::lstm, {}, {{"encoder/lstm_0/forward/weight_ih", 0, 2, -0.7f}});
  const Gradient expected = ExpectedLoss(model).gradient();
  model.parameter("encoder/lstm_0/forward/weight_ih").estimator = Estimator::local;
  double furthest = 0.0;
  for (const double off : errors_of_draws(model, expected, kDraws / 10)) {
    furthest = std::max(furthest, std::abs(off));
  }
  EXPECT_GT(furthest, 2.0 * kErrors);
}

}  // namespace
}  // namespace ockham
