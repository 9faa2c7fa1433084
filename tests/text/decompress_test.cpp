#include "ockham/text/decompress.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <zstd.h>

#include "tests/text/gzip_test_util.hpp"
#include "tests/text/record_test_util.hpp"

namespace ockham {
namespace {

using namespace std::string_literals;

std::string zstd(const std::string& bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3));
  return packed;
}

std::string read_all(ByteSource& source, size_t capacity = 1000) {
  std::string bytes;
  std::string block(capacity, '\0');
  while (const size_t count = source.read(block.data(), block.size())) {
    bytes.append(block, 0, count);
  }
  EXPECT_EQ(source.read(block.data(), block.size()), 0u);
  return bytes;
}

std::string unpacked(const std::string& bytes) {
  const auto drip = decompressed(std::make_unique<DripSource>(bytes), "a");
  const std::string result = read_all(*decompressed(std::make_unique<StringSource>(bytes), "a"));
  EXPECT_EQ(result, read_all(*drip, 1));
  return result;
}

std::string unpacking_error(const std::string& bytes) {
  return message_of([&] { unpacked(bytes); });
}

const std::string kCut = " data are cut short; fetch or compress the file again";

TEST(Decompress, NamesWhatBeginsAsNoTextDoes) {
  const std::pair<std::string, std::string> cases[] = {
      {"\xFD\x37zXZ\0rest"s,
       "a: is an xz archive; unpack it first; gzip and zstd are read as they are"},
      {"BZh91AY&SY rest",
       "a: is a bzip2 archive; unpack it first; gzip and zstd are read as they are"},
      {"PK\3\4rest", "a: is a zip archive; unpack it first; gzip and zstd are read as they are"},
      {"7z\xBC\xAF\x27\x1Crest",
       "a: is a 7z archive; unpack it first; gzip and zstd are read as they are"},
      {"PAR1\x15rest", "a: is a Parquet file; write its columns as CSV or JSON Lines"},
      {"%PDF-1.4", "a: is a PDF; take its text out first"},
      {"OCKHAM\1rest", "a: is a model, no text; it goes to --model"}};
  for (const auto& [bytes, message] : cases) EXPECT_EQ(unpacking_error(bytes), message);
  for (const std::string& text :
       {"BZh"s, "BZh0 is a word\n"s, "PK is\n"s, "PAR1\n"s, "OCKHAM is\n"s, "7z"s}) {
    EXPECT_EQ(unpacked(text), text);
  }
}

TEST(Decompress, HandsOnOtherBytes) {
  for (const std::string& bytes :
       {""s, "a"s, "\x1F"s, "\x1F\x8Bx"s, "\x28"s, "\x28\xB5\x2F"s, "PQ"s, "P*M"s, "plain\n"s}) {
    EXPECT_EQ(unpacked(bytes), bytes);
  }
}

TEST(Decompress, TwoBytesOfGzipAreCutShort) {
  EXPECT_EQ(unpacking_error("\x1F\x8B"), "a: the gzip" + kCut);
}

TEST(Decompress, RoundTrip) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& parts) {
    std::string expected, gzipped, frames;
    for (const std::string& part : parts) {
      expected += part;
      gzipped += gzip(part);
      frames += zstd(part);
    }
    RC_ASSERT(unpacked(gzipped) == expected);
    RC_ASSERT(unpacked(frames) == expected);
  }));
}

TEST(Decompress, LargeData) {
  std::string bytes;
  for (size_t i = 0; bytes.size() < 3'000'000; ++i) bytes += std::to_string(i * i) + "\n";
  for (const std::string& packed : {gzip(bytes), zstd(bytes)}) {
    const auto source = decompressed(std::make_unique<StringSource>(packed), "a");
    EXPECT_EQ(read_all(*source, 1 << 18), bytes);
  }
  const std::string zeros(3'000'000, '\0');
  EXPECT_EQ(read_all(*decompressed(std::make_unique<StringSource>(zstd(zeros)), "a"), 1 << 18),
            zeros);
}

TEST(Decompress, EveryCutIsAnError) {
  const std::string bytes = "pos\tgood\nneg\tbad\n";
  const std::string gzipped = gzip(bytes), frame = zstd(bytes);
  for (size_t size = 3; size < gzipped.size(); ++size) {
    EXPECT_EQ(unpacking_error(gzipped.substr(0, size)), "a: the gzip" + kCut) << size;
    EXPECT_EQ(unpacking_error(gzipped + gzipped.substr(0, size)), "a: the gzip" + kCut) << size;
  }
  for (size_t size = 4; size < frame.size(); ++size) {
    EXPECT_EQ(unpacking_error(frame.substr(0, size)), "a: the zstd" + kCut) << size;
    EXPECT_EQ(unpacking_error(frame + frame.substr(0, size)), "a: the zstd" + kCut) << size;
  }
}

