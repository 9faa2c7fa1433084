#include "ockham/deploy/prediction_stream.hpp"

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "ockham/deploy/prediction_format.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/line_splitter.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 18;
constexpr size_t kChunkLines = 4096;
constexpr size_t kLongLineBytes = kChunkBytes;  // longer lines are not held in memory

/// Calls `before_reading` whenever more bytes are wanted, which may take for ever to come.
class AnnouncedSource final : public ByteSource {
 public:
  AnnouncedSource(std::unique_ptr<ByteSource> source, std::function<void()> before_reading)
      : source_(std::move(source)), before_reading_(std::move(before_reading)) {}

  size_t read(char* target, size_t capacity) override {
    before_reading_();
    return source_->read(target, capacity);
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::function<void()> before_reading_;
};

/// Lines that were read and not answered yet.
class Chunk {
 public:
  bool full() const { return ends_.size() >= kChunkLines || bytes_.size() >= kChunkBytes; }
  bool empty() const { return ends_.empty(); }
  size_t size() const { return ends_.size(); }

  /// Returns how many invalid sequences were replaced.
  uint64_t add(std::string_view line) {
    const uint64_t replaced = sanitize_utf8(line, line_);
    bytes_.append(line_);
    ends_.push_back(bytes_.size());
    return replaced;
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
  std::string line_;
  std::string bytes_;
  std::vector<size_t> ends_;  // where each line ends in bytes_
};

/// Answers lines in the order in which they come.
class Answers {
 public:
  Answers(const Engine& engine, std::ostream& out, const std::string& output_name,
          PredictionFormat format, ThreadPool& pool)
      : engine_(engine),
        formatter_(engine, format),
        out_(out),
        output_name_(output_name),
        pool_(pool) {}

  void add(std::string_view line) {
    statistics_.replaced_sequences += chunk_.add(line);
    if (chunk_.full()) flush();
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
    if (!out_.write(answer_.data(), static_cast<std::streamsize>(answer_.size())).flush()) {
      fail("cannot write ", output_name_, " (disk full, or its reader has gone)");
    }
    statistics_.lines += probabilities_.rows();
  }

  const Engine& engine_;
  PredictionFormatter formatter_;
  std::ostream& out_;
  std::string output_name_;
  ThreadPool& pool_;
  PredictionStatistics statistics_;
  Chunk chunk_;
  Matrix probabilities_;
  std::string answer_;
};

}  // namespace

PredictionStatistics predict_lines(const Engine& engine, std::unique_ptr<ByteSource> input,
                                   std::ostream& out, const std::string& output_name,
                                   PredictionFormat format, ThreadPool& pool) {
  Answers answers(engine, out, output_name, format, pool);
  LineSplitter lines(std::make_unique<AnnouncedSource>(std::move(input), [&] { answers.flush(); }),
                     kLongLineBytes);
  std::string_view line;
  while (lines.next(line)) {
    if (lines.line_ended()) {
      answers.add(line);
    } else {
      answers.add_long(line, lines);
    }
  }
  answers.flush();
  return answers.statistics();
}

}  // namespace ockham
