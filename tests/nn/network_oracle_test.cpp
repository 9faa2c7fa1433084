#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "ockham/bayes/log_normal.hpp"
#include "ockham/bayes/sparse.hpp"
#include "ockham/nn/network_pass.hpp"
#include "ockham/tensor/kernels.hpp"
#include "tests/support/expect_close.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/table_noise.hpp"

// Whole tiny classifiers against autograd: loss, KL, every gradient, pruned logits, ten steps of
// Adam. There the input multipliers are drawn for each sequence, here for each mini-batch; so every
// sequence goes through alone and the three passes are averaged.
namespace ockham {
namespace {

using nlohmann::json;

struct Model {
  explicit Model(const json& values_in) : values(values_in) {
    NetworkShape shape;
    shape.words = values["vocabulary"];
    shape.embedding = values["input"];
    shape.hidden = values["hidden"];
    shape.bidirectional = values["directions"] == 2;
    shape.poolings = {parse_pooling(values["summary"].get<std::string>())};
    shape.outputs = values["classes"];
    shape.groups = {true, true, true, true};
    shape.cell = parse_cell(values["cell"].get<std::string>());
    network = make_network(shape, 1);
    network.output_weight.estimator = Estimator::local;
    for (auto& [name, p] : named()) {
      const json& from = values["parameters"][name];
      if (from.contains("value")) {
        p->mean = in_layout(*p, from["value"]);
        continue;
      }
      if (from.contains("mu")) p->set_posterior(std::make_shared<LogNormal>(), 0.0f);
      if (from.contains("m")) p->set_posterior(std::make_shared<Sparse>(), 0.0f);
      p->mean = in_layout(*p, from[mean_name(from)]);
      const json& spread = from[spread_name(from)];
      if (spread.is_number()) {
        p->sharing = Sharing::layer;
        p->spread.fill(spread.get<float>());
      } else {
        p->spread = in_layout(*p, spread);
      }
    }
  }

  /// The oracle's names for a parameter's numbers: a bias's, those of (0, 1]-valued multipliers,
  /// or a Gaussian's.
  static std::string mean_name(const json& from) {
    if (from.contains("value")) return "value";
    return from.contains("mu") ? "mu" : "m";
  }
  static std::string spread_name(const json& from) {
    return from.contains("mu") ? "log_sigma" : "log_s";
  }
  static std::string noise_name(const json& from) { return from.contains("mu") ? "y01" : "e"; }

  /// The oracle's names for the network's parameters.
  std::map<std::string, Parameter*> named() {
    std::map<std::string, Parameter*> all = {{"embedding", &network.embedding},
                                             {"z_word", &*network.word_multiplier},
                                             {"z_x", &*network.input_multiplier},
                                             {"output", &network.output_weight},
                                             {"output_bias", &network.output_bias}};
    for (size_t d = 0; d < network.layers[0].directions.size(); ++d) {
      RecurrentDirection& direction = network.layers[0].directions[d];
      const std::string suffix = d == 1 ? "_reverse" : "";
      all["W_x" + suffix] = &direction.weight_ih;
      all["W_h" + suffix] = &direction.weight_hh;
      all["bias" + suffix] = &direction.bias;
      if (direction.recurrent_bias) all["bias_h" + suffix] = &*direction.recurrent_bias;
      all["z_gates" + suffix] = &*direction.gate_multiplier;
      all["z_h" + suffix] = &*direction.unit_multiplier;
    }
    return all;
  }

  /// The oracle's W_x and W_h are [gates][rows][units]; everything else is in our order.
  static Matrix in_layout(const Parameter& p, const json& list) {
    const bool gates = list[0].is_array() && list[0][0].is_array();
    return gates ? gates_to_matrix(list) : to_matrix(list, p.rows());
  }

  /// The noise of one sequence: its own of the multipliers and the output, the mini-batch's of the
  /// weights.
  TableNoise noise_of(size_t b) {
    TableNoise noise;
    for (auto& [name, p] : named()) {
      const json& from = values["parameters"][name];
      if (from.contains("value")) continue;
      const size_t sequences = values["lengths"].size();
      if (name == "output") {
        noise.set(p->id, to_matrix(from["e_output"], sequences));
      } else if (name == "z_x") {  // the mini-batch's one row
        noise.set(p->id, to_matrix(from[noise_name(from)][b], 1));
      } else if (name.starts_with("z_")) {
        noise.set(p->id, to_matrix(from[noise_name(from)], sequences));
      } else {
        noise.set(p->id, in_layout(*p, from["e"]));
      }
    }
    return noise;
  }

