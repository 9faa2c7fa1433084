#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/tensor/matrix.hpp"

namespace ockham {

/// A message of Protocol Buffers as it is written, field by field (the wire format, version 3).
class ProtobufMessage {
 public:
  void number(uint32_t field, int64_t value);
  void real(uint32_t field, float value);
  void bytes(uint32_t field, std::string_view value);
  void message(uint32_t field, const ProtobufMessage& value) { bytes(field, value.bytes_); }

  const std::string& written() const { return bytes_; }

 private:
  void varint(uint64_t value);

  std::string bytes_;
};

/// An axis of a tensor: its size, or the name of one that is free.
struct OnnxAxis {
  int64_t size = 0;
  std::string name = {};  ///< not empty: free
};

/// The graph of an ONNX model (opset 13), written node by node. Values are known by their names.
class OnnxGraph {
 public:
  enum class Type : uint8_t { float32 = 1, int32 = 6, int64 = 7 };

  /// An attribute of a node: whole numbers, real ones, or strings.
  struct Attribute {
    std::string name;
    std::vector<int64_t> numbers = {};
    bool list = false;  ///< of numbers, even where there is one
    std::vector<float> reals = {};
    std::vector<std::string> strings = {};
  };

  void input(const std::string& name, Type type, const std::vector<OnnxAxis>& axes);
  void output(const std::string& name, Type type, const std::vector<OnnxAxis>& axes);

  /// Constants. Each gives its name back.
  std::string constant(const std::string& name, const std::vector<int64_t>& shape,
                       std::span<const float> values);
  std::string constant(const std::string& name, const Matrix& matrix);
  std::string constant(const std::string& name, const std::vector<int64_t>& values);
  std::string scalar(const std::string& name, int64_t value);
  std::string scalar(const std::string& name, float value);

  /// Adds a node; gives the name of its first output back. An empty name: no such input or output.
  std::string node(const std::string& operation, const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs,
                   const std::vector<Attribute>& attributes = {});

  /// The whole model's bytes.
  std::string model(const std::string& producer, const std::string& version) const;

 private:
  void tensor(const std::string& name, Type type, const std::vector<int64_t>& shape,
              std::string_view bytes);

  ProtobufMessage graph_;
};

}  // namespace ockham
