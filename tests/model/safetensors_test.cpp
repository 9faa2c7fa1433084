#include "ockham/model/safetensors.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

template <typename Work>
std::string message_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no Error";
}

std::string safetensors(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), 8);
  return bytes + header + data;
}

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::string refusal(const std::string& bytes) {
  return message_of([&] { parse_safetensors(bytes, "m"); });
}

std::string refusal(const std::string& header, const std::string& data) {
  return refusal(safetensors(header, data));
}

NamedTensor tensor(std::string name, std::vector<size_t> shape, const std::vector<float>& values) {
  return {std::move(name), std::move(shape), FloatVector(values.begin(), values.end())};
}

/// A folder with a path to write a model to.
class Safetensors : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "ockham-tensors-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ / "model.safetensors";
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
  fs::path path_;
};

TEST_F(Safetensors, BytesAreWhatTheFormatSays) {
  const std::vector<NamedTensor> tensors{tensor("b/weight.mean", {2, 3}, {1, 2, 3, 4, 5, 6}),
                                         tensor("a/bias", {2}, {-1.5f, 0.25f}),
                                         tensor("c", {}, {7})};
  write_safetensors(path_, tensors, {{"format", "test"}});

  // An independent reading: the format's definition, by hand.
  const std::string bytes = read_file(path_);
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length * 256 + static_cast<unsigned char>(bytes[i]);
  EXPECT_EQ((8 + length) % 8, 0u);
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  EXPECT_EQ(header.size(), 4u);
  EXPECT_EQ(header["__metadata__"]["format"], "test");
  EXPECT_EQ(header["__metadata__"]["crc32c"].get<std::string>().size(), 8u);
  EXPECT_EQ(header["a/bias"]["dtype"], "F32");
  EXPECT_EQ(header["b/weight.mean"]["shape"], (std::vector<int>{2, 3}));
  EXPECT_EQ(header["c"]["shape"], nlohmann::json::array());
  const auto value = [&](const char* name, size_t i) {
    const size_t at = 8 + length + header[name]["data_offsets"][0].get<size_t>() + 4 * i;
    uint32_t bits = 0;
    for (int k = 3; k >= 0; --k) bits = bits * 256 + static_cast<unsigned char>(bytes.at(at + k));
    float number = 0;
    std::memcpy(&number, &bits, sizeof number);
    return number;
  };
  EXPECT_EQ(value("a/bias", 0), -1.5f);
  EXPECT_EQ(value("a/bias", 1), 0.25f);
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(value("b/weight.mean", i), static_cast<float>(i + 1));
  EXPECT_EQ(value("c", 0), 7);
  EXPECT_EQ(bytes.size(), 8 + length + 9 * 4);
}

TEST_F(Safetensors, ReadsWhatOthersWrite) {
  // Another order of tensors and data, other spacing, unknown keys, an empty tensor.
  const std::string header =
      R"( {"z" : {"shape":[1,2], "data_offsets":[4,12], "dtype":"F32", "note":[1]},)"
      R"( "empty":{"dtype":"F32","shape":[0,5],"data_offsets":[4,4]},)"
      R"( "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   )";
  const TensorFile file = parse_safetensors(safetensors(header, floats({1, 2, 3})), "m");
  EXPECT_EQ(file.tensors.size(), 3u);
  EXPECT_EQ(file.at("a").values, FloatVector{1});
  EXPECT_EQ(file.at("z").values, (FloatVector{2, 3}));
  EXPECT_EQ(file.at("empty").shape, (std::vector<size_t>{0, 5}));
  EXPECT_TRUE(parse_safetensors(safetensors("{}", ""), "m").tensors.empty());
}

