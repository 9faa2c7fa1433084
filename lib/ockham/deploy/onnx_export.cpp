#include "ockham/deploy/onnx_export.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "ockham/deploy/onnx_graph.hpp"
#include "ockham/model/tokenizer_io.hpp"
#include "ockham/nn/cell.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/sentencepiece_file.hpp"
#include "ockham/text/subword_tokenizer.hpp"

namespace ockham {
namespace {

using Type = OnnxGraph::Type;

/// Gate k of an ONNX operator is this one of nn/cell.hpp: i, o, f, c of i, f, c, o; z, r, h of r,
/// z, h.
std::vector<size_t> gate_order(Cell cell) {
  return cell == Cell::lstm ? std::vector<size_t>{0, 3, 1, 2} : std::vector<size_t>{1, 0, 2};
}

int64_t signed_size(size_t size) {
  return static_cast<int64_t>(size);
}

/// [1, gates * hidden, rows]: the columns of each gate as rows, in ONNX's order.
std::vector<float> gate_rows(const Matrix& weights, Cell cell, size_t hidden) {
  std::vector<float> rows;
  for (const size_t gate : gate_order(cell)) {
    for (size_t j = 0; j < hidden; ++j) {
      for (size_t r = 0; r < weights.rows(); ++r) rows.push_back(weights(r, gate * hidden + j));
    }
  }
  return rows;
}

/// Writes the network. Sequences stand as [length, batch, units].
class Writer {
 public:
  explicit Writer(const FoldedModel& model) : model_(model) {}

  OnnxGraph write() {
    graph_.input("ids", Type::int64, {{.name = "batch"}, {.name = "length"}});
    graph_.input("lengths", Type::int32, {{.name = "batch"}});
    graph_.output("probabilities", Type::float32,
                  {{.name = "batch"}, {.size = signed_size(model_.classes.size())}});
    write_constants();
    const std::string steps = graph_.node("Transpose", {"ids"}, {"steps"});
    std::string values = graph_.node(
        "Gather", {graph_.constant("embedding", model_.embedding), steps}, {"embedded"});
    for (size_t l = 0; l + 1 < model_.layers.size(); ++l) values = write_layer(l, values);
    write_mask(steps);
    write_probabilities(write_dense(write_summary(values)));
    return std::move(graph_);
  }

 private:
  struct Outputs {
    std::string all;   ///< y of every step [length, batch, units], 0 behind a text's end
    std::string last;  ///< y of its last step [batch, units], 0 without one
  };

  void write_constants() {
    graph_.constant("axis0", std::vector<int64_t>{0});
    graph_.constant("axis1", std::vector<int64_t>{1});
    graph_.constant("axis2", std::vector<int64_t>{2});
    graph_.scalar("zero", 0.0f);
    graph_.scalar("one", 1.0f);
  }

  /// [length, batch, 1]: whether a step is one of its text
  void write_mask(const std::string& steps) {
    graph_.scalar("int0", int64_t{0});
    graph_.scalar("int1", int64_t{1});
    graph_.node("Shape", {steps}, {"shape"});
    graph_.node("Gather", {"shape", "int0"}, {"longest"});
    graph_.node("Range", {"int0", "longest", "int1"}, {"places"});
    graph_.node("Unsqueeze", {"places", "axis1"}, {"places_column"});
    graph_.node("Cast", {"lengths"}, {"long_lengths"},
                {{.name = "to", .numbers = {static_cast<int64_t>(Type::int64)}}});
    graph_.node("Less", {"places_column", "long_lengths"}, {"inside"});
    graph_.node("Unsqueeze", {"inside", "axis2"}, {"mask"});
    graph_.node("Cast", {"lengths"}, {"real_lengths"},
                {{.name = "to", .numbers = {static_cast<int64_t>(Type::float32)}}});
    graph_.node("Max", {"real_lengths", "one"}, {"positive_lengths"});
    graph_.node("Unsqueeze", {"positive_lengths", "axis1"}, {"divisors"});
    graph_.node("Greater", {"real_lengths", "zero"}, {"any"});
    graph_.node("Unsqueeze", {"any", "axis1"}, {"has_steps"});
    if (std::ranges::count(model_.poolings, Pooling::max) > 0) graph_.scalar("lowest", -1e30f);
  }

