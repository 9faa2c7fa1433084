#include "ockham/deploy/prediction_stream.hpp"

#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "ockham/deploy/ordered_work.hpp"
#include "ockham/deploy/text_block.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/content.hpp"
#include "ockham/text/line_splitter.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

constexpr size_t kLongLineBytes = TextBlock::kBytes;  // longer lines are not held in memory

/// Answers texts in the order in which they come: one thread adds them, all help to answer.
class Answers {
 public:
  Answers(const Engine& engine, const PredictionOutput& output, size_t threads)
      : engine_(engine),
        formatter_(engine, output.style),
        output_(output),
        work_(
            threads, [this](TextBlock& block) { answer(block); },
            [this](TextBlock& block) { write(block); }),
        block_(work_.take_empty()) {}

  const PredictionFormatter& formatter() const { return formatter_; }

  void add_line(std::string_view line) {
    block_->add(line);
    if (block_->full()) flush();
  }

  void add(const Record& record) {
    block_->add(record.text);
    if (!record.others.empty() || !block_->others_ends.empty()) add_others(record.others);
    if (block_->full()) flush();
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
      block_->replaced_sequences += sanitize_utf8(std::string_view(bytes).substr(0, whole), valid);
      encoder.add(valid, corpus);
      bytes.erase(0, whole);
    } while (!lines.line_ended() && lines.next(part));
    block_->replaced_sequences += sanitize_utf8(bytes, valid);
    encoder.add(valid, corpus);
    encoder.end(corpus);
    Matrix probabilities(1, engine_.classes().size());
    engine_.predict_encoded(corpus, probabilities);
    formatter_.append(probabilities.view().row_span(0), {}, {}, block_->answers);
    block_->answered = 1;
    bring();
  }

  /// What was read is going to be answered, whenever more comes.
  void flush() {
    if (!block_->ends.empty()) bring();
  }

  /// Runs `read`, which adds texts, while the pool's other threads answer.
  template <typename Read>
  PredictionStatistics run(ThreadPool& pool, const Read& read) {
    pool.for_each(pool.size(), [&](size_t i) {
      if (i == 0) {
        const Closing closing{work_};
        read();
      }
      work_.help();
    });
    work_.check();
    return statistics_;
  }

 private:
  /// However reading ends, nobody waits for more.
  struct Closing {
    OrderedWork<TextBlock>& work;
    ~Closing() { work.close(); }
  };

  void bring() {
    work_.bring(std::move(block_));
    block_ = work_.take_empty();
    block_->clear();
  }

  void add_others(std::string_view others) {
    while (block_->others_ends.size() + 1 < block_->ends.size()) block_->add_others({});
    block_->add_others(others);
  }

  void answer(TextBlock& block) const {
    if (block.answered > 0) return;  // a long line
    std::vector<std::string_view> texts;
    std::deque<std::string> mended;
    for (size_t i = 0; i < block.ends.size(); ++i) {
      std::string_view text = block.text(i);
      if (!is_utf8(text)) {
        block.replaced_sequences += sanitize_utf8(text, mended.emplace_back());
        text = mended.back();
      }
      texts.push_back(text);
    }
    Matrix probabilities(texts.size(), engine_.classes().size());
    engine_.predict(texts, probabilities.view());
    for (size_t i = 0; i < texts.size(); ++i) {
      formatter_.append(probabilities.view().row_span(i), texts[i], block.others_of(i),
                        block.answers);
    }
    block.answered = texts.size();
  }

  void write(const TextBlock& block) {
    const std::string& answers = block.answers;
    output_.stream.write(answers.data(), static_cast<std::streamsize>(answers.size())).flush();
    if (!output_.stream) {
      fail("cannot write ", output_.name,
           " (disk full, or its reader has gone); free some space or write elsewhere");
    }
    statistics_.lines += block.answered;
    statistics_.replaced_sequences += block.replaced_sequences;
  }

  const Engine& engine_;
  PredictionFormatter formatter_;
  const PredictionOutput& output_;
  PredictionStatistics statistics_;
  OrderedWork<TextBlock> work_;
  std::unique_ptr<TextBlock> block_;  // being filled
};

void add_records(RecordReader& reader, Answers& answers) {
  Record record;
  try {
    while (reader.next(record)) answers.add(record);
  } catch (const Error&) {
    answers.flush();  // the records before the one that cannot be read
    throw;
  }
  answers.flush();
}

PredictionStatistics answer_records(RecordReader& reader, Answers& answers, ThreadPool& pool) {
  reader.take_blank_lines();
  if (answers.formatter().takes_others()) reader.keep_others(answers.formatter().own_members());
  PredictionStatistics statistics = answers.run(pool, [&] { add_records(reader, answers); });
  statistics.replaced_sequences = reader.statistics().replaced_sequences;
  statistics.blank_lines = reader.statistics().blank_lines;
  return statistics;
}

}  // namespace

PredictionStatistics predict_lines(const Engine& engine, std::unique_ptr<ByteSource> input,
                                   const std::string& name, const PredictionOutput& output,
                                   ThreadPool& pool) {
  Answers answers(engine, output, pool.size());
  const size_t most_bytes = output.style.copy_text ? SIZE_MAX : kLongLineBytes;
  LineSplitter lines(announced_source(std::move(input), [&] { answers.flush(); }), most_bytes);
  return answers.run(pool, [&] {
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
  });
}

PredictionStatistics predict_records(const Engine& engine, std::unique_ptr<ByteSource> input,
                                     const std::string& name, DataOptions options,
                                     const PredictionOutput& output, ThreadPool& pool) {
  options.labels = false;
  Answers answers(engine, output, pool.size());
  auto source = announced_source(std::move(input), [&] { answers.flush(); });
  const auto reader = read_records(std::move(source), name, options);
  return answer_records(*reader, answers, pool);
}

PredictionStatistics predict_records(const Engine& engine, RecordReader& reader,
                                     const PredictionOutput& output, ThreadPool& pool) {
  Answers answers(engine, output, pool.size());
  return answer_records(reader, answers, pool);
}

}  // namespace ockham
