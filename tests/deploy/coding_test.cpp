#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "ockham/deploy/bit_coder.hpp"
#include "ockham/deploy/bytes.hpp"
#include "ockham/deploy/ngram_coding.hpp"
#include "ockham/deploy/weight_coding.hpp"
#include "ockham/tensor/half.hpp"

namespace ockham {
namespace {

const std::string kSource = "test";

TEST(Half, GivesBackAllHalfNumbers) {
  for (uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = half_to_float(half);
    if (std::isnan(value)) continue;
    ASSERT_EQ(float_to_half(value), half);
  }
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(half_to_float(0x3C00), 1.0f);
  EXPECT_EQ(half_to_float(0x0001), 0x1p-24f);
  EXPECT_EQ(half_to_float(0x7BFF), 65504.0f);
  EXPECT_EQ(float_to_half(1.0f + 0x1p-11f), 0x3C00);  // ties
  EXPECT_EQ(float_to_half(1.0f + 0x3p-11f), 0x3C02);
  EXPECT_EQ(float_to_half(1.0f + 0x1.1p-11f), 0x3C01);
  EXPECT_EQ(float_to_half(2047.75f), 0x6800);  // carries into the exponent
  EXPECT_EQ(float_to_half(65519.0f), 0x7BFF);
  EXPECT_EQ(float_to_half(65520.0f), 0x7C00);
  EXPECT_EQ(float_to_half(-0x1p-25f), 0x8000);
  EXPECT_EQ(float_to_half(0x1.8p-25f), 0x0001);
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(std::nanf("")))));
}

TEST(SmallDivision, IsExactWhereItIsAllowed) {
  for (uint32_t d = 1; d < 128; ++d) {
    const uint32_t largest = UINT32_MAX / d;
    for (uint32_t q = 0; q < 300; ++q) {  // multiples and what stands before them
      ASSERT_EQ(kDivide(q * d, d), q);
      ASSERT_EQ(kDivide(q * d + d - 1, d), q);
      ASSERT_EQ(kDivide(largest - q, d), (largest - q) / d) << largest - q << " / " << d;
    }
  }
}

TEST(Bytes, GiveBackEveryNumber) {
  EXPECT_TRUE(
      rc::check([](uint8_t a, uint32_t b, uint64_t c, float d, double e, const std::string& f) {
        ByteWriter writer;
        writer.u8(a);
        writer.u32(b);
        writer.varint(c);
        writer.f32(d);
        writer.f64(e);
        writer.string(f);
        ByteReader reader(writer.bytes(), kSource);
        RC_ASSERT(reader.u8() == a);
        RC_ASSERT(reader.u32() == b);
        RC_ASSERT(reader.varint(UINT64_MAX, "c") == c);
        RC_ASSERT(reader.f32() == d);
        RC_ASSERT(reader.f64() == e);
        RC_ASSERT(reader.string(f.size(), "f") == f);
        RC_ASSERT(reader.left() == 0u);
      }));
}

TEST(Bytes, RefuseOverlongAndOverlargeNumbersAndEarlyEnds) {
  const auto varint = [](std::string_view bytes, uint64_t largest) {
    return ByteReader(bytes, kSource).varint(largest, "a number");
  };
  EXPECT_EQ(varint("\x7F", 127), 127u);
  EXPECT_THROW(varint("\x7F", 126), Error);
  EXPECT_THROW(varint("\xFF", UINT64_MAX), Error);                    // ends early
  EXPECT_THROW(varint(std::string("\x80\0", 2), UINT64_MAX), Error);  // 0 in two bytes
  EXPECT_EQ(varint(std::string(9, '\xFF') + "\x01", UINT64_MAX), UINT64_MAX);
  EXPECT_THROW(varint(std::string(9, '\xFF') + "\x02", UINT64_MAX), Error);  // over 64 bits
  EXPECT_THROW(varint(std::string(10, '\x81') + "\x01", UINT64_MAX), Error);
  EXPECT_THROW(ByteReader("abc", kSource).u32(), Error);
  EXPECT_THROW(ByteReader("\x05"
                          "abc",
                          kSource)
                   .string(9, "text"),
               Error);
}

