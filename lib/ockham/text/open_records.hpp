#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "ockham/text/byte_source.hpp"
#include "ockham/text/record_reader.hpp"

namespace ockham {

enum class DataFormat {
  automatic,
  tsv,
  csv,
  jsonl,
  fasttext,
  folder,
  lines,  ///< a text a line without a label; where labels are ignored
};

/// How to read a file of labelled texts, or of texts alone.
struct DataOptions {
  DataFormat format = DataFormat::automatic;
  std::string text_column = {};    ///< CSV, JSONL: one, or several with commas; empty: the default
  std::string label_column = {};   ///< empty: the default
  std::string weight_column = {};  ///< empty: none
  char delimiter = ',';            ///< CSV
  bool header = true;              ///< CSV
  bool labels = true;              ///< false: RecordReader::ignore_labels()
  bool several_labels = false;     ///< a text may have any number of labels
  char label_separator = ',';      ///< then, between the labels in TSV and CSV

  bool operator==(const DataOptions&) const = default;
};

/// The format of a file by its name, .gz, .zst and .zstd aside: .csv; .jsonl, .ndjson, .json; .ft;
/// TSV otherwise. What is a folder on the disk is `folder`.
DataFormat guess_format(const std::string& path);

/// How much of a file's name is left without .gz, .zst or .zstd.
size_t uncompressed_length(std::string_view name);

/// Opens a file, decompressing it if it is gzip or zstd; a folder; standard input for "-". By
/// default the columns are "text" and "label"; of CSV without a header, 2 and 1. A folder need have
/// no classes where labels are ignored. Throws Error for what cannot be opened, and for options
/// that the format has no use for.
std::unique_ptr<RecordReader> open_records(const std::string& path,
                                           const DataOptions& options = {});

/// The same with an open source in place of a file; `name` stands in messages, and its ending tells
/// the format.
std::unique_ptr<RecordReader> read_records(std::unique_ptr<ByteSource> source,
                                           const std::string& name, const DataOptions& options);

/// Throws Error where the options name columns, which what `name` is read as does not have: to pass
/// them over in silence would be a surprise.
void refuse_columns(const DataOptions& options, const std::string& name, const char* format);

}  // namespace ockham
