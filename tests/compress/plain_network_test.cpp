#include "ockham/compress/plain_network.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/compress/random_classifier.hpp"
#include "tests/support/expect_close.hpp"

// That a plain network has the folded model's probabilities is folded_model_test's affair.

namespace ockham {
namespace {

class PlainNetwork : public testing::TestWithParam<Encoder> {};
INSTANTIATE_TEST_SUITE_P(Encoders, PlainNetwork, testing::ValuesIn(kEncoders));

FoldedModel sparse_model(const Encoder& encoder, std::mt19937& random) {
  const NetworkShape shape = small_shape(6, 4, OutputKind::softmax, 3, encoder);
  return fold(make_classifier(random_network(random, shape, 0.5), shape, 3, numbered("word", 6)));
}

TEST_P(PlainNetwork, GivesItsWeightsBack) {
  std::mt19937 random(3);
  const FoldedModel model = sparse_model(GetParam(), random);
  FoldedModel back = model;
  back.embedding.fill(1.0f);
  for (FoldedLayer& layer : back.layers) {
    for (FoldedDirection& direction : layer.directions) direction.weight_hh.fill(1.0f);
  }
  take_weights(plain_network(model), back);
  EXPECT_EQ(back.embedding, model.embedding);
  EXPECT_EQ(back.layers, model.layers);
  EXPECT_EQ(back.dense_layers, model.dense_layers);
  EXPECT_EQ(back.output_weight, model.output_weight);
  EXPECT_EQ(back.output_bias, model.output_bias);
}

TEST_P(PlainNetwork, RemembersWhatIsNought) {
  std::mt19937 random(4);
  size_t noughts = 0;
  plain_network(sparse_model(GetParam(), random)).for_each_parameter([&](const Parameter& p) {
    for (size_t i = 0; i < p.kept.size(); ++i) {
      EXPECT_EQ(p.kept[i] == 0, p.mean.values()[i] == 0.0f) << p.path;
      noughts += p.kept[i] == 0 ? 1 : 0;
    }
  });
  EXPECT_GT(noughts, 20u);
}

TEST(PlainNetworkOfAModel, TakesTheTemperatureIn) {
  std::mt19937 random(5);
  FoldedModel model = sparse_model({}, random);
  const Network sharp = plain_network(model);
  model.temperature = 2.5;
  const Network soft = plain_network(model);
  for (size_t i = 0; i < sharp.output_weight.mean.size(); ++i) {
    EXPECT_FLOAT_EQ(soft.output_weight.mean.values()[i],
                    sharp.output_weight.mean.values()[i] / 2.5f);
  }
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_FLOAT_EQ(soft.output_bias.mean(0, k), sharp.output_bias.mean(0, k) / 2.5f);
  }
  take_weights(soft, model);
  EXPECT_EQ(model.temperature, 1.0);
}

}  // namespace
}  // namespace ockham