TEST(BitCoder, GivesBackBitsOfAnyProbability) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<bool, uint16_t>>& bits) {
    BitEncoder encoder(kSource);
    BitModel model;
    for (const auto& [bit, probability] : bits) {
      encoder.code(bit, probability);
      encoder.code(bit, model);
      encoder.raw(probability, 16);
    }
    const std::string bytes = encoder.finish();
    BitDecoder decoder(bytes, kSource);
    model = {};
    for (const auto& [bit, probability] : bits) {
      RC_ASSERT(decoder.code(!bit, probability) == bit);
      RC_ASSERT(decoder.code(!bit, model) == bit);
      RC_ASSERT(decoder.raw(0, 16) == probability);
    }
    decoder.finish();
  }));
}

TEST(BitCoder, CostsLittleWhereTheBitIsExpected) {
  BitEncoder encoder(kSource);
  BitModel model;
  for (int i = 0; i < 10'000; ++i) encoder.code(i % 100 == 0, model);
  EXPECT_LT(encoder.finish().size(), 150u);  // the entropy is 101 bytes
}

TEST(BitCoder, RefusesToReadPastTheEndAndToStopBeforeIt) {
  BitEncoder encoder(kSource);
  encoder.raw(0x12345678, 32);
  const std::string bytes = encoder.finish();
  BitDecoder too_far(bytes, kSource);
  EXPECT_THROW(for (int i = 0; i < 100; ++i) too_far.raw(0, 1), Error);
  BitDecoder too_short(bytes, kSource);
  too_short.raw(0, 16);
  EXPECT_THROW(too_short.finish(), Error);
}

TEST(NgramCoding, GivesBackSortedStringsOfAnyBytes) {
  EXPECT_TRUE(rc::check([](std::set<std::string> strings) {
    std::erase_if(strings, [](const std::string& s) { return s.find('\0') != s.npos; });
    strings.insert(std::string(70, 'x'));
    strings.insert(std::string(70, 'x') + "y");  // shares more bytes than five bits say
    BitEncoder encoder(kSource);
    NgramCoding writing(encoder);
    std::string previous;
    for (std::string s : strings) {
      writing.code(previous, s);
      previous = s;
    }
    const std::string bytes = encoder.finish();
    BitDecoder decoder(bytes, kSource);
    NgramCoding reading(decoder);
    previous.clear();
    for (const std::string& expected : strings) {
      std::string s;
      reading.code(previous, s);
      RC_ASSERT(s == expected);
      previous = s;
    }
    decoder.finish();
  }));
}

/// The matrix as the encoder leaves it, checked against what the decoder reads.
Matrix code_both_ways(WeightFormat format, Matrix m) {
  BitEncoder encoder(kSource);
  Matrix coded = m;
  code_weights(encoder, format, Scales::column, 4, coded);
  const std::string bytes = encoder.finish();
  BitDecoder decoder(bytes, kSource);
  Matrix decoded(m.rows(), m.cols());
  code_weights(decoder, format, Scales::column, 4, decoded);
  decoder.finish();
  EXPECT_EQ(decoded, coded);
  return coded;
}

constexpr WeightFormat kCodedFormats[] = {
    WeightFormat::fp32,      WeightFormat::fp16,      WeightFormat::int8,
    WeightFormat::int6,      WeightFormat::int5,      WeightFormat::int4,
    WeightFormat::even_int6, WeightFormat::even_int5, WeightFormat::even_int4};

TEST(WeightCoding, RoundsNoFurtherThanTheFormat) {
  Matrix m(300, 70);
  for (size_t i = 0; i < m.size(); i += 7) {
    m.values()[i] = std::sin(static_cast<float>(i)) * static_cast<float>(1 + i % 5);
  }
  EXPECT_EQ(code_both_ways(WeightFormat::fp32, m), m);
  const Matrix half = code_both_ways(WeightFormat::fp16, m);
  const std::pair<Matrix, float> whole[] = {{code_both_ways(WeightFormat::int8, m), 127.0f},
                                            {code_both_ways(WeightFormat::even_int6, m), 31.0f},
                                            {code_both_ways(WeightFormat::even_int5, m), 15.0f},
                                            {code_both_ways(WeightFormat::even_int4, m), 7.0f}};
  for (size_t c = 0; c < m.cols(); ++c) {
    float largest = 0.0f;
    for (size_t r = 0; r < m.rows(); ++r) largest = std::max(largest, std::abs(m(r, c)));
    for (size_t r = 0; r < m.rows(); ++r) {
      ASSERT_NEAR(half(r, c), m(r, c), std::abs(m(r, c)) * 0x1p-11f + 0x1p-25f);
      for (const auto& [rounded, steps] : whole) {
        ASSERT_NEAR(rounded(r, c), m(r, c), largest / steps * 0.501f);
      }
    }
  }
}

/// Between q^p and (q + 1)^p the error is half their distance at most.
TEST(WeightCoding, OfPowersKeepsSmallWeightsApart) {
  Matrix m(2000, 1);
  for (size_t i = 0; i < m.size(); ++i) {
    m.values()[i] = std::exp(-7.0f * static_cast<float>(i) / 2000.0f) * (i % 2 == 0 ? 3.0f : -3.0f);
  }
  const std::tuple<WeightFormat, double, double> formats[] = {{WeightFormat::int6, 31.0, 2.0},
                                                              {WeightFormat::int5, 15.0, 2.0},
                                                              {WeightFormat::int4, 7.0, 3.0}};
  for (const auto& [format, largest, power] : formats) {
    const Matrix rounded = code_both_ways(format, m);
    for (size_t i = 0; i < m.size(); ++i) {
      const double x = std::abs(m.values()[i]) / 3.0 * std::pow(largest, power);
      const double got = std::abs(rounded.values()[i]) / 3.0 * std::pow(largest, power);
      const double low = std::max(1.0, std::floor(std::pow(x, 1.0 / power)));
      const double step = std::pow(low + 1.0, power) - std::pow(low, power);
      const double most = x < 1.0 ? 0.5 : 0.5 * step;
      ASSERT_LE(std::abs(got - x), most * 1.01) << weight_format_name(format) << " " << x;
      if (x > 0.51) {
        ASSERT_EQ(std::signbit(rounded.values()[i]), std::signbit(m.values()[i]));
      }
    }
  }
}

TEST(WeightCoding, KeepsWhatIsRoundedAlready) {
  EXPECT_TRUE(rc::check([](const std::vector<float>& values) {
    Matrix m(values.size(), 1);
    for (size_t i = 0; i < values.size(); ++i) {
      m(i, 0) = std::fmod(values[i], 60'000.0f);
    }
    for (const auto format : kCodedFormats) {
      const Matrix once = code_both_ways(format, m);
      RC_ASSERT(code_both_ways(format, once) == once);
    }
  }));
}

TEST(WeightCoding, RoundsTinyWeightsToZero) {
  Matrix m(2, 1);
  m(0, 0) = std::numeric_limits<float>::denorm_min();
  m(1, 0) = -1e-10f;
  EXPECT_EQ(code_both_ways(WeightFormat::fp16, m), Matrix(2, 1));
  m(1, 0) = -m(0, 0);
  EXPECT_EQ(code_both_ways(WeightFormat::int8, m), Matrix(2, 1));
}

TEST(WeightCoding, RefusesWhatOverflowsSixteenBits) {
  Matrix m(1, 1, 70'000.0f);
  BitEncoder encoder(kSource);
  EXPECT_THROW(code_weights(encoder, WeightFormat::fp16, Scales::column, 1, m), Error);
}

TEST(WeightFormat, IsFoundByName) {
  for (const auto format : kCodedFormats) {
    EXPECT_EQ(parse_weight_format(weight_format_name(format)), format);
  }
  EXPECT_THROW(parse_weight_format("int7"), Error);
}

}  // namespace
}  // namespace ockham
