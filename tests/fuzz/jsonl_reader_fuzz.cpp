// Any bytes as JSON Lines, with a path and a weight.
#include "tests/fuzz/fuzz_records.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ockham::DataFormat;
  ockham::read_both_ways(
      data, size, {.format = DataFormat::jsonl, .text_column = "a,b.c", .label_column = "l"});
  ockham::read_both_ways(
      data, size,
      {.format = DataFormat::jsonl, .text_column = "a", .label_column = "l", .weight_column = "w"});
  ockham::read_both_ways(data, size,
                         {.format = DataFormat::jsonl, .text_column = "a", .labels = false});
  return 0;
}
