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

TEST(CompressionFigures, CountTheGatesAndLayersOfADenseModel) {
  NetworkShape shape = paper_shape();
  shape.cell = Cell::gru;
  EXPECT_EQ(dense_weights(shape), 20'003u * 300 + 3 * 128 * (300 + 128) + 128);
  shape.bidirectional = true;
  shape.layers = 3;
  EXPECT_EQ(dense_weights(shape),
            20'003u * 300 + 2 * 3 * 128 * (300 + 128) + 2 * 2 * 3 * 128 * (256 + 128) + 256);
  shape.dense_layers = {10, 7};
  EXPECT_EQ(dense_weights(shape), 20'003u * 300 + 2 * 3 * 128 * (300 + 128) +
                                      2 * 2 * 3 * 128 * (256 + 128) + 2560 + 70 + 7);
  for (const Encoder& encoder : kEncoders) {
    const NetworkShape small = small_shape(4, 2, OutputKind::softmax, 2, encoder);
    Network network = make_network(small, 1);
    network.for_each_parameter([](Parameter& p) { p.mean.fill(1.0f); });
    const CompressionFigures figures = compression_figures(small, network);
    EXPECT_EQ(figures.weights_kept, dense_weights(small)) << encoder;
    EXPECT_EQ(figures.dense_layer_units, encoder.dense_layers);
    if (!encoder.dense_layers.empty()) {
      EXPECT_EQ(figures.dense_layer_weights[0], 8 * encoder.dense_layers[0]);
    }
    EXPECT_EQ(figures.gates_kept, 4 * encoder.layers * gates_of(encoder.cell)) << encoder;
    // The first layer's inputs are looked up, the second reads four units.
    const auto gates = static_cast<double>(4 * gates_of(encoder.cell));
    EXPECT_DOUBLE_EQ(figures.flops_per_token,
                     encoder.layers == 1 ? 4 * gates + 120 : 4 * gates + 12 * gates + 240)
        << encoder;
  }
}

TEST(CompressionFigures, CountWhatIsNotZero) {
  const NetworkShape shape = small_shape(4, 2, OutputKind::softmax, 2);
  Network network = make_network(shape, 1);
  network.for_each_parameter([](Parameter& p) { p.mean.fill(1.0f); });
  network.embedding.mean(0, 0) = 0.0f;
  network.output_weight.mean(3, 1) = 0.0f;
  network.layers[0].directions[0].gate_multiplier->mean(0, 5) = 0.0f;
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

class FiguresOf : public testing::TestWithParam<Encoder> {};
INSTANTIATE_TEST_SUITE_P(Encoders, FiguresOf, testing::ValuesIn(kEncoders));

TEST_P(FiguresOf, AFoldedModelAreThoseOfItsNetwork) {
  std::mt19937 random(1);
  const NetworkShape shape = small_shape(9, 4, OutputKind::softmax, 3, GetParam());
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
