#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ockham {

/// One labelled text of a data file.
struct Record {
  std::vector<std::string> labels;
  std::string text;  ///< valid UTF-8; may be empty and may hold NUL bytes
  float weight = 1;
  uint64_t line = 0;  ///< where it starts in its file, from 1
};

/// What a reader met so far.
struct ReadStatistics {
  uint64_t bytes = 0;
  uint64_t records = 0;
  uint64_t blank_lines = 0;
  uint64_t replaced_sequences = 0;  ///< invalid UTF-8, each one now a U+FFFD
};

/// A source of labelled texts. Each data format is one implementation.
class RecordReader {
 public:
  virtual ~RecordReader() = default;

  /// Reads the next record into `record`, reusing its storage; false at the end. Throws Error on
  /// malformed data, and at the end when there was no record at all.
  virtual bool next(Record& record) = 0;

  /// "file:line" of the record read last.
  virtual std::string where() const = 0;

  /// The name of the data in messages, without a line.
  virtual std::string name() const = 0;

  const ReadStatistics& statistics() const { return statistics_; }

 protected:
  ReadStatistics statistics_;
};

}  // namespace ockham
