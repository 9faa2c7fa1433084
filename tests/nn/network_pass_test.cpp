#include "ockham/nn/network_pass.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ostream>
#include <vector>

#include "ockham/bayes/deterministic.hpp"
#include "ockham/tensor/error.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/sample_network.hpp"

// What must not change, and what must, whatever the numbers are.
namespace ockham {
namespace {

constexpr uint32_t kPassWords = 30;
// Products of other shapes may sum in another order; logits are of about 1.
constexpr double kSame = 1e-5;
const std::vector<size_t> kPassLengths = {7, 3, 12, 1, 0, 5, 9, 2, 4, 6, 11, 8, 3};

/// One layer or two of either cell.
struct Encoder {
  Cell cell;
  size_t layers;
};

std::ostream& operator<<(std::ostream& out, const Encoder& encoder) {
  return out << cell_name(encoder.cell) << "_" << encoder.layers;
}

const Encoder kEncoders[] = {{Cell::lstm, 1}, {Cell::gru, 1}, {Cell::lstm, 2}, {Cell::gru, 2}};

NetworkShape shape_of(size_t hidden, const Encoder& encoder) {
  NetworkShape shape;
  shape.cell = encoder.cell;
  shape.layers = encoder.layers;
  shape.words = kPassWords;
  shape.embedding = 4;
  shape.hidden = hidden;
  shape.poolings = {Pooling::max, Pooling::mean, Pooling::last};
  shape.outputs = 3;
  shape.groups = kAllGroups;
  return shape;
}

Matrix logits_of(const Network& network, const TokenBatch& batch, const NoiseSource* noise) {
  ThreadPool pool(1);
  return NetworkPass(network, batch, noise, pool).logits();
}

/// The texts at `which` of a batch, as a batch of their own with the same numbers in the data.
TokenBatch texts_of(const TokenBatch& batch, const std::vector<uint32_t>& which) {
  TokenBatch part;
  for (const uint32_t b : which) {
    part.add(std::span(batch.words).subspan(batch.offsets[b], batch.length(b)), batch.texts[b]);
  }
  return part;
}

class NetworkPassTest : public testing::TestWithParam<Encoder> {
 protected:
  void expect_same_for_any_batch_size();

