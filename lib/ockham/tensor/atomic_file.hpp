#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace ockham {

/// Writes a file so that its name always stands for something whole: the bytes go to
/// `PATH.partial-PID` beside it, and commit() makes them durable and renames. Without commit() the
/// destructor removes the temporary and an old file stays as it was. A symbolic link keeps pointing
/// where it pointed, also to what is not there yet, and an existing file keeps its permissions. A
/// device or pipe is written directly, and so is /dev/stdout where it is a file (> or >>): behind
/// what that has by then. Where a process was killed and nothing happened to its `PATH.partial-PID`
/// for an hour, that is removed.
///
/// Every member throws Error that names the path and the reason (disk full, no permission, no such
/// folder). A program that lives under a file size limit must ignore SIGXFSZ to see the Error.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Buffered: a full disk may show only in a later write() or in commit().
  void write(std::string_view bytes);
  /// Brings everything to the disk, so that commit() has only to rename. At most once; nothing may
  /// be written afterwards.
  void finish();
  /// At most once; nothing may be written afterwards.
  void commit();

 private:
  friend void write_files_atomically(std::span<const struct FileBytes> files);

  void create_temporary(bool replaces, unsigned mode);
  void flush();
  void put_in_place();
  void sync_name() const;
  [[noreturn]] void fail_to_write(int error) const;

  std::filesystem::path path_;       // as the user wrote it, for messages
  std::filesystem::path target_;     // the file itself, behind any link
  std::filesystem::path temporary_;  // empty: written directly, or committed
  std::string buffer_;
  int file_ = -1;
};

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

struct FileBytes {
  std::filesystem::path path;
  std::string_view bytes;
};

/// Files that belong together: none gets its name before all are on the disk, then one after the
/// other does. (What is written directly has its bytes at its turn.)
void write_files_atomically(std::span<const FileBytes> files);

}  // namespace ockham
