#include "ockham/deploy/onnx_graph.hpp"

#include <bit>
#include <cstring>

namespace ockham {
namespace {

// Numbers of fields in onnx.proto3, by message.
namespace field {
constexpr uint32_t kModelIrVersion = 1, kModelProducer = 2, kModelProducerVersion = 3,
                   kModelGraph = 7, kModelOpset = 8;
constexpr uint32_t kOpsetVersion = 2;
constexpr uint32_t kGraphNode = 1, kGraphName = 2, kGraphConstant = 5, kGraphInput = 11,
                   kGraphOutput = 12;
constexpr uint32_t kNodeInput = 1, kNodeOutput = 2, kNodeName = 3, kNodeOperation = 4,
                   kNodeAttribute = 5;
constexpr uint32_t kAttributeName = 1, kAttributeNumber = 3, kAttributeString = 4,
                   kAttributeReals = 7, kAttributeNumbers = 8, kAttributeStrings = 9,
                   kAttributeType = 20;
constexpr uint32_t kTensorShape = 1, kTensorType = 2, kTensorName = 8, kTensorBytes = 9;
constexpr uint32_t kValueName = 1, kValueType = 2, kTypeTensor = 1, kTensorElement = 1,
                   kTensorAxes = 2, kAxes = 1, kAxisSize = 1, kAxisName = 2;
}  // namespace field

enum AttributeType : int64_t { kInt = 2, kString = 3, kFloats = 6, kInts = 7, kStrings = 8 };

constexpr int64_t kIrVersion = 7;
constexpr int64_t kOpset = 13;

ProtobufMessage attribute_of(const OnnxGraph::Attribute& from) {
  ProtobufMessage attribute;
  attribute.bytes(field::kAttributeName, from.name);
  int64_t type = kInts;
  if (!from.strings.empty()) {
    type = from.strings.size() == 1 && !from.list ? kString : kStrings;
    const uint32_t number = type == kString ? field::kAttributeString : field::kAttributeStrings;
    for (const std::string& value : from.strings) attribute.bytes(number, value);
  } else if (!from.reals.empty()) {
    type = kFloats;
    for (const float value : from.reals) attribute.real(field::kAttributeReals, value);
  } else {
    type = from.numbers.size() == 1 && !from.list ? kInt : kInts;
    const uint32_t number = type == kInt ? field::kAttributeNumber : field::kAttributeNumbers;
    for (const int64_t value : from.numbers) attribute.number(number, value);
  }
  attribute.number(field::kAttributeType, type);
  return attribute;
}

ProtobufMessage value_of(const std::string& name, OnnxGraph::Type type,
                         const std::vector<OnnxAxis>& axes) {
  ProtobufMessage shape;
  for (const OnnxAxis& from : axes) {
    ProtobufMessage axis;
    if (from.name.empty()) {
      axis.number(field::kAxisSize, from.size);
    } else {
      axis.bytes(field::kAxisName, from.name);
    }
    shape.message(field::kAxes, axis);
  }
  ProtobufMessage tensor, kind, value;
  tensor.number(field::kTensorElement, static_cast<int64_t>(type));
  tensor.message(field::kTensorAxes, shape);
  kind.message(field::kTypeTensor, tensor);
  value.bytes(field::kValueName, name);
  value.message(field::kValueType, kind);
  return value;
}

template <typename T>
std::string little_endian(std::span<const T> values) {
  static_assert(std::endian::native == std::endian::little, "tensors are little-endian");
  std::string bytes(values.size_bytes(), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace

void ProtobufMessage::varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>((value & 0x7F) | 0x80));
  bytes_.push_back(static_cast<char>(value));
}

void ProtobufMessage::number(uint32_t field, int64_t value) {
  constexpr uint32_t kVarint = 0;
  varint(field << 3 | kVarint);
  varint(static_cast<uint64_t>(value));
}

void ProtobufMessage::real(uint32_t field, float value) {
  constexpr uint32_t kFourBytes = 5;
  varint(field << 3 | kFourBytes);
  bytes_ += little_endian(std::span<const float>(&value, 1));
}

void ProtobufMessage::bytes(uint32_t field, std::string_view value) {
  constexpr uint32_t kWithLength = 2;
  varint(field << 3 | kWithLength);
  varint(value.size());
  bytes_.append(value);
}

void OnnxGraph::input(const std::string& name, Type type, const std::vector<OnnxAxis>& axes) {
  graph_.message(field::kGraphInput, value_of(name, type, axes));
}

void OnnxGraph::output(const std::string& name, Type type, const std::vector<OnnxAxis>& axes) {
  graph_.message(field::kGraphOutput, value_of(name, type, axes));
}

void OnnxGraph::tensor(const std::string& name, Type type, const std::vector<int64_t>& shape,
                       std::string_view bytes) {
  ProtobufMessage tensor;
  for (const int64_t size : shape) tensor.number(field::kTensorShape, size);
  tensor.number(field::kTensorType, static_cast<int64_t>(type));
  tensor.bytes(field::kTensorName, name);
  tensor.bytes(field::kTensorBytes, bytes);
  graph_.message(field::kGraphConstant, tensor);
}

std::string OnnxGraph::constant(const std::string& name, const std::vector<int64_t>& shape,
                                std::span<const float> values) {
  tensor(name, Type::float32, shape, little_endian(values));
  return name;
}

std::string OnnxGraph::constant(const std::string& name, const Matrix& matrix) {
  return constant(name, {static_cast<int64_t>(matrix.rows()), static_cast<int64_t>(matrix.cols())},
                  matrix.values());
}

std::string OnnxGraph::constant(const std::string& name, const std::vector<int64_t>& values) {
  tensor(name, Type::int64, {static_cast<int64_t>(values.size())},
         little_endian(std::span<const int64_t>(values)));
  return name;
}

std::string OnnxGraph::scalar(const std::string& name, int64_t value) {
  tensor(name, Type::int64, {}, little_endian(std::span<const int64_t>(&value, 1)));
  return name;
}

std::string OnnxGraph::scalar(const std::string& name, float value) {
  return constant(name, {}, std::span<const float>(&value, 1));
}

std::string OnnxGraph::node(const std::string& operation, const std::vector<std::string>& inputs,
                            const std::vector<std::string>& outputs,
                            const std::vector<Attribute>& attributes) {
  ProtobufMessage node;
  for (const std::string& name : inputs) node.bytes(field::kNodeInput, name);
  for (const std::string& name : outputs) node.bytes(field::kNodeOutput, name);
  std::string first;
  for (const std::string& name : outputs) {
    if (first.empty()) first = name;
  }
  node.bytes(field::kNodeName, first);
  node.bytes(field::kNodeOperation, operation);
  for (const Attribute& attribute : attributes) {
    node.message(field::kNodeAttribute, attribute_of(attribute));
  }
  graph_.message(field::kGraphNode, node);
  return first;
}

std::string OnnxGraph::model(const std::string& producer, const std::string& version) const {
  ProtobufMessage graph = graph_;
  graph.bytes(field::kGraphName, producer);
  ProtobufMessage opset, model;
  opset.number(field::kOpsetVersion, kOpset);
  model.number(field::kModelIrVersion, kIrVersion);
  model.bytes(field::kModelProducer, producer);
  model.bytes(field::kModelProducerVersion, version);
  model.message(field::kModelGraph, graph);
  model.message(field::kModelOpset, opset);
  return model.written();
}

}  // namespace ockham
