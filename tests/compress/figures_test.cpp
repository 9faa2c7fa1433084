#include "ockham/compress/figures.hpp"

#include <gtest/gtest.h>

#include "ockham/compress/compaction.hpp"
#include "tests/compress/random_classifier.hpp"

namespace ockham {
namespace {

NetworkShape paper_shape() {
  NetworkShape shape;
  shape.words = 20'003;
  shape.embedding = 300;
  shape.hidden = 128;
  shape.bidirectional = false;
  shape.poolings = {Pooling::last};
  shape.output = OutputKind::sigmoid;
  shape.outputs = 1;
  return shape;
}

TEST(CompressionFigures, CountThePapersDenseModel) {
  NetworkShape tiny = paper_shape();
  tiny.words = 1;
  tiny.embedding = 1;
  tiny.hidden = 1;
  const CompressionFigures figures = compression_figures(paper_shape(), make_network(tiny, 1));
  EXPECT_EQ(figures.weights_total, 6'220'164u);
  EXPECT_EQ(figures.weights_kept, 1u + 4 + 4 + 1);
  EXPECT_DOUBLE_EQ(figures.compression, 622'016.4);
}

TEST(CompressionFigures, CountWhatIsNotZero) {
  const NetworkShape shape = small_shape(4, 2, OutputKind::softmax, 2);
  Network network = make_network(shape, 1);
  network.for_each_parameter([](Parameter& p) { p.mean.fill(1.0f); });
  network.embedding.mean(0, 0) = 0.0f;
  network.output_weight.mean(3, 1) = 0.0f;
  network.directions[0].gate_multiplier->mean(0, 5) = 0.0f;
  prune_and_compact(network);
  const CompressionFigures figures = compression_figures(shape, network);
  EXPECT_EQ(figures.weights_total, 12u + 2 * 40 + 16);
  EXPECT_EQ(figures.embedding_weights, 11u);
  EXPECT_EQ(figures.recurrent_weights, 2u * 40 - 5) << "the constant gate's column is gone";
  EXPECT_EQ(figures.output_weights, 15u);
  EXPECT_EQ(figures.weights_kept, 11u + 75 + 15);
  EXPECT_EQ(figures.words_kept, 4u);
  EXPECT_EQ(figures.inputs_kept, 3u);
  EXPECT_EQ(figures.units_kept, 4u);
  EXPECT_EQ(figures.gates_kept, 15u);
  EXPECT_DOUBLE_EQ(figures.flops_per_token, 2.0 * 2 * 15 + 30.0 * 4);
}

TEST(CompressionFigures, OfAFoldedModelAreThoseOfItsNetwork) {
  std::mt19937 random(1);
  const NetworkShape shape = small_shape(9, 4, OutputKind::softmax, 3);
  Network network = random_network(random, shape, 0.3);
  prune_and_compact(network);
  const CompressionFigures of_network = compression_figures(shape, network);
  const CompressionFigures of_model = compression_figures(
      fold(make_classifier(network, shape, 3, numbered("w", network.embedding.rows()))));
  EXPECT_LT(of_network.weights_kept, of_network.weights_total / 2);
  EXPECT_EQ(of_model.weights_total, of_network.weights_total);
  EXPECT_EQ(of_model.weights_kept, of_network.weights_kept);
  EXPECT_EQ(of_model.words_kept, of_network.words_kept);
  EXPECT_EQ(of_model.units_kept, of_network.units_kept);
  EXPECT_EQ(of_model.gates_kept, of_network.gates_kept);
  EXPECT_DOUBLE_EQ(of_model.flops_per_token, of_network.flops_per_token);
}

TEST(CompressionFigures, AreFiniteForAnEmptyNetwork) {
  const NetworkShape shape = small_shape(4, 2, OutputKind::softmax, 2);
  Network network = make_network(shape, 1);
  compact(network, selections(network, {{}, {}, {{}, {}}}));
  const CompressionFigures figures = compression_figures(shape, network);
  EXPECT_EQ(figures.weights_kept, 0u);
  EXPECT_EQ(figures.gates_kept, 0u);
  EXPECT_DOUBLE_EQ(figures.compression, 108.0);
}

}  // namespace
}  // namespace ockham
