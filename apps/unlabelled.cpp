#include "apps/unlabelled.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/content.hpp"

namespace ockham {
namespace {

/// By the name; where that says nothing, the format of the labelled texts, unless it is TSV, whose
/// lines would need a label, or a folder.
DataFormat unlabelled_format(const std::string& path, const DataOptions& labelled) {
  const DataFormat by_name = text_format(path, {});
  if (by_name != DataFormat::lines) return by_name;
  switch (labelled.format) {
    case DataFormat::csv:
    case DataFormat::jsonl:
    case DataFormat::fasttext:
      return labelled.format;
    default:
      return by_name;
  }
}

/// The texts of another reader that say something; the others count as blank lines.
class WithoutBlanks final : public RecordReader {
 public:
  explicit WithoutBlanks(std::unique_ptr<RecordReader> all) : all_(std::move(all)) {}

  bool next(Record& record) override {
    bool found = all_->next(record);
    for (; found && is_blank(record.text); found = all_->next(record)) ++blank_;
    statistics_ = all_->statistics();
    statistics_.records -= blank_;
    statistics_.blank_lines += blank_;
    return found;
  }
  std::string where() const override { return all_->where(); }
  std::string name() const override { return all_->name(); }

 private:
  std::unique_ptr<RecordReader> all_;
  uint64_t blank_ = 0;
};

}  // namespace

Dataset read_unlabelled(const std::string& path, const DataOptions& labelled,
                        const std::vector<std::string>& classes, bool several_labels,
                        const std::string& cache_folder) {
  DataOptions options = labelled;
  options.labels = false;
  options.weight_column.clear();
  options.label_column.clear();
  options.format = unlabelled_format(path, labelled);
  if (options.format == DataFormat::lines) options.text_column.clear();
  WithoutBlanks reader(open_records(path, options));
  Dataset texts = read_dataset(reader, {.folder = cache_folder});
  if (texts.size() == 0) fail(texts.name, ": holds no text");
  const char separator = several_labels ? labelled.label_separator : '\t';
  size_t with_label = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string_view text = texts.text(i);
    const std::string_view front = text.substr(0, text.find('\t'));
    with_label +=
        front.size() < text.size() &&
        std::ranges::find(classes, front.substr(0, front.find(separator))) != classes.end();
  }
  if (2 * with_label > texts.size()) {
    fail(texts.name, ": its texts begin with a label and a tab, which would be taken for words; ",
         "give the texts alone (cut -f 2-)");
  }
  return texts;
}

}  // namespace ockham