TEST(Decompress, DamageIsAnError) {
  std::string gzipped = gzip(std::string(500, 'x') + "end");
  gzipped[gzipped.size() - 6] ^= 1;  // the checksum
  EXPECT_EQ(unpacking_error(gzipped),
            "a: the gzip data are damaged (incorrect data check); fetch "
            "or compress the file again");
  std::string frame = zstd("text");
  frame[6] |= 6;  // a kind of block that does not exist
  EXPECT_NE(unpacking_error(frame).find("a: the zstd data are damaged"), std::string::npos);
}

TEST(Decompress, AWindowThatIsTooLargeIsNamed) {
  std::string frame = "\x28\xB5\x2F\xFD";
  frame += '\0';    // no size of the content follows
  frame += '\x90';  // a window of 2^28 bytes, as zstd --long=28 has it
  EXPECT_EQ(unpacking_error(frame + "\1\0\0"s),
            "a: the zstd data take too much memory; compress the file without --long");
}

TEST(Decompress, OnlyZerosMayFollowGzip) {
  EXPECT_EQ(unpacked(gzip("x") + std::string(2000, '\0')), "x");
  EXPECT_EQ(unpacking_error(gzip("x") + "y"),
            "a: something else follows the gzip data; compress the file again");
  EXPECT_NE(unpacking_error(zstd("x") + "some text").find("followed by something else"),
            std::string::npos);
}

TEST(Decompress, AnyBytesEndWithTextOrAnError) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    for (const std::string& start : {""s, gzip("").substr(0, 10), zstd("").substr(0, 4)}) {
      try {
        read_all(*decompressed(std::make_unique<StringSource>(start + bytes), "a"));
      } catch (const Error& error) {
        RC_ASSERT(std::string(error.what()).starts_with("a: "));
      }
    }
  }));
}

/// The start of a zstd frame that its writer has flushed and goes on with.
std::string flushed_zstd(const std::string& bytes) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  ZSTD_outBuffer output{packed.data(), packed.size(), 0};
  EXPECT_EQ(ZSTD_compressStream2(context, &output, &input, ZSTD_e_flush), 0u);
  ZSTD_freeCCtx(context);
  packed.resize(output.pos);
  return packed;
}

/// What a pipe has brought is handed on in full before more is waited for, also where the bytes
/// asked for are fewer than those that the decoder holds.
TEST(Decompress, HandsOnWhatItHasBeforeItWaitsForMore) {
  const std::string bytes = "pos\tgood\nneg\tvery bad\n";
  for (const size_t capacity : {size_t{1}, size_t{5}, bytes.size(), size_t{1000}}) {
    size_t handed_on = 0;
    bool waits = false;
    auto pipe = announced_source(std::make_unique<StringSource>(flushed_zstd(bytes)),
                                 [&, calls = 0]() mutable {
                                   // Four reads tell what the bytes are, one brings the rest, the
                                   // next would wait.
                                   waits = ++calls > 5;
                                   if (waits) {
                                     EXPECT_EQ(handed_on, bytes.size()) << capacity;
                                   }
                                 });
    const auto source = decompressed(std::move(pipe), "a");
    std::string block(capacity, '\0');
    try {
      while (!waits) handed_on += source->read(block.data(), capacity);
      ADD_FAILURE() << "the frame has no end";
    } catch (const Error& error) {
      EXPECT_EQ(error.what(), "a: the zstd" + kCut);
    }
    EXPECT_TRUE(waits);
  }
}

/// The library decodes these, but not the same for all sizes of pieces.
TEST(Decompress, RefusesFramesOfOldVersionsBehindOthers) {
  for (const char* version : {"\x22", "\x23", "\x24", "\x25", "\x26", "\x27"}) {
    const std::string old = version + "\xB5\x2F\xFD\0\0\0\0"s;
    EXPECT_NE(unpacking_error(zstd("x") + old).find("followed by something else"),
              std::string::npos);
  }
}

TEST(Decompress, PassesOverSkippableFrames) {
  const std::string skippable = "\x5A\x2A\x4D\x18\x03\0\0\0abc"s;
  EXPECT_EQ(unpacked(skippable + zstd("x") + skippable), "x");
}

}  // namespace
}  // namespace ockham