  TokenBatch sequence(size_t b) const {
    const size_t length = values["lengths"][b];
    const std::vector<int> tokens = values["tokens"][b];
    TokenBatch batch;
    batch.add(
        std::vector<uint32_t>(tokens.begin(), tokens.begin() + static_cast<ptrdiff_t>(length)),
        static_cast<uint32_t>(b));
    return batch;
  }

  /// The mean loss of the data over the sequences; adds its gradients.
  double data_pass(Matrix* logits = nullptr) {
    const size_t sequences = values["lengths"].size(), classes = values["classes"];
    if (logits) *logits = Matrix(sequences, classes);
    double loss = 0.0;
    for (size_t b = 0; b < sequences; ++b) {
      const TokenBatch batch = sequence(b);
      const TableNoise noise = noise_of(b);
      NetworkPass pass(network, batch, &noise, pool);
      Matrix target(1, classes), dlogits(1, classes);
      target(0, values["labels"][b]) = 1.0f;
      const double share = 1.0 / static_cast<double>(sequences);
      loss += share * cross_entropy(OutputKind::softmax, pass.logits(), target, {}, dlogits);
      scale(static_cast<float>(share), dlogits.values());
      pass.backward(network, dlogits, pool);
      if (logits) std::copy_n(pass.logits().data(), classes, logits->row(b));
    }
    return loss;
  }

  double kl() {
    double sum = 0.0;
    network.for_each_parameter([&](const Parameter& p) { sum += p.kl(); });
    return sum;
  }

  /// What one nat of KL weighs in the loss at this beta.
  double kl_weight(double beta) const {
    return beta * values["scale"].get<double>() / values["N"].get<double>();
  }

