#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace ockham {

/// What the error number of a failed system call means and what to do about it, such as "No such
/// file or directory; check the path".
std::string system_reason(int error);

/// Whether there is anything by that name. False, too, where nobody may look.
bool is_there(const std::filesystem::path& path);

/// The whole file as bytes. Pipes and devices are read to their end.
/// Throws Error that names the path: missing, a folder, not readable, longer than `max_bytes` (of a
/// regular file, when its first 64 KiB were read).
/// `check`, where it is given, sees the first bytes, up to 64 KiB, before more are read, and may
/// throw.
std::string read_file(const std::filesystem::path& path, size_t max_bytes = SIZE_MAX,
                      const std::function<void(std::string_view)>& check = nullptr);

/// Writes a file so that its name always stands for something whole: the bytes go to
/// `PATH.partial-PID` beside it, and commit() makes them durable and renames. Without commit() the
/// destructor removes the temporary and an old file stays as it was. A symbolic link keeps pointing
/// where it pointed and an existing file keeps its permissions. A device or pipe (/dev/stdout) is
/// written directly. Where a process was killed and nothing happened to its `PATH.partial-PID` for
/// an hour, that is removed.
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
  /// At most once; nothing may be written afterwards.
  void commit();

 private:
  void create_temporary(bool replaces, unsigned mode);
  void flush();
  [[noreturn]] void fail_to_write(int error) const;

  std::filesystem::path path_;       // as the user wrote it, for messages
  std::filesystem::path target_;     // the file itself, behind any link
  std::filesystem::path temporary_;  // empty: written directly, or committed
  std::string buffer_;
  int file_ = -1;
};

/// Makes a folder and the missing ones above it. Throws Error that names it.
void make_folders(const std::filesystem::path& folder);

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Builds a whole folder in `DIR.partial-PID` beside DIR and swaps it in with commit(), so that an
/// interrupted run destroys nothing. Without commit() the destructor removes the new folder.
///
/// An existing DIR is replaced with all that it holds, therefore only if it is empty or holds a
/// file named `marker` (which says that it is a folder of this kind). Missing parents are made.
/// Throws Error that names the folder. When commit() fails, the new folder stays where it is, and
/// the message says where.
class AtomicFolder {
 public:
  AtomicFolder(const std::filesystem::path& target, std::string marker);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  /// Where to write until commit().
  const std::filesystem::path& path() const { return partial_; }
  /// At most once.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path partial_;
  std::string marker_;
  bool keep_ = false;
};

}  // namespace ockham
