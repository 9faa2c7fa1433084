#include <gtest/gtest.h>

#include <cmath>

#include "ockham/deploy/bytes.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/deploy/compact_header.hpp"
#include "tests/deploy/deploy_test_util.hpp"
#include "tests/support/sanitizers.hpp"

namespace ockham {
namespace {

FoldedModel victim(const Encoder& encoder = {}) {
  std::mt19937 random(1);
  FoldedModel model = fold(sparse_classifier(random, 4, 1, OutputKind::softmax, 2, 0.5, encoder));
  model.temperature = 1.5;
  model.thresholds = {0.5f, 0.5f};
  return model;
}

/// Whatever the bytes are: an Error, or a model whose probabilities are probabilities.
void expect_error_or_valid(std::string bytes, const std::string& what) {
  repair_checksum(bytes);
  Matrix probabilities;
  try {
    const Engine engine(decode_compact(bytes, "hostile.ockham"));
    probabilities = engine_probabilities(engine, {"", "a0 a1 a2 a3", "a3 a2 a2 a1 a0 a0"});
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(message.find('\n'), std::string::npos) << what;
    EXPECT_EQ(message.rfind("hostile.ockham: ", 0), 0u) << what << ": " << message;
    return;
  }
  for (const float p : probabilities.values()) ASSERT_TRUE(p >= 0.0f && p <= 1.0f) << what;
}

class HostileFileOf : public testing::TestWithParam<Encoder> {};
INSTANTIATE_TEST_SUITE_P(Encoders, HostileFileOf, testing::ValuesIn(kEncoders));

/// What is done to the byte at `at`. Sanitizers make a file cost forty times as much: one change
/// each, another one for the same byte of the next number of four bytes.
std::vector<int> changes_of(size_t at) {
  const std::vector<int> all{0x01, 0x40, 0x80, 0xFF};
  if (has_sanitizers()) return {all[(at + at / 4) % all.size()]};
  return all;
}

TEST_P(HostileFileOf, AnyByteMayBeAnything) {
  for (const auto format : {WeightFormat::fp32, WeightFormat::int8, WeightFormat::int6}) {
    const std::string good = encode_compact(victim(GetParam()), format);
    for (size_t at = 0; at < good.size(); ++at) {
      for (const int change : changes_of(at)) {
        std::string bytes = good;
        bytes[at] = static_cast<char>(bytes[at] ^ change);
        expect_error_or_valid(bytes, "byte " + std::to_string(at));
      }
    }
  }
}

TEST_P(HostileFileOf, MayEndAnywhereOrGoOn) {
  const std::string good = encode_compact(victim(GetParam()), WeightFormat::int8);
  for (size_t length = 0; length < good.size(); ++length) {
    std::string bytes = good.substr(0, length);
    repair_checksum(bytes);
    EXPECT_THROW(decode_compact(bytes, "hostile.ockham"), Error) << length;
    expect_error_or_valid(bytes + std::string(good.size(), '\xFF'), std::to_string(length));
  }
}

TEST_P(HostileFileOf, MayLoseOrRepeatParts) {
  const std::string good = encode_compact(victim(GetParam()), WeightFormat::int8);
  for (size_t at = 0; at < good.size(); ++at) {
    for (const size_t length : {1, 2, 7}) {
      std::string shorter = good, longer = good;
      shorter.erase(at, length);
      longer.insert(at, good.substr(at, length));
      expect_error_or_valid(shorter, "without " + std::to_string(at));
      expect_error_or_valid(longer, "twice " + std::to_string(at));
    }
  }
}

/// A file that claims these sizes and brings `payload` for both its coded parts. More than one
/// layer are of GRU.
std::string boastful_file(uint64_t inputs, uint64_t units, uint64_t ngrams,
                          const std::string& payload, uint64_t layers = 1) {
  FoldedModel model = victim(layers == 1 ? Encoder{} : Encoder{Cell::gru, 2});
  model.dense = {};  // so that the sizes are the last of the header
  const std::string good = encode_compact(model, WeightFormat::int8);
  ByteReader reader(good, good);
  read_header(reader, good);
  const size_t header = good.size() - reader.left();
  ByteWriter writer;
  // Width, cell and layers, two directions, two or four numbers of units.
  writer.append(good.substr(0, header - (layers == 1 ? 4 : 8)));
  writer.varint(inputs);
  if (layers > 1) {
    writer.u8(1);
    writer.varint(layers);
  }
  writer.varint(1);
  for (uint64_t l = 0; l < layers; ++l) writer.varint(units);
  writer.varint(ngrams);
  writer.string(payload);
  writer.string(payload);
  std::string bytes = writer.bytes();
  repair_checksum(bytes);
  return bytes;
}

TEST(HostileFile, GetsNoMemoryForMereClaims) {
  constexpr uint64_t kLarge = 65'535, kVery = 0xFFFFFFFE;
  for (const uint64_t inputs : {uint64_t{0}, uint64_t{8}, kLarge}) {
    for (const uint64_t units : {uint64_t{0}, uint64_t{8}, kLarge}) {
      for (const uint64_t ngrams : {uint64_t{0}, uint64_t{5'000}, kVery}) {
        for (const char fill : {'\0', '\x55', '\xFF'}) {
          for (const uint64_t layers : {1, 2, 64, 65}) {
            const std::string bytes =
                boastful_file(inputs, units, ngrams, std::string(20, fill), layers);
            EXPECT_THROW(decode_compact(bytes, "hostile.ockham"), Error);
          }
        }
      }
    }
  }
  for (const uint64_t layers : {1, 64}) {
    const std::string bytes = boastful_file(layers == 1 ? kLarge : 0, kLarge, 0, "\x01", layers);
    try {
      decode_compact(bytes, "hostile.ockham");
      FAIL();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("bytes of memory"), std::string::npos)
          << error.what();
    }
  }
}

TEST(HostileFile, CannotCutTextsAfterMoreTokensThanMemoryHolds) {
  std::string bytes = encode_compact(victim(), WeightFormat::int8);
  constexpr size_t kTokensAt = 26;  // behind the temperature
  ASSERT_EQ(bytes[kTokensAt], '\0');
  bytes.replace(kTokensAt, 1, std::string(9, '\xFF') + "\x01");
  repair_checksum(bytes);
  EXPECT_THROW(decode_compact(bytes, "hostile.ockham"), Error);
}

TEST(HostileFile, MayHoldARandomPayload) {
  std::mt19937 random(5);
  for (int i = 0; i < 500; ++i) {
    std::string payload(random() % 60, '\0');
    for (char& c : payload) c = static_cast<char>(random());
    expect_error_or_valid(
        boastful_file(random() % 10, random() % 10, random() % 10, payload, 1 + random() % 3),
        "random");
  }
}

}  // namespace
}  // namespace ockham
