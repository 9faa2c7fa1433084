#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ockham/text/record_reader.hpp"

namespace ockham {

/// What a folder may lack.
enum class FolderLabels {
  required,
  optional,  ///< in a folder without folders the files are texts without a label
};

/// Reads a folder that has a folder for each class, such as the archive of IMDb: every file
/// CLASS/NAME.txt is a text, without the line end at its end. Files are read in the bytewise order
/// of class and name; compressed ones end in .txt.gz, .txt.zst or .txt.zstd. Other files are passed
/// over, and so is what starts with a dot.
class FolderReader final : public RecordReader {
 public:
  /// Lists the files. Throws Error for a folder without folders, or with one without texts.
  explicit FolderReader(std::string path, FolderLabels labels = FolderLabels::required);

  bool next(Record& record) override;
  std::string where() const override;
  std::string name() const override { return path_; }

 private:
  struct Text {
    size_t label;  // kNoLabel: none
    std::string file;
  };

  static constexpr size_t kNoLabel = SIZE_MAX;

  void list_class(const std::filesystem::path& folder);
  void read(const std::string& file);

  std::string path_;
  std::vector<std::string> labels_;
  std::vector<Text> texts_;
  size_t next_ = 0;
  std::string bytes_;
};

}  // namespace ockham