TEST_F(Safetensors, RoundTripAndSameBytesInAnyOrder) {
  EXPECT_TRUE(rc::check([this] {
    std::vector<NamedTensor> tensors;
    const auto names = *rc::gen::unique<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::inRange<char>(32, 127)));
    for (const std::string& name : names) {
      NamedTensor next{name,
                       *rc::gen::resize(3, rc::gen::container<std::vector<size_t>>(
                                               rc::gen::inRange<size_t>(0, 5))),
                       {}};
      size_t count = 1;
      for (const size_t dimension : next.shape) count *= dimension;
      for (size_t i = 0; i < count; ++i) {
        const float value = *rc::gen::arbitrary<float>();
        next.values.push_back(std::isfinite(value) ? value : 0.0f);
      }
      tensors.push_back(next);
    }
    Metadata metadata;
    metadata["text"] = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    write_safetensors(path_, tensors, metadata);
    const std::string bytes = read_file(path_);
    const TensorFile file = read_safetensors(path_);
    RC_ASSERT(file.metadata == metadata);
    RC_ASSERT(file.tensors.size() == tensors.size());
    for (const NamedTensor& expected : tensors) {
      RC_ASSERT(file.at(expected.name, expected.shape).values == expected.values);
    }
    std::reverse(tensors.begin(), tensors.end());
    write_safetensors(path_, tensors, metadata);
    RC_ASSERT(read_file(path_) == bytes);
  }));
}

TEST_F(Safetensors, EveryBitOfTheDataCounts) {
  write_safetensors(path_, std::vector{tensor("a", {5}, {1, -2, 3, 0, 5}), tensor("b", {1}, {7})});
  std::string bytes = read_file(path_);
  ASSERT_EQ(refusal(bytes), "no Error");
  for (size_t i = bytes.size() - 6 * sizeof(float); i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
      EXPECT_EQ(refusal(bytes).rfind("m: damaged: ", 0), 0u) << i << " " << refusal(bytes);
      bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
    }
  }
}

TEST_F(Safetensors, WhatCouldNotBeReadIsNotWritten) {
  write_safetensors(path_, std::vector{tensor("old", {1}, {1})});
  const auto refused = [&](const std::vector<NamedTensor>& tensors) {
    return message_of([&] { write_safetensors(path_, tensors); });
  };
  const std::string start = "cannot write " + path_.string() + ": tensor ";
  EXPECT_EQ(refused({tensor("a", {1}, {1}), tensor("a", {1}, {2})}),
            start + "\"a\" is given twice");
  EXPECT_EQ(refused({tensor("a", {2, 2}, {1})}), start + "\"a\" has shape [2, 2] but 1 values");
  EXPECT_EQ(refused({tensor("a", {1}, {std::nanf("")})}),
            start + "\"a\" holds NaN or infinite values");
  EXPECT_EQ(refused({tensor("__metadata__", {1}, {1})}),
            start + "\"__metadata__\" has the name that is kept for metadata");
  EXPECT_EQ(refused({tensor("\xff", {1}, {1})}),
            "a tensor's name or a metadata text is not valid UTF-8");
  EXPECT_TRUE(read_safetensors(path_).contains("old"));
}

TEST_F(Safetensors, MissingTensorsAndOtherShapesAreNamed) {
  const TensorFile file = parse_safetensors(
      safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", floats({1, 2})),
      "m");
  EXPECT_FALSE(file.contains("b"));
  EXPECT_EQ(message_of([&] { file.at("b"); }), "m: tensor \"b\" is missing");
  const std::vector<size_t> shape{1, 2};
  EXPECT_EQ(message_of([&] { file.at("a", shape); }),
            "m: tensor \"a\" has shape [2], expected [1, 2]");
  EXPECT_EQ(
      message_of([&] { read_safetensors(folder_ / "none"); }),
      "cannot open " + (folder_ / "none").string() + ": No such file or directory; check the path");
}

