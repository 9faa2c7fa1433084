#include "ockham/text/open_records.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/text/byte_source.hpp"
#include "ockham/text/csv_reader.hpp"
#include "ockham/text/decompress.hpp"
#include "ockham/text/fasttext_reader.hpp"
#include "ockham/text/folder_reader.hpp"
#include "ockham/text/jsonl_reader.hpp"
#include "ockham/text/line_reader.hpp"
#include "ockham/text/tsv_reader.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

struct Ending {
  std::string_view text;
  DataFormat format;
};
constexpr std::array kEndings{
    Ending{".tsv", DataFormat::tsv},      Ending{".txt", DataFormat::tsv},
    Ending{".csv", DataFormat::csv},      Ending{".jsonl", DataFormat::jsonl},
    Ending{".ndjson", DataFormat::jsonl}, Ending{".json", DataFormat::jsonl},
    Ending{".ft", DataFormat::fasttext},
};

DataFormat format_of_name(std::string_view name) {
  name = name.substr(0, uncompressed_length(name));
  const auto ending =
      std::ranges::find_if(kEndings, [&](const Ending& e) { return name.ends_with(e.text); });
  return ending == kEndings.end() ? DataFormat::tsv : ending->format;
}

RecordColumns columns_of(const DataOptions& options, bool named) {
  RecordColumns columns;
  if (!named) columns = {{"2"}, "1", ""};
  if (!options.label_column.empty()) columns.label = options.label_column;
  columns.weight = options.weight_column;
  if (options.text_column.empty()) return columns;
  columns.text.clear();
  std::string_view rest = options.text_column;
  for (size_t comma = rest.find(','); comma != std::string_view::npos; comma = rest.find(',')) {
    columns.text.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(comma + 1);
  }
  columns.text.emplace_back(rest);
  return columns;
}

/// The reader of the options' format.
std::unique_ptr<RecordReader> reader_of(std::unique_ptr<ByteSource> source, const std::string& name,
                                        const DataOptions& options) {
  const DataFormat format =
      options.format == DataFormat::automatic ? format_of_name(name) : options.format;
  switch (format) {
    case DataFormat::csv:
      return std::make_unique<CsvReader>(std::move(source), name,
                                         columns_of(options, options.header),
                                         CsvOptions{options.delimiter, options.header});
    case DataFormat::jsonl:
      return std::make_unique<JsonlReader>(std::move(source), name, columns_of(options, true));
    case DataFormat::fasttext:
      refuse_columns(options, name, "fastText's format");
      return std::make_unique<FastTextReader>(std::move(source), name);
    case DataFormat::folder:
      fail(name, ": --format folder reads a folder on the disk");
    case DataFormat::lines:
      if (options.labels) {
        fail(name, ": plain lines are texts without labels; name another format");
      }
      refuse_columns(options, name, "plain text");
      return std::make_unique<LineReader>(std::move(source), name);
    default:
      refuse_columns(options, name, "TSV (label<TAB>text)");
      return std::make_unique<TsvReader>(std::move(source), name);
  }
}

}  // namespace

size_t uncompressed_length(std::string_view name) {
  for (const std::string_view compressed : {".gz", ".zst", ".zstd"}) {
    if (name.ends_with(compressed)) return name.size() - compressed.size();
  }
  return name.size();
}

DataFormat guess_format(const std::string& path) {
  std::error_code ignored;
  return path != "-" && fs::is_directory(path, ignored) ? DataFormat::folder : format_of_name(path);
}

namespace {

/// Told by the name: what such an archive holds begins as a text may.
void refuse_tar(const std::string& path) {
  for (const std::string_view end : {".tar", ".tar.gz", ".tgz", ".tar.zst"}) {
    if (!path.ends_with(end)) continue;
    fail(path,
         ": is a tar archive; unpack it and name a file or the folder that holds a folder for ",
         "each class");
  }
}

}  // namespace

std::unique_ptr<RecordReader> open_records(const std::string& path, const DataOptions& options) {
  DataOptions known = options;
  if (known.format == DataFormat::automatic) known.format = guess_format(path);
  if (known.format != DataFormat::folder) {
    const std::string name = display_name(path);
    refuse_tar(path);
    return read_records(decompressed(open_byte_source(path), name), name, known);
  }
  refuse_columns(options, path, "a folder of texts");
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_directory(path, ignored)) {
    fail(path, ": is no folder; --format folder reads a folder with a folder for each class");
  }
  auto reader = std::make_unique<FolderReader>(
      path, options.labels ? FolderLabels::required : FolderLabels::optional);
  if (!options.labels) reader->ignore_labels();
  return reader;
}

std::unique_ptr<RecordReader> read_records(std::unique_ptr<ByteSource> source,
                                           const std::string& name, const DataOptions& options) {
  auto reader = reader_of(std::move(source), name, options);
  if (!options.labels) reader->ignore_labels();
  if (options.several_labels) reader->take_several_labels(options.label_separator);
  return reader;
}

void refuse_columns(const DataOptions& options, const std::string& name, const char* format) {
  const char* option = !options.text_column.empty()     ? "--text-column"
                       : !options.label_column.empty()  ? "--label-column"
                       : !options.weight_column.empty() ? "--weight-column"
                                                        : nullptr;
  if (option == nullptr) return;
  fail(name, ": is read as ", format, ", which has no columns for ", option,
       "; leave it out, or name a format that has them: --format csv (--delimiter tab for a table ",
       "with tabs) or jsonl");
}

}  // namespace ockham
