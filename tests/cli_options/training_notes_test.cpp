#include "apps/training_notes.hpp"

#include <gtest/gtest.h>

namespace ockham {
namespace {

Network network_of(size_t embedding, size_t hidden, Cell cell = Cell::lstm) {
  NetworkShape shape;
  shape.words = 10;
  shape.embedding = embedding;
  shape.hidden = hidden;
  shape.outputs = 1;
  shape.cell = cell;
  return make_network(shape, 1);
}

TEST(PrecisionText, TellsWhereThePrecisionMakesNoDifference) {
  EXPECT_EQ(precision_text(network_of(8, 4), Precision::fp32), "");
  EXPECT_EQ(precision_text(network_of(8, 4), Precision::bf16),
            "--precision bf16 makes no difference: no layer of this network is large enough");
  // 88 x 352 and 92 x 368 weights, 300 x 4 x 28, GRU: 3 x 104 x 104 and 3 x 108 x 108
  EXPECT_NE(precision_text(network_of(8, 88), Precision::bf16), "");
  EXPECT_EQ(precision_text(network_of(8, 89), Precision::bf16), "");
  EXPECT_NE(precision_text(network_of(300, 24), Precision::bf16), "");
  EXPECT_EQ(precision_text(network_of(300, 28), Precision::bf16), "");
  EXPECT_NE(precision_text(network_of(8, 104, Cell::gru), Precision::bf16), "");
  EXPECT_EQ(precision_text(network_of(8, 108, Cell::gru), Precision::bf16), "");
}

}  // namespace
}  // namespace ockham