  Outputs write_direction(size_t l, size_t d, const std::string& values) {
    const FoldedDirection& direction = model_.layers[l].directions[d];
    const Cell cell = model_.cell;
    const size_t hidden = direction.hidden();
    if (hidden == 0) fail("a recurrent layer has no units left: nothing can be exported");
    const std::string name = "layer" + std::to_string(l) + (d == 0 ? "_forward" : "_reverse");
    const int64_t rows = signed_size(gates_of(cell) * hidden);
    const auto inputs = signed_size(direction.weight_ih.rows());
    std::vector<float> bias = gate_rows(direction.bias, cell, hidden);
    bias.resize(2 * bias.size());
    if (cell == Cell::gru) {
      for (size_t j = 0; j < hidden; ++j) {
        bias[bias.size() - hidden + j] = direction.recurrent_bias(0, j);
      }
    }
    const std::string w = graph_.constant(name + "_w", {1, rows, inputs},
                                          gate_rows(direction.weight_ih, cell, hidden));
    const std::string r = graph_.constant(name + "_r", {1, rows, signed_size(hidden)},
                                          gate_rows(direction.weight_hh, cell, hidden));
    const std::string b = graph_.constant(name + "_b", {1, 2 * rows}, bias);
    graph_.node(cell == Cell::lstm ? "LSTM" : "GRU", {values, w, r, b, "lengths"},
                {name + "_all", name + "_last"}, attributes(hidden, d == 1));
    return {graph_.node("Squeeze", {name + "_all", "axis1"}, {name + "_steps"}),
            graph_.node("Squeeze", {name + "_last", "axis0"}, {name + "_end"})};
  }

  std::vector<OnnxGraph::Attribute> attributes(size_t hidden, bool reverse) const {
    std::vector<OnnxGraph::Attribute> result{
        {.name = "hidden_size", .numbers = {signed_size(hidden)}},
        {.name = "direction", .strings = {reverse ? "reverse" : "forward"}}};
    if (model_.cell == Cell::gru) result.push_back({.name = "linear_before_reset", .numbers = {1}});
    if (model_.gate_function == GateFunction::hard_sigmoid) {
      std::vector<std::string> functions{"HardSigmoid", "Tanh"};
      if (model_.cell == Cell::lstm) functions.push_back("Tanh");
      result.push_back({.name = "activations", .list = true, .strings = functions});
      result.push_back({.name = "activation_alpha", .reals = {0.2f}});
      result.push_back({.name = "activation_beta", .reals = {0.5f}});
    }
    return result;
  }

  /// All directions' outputs side by side, for the layer above.
  std::string write_layer(size_t l, const std::string& values) {
    std::vector<std::string> parts;
    for (size_t d = 0; d < model_.layers[l].directions.size(); ++d) {
      parts.push_back(write_direction(l, d, values).all);
    }
    return concat(parts, 2, "layer" + std::to_string(l));
  }

  std::string concat(const std::vector<std::string>& parts, int64_t axis, const std::string& name) {
    return graph_.node("Concat", parts, {name}, {{.name = "axis", .numbers = {axis}}});
  }

  /// [batch, summary]: for each direction of the top layer, for each pooling, one number a unit
  std::string write_summary(const std::string& values) {
    std::vector<std::string> parts;
    const size_t l = model_.layers.size() - 1;
    for (size_t d = 0; d < model_.layers[l].directions.size(); ++d) {
      const Outputs outputs = write_direction(l, d, values);
      for (size_t p = 0; p < model_.poolings.size(); ++p) {
        const std::string name = "pooled" + std::to_string(d) + "_" + std::to_string(p);
        parts.push_back(write_pooling(model_.poolings[p], outputs, name));
      }
    }
    return concat(parts, 1, "summary");
  }

  std::string write_pooling(Pooling pooling, const Outputs& outputs, const std::string& name) {
    switch (pooling) {
      case Pooling::max: {
        graph_.node("Where", {"mask", outputs.all, "lowest"}, {name + "_masked"});
        graph_.node(
            "ReduceMax", {name + "_masked"}, {name + "_most"},
            {{.name = "axes", .numbers = {0}, .list = true}, {.name = "keepdims", .numbers = {0}}});
        return graph_.node("Where", {"has_steps", name + "_most", "zero"}, {name});
      }
      case Pooling::mean: {
        graph_.node("Where", {"mask", outputs.all, "zero"}, {name + "_masked"});
        graph_.node("ReduceSum", {name + "_masked", "axis0"}, {name + "_sum"},
                    {{.name = "keepdims", .numbers = {0}}});
        return graph_.node("Div", {name + "_sum", "divisors"}, {name});
      }
      case Pooling::last:
        break;
    }
    return outputs.last;
  }

