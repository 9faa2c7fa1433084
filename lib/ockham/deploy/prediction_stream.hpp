#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "ockham/deploy/engine.hpp"
#include "ockham/deploy/prediction_format.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/byte_source.hpp"
#include "ockham/text/open_records.hpp"

namespace ockham {

struct PredictionStatistics {
  uint64_t lines = 0;               ///< of answers
  uint64_t replaced_sequences = 0;  ///< invalid UTF-8 in the input, read as U+FFFD
  uint64_t blank_lines = 0;         ///< of tables, in which they are no texts
};

/// Where the answers go, and how they look.
struct PredictionOutput {
  std::ostream& stream;
  std::string name;  ///< for messages
  PredictionStyle style = {};
};

/// Classifies every line of `input` and writes exactly one line for each, in order; an empty line
/// is an empty text. Lines end with LF or CR LF, the last one may lack its end. One thread reads,
/// all of them answer, and what is read is on its way to being answered before more bytes are asked
/// for: an interactive line is answered at once. Memory: some blocks of a quarter of a MiB a thread
/// and four bytes for each known n-gram of the longest line, or that line where it is copied.
/// `name` stands in messages: Error when `input` fails or is UTF-16, or the output cannot be
/// written.
PredictionStatistics predict_lines(const Engine& engine, std::unique_ptr<ByteSource> input,
                                   const std::string& name, const PredictionOutput& output,
                                   ThreadPool& pool);

/// The same with one line for each record of a format of labelled texts, a blank line too where
/// records are lines; the labels are ignored,
/// and what JSON Lines and CSV hold beside the texts goes into answers of JSON Lines too. Memory:
/// the longest record in place of the longest line. Throws Error for a malformed record, when all
/// before it have been answered.
PredictionStatistics predict_records(const Engine& engine, std::unique_ptr<ByteSource> input,
                                     const std::string& name, DataOptions options,
                                     const PredictionOutput& output, ThreadPool& pool);

/// The same for an open reader, whose answers come when some have gathered.
PredictionStatistics predict_records(const Engine& engine, RecordReader& reader,
                                     const PredictionOutput& output, ThreadPool& pool);

}  // namespace ockham
