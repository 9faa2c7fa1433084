#include "ockham/deploy/onnx_export.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "ockham/tensor/error.hpp"
#include "tests/deploy/deploy_test_util.hpp"

// Whether the graph stands by itself; tests/export runs it in onnxruntime.

namespace ockham {
namespace {

/// The fields of a message: numbers, or bytes.
struct Field {
  uint64_t number = 0;
  std::string bytes;
};

std::multimap<uint32_t, Field> fields_of(const std::string& message) {
  std::multimap<uint32_t, Field> fields;
  size_t at = 0;
  const auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(message.at(at++));
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.size()) {
    const uint64_t tag = varint();
    Field field;
    if ((tag & 7) == 0) {
      field.number = varint();
    } else {
      const size_t length = (tag & 7) == 5 ? 4 : varint();
      field.bytes = message.substr(at, length);
      EXPECT_EQ(field.bytes.size(), length);
      at += length;
    }
    fields.emplace(static_cast<uint32_t>(tag >> 3), field);
  }
  return fields;
}

std::vector<std::string> all(const std::multimap<uint32_t, Field>& fields, uint32_t number) {
  std::vector<std::string> values;
  const auto [begin, end] = fields.equal_range(number);
  for (auto it = begin; it != end; ++it) values.push_back(it->second.bytes);
  return values;
}

std::string one(const std::multimap<uint32_t, Field>& fields, uint32_t number) {
  const auto values = all(fields, number);
  EXPECT_EQ(values.size(), 1u) << number;
  return values.empty() ? "" : values[0];
}

struct Graph {
  std::map<std::string, std::vector<float>> constants;  // of floats
  std::vector<std::string> operations;
};

/// Every node's inputs must be there before it, every name once, and all constants whole.
Graph checked_graph(const std::string& model) {
  const auto graph = fields_of(one(fields_of(model), 7));
  Graph result;
  std::set<std::string> known{""};
  const auto define = [&](const std::string& name) {
    EXPECT_TRUE(name.empty() || known.insert(name).second) << name << " is there twice";
  };
  for (const std::string& input : all(graph, 11)) define(one(fields_of(input), 1));
  for (const std::string& constant : all(graph, 5)) {
    const auto tensor = fields_of(constant);
    uint64_t size = 1;
    const auto [begin, end] = tensor.equal_range(1);
    for (auto it = begin; it != end; ++it) size *= it->second.number;
    const std::string bytes = one(tensor, 9);
    const bool real = tensor.find(2)->second.number == 1;
    EXPECT_EQ(bytes.size(), size * (real ? 4 : 8)) << one(tensor, 8);
    define(one(tensor, 8));
    if (!real) continue;
    std::vector<float> values(size);
    std::memcpy(values.data(), bytes.data(), bytes.size());
    result.constants[one(tensor, 8)] = values;
  }
  for (const std::string& written : all(graph, 1)) {
    const auto node = fields_of(written);
    result.operations.push_back(one(node, 4));
    for (const std::string& input : all(node, 1)) EXPECT_TRUE(known.count(input)) << input;
    for (const std::string& output : all(node, 2)) define(output);
  }
  EXPECT_TRUE(known.count(one(fields_of(one(graph, 12)), 1))) << "the output";
  return result;
}

FoldedModel some_model(OutputKind output) {
  std::mt19937 random(3);
  return fold(sparse_classifier(random, 9, 3, output, 3, 1.0));
}

TEST(OnnxExport, TheGraphStandsByItself) {
  for (const OutputKind output : {OutputKind::softmax, OutputKind::sigmoid}) {
    const FoldedModel model = some_model(output);
    const OnnxModel exported = export_onnx(model, "1.2.3");
    const Graph graph = checked_graph(exported.model);
    EXPECT_EQ(std::ranges::count(graph.operations, "LSTM"),
              static_cast<ptrdiff_t>(model.layers[0].directions.size()));
    EXPECT_EQ(graph.operations.back(), output == OutputKind::softmax ? "Softmax" : "Sigmoid");
    EXPECT_EQ(export_onnx(model, "1.2.3").model, exported.model);
  }
}

/// Input, output, forget, cell: gates 0, 3, 1 and 2 of nn/cell.hpp.
TEST(OnnxExport, GatesStandInTheOrderOfTheOperator) {
  const FoldedModel model = some_model(OutputKind::softmax);
  const FoldedDirection& direction = model.layers[0].directions[0];
  const auto graph = checked_graph(export_onnx(model, "1").model);
  const auto& w = graph.constants.at("layer0_forward_w");
  const auto& r = graph.constants.at("layer0_forward_r");
  const auto& b = graph.constants.at("layer0_forward_b");
  const size_t hidden = direction.hidden(), inputs = direction.weight_ih.rows();
  const std::array<size_t, 4> gates{0, 3, 1, 2};
  for (size_t k = 0; k < 4; ++k) {
    for (size_t j = 0; j < hidden; ++j) {
      const size_t row = k * hidden + j, column = gates[k] * hidden + j;
      EXPECT_EQ(b[row], direction.bias(0, column));
      EXPECT_EQ(b[4 * hidden + row], 0.0f);
      for (size_t i = 0; i < inputs; ++i) {
        EXPECT_EQ(w[row * inputs + i], direction.weight_ih(i, column));
      }
      for (size_t i = 0; i < hidden; ++i) {
        EXPECT_EQ(r[row * hidden + i], direction.weight_hh(i, column));
      }
    }
  }
}

TEST(OnnxExport, TheDescriptionHasWhatIdsAreMadeOf) {
  const FoldedModel model = some_model(OutputKind::softmax);
  const auto description = nlohmann::json::parse(export_onnx(model, "1").description);
  EXPECT_EQ(description.at("classes"), nlohmann::json(model.classes));
  EXPECT_EQ(description.at("tokenizer").at("ngrams"), nlohmann::json(model.vocabulary.ngrams()));
  EXPECT_FALSE(description.contains("thresholds"));
}

TEST(OnnxExport, RefusesWhatHasNothingLeft) {
  FoldedModel model = some_model(OutputKind::softmax);
  model.vocabulary = Vocabulary();
  model.embedding = Matrix(0, model.embedding.cols());
  EXPECT_THROW(export_onnx(model, "1"), Error);
}

}  // namespace
}  // namespace ockham