  /// max(0, x W + b), layer by layer
  std::string write_dense(std::string x) {
    for (size_t i = 0; i < model_.dense_layers.size(); ++i) {
      const std::string name = "dense" + std::to_string(i);
      x = write_affine(x, model_.dense_layers[i].weight, model_.dense_layers[i].bias, name);
      x = graph_.node("Relu", {x}, {name});
    }
    return x;
  }

  std::string write_affine(const std::string& x, const Matrix& weight, const Matrix& bias,
                           const std::string& name) {
    const std::string w = graph_.constant(name + "_w", weight);
    const std::string b = graph_.constant(name + "_b", bias);
    graph_.node("MatMul", {x, w}, {name + "_product"});
    return graph_.node("Add", {name + "_product", b}, {name + "_sum"});
  }

  void write_probabilities(const std::string& x) {
    std::string logits = write_affine(x, model_.output_weight, model_.output_bias, "output");
    if (model_.temperature != 1.0) {
      graph_.scalar("inverse_temperature", static_cast<float>(1.0 / model_.temperature));
      logits = graph_.node("Mul", {logits, "inverse_temperature"}, {"logits"});
    }
    if (model_.output == OutputKind::softmax) {
      graph_.node("Softmax", {logits}, {"probabilities"}, {{.name = "axis", .numbers = {1}}});
    } else if (model_.outputs() == model_.classes.size()) {
      graph_.node("Sigmoid", {logits}, {"probabilities"});
    } else {  // one logit that tells two classes apart
      graph_.node("Sigmoid", {logits}, {"second"});
      graph_.node("Sub", {"one", "second"}, {"first"});
      concat({"first", "second"}, 1, "probabilities");
    }
  }

  const FoldedModel& model_;
  OnnxGraph graph_;
};

/// How a text becomes ids, for whoever has no Ockham at hand.
nlohmann::json recipe(const FoldedModel& model) {
  nlohmann::json steps = nlohmann::json::array(
      {"cut the text into tokens as `tokenizer` says (Ockham's docs/onnx.md)",
       "for each token in order, for each length from 1 to the longest n-gram: the n-gram that "
       "ends at this token, its tokens joined with one space, gives its id if it is known",
       model.vocabulary.hashed() != nullptr
           ? "the id of a known n-gram is the place of its bucket in `tokenizer.buckets`, from 0"
           : "the id of a known n-gram is its place in `tokenizer.ngrams`, from 0",
       "what is not known gives none"});
  if (model.max_tokens > 0) {
    steps.push_back("the first " + std::to_string(model.max_tokens) + " ids count");
  }
  return steps;
}

}  // namespace

OnnxModel export_onnx(const FoldedModel& model, const std::string& version) {
  check_folded(model);
  if (model.vocabulary.size() == 0) fail("no n-gram is left: there is nothing to export");
  nlohmann::json description{
      {"inputs",
       {{"ids", "int64 [batch, length], length 1 at least; behind a text's own ids any id"},
        {"lengths", "int32 [batch], how many ids each text has"}}},
      {"output", {{"probabilities", "float [batch, classes]"}}},
      {"classes", model.classes},
      {"several_labels", model.several_labels},
      {"max_ids", model.max_tokens},
      {"ids", recipe(model)},
      {"tokenizer", nlohmann::json::parse(tokenizer_json(*model.tokenizer, model.vocabulary))}};
  if (model.several_labels) description["thresholds"] = model.thresholds;
  OnnxModel result;
  result.model = Writer(model).write().model("ockham", version);
  result.description = description.dump(1) + "\n";
  if (const auto* subwords = dynamic_cast<const SubwordTokenizer*>(model.tokenizer.get())) {
    result.subwords = write_sentencepiece(subwords->model());
  }
  return result;
}

}  // namespace ockham
