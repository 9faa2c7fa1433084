#pragma once

#include <filesystem>

namespace ockham {

/// Keeps a second process that asks for it from a folder (flock(2)). Nothing is written, and the
/// kernel releases it when the process ends, however it ends.
class FolderLock {
 public:
  FolderLock() = default;
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// False where somebody else has the folder. True, with nothing taken, where there is none yet,
  /// and where the file system knows no locks. Taking it again changes nothing.
  bool take(const std::filesystem::path& folder);

 private:
  int file_ = -1;
};

}  // namespace ockham
