#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "ockham/deploy/engine.hpp"
#include "ockham/deploy/prediction_format.hpp"
#include "ockham/tensor/thread_pool.hpp"
#include "ockham/text/byte_source.hpp"

namespace ockham {

struct PredictionStatistics {
  uint64_t lines = 0;
  uint64_t replaced_sequences = 0;  ///< invalid UTF-8 in the texts, read as U+FFFD
};

/// Classifies every line of `input` and writes exactly one line for each, in order; an empty line
/// is an empty text. Lines end with LF or CR LF, the last one may lack its end. Everything read so
/// far is answered, and `out` flushed, before more bytes are asked for: an interactive line is
/// answered at once. Memory: some blocks of a MiB and four bytes for each known n-gram of the
/// longest line. Throws Error when `input` fails or `out` cannot be written; `output_name` stands
/// in the message.
PredictionStatistics predict_lines(const Engine& engine, std::unique_ptr<ByteSource> input,
                                   std::ostream& out, const std::string& output_name,
                                   PredictionFormat format, ThreadPool& pool);

}  // namespace ockham