TEST(SafetensorsRefuses, FilesThatAreNone) {
  EXPECT_EQ(refusal(""), "m: no safetensors file: 0 bytes, the header's length alone takes 8");
  EXPECT_EQ(refusal("label\ttext of some other kind\n").substr(0, 35),
            "m: no safetensors file: a header of");
  EXPECT_EQ(refusal(std::string(8, '\xff') + "{}").substr(0, 35),
            "m: no safetensors file: a header of");
  EXPECT_EQ(refusal(safetensors("{}", "").substr(0, 9)),
            "m: truncated: a header of 2 bytes, but only 1 follow");
  EXPECT_EQ(refusal("", ""), "m: no safetensors file: the header is not valid JSON at its byte 1");
  EXPECT_EQ(refusal("{\"a\n", ""),
            "m: no safetensors file: the header is not valid JSON at its byte 4");
  EXPECT_EQ(refusal("[]", ""), "m: no safetensors file: the header is not a JSON object");
  EXPECT_EQ(refusal(std::string(100000, '['), ""), "m: the header is nested too deeply");
  EXPECT_EQ(refusal(R"({"a":{"b":{"c":{"d":1}}}})", ""), "m: the header is nested too deeply");
}

TEST(SafetensorsRefuses, EntriesThatMakeNoSense) {
  const auto entry = [](const std::string& inside) {
    return refusal("{\"a\":{" + inside + "}}", floats({1, 2}));
  };
  const std::string shape = R"("shape":[2],)";
  const std::string offsets = R"("data_offsets":[0,8])";
  EXPECT_EQ(entry(R"("dtype":"F32",)" + shape + offsets), "no Error");
  EXPECT_EQ(refusal(R"({"a":1})", ""), "m: tensor \"a\" is not described by a JSON object");
  EXPECT_EQ(entry(shape + offsets), "m: tensor \"a\" has no element type");
  EXPECT_EQ(entry(R"("dtype":"BF16",)" + shape + offsets),
            "m: tensor \"a\" has element type \"BF16\"; only F32 can be read");
  const std::string f32 = R"("dtype":"F32",)";
  EXPECT_EQ(entry(f32 + offsets), "m: tensor \"a\": 'shape' must be a list of at most 8 numbers");
  for (const char* number : {"-2", "2.0", "\"2\"", "null", "1e30", "18446744073709551616"}) {
    EXPECT_EQ(entry(f32 + R"("shape":[)" + number + "]," + offsets),
              "m: tensor \"a\": 'shape' must hold whole numbers >= 0")
        << number;
  }
  EXPECT_EQ(entry(f32 + R"("shape":[1,1,1,1,1,1,1,1,2],)" + offsets),
            "m: tensor \"a\": 'shape' must be a list of at most 8 numbers");
  for (const char* range : {"[0]", "[8,0]", "[]"}) {
    EXPECT_EQ(entry(f32 + shape + R"("data_offsets":)" + range),
              "m: tensor \"a\": 'data_offsets' must be begin and end")
        << range;
  }
  EXPECT_EQ(entry(f32 + R"("shape":[3],)" + offsets),
            "m: tensor \"a\" of shape [3] cannot fill its 8 bytes");
}

TEST(SafetensorsRefuses, ShapesThatOverflow) {
  const auto shape = [](const std::string& list, const std::string& end) {
    return refusal(
        R"({"a":{"dtype":"F32","shape":)" + list + R"(,"data_offsets":[0,)" + end + "]}}", "");
  };
  for (const char* list : {"[4294967296,4294967296]", "[1099511627776,1099511627776,0]",
                           "[0,18446744073709551615]", "[4611686018427387904,4]"}) {
    EXPECT_NE(shape(list, "0").find("has the impossible shape"), std::string::npos) << list;
  }
  EXPECT_EQ(shape("[1099511627776]", "4398046511104"),
            "m: truncated: 4398046511104 bytes of data expected, 0 found");
}

