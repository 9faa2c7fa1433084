"""Writes an ONNX graph of an LSTM at the papers' size, with an embedding before and one output behind.

    python3 tests/bench/onnx_lstm.py FILE
"""
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

WORDS, EMBEDDING, HIDDEN = 20_003, 300, 128


def main():
    random = numpy.random.default_rng(1)

    def weight(name, *shape):
        return numpy_helper.from_array(random.normal(0, 0.1, shape).astype("float32"), name)

    nodes = [
        helper.make_node("Gather", ["embedding", "words"], ["inputs"]),  # words [steps, batch]
        helper.make_node("LSTM", ["inputs", "w", "r", "b"], ["", "last"], hidden_size=HIDDEN),
        helper.make_node("Squeeze", ["last", "axis"], ["summary"]),
        helper.make_node("Gemm", ["summary", "v", "c"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes, "lstm",
        [helper.make_tensor_value_info("words", TensorProto.INT64, ["steps", "batch"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1])],
        [weight("embedding", WORDS, EMBEDDING), weight("w", 1, 4 * HIDDEN, EMBEDDING),
         weight("r", 1, 4 * HIDDEN, HIDDEN), weight("b", 1, 8 * HIDDEN), weight("v", HIDDEN, 1),
         weight("c", 1), numpy_helper.from_array(numpy.array([0], "int64"), "axis")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    model.ir_version = 8
    onnx.save(model, sys.argv[1])


main()