  Network network_ = sample_network(shape_of(5, GetParam()), 1);
  TokenBatch batch_ = sample_batch(kPassLengths, kPassWords, 2, 100);
  PhiloxNoise noise_{3, 4};
};

INSTANTIATE_TEST_SUITE_P(Encoders, NetworkPassTest, testing::ValuesIn(kEncoders),
                         testing::PrintToStringParamName());

/// Calls test() with one weight sample for the mini-batch, then with one for each sequence.
template <typename Test>
void with_each_estimator(Network& network, const Test& test) {
  for (const Estimator estimator : {Estimator::batch, Estimator::sequence}) {
    network.for_each_parameter([&](Parameter& p) { p.estimator = estimator; });
    test();
  }
}

TEST_P(NetworkPassTest, BatchSizeChangesNothing) {
  with_each_estimator(network_, [&] { expect_same_for_any_batch_size(); });
}

void NetworkPassTest::expect_same_for_any_batch_size() {
  for (const NoiseSource* noise :
       {static_cast<const NoiseSource*>(&noise_), static_cast<const NoiseSource*>(nullptr)}) {
    const Matrix together = logits_of(network_, batch_, noise);
    for (const size_t size : {1u, 2u, 5u}) {
      for (uint32_t first = 0; first < batch_.size(); first += static_cast<uint32_t>(size)) {
        std::vector<uint32_t> which(std::min(size, batch_.size() - first));
        std::iota(which.begin(), which.end(), first);
        const Matrix part = logits_of(network_, texts_of(batch_, which), noise);
        for (size_t i = 0; i < which.size(); ++i) {
          for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(part(i, k), together(which[i], k), kSame);
        }
      }
    }
  }
}

TEST_P(NetworkPassTest, OrderOfTheTextsChangesNothing) {
  std::vector<uint32_t> order(batch_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), std::mt19937(5));
  with_each_estimator(network_, [&] {
    const Matrix sorted = logits_of(network_, batch_, &noise_);
    const Matrix shuffled = logits_of(network_, texts_of(batch_, order), &noise_);
    for (size_t i = 0; i < order.size(); ++i) {
      for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(shuffled(i, k), sorted(order[i], k), kSame);
    }
  });
}

TEST_P(NetworkPassTest, ThreadsChangeNotOneBit) {
  const std::vector<size_t> many(70, 9);
  const TokenBatch batch = sample_batch(many, kPassWords, 6);
  const auto run = [&](size_t threads) {
    ThreadPool pool(threads);
    Network network = network_;
    NetworkPass pass(network, batch, &noise_, pool);
    Matrix dlogits = pass.logits();  // some gradient that differs everywhere
    pass.backward(network, dlogits, pool);
    std::vector<Matrix> results = {pass.logits()};
    network.for_each_parameter([&](const Parameter& p) {
      results.push_back(p.mean_gradient);
      results.push_back(p.spread_gradient);
    });
    return results;
  };
  with_each_estimator(network_, [&] {
    const auto one = run(1);
    EXPECT_EQ(run(2), one);
    EXPECT_EQ(run(4), one);
  });
}

TEST_P(NetworkPassTest, EmptyTextsGiveTheOutputBias) {
  for (size_t b = 0; b < batch_.size(); ++b) {
    if (batch_.length(b) != 0) continue;
    const Matrix logits = logits_of(network_, batch_, &noise_);
    for (size_t k = 0; k < 3; ++k) EXPECT_EQ(logits(b, k), network_.output_bias.mean(0, k));
  }
  // A whole mini-batch of them: every pass must survive it, backward too.
  const TokenBatch empty = sample_batch({0, 0}, kPassWords, 1);
  ThreadPool pool(2);
  NetworkPass pass(network_, empty, &noise_, pool);
  pass.backward(network_, Matrix(2, 3, 0.5f), pool);
  EXPECT_EQ(network_.output_bias.mean_gradient, Matrix(1, 3, 1.0f));
  EXPECT_EQ(network_.embedding.mean_gradient, Matrix(kPassWords, 4));
}

TEST_P(NetworkPassTest, NoTextsAtAll) {
  ThreadPool pool(2);
  const TokenBatch none;
  NetworkPass pass(network_, none, &noise_, pool);
  EXPECT_EQ(pass.logits().rows(), 0u);
  pass.backward(network_, Matrix(0, 3), pool);
  EXPECT_EQ(network_.output_bias.mean_gradient, Matrix(1, 3));
}

/// Without recurrence and memory (W^h = 0, forget or update gates shut) a step depends on its token
/// and the noise alone.
void cut_recurrence(Network& network) {
  for (RecurrentDirection* d : network.directions()) {
    d->weight_hh.set_posterior(std::make_shared<Deterministic>(), 0.0f);
    d->weight_hh.mean.fill(0.0f);
    for (size_t j = 0; j < d->hidden(); ++j) d->bias.mean(0, d->hidden() + j) = -1000.0f;
  }
}

TEST_P(NetworkPassTest, EveryTimeStepHasTheSameNoise) {
  cut_recurrence(network_);
  const auto logits = [&](size_t repeats, uint32_t text) {
    TokenBatch batch;
    batch.add(std::vector<uint32_t>(repeats, 17), text);
    return logits_of(network_, batch, &noise_);
  };
  // One word again and again: the first, the last, the largest and the mean output are one, so the
  // text's length does not matter, if no step draws noise of its own.
  const Matrix once = logits(1, 5);
  expect_close(logits(2, 5), once, kSame, "two tokens");
  expect_close(logits(40, 5), once, kSame, "forty tokens");
}

TEST_P(NetworkPassTest, PreActivationsOfTheFirstAndTheLastStepCoincide) {
  ThreadPool pool(1);
  TokenBatch batch;
  batch.add(std::vector<uint32_t>{17, 17}, 5);
  const BatchLayout layout(network_, batch, &noise_);
  const WordProjection projection(network_, batch, layout, &noise_, pool);
  for (size_t d = 0; d < 2; ++d) {
    Matrix sums(2, padded_blocks(gates_of(GetParam().cell), 5).wide());
    projection.gather(d, 0, 2, sums);
    for (size_t j = 0; j < sums.cols(); ++j) EXPECT_EQ(sums(0, j), sums(1, j));
  }
}

/// Makes everything but one parameter deterministic.
void keep_noise_of(Network& network, const Parameter& noisy) {
  network.for_each_parameter([&](Parameter& p) {
    if (&p != &noisy) p.set_posterior(std::make_shared<Deterministic>(), 0.0f);
  });
}

TEST_P(NetworkPassTest, MultipliersDifferBetweenSequencesAndWeightsDoNot) {
  // The same text twice, under two numbers in the data.
  TokenBatch batch;
  batch.add(std::vector<uint32_t>{1, 2, 3}, 5);
  batch.add(std::vector<uint32_t>{1, 2, 3}, 6);
  const auto differ = [&](auto parameter_of) {
    Network network = network_;
    keep_noise_of(network, parameter_of(network));
    const Matrix logits = logits_of(network, batch, &noise_);
    const Matrix expectation = logits_of(network, batch, nullptr);
    EXPECT_GT(std::abs(logits(0, 0) - expectation(0, 0)), 1e-4) << "there is no noise at all";
    return std::abs(logits(0, 0) - logits(1, 0)) > 1e-4;
  };
  const auto direction = [](Network& n) -> RecurrentDirection& {
    return n.layers[0].directions[1];
  };
  EXPECT_TRUE(differ([](Network& n) -> Parameter& { return *n.word_multiplier; }));
  EXPECT_TRUE(differ([&](Network& n) -> Parameter& { return *direction(n).gate_multiplier; }));
  EXPECT_TRUE(differ([&](Network& n) -> Parameter& { return *direction(n).unit_multiplier; }));
  EXPECT_FALSE(differ([](Network& n) -> Parameter& { return *n.input_multiplier; }));
  EXPECT_FALSE(differ([](Network& n) -> Parameter& { return n.embedding; }));
  EXPECT_FALSE(differ([&](Network& n) -> Parameter& { return direction(n).weight_ih; }));
  EXPECT_FALSE(differ([&](Network& n) -> Parameter& { return direction(n).weight_hh; }));
  EXPECT_FALSE(differ([](Network& n) -> Parameter& { return n.output_weight; }));

  // Unless they are asked to, each weight by itself.
  network_.for_each_parameter([](Parameter& p) { p.estimator = Estimator::sequence; });
  EXPECT_TRUE(differ([](Network& n) -> Parameter& { return n.embedding; }));
  EXPECT_TRUE(differ([&](Network& n) -> Parameter& { return direction(n).weight_ih; }));
  EXPECT_TRUE(differ([&](Network& n) -> Parameter& { return direction(n).weight_hh; }));
  EXPECT_TRUE(differ([](Network& n) -> Parameter& { return n.output_weight; }));
}

TEST_P(NetworkPassTest, DropoutBetweenLayersIsOneMaskForAllSteps) {
  ThreadPool pool(1);
  cut_recurrence(network_);
  TokenBatch batch;
  batch.add(std::vector<uint32_t>{17}, 5);
  batch.add(std::vector<uint32_t>(40, 17), 5);
  batch.add(std::vector<uint32_t>(40, 17), 6);
  const auto logits = [&](const LayerDropout& dropout) {
    return NetworkPass(network_, batch, nullptr, pool, {.dropout = dropout}).logits();
  };
  const Matrix dropped = logits({0.5f, &noise_}), without = logits({});
  if (GetParam().layers == 1) {  // there is nothing between layers
    EXPECT_EQ(dropped, without);
    return;
  }
  for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(dropped(0, k), dropped(1, k), kSame);
  EXPECT_GT(std::abs(dropped(1, 0) - dropped(2, 0)), 1e-3);
  EXPECT_GT(std::abs(dropped(1, 0) - without(1, 0)), 1e-3);
  EXPECT_EQ(logits({0.5f, nullptr}), without);
}

TEST_P(NetworkPassTest, WeightsOfEverySequencesOwnAreSharedByItsSteps) {
  network_.for_each_parameter([](Parameter& p) { p.estimator = Estimator::sequence; });
  cut_recurrence(network_);
  TokenBatch batch;
  batch.add(std::vector<uint32_t>{17}, 5);
  batch.add(std::vector<uint32_t>(40, 17), 5);
  batch.add(std::vector<uint32_t>(40, 17), 6);
  const Matrix logits = logits_of(network_, batch, &noise_);
  for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(logits(0, k), logits(1, k), kSame);
  EXPECT_GT(std::abs(logits(1, 0) - logits(2, 0)), 1e-3);
}

TEST_P(NetworkPassTest, LocalReparametrizationOfRecurrentWeightsAndEmbeddingsIsRefused) {
  ThreadPool pool(1);
  Network recurrent = network_, embedding = network_;
  recurrent.layers[0].directions[0].weight_hh.estimator = Estimator::local;
  embedding.embedding.estimator = Estimator::local;
  EXPECT_THROW(NetworkPass(recurrent, batch_, &noise_, pool), Error);
  EXPECT_THROW(NetworkPass(embedding, batch_, &noise_, pool), Error);
}

TEST_P(NetworkPassTest, AnotherStepIsOtherNoise) {
  const PhiloxNoise next(3, 5);
  EXPECT_NE(logits_of(network_, batch_, &noise_), logits_of(network_, batch_, &next));
  EXPECT_EQ(logits_of(network_, batch_, &noise_), logits_of(network_, batch_, &noise_));
}

TEST_P(NetworkPassTest, ThePassKnowsNoKl) {
  // Neither long texts nor large batches move the KL, and backward brings no part of it: without a
  // gradient of the logits every gradient stays exactly 0.
  const auto kl = [&] {
    double sum = 0.0;
    network_.for_each_parameter([&](const Parameter& p) { sum += p.kl(); });
    return sum;
  };
  const double before = kl();
  EXPECT_GT(before, 1.0);
  ThreadPool pool(1);
  for (const std::vector<size_t>& lengths :
       {std::vector<size_t>{1}, std::vector<size_t>{200}, std::vector<size_t>(50, 4)}) {
    const TokenBatch batch = sample_batch(lengths, kPassWords, 1);
    NetworkPass pass(network_, batch, &noise_, pool);
    pass.backward(network_, Matrix(batch.size(), 3), pool);
    EXPECT_EQ(kl(), before);
    network_.for_each_parameter([&](const Parameter& p) {
      for (const float g : p.mean_gradient.values()) EXPECT_EQ(g, 0.0f) << p.path;
      for (const float g : p.spread_gradient.values()) EXPECT_EQ(g, 0.0f) << p.path;
    });
  }
}

/// |a - b| / |b|
double distance(const Matrix& a, const Matrix& b) {
  double difference = 0.0, size = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(double{a.values()[i]} - b.values()[i], 2);
    size += std::pow(double{b.values()[i]}, 2);
  }
  return std::sqrt(difference / std::max(size, 1e-12));
}

