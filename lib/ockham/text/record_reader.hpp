#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ockham {

/// One labelled text of a data file.
struct Record {
  std::vector<std::string> labels;
  std::string text;  ///< valid UTF-8; may be empty and may hold NUL bytes
  float weight = 1;
  uint64_t line = 0;  ///< where it starts in its file, from 1
  std::string file;   ///< only of a text that is a file of its own: its path
  /// Only where they are kept: the fields beside the texts', as members of a JSON object with
  /// commas between them.
  std::string others;
};

/// Which fields of a table or an object make a record.
struct RecordColumns {
  std::vector<std::string> text{"text"};  ///< at least one; joined with a space
  std::string label = "label";
  std::string weight;  ///< empty: every record weighs 1
};

/// Longest record that may have run away (a line or a quote that never ends, a huge file in a
/// folder).
inline constexpr size_t kMaxRecordBytes = size_t{1} << 28;

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
  /// malformed data, and at the end when there was no record at all, unless labels are ignored.
  virtual bool next(Record& record) = 0;

  /// "file:line" of the record read last.
  virtual std::string where() const = 0;

  /// The name of the data in messages, without a line.
  virtual std::string name() const = 0;

  /// Whether the records' weights are read from the data; else they are all 1.
  virtual bool gives_weights() const { return false; }

  const ReadStatistics& statistics() const { return statistics_; }

  /// From now on a text may have any number of labels, none among them, and a field of labels is
  /// cut at `separator`.
  void take_several_labels(char separator) { label_separator_ = separator; }

  /// Before the first record: the texts alone are wanted. Records come without labels, whatever
  /// stands where the format has them, and there may be no record at all.
  void ignore_labels() { labels_ignored_ = true; }

  /// Before the first record: a blank line is a record too, of an empty text without labels, where
  /// records are lines.
  void take_blank_lines() { blank_lines_taken_ = true; }

  /// Before the first record: fields are kept in Record::others, but for those of these names.
  /// Formats whose records have fields with names keep them, the others have none.
  void keep_others(std::vector<std::string> except) {
    others_kept_ = true;
    not_kept_ = std::move(except);
  }

 protected:
  bool takes_several_labels() const { return label_separator_ != '\0'; }
  bool labels_ignored() const { return labels_ignored_; }
  bool others_kept() const { return others_kept_; }
  const std::vector<std::string>& not_kept() const { return not_kept_; }
  /// What becomes of a blank line, of this number: true where it is a record.
  bool take_blank_line(uint64_t line, Record& record);
  /// Adds the labels of a field: one, or what the separator parts, spaces around them dropped.
  void add_labels(std::string_view field, Record& record);
  /// Adds a label as valid UTF-8, unless they are ignored. Throws Error for an empty one and for
  /// one that would not fit into a column of a line.
  void add_label(std::string_view bytes, Record& record);
  /// Replaces the text by the bytes as valid UTF-8.
  void set_text(std::string_view bytes, Record& record);

  ReadStatistics statistics_;

 private:
  char label_separator_ = '\0';  // NUL: one label a field
  bool labels_ignored_ = false;
  bool blank_lines_taken_ = false;
  bool others_kept_ = false;
  std::vector<std::string> not_kept_;
};

}  // namespace ockham
