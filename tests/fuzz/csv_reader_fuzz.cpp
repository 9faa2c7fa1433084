// Any bytes as CSV, with a header and without one.
#include "tests/fuzz/fuzz_records.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ockham::DataFormat;
  ockham::read_both_ways(data, size,
                         {.format = DataFormat::csv, .text_column = "a,b", .label_column = "l"});
  ockham::read_both_ways(data, size,
                         {.format = DataFormat::csv, .delimiter = ';', .header = false});
  ockham::read_both_ways(data, size,
                         {.format = DataFormat::csv, .text_column = "a", .labels = false});
  return 0;
}