/// A pass of a layer that is large enough for its products to be rounded, beside one with fp32: its
/// logits and gradients are other ones, within `logits` and `gradients` of the norm, and the same
/// on any number of threads.
void expect_near_fp32(const NetworkShape& shape, const TokenBatch& batch, Precision precision,
                      double of_logits, double of_gradients) {
  const Network start = make_network(shape, 5);
  const auto gradient = [&](Precision of_pass, size_t threads, Matrix& logits) {
    ThreadPool pool(threads);
    Network network = start;
    NetworkPass pass(network, batch, nullptr, pool, {.precision = of_pass});
    logits = pass.logits();
    pass.backward(network, Matrix(batch.size(), 3, 0.1f), pool);
    std::vector<Matrix> gradients;
    network.for_each_parameter([&](const Parameter& p) { gradients.push_back(p.mean_gradient); });
    return gradients;
  };
  Matrix exact, rounded, again;
  const std::vector<Matrix> of_fp32 = gradient(Precision::fp32, 1, exact);
  const std::vector<Matrix> of_rounded = gradient(precision, 1, rounded);
  EXPECT_EQ(gradient(precision, 3, again), of_rounded);
  EXPECT_EQ(again, rounded);
  EXPECT_NE(rounded, exact);
  EXPECT_LT(distance(rounded, exact), of_logits);
  for (size_t i = 0; i < of_fp32.size(); ++i) {
    EXPECT_LT(distance(of_rounded[i], of_fp32[i]), of_gradients) << i;
  }
}