TEST(SafetensorsRefuses, RangesThatDoNotTile) {
  const auto two = [](const std::string& first, const std::string& second, size_t count) {
    return refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)" + first +
                       R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + second + "}}",
                   floats(std::vector<float>(count)));
  };
  EXPECT_EQ(two("[0,4]", "[4,8]", 2), "no Error");
  EXPECT_EQ(
      two("[0,4]", "[0,4]", 2),
      "m: the data of tensor \"b\" start at byte 0, expected 4: ranges overlap or leave a gap");
  EXPECT_EQ(
      two("[0,4]", "[8,12]", 3),
      "m: the data of tensor \"b\" start at byte 8, expected 4: ranges overlap or leave a gap");
  EXPECT_EQ(
      two("[4,8]", "[8,12]", 3),
      "m: the data of tensor \"a\" start at byte 4, expected 0: ranges overlap or leave a gap");
  EXPECT_EQ(two("[0,4]", "[4,8]", 1), "m: truncated: 8 bytes of data expected, 4 found");
  EXPECT_EQ(two("[0,4]", "[4,8]", 3), "m: 4 bytes behind the last tensor belong to none");
}

TEST(SafetensorsRefuses, NamesThatComeTwice) {
  const std::string a = R"("a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  EXPECT_EQ(refusal("{" + a + "," + a + "}", ""), "m: the header names \"a\" twice");
  EXPECT_EQ(refusal(R"({"a":{"shape":[0],"dtype":"F32","shape":[0],"data_offsets":[0,0]}})", ""),
            "m: the header names \"shape\" twice");
  EXPECT_EQ(refusal(R"({"__metadata__":{"k":1}})", ""), "m: metadata \"k\" is not a text");
  EXPECT_EQ(refusal(R"({"__metadata__":[]})", ""), "m: the metadata is not a JSON object");
}

TEST(SafetensorsRefuses, ValuesThatAreNoNumbers) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    EXPECT_EQ(
        refusal(R"({"x/w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", floats({1, value})),
        "m: tensor \"x/w\" holds NaN or infinite values");
  }
}

TEST(SafetensorsRefuses, MessagesAreOneShortLine) {
  const std::string name = "a\\n" + std::string(10000, 'x');
  const std::string message = refusal("{\"" + name + "\":1}", "");
  EXPECT_LT(message.size(), 200u);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

/// Either an Error that names the file or a result whose values fill their shapes.
void expect_error_or_sound(const std::string& bytes) {
  try {
    for (const auto& [name, tensor] : parse_safetensors(bytes, "m").tensors) {
      size_t count = 1;
      for (const size_t dimension : tensor.shape) count *= dimension;
      ASSERT_EQ(tensor.name, name);
      ASSERT_EQ(tensor.values.size(), count);
    }
  } catch (const Error& error) {
    ASSERT_EQ(std::string(error.what()).substr(0, 3), "m: ");
  }
}

std::string small_file() {
  return safetensors(
      R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
      R"("b/c":{"dtype":"F32","shape":[1,3],"data_offsets":[8,20]}})",
      floats({1, 2, 3, 4, 5}));
}

TEST(SafetensorsDamage, EveryTruncationIsAnError) {
  const std::string whole = small_file();
  EXPECT_EQ(refusal(whole), "no Error");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(refusal(whole.substr(0, size)), "no Error") << size;
  }
}

TEST(SafetensorsDamage, NoByteCanDoHarm) {
  const std::string whole = small_file();
  for (size_t at = 0; at < whole.size(); ++at) {
    std::vector<std::string> replacements{"", "9", "\"", "{", "]", ",", "\xff", std::string(1, 0)};
    for (int bit = 0; bit < 8; ++bit) replacements.emplace_back(1, whole[at] ^ char(1 << bit));
    for (const std::string& replacement : replacements) {
      expect_error_or_sound(whole.substr(0, at) + replacement + whole.substr(at + 1));
      expect_error_or_sound(whole.substr(0, at) + replacement + whole.substr(at));
      if (HasFatalFailure()) FAIL() << "byte " << at << " replaced by '" << replacement << "'";
    }
  }
}

}  // namespace
}  // namespace ockham
