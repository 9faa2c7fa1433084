// Any bytes as label<TAB>text lines.
#include "tests/fuzz/fuzz_records.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ockham::DataFormat;
  ockham::read_both_ways(data, size, {.format = DataFormat::tsv});
  ockham::read_both_ways(data, size, {.format = DataFormat::tsv, .labels = false});
  return 0;
}
