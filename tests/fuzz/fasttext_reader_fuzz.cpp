// Any bytes as fastText's lines.
#include "tests/fuzz/fuzz_records.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ockham::DataFormat;
  ockham::read_both_ways(data, size, {.format = DataFormat::fasttext});
  ockham::read_both_ways(data, size, {.format = DataFormat::fasttext, .labels = false});
  return 0;
}
