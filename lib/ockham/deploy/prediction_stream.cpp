#include "ockham/deploy/prediction_stream.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "ockham/deploy/prediction_format.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/content.hpp"
#include "ockham/text/line_splitter.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 18;
constexpr size_t kChunkLines = 4096;
constexpr size_t kLongLineBytes = kChunkBytes;  // longer lines are not held in memory

/// Texts that were read and not answered yet.
class Chunk {
 public:
  bool full() const { return ends_.size() >= kChunkLines || bytes_.size() >= kChunkBytes; }
  bool empty() const { return ends_.empty(); }
  size_t size() const { return ends_.size(); }

  void add(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(bytes_.size());
  }

  std::vector<std::string_view> texts() const {
    std::vector<std::string_view> texts;
    size_t begin = 0;
    for (const size_t end : ends_) {
      texts.push_back(std::string_view(bytes_).substr(begin, end - begin));
      begin = end;
    }
    return texts;
  }

  void clear() {
    bytes_.clear();
    ends_.clear();
  }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;  // where each text ends in bytes_
};

/// Answers texts in the order in which they come.
class Answers {
 public:
  Answers(const Engine& engine, const PredictionOutput& output, ThreadPool& pool)
      : engine_(engine), formatter_(engine, output.format), output_(output), pool_(pool) {}

  /// Valid UTF-8.
  void add(std::string_view text) {
    chunk_.add(text);
    if (chunk_.full()) flush();
  }

  void add_line(std::string_view line) {
    statistics_.replaced_sequences += sanitize_utf8(line, line_);
    add(line_);
  }

  /// Answers a line of which `lines` has handed out the first part. What is kept of it is what the
  /// network reads: its known n-grams.
  void add_long(std::string_view part, LineSplitter& lines) {
    flush();
    EncodedCorpus corpus;
    TextEncoder encoder = engine_.encoder();
    std::string bytes, valid;  // `bytes` starts with a character that the part before cut in two
    do {
      bytes.append(part);
      const size_t whole = bytes.size() - incomplete_suffix(bytes);
      statistics_.replaced_sequences +=
          sanitize_utf8(std::string_view(bytes).substr(0, whole), valid);
      encoder.add(valid, corpus);
      bytes.erase(0, whole);
    } while (!lines.line_ended() && lines.next(part));
    statistics_.replaced_sequences += sanitize_utf8(bytes, valid);
    encoder.add(valid, corpus);
    encoder.end(corpus);
    probabilities_.reshape(1, engine_.classes().size());
    engine_.predict_encoded(corpus, probabilities_);
    write();
  }

  void flush() {
    if (chunk_.empty()) return;
    engine_.predict(chunk_.texts(), pool_, probabilities_);
    chunk_.clear();
    write();
  }

  const PredictionStatistics& statistics() const { return statistics_; }

 private:
  void write() {
    answer_.clear();
    for (size_t i = 0; i < probabilities_.rows(); ++i) {
      formatter_.append(probabilities_.view().row_span(i), answer_);
    }
    output_.stream.write(answer_.data(), static_cast<std::streamsize>(answer_.size())).flush();
    if (!output_.stream) {
      fail("cannot write ", output_.name, " (disk full, or its reader has gone)");
    }
    statistics_.lines += probabilities_.rows();
  }

  const Engine& engine_;
  PredictionFormatter formatter_;
  const PredictionOutput& output_;
  ThreadPool& pool_;
  PredictionStatistics statistics_;
  std::string line_;
  Chunk chunk_;
  Matrix probabilities_;
  std::string answer_;
};

PredictionStatistics answer_records(RecordReader& reader, Answers& answers) {
  Record record;
  try {
    while (reader.next(record)) answers.add(record.text);
  } catch (const Error&) {
    answers.flush();  // the records before the one that cannot be read
    throw;
  }
  answers.flush();
  PredictionStatistics statistics = answers.statistics();
  statistics.replaced_sequences = reader.statistics().replaced_sequences;
  statistics.blank_lines = reader.statistics().blank_lines;
  return statistics;
}

}  // namespace

PredictionStatistics predict_lines(const Engine& engine, std::unique_ptr<ByteSource> input,
                                   const std::string& name, const PredictionOutput& output,
                                   ThreadPool& pool) {
  Answers answers(engine, output, pool);
  LineSplitter lines(announced_source(std::move(input), [&] { answers.flush(); }), kLongLineBytes);
  bool first = true;
  std::string_view line;
  while (lines.next(line)) {
    if (std::exchange(first, false)) refuse_utf16(line, name + ":1");
    if (lines.line_ended()) {
      answers.add_line(line);
    } else {
      answers.add_long(line, lines);
    }
  }
  answers.flush();
  return answers.statistics();
}

PredictionStatistics predict_records(const Engine& engine, std::unique_ptr<ByteSource> input,
                                     const std::string& name, DataOptions options,
                                     const PredictionOutput& output, ThreadPool& pool) {
  options.labels = false;
  Answers answers(engine, output, pool);
  auto source = announced_source(std::move(input), [&] { answers.flush(); });
  const auto reader = read_records(std::move(source), name, options);
  return answer_records(*reader, answers);
}

PredictionStatistics predict_records(const Engine& engine, RecordReader& reader,
                                     const PredictionOutput& output, ThreadPool& pool) {
  Answers answers(engine, output, pool);
  return answer_records(reader, answers);
}

}  // namespace ockham
