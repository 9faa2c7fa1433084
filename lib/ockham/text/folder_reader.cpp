#include "ockham/text/folder_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/text/byte_source.hpp"
#include "ockham/text/content.hpp"
#include "ockham/text/decompress.hpp"
#include "ockham/text/utf8.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFolderBlockBytes = size_t{1} << 16;

/// The entries of a folder that `wanted` picks, in bytewise order of their names.
template <typename Wanted>
std::vector<fs::path> sorted_entries(const fs::path& folder, Wanted wanted) {
  std::vector<fs::path> paths;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    std::error_code ignored;  // such as of a link that leads nowhere: it is not wanted then
    const bool hidden = entries->path().filename().string().starts_with('.');
    if (!hidden && wanted(*entries, ignored)) paths.push_back(entries->path());
  }
  if (error) fail(folder.string(), ": cannot be listed: ", system_reason(error.value()));
  std::ranges::sort(paths, {}, [](const fs::path& path) { return path.filename().string(); });
  return paths;
}

bool is_text(const fs::directory_entry& entry, std::error_code& error) {
  const std::string name = entry.path().filename().string();
  const bool named = std::ranges::any_of(std::array{".txt", ".txt.gz", ".txt.zst", ".txt.zstd"},
                                         [&](const char* end) { return name.ends_with(end); });
  // A link that leads nowhere is no text to leave out: it is told when it cannot be opened.
  const bool lost = entry.is_symlink(error) && !entry.exists(error);
  return named && (lost || entry.is_regular_file(error));
}

}  // namespace

FolderReader::FolderReader(std::string path, FolderLabels labels) : path_(std::move(path)) {
  const auto is_folder = [](const fs::directory_entry& entry, std::error_code& error) {
    return entry.is_directory(error);
  };
  for (const fs::path& folder : sorted_entries(path_, is_folder)) list_class(folder);
  if (labels_.empty() && labels == FolderLabels::optional) {
    for (const fs::path& file : sorted_entries(path_, is_text)) {
      texts_.push_back({kNoLabel, file.string()});
    }
    if (texts_.empty()) {
      fail(path_, ": is a folder without a text (a file whose name ends in .txt) and without ",
           "folders in it; add texts or name a file");
    }
  } else if (labels_.empty()) {
    fail(path_, ": is a folder without folders in it; expected one for each class, such as ",
         (fs::path(path_) / "pos").string(), ", or name a file");
  }
}

void FolderReader::list_class(const fs::path& folder) {
  for (const fs::path& file : sorted_entries(folder, is_text)) {
    texts_.push_back({labels_.size(), file.string()});
  }
  if (texts_.empty() || texts_.back().label != labels_.size()) {
    fail(folder.string(), ": holds no text (a file whose name ends in .txt); every folder in ",
         path_, " is a class; add texts or move it elsewhere");
  }
  labels_.push_back(folder.filename().string());
}

bool FolderReader::next(Record& record) {
  if (next_ == texts_.size()) return false;
  const Text& text = texts_[next_++];
  read(text.file);
  record.labels.clear();
  if (text.label != kNoLabel) add_label(labels_[text.label], record);
  set_text(bytes_, record);
  record.weight = 1;
  record.line = next_;
  record.file = text.file;
  ++statistics_.records;
  return true;
}

/// Replaces `bytes_` by a file without its byte order mark and its last line end.
void FolderReader::read(const std::string& file) {
  const auto source = decompressed(open_byte_source(file), file);
  size_t size = 0;
  for (;;) {
    if (size > kMaxRecordBytes) {
      fail(file, ": is longer than ", kMaxRecordBytes >> 20, " MiB; split it or remove it");
    }
    if (bytes_.size() < size + kFolderBlockBytes) bytes_.resize(2 * size + kFolderBlockBytes);
    const size_t count = source->read(bytes_.data() + size, bytes_.size() - size);
    if (count == 0) break;
    size += count;
  }
  statistics_.bytes += size;
  bytes_.resize(size);
  refuse_utf16(bytes_, file);
  if (bytes_.ends_with('\n')) bytes_.resize(size - (bytes_.ends_with("\r\n") ? 2 : 1));
  if (bytes_.starts_with(kByteOrderMark)) bytes_.erase(0, kByteOrderMark.size());
}

std::string FolderReader::where() const {
  return next_ == 0 ? path_ : texts_[next_ - 1].file;
}

}  // namespace ockham
