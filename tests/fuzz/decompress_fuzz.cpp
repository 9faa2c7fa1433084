// Any bytes as a gzip or zstd file; what comes out is capped, for small bombs make slow runs.
#include "ockham/text/decompress.hpp"

#include "tests/fuzz/fuzz_records.hpp"

namespace {

constexpr size_t kMostBytes = size_t{1} << 20;

std::string unpacked(std::unique_ptr<ockham::ByteSource> source, size_t capacity) {
  std::string bytes;
  std::string block(capacity, '\0');
  try {
    const auto reader = ockham::decompressed(std::move(source), "fuzz");
    while (const size_t count = reader->read(block.data(), block.size())) {
      bytes.append(block, 0, count);
      if (bytes.size() >= kMostBytes) break;
    }
  } catch (const ockham::Error&) {
    bytes += "error";
  }
  return bytes.substr(0, kMostBytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = unpacked(std::make_unique<ockham::StringSource>(bytes), 4096);
  const auto drip = unpacked(std::make_unique<ockham::DripSource>(bytes), 4096);
  // What was decoded before a fault shows may differ with the pieces; whole files may not.
  ockham::require(whole == drip || (whole.ends_with("error") && drip.ends_with("error")));
  return 0;
}