NetworkShape large_shape(NetworkShape shape) {
  shape.embedding = 100;
  shape.poolings = {Pooling::mean, Pooling::last};  // a maximum jumps from step to step
  return shape;
}

// Factors rounded to 8 bits: outputs and gradients move by some 2^-8 of their size.
TEST_P(NetworkPassTest, Bf16StaysWithinItsRounding) {
  if (!multiplies_bf16()) GTEST_SKIP() << "this processor has no bf16 products";
  expect_near_fp32(large_shape(shape_of(112, GetParam())), batch_, Precision::bf16, 0.01, 0.02);
}

TEST_P(NetworkPassTest, GradientsAreAddedUp) {
  ThreadPool pool(1);
  const auto backward = [&](Network& network) {
    NetworkPass pass(network, batch_, &noise_, pool);
    pass.backward(network, pass.logits(), pool);
  };
  Network once = network_, twice = network_;
  backward(once);
  backward(twice);
  backward(twice);
  std::vector<Matrix> single;
  once.for_each_parameter([&](const Parameter& p) { single.push_back(p.mean_gradient); });
  size_t i = 0;
  twice.for_each_parameter([&](const Parameter& p) {
    std::vector<double> expected;
    for (const float g : single[i].values()) expected.push_back(2.0 * g);
    ++i;
    expect_close(p.mean_gradient, expected, 1e-5, p.path);
  });
}

}  // namespace
}  // namespace ockham
