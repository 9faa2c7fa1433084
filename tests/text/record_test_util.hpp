#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ockham/text/open_records.hpp"
#include "tests/support/byte_sources.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {

using Labels = std::vector<std::string>;

struct Labelled {
  Labels labels;
  std::string text;
  uint64_t line = 0;
  float weight = 1;

  friend bool operator==(const Labelled&, const Labelled&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const Labelled& record) {
  out << record.line << ":";
  for (const std::string& label : record.labels) out << "[" << label << "]";
  return out << record.text << " x" << record.weight;
}

inline std::vector<Labelled> labelled_of(RecordReader& reader) {
  std::vector<Labelled> records;
  Record record;
  while (reader.next(record)) {
    records.push_back({record.labels, record.text, record.line, record.weight});
  }
  return records;
}

/// The records of a file of that content; it must make no difference in which pieces it comes.
inline std::vector<Labelled> records_of(const std::string& bytes, const DataOptions& options,
                                        const std::string& name = "data") {
  const auto whole = read_records(std::make_unique<StringSource>(bytes), name, options);
  const auto drip = read_records(std::make_unique<DripSource>(bytes), name, options);
  std::vector<Labelled> records = labelled_of(*whole);
  EXPECT_EQ(records, labelled_of(*drip));
  EXPECT_EQ(whole->statistics().records, records.size());
  EXPECT_EQ(whole->statistics().bytes, bytes.size());
  EXPECT_EQ(whole->gives_weights(), !options.weight_column.empty());
  return records;
}

inline std::string error_of(const std::string& bytes, const DataOptions& options) {
  const std::string whole = message_of(
      [&] { labelled_of(*read_records(std::make_unique<StringSource>(bytes), "data", options)); });
  const std::string drip = message_of(
      [&] { labelled_of(*read_records(std::make_unique<DripSource>(bytes), "data", options)); });
  EXPECT_EQ(whole, drip);
  return whole;
}

/// The texts and labels of a round trip hold any bytes but those that the format has no way to
/// write; all of them valid UTF-8, which is what readers give.
inline std::string ascii_only(const std::string& bytes, std::string_view without) {
  std::string kept;
  for (const char c : bytes) {
    if (c >= 0 && without.find(c) == std::string_view::npos) kept.push_back(c);
  }
  return kept;
}

}  // namespace ockham