  json values;
  Network network;
  ThreadPool pool{1};
};

using NameAndCase = std::tuple<const char*, size_t>;

class ModelOracle : public testing::TestWithParam<NameAndCase> {
 protected:
  static Model model() {
    const auto& [name, number] = GetParam();
    return Model(read_oracle(name, "cases").at(number));
  }
};
// Cases 0 and 2 have normal multipliers, 1 and 3 log-normal ones; 0 and 1 have one direction, 2 and
// 3 both; a layer's weights share one deviation in case 1. The pooling is last, mean, max, last.
INSTANTIATE_TEST_SUITE_P(Cases, ModelOracle,
                         testing::Combine(testing::Values("model_lstm", "model_gru"),
                                          testing::Range<size_t>(0, 4)));

TEST_P(ModelOracle, LogitsLossAndKl) {
  Model m = model();
  Matrix logits;
  const double data_loss = m.data_pass(&logits);
  // Some hundred fp32 operations on values of about 1.
  expect_close(logits, numbers(m.values["logits"]), 5e-6, "logits");
  expect_close(class_probabilities(OutputKind::softmax, logits), numbers(m.values["probabilities"]),
               2e-6, "probabilities");
  EXPECT_NEAR(data_loss, m.values["data_loss"].get<double>(), 3e-6);
  // Each of some 200-400 elements is right to 2e-6, with errors of both signs.
  EXPECT_NEAR(m.kl(), m.values["kl"].get<double>(), 1e-4);
  const double beta = m.values["beta"];
  EXPECT_NEAR(data_loss + m.kl_weight(beta) * m.kl(), m.values["loss"].get<double>(), 5e-6);
}

TEST_P(ModelOracle, EveryGradient) {
  Model m = model();
  m.data_pass();
  // The data's part alone: rows of words that do not occur are exactly 0.
  const auto data_gradient = numbers(m.values["grad_data_embedding_m"]);
  expect_close(m.network.embedding.mean_gradient, data_gradient, 5e-6, "embedding, data only");
  for (size_t i = 0; i < data_gradient.size(); ++i) {
    if (data_gradient[i] != 0.0) continue;
    EXPECT_EQ(m.network.embedding.mean_gradient.values()[i], 0.0f);
  }
  const auto kl_weight = static_cast<float>(m.kl_weight(m.values["beta"]));
  for (auto& [name, p] : m.named()) {
    p->posterior->add_kl_gradient(kl_weight, p->mean.values(), p->spread.values(),
                                  p->mean_gradient.values(), p->spread_gradient.values());
    const json& wanted = m.values["parameters"][name];
    expect_close(p->mean_gradient, Model::in_layout(*p, wanted["grad_" + Model::mean_name(wanted)]),
                 5e-6, name + " mean");
    if (!p->posterior->has_spread()) continue;
    const json& spread = wanted["grad_" + Model::spread_name(wanted)];
    if (spread.is_number()) {  // a sum over up to 36 elements
      EXPECT_NEAR(p->sum_shared(p->spread_gradient)(0, 0), spread.get<double>(), 2e-5) << name;
    } else {
      expect_close(p->spread_gradient, Model::in_layout(*p, spread), 5e-6, name + " spread");
    }
  }
}

TEST_P(ModelOracle, PrunedLogits) {
  Model m = model();
  for (auto& [name, p] : m.named()) {
    p->prune(p->keep_mask());
    if (!m.values["kept"].contains(name)) continue;  // a bias
    const auto kept = std::count(p->kept.begin(), p->kept.end(), 1);
    EXPECT_EQ(kept, m.values["kept"][name].get<long>()) << name;
  }
  TokenBatch batch;
  for (size_t b = 0; b < m.values["lengths"].size(); ++b) batch.add(m.sequence(b).words, 0);
  const NetworkPass pass(m.network, batch, nullptr, m.pool);
  expect_close(pass.logits(), numbers(m.values["pruned_logits"]), 5e-6, "pruned logits");
}

class ModelTraining : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Cells, ModelTraining, testing::Values("model_lstm", "model_gru"));

TEST_P(ModelTraining, TenStepsOfAdam) {
  Model m(read_oracle(GetParam(), "cases").at(0));
  struct Moments {
    Matrix first[2], second[2];
  };
  std::map<std::string, Moments> moments;
  for (auto& [name, p] : m.named()) {
    const Matrix zero(p->rows(), p->cols());
    moments[name] = {{zero, zero}, {zero, zero}};
  }
  const json& steps = m.values["training"];
  ASSERT_EQ(steps.size(), 10u);
  double power1 = 1.0, power2 = 1.0;
  for (const json& wanted : steps) {
    const double weight = m.kl_weight(wanted["beta"]);
    const double kl = m.kl(), data_loss = m.data_pass();
    // A relative error of 1e-6 in a gradient moves a weight by less than 1e-6 of the step of 0.02,
    // but where a gradient nearly vanishes Adam still takes a whole step: errors grow slowly.
    EXPECT_NEAR(data_loss, wanted["data_loss"].get<double>(), 1e-5) << wanted["step"];
    EXPECT_NEAR(kl, wanted["kl"].get<double>(), 4e-4) << wanted["step"];  // 5e-6 of it
    EXPECT_NEAR(data_loss + weight * kl, wanted["loss"].get<double>(), 2e-5) << wanted["step"];
    AdamStep step;
    step.learning_rate = 0.02f;
    step.correction1 = static_cast<float>(1.0 / (1.0 - (power1 *= 0.9)));
    step.correction2 = static_cast<float>(1.0 / (1.0 - (power2 *= 0.999)));
    for (auto& [name, p] : m.named()) {
      Moments& state = moments[name];
      AdamTensor spread;
      if (!p->spread.empty()) {
        spread = {p->spread.values(), p->spread_gradient.values(), state.first[1].values(),
                  state.second[1].values()};
      }
      p->posterior->descend(step, static_cast<float>(weight),
                            {p->mean.values(), p->mean_gradient.values(), state.first[0].values(),
                             state.second[0].values()},
                            spread);
    }
  }
  const json& after = m.values["after_training"];
  expect_close(m.network.output_bias.mean, numbers(after["output_bias"]), 2e-5, "output bias");
  expect_close(m.network.embedding.mean, numbers(after["embedding_m"]), 2e-5, "embedding");
  expect_close(m.network.embedding.spread, numbers(after["embedding_log_s"]), 2e-5, "log s");
}

}  // namespace
}  // namespace ockham
