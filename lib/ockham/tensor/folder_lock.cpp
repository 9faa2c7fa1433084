#include "ockham/tensor/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace ockham {
namespace {

/// Whether the name still stands for the open folder: whoever had it may have put another there.
bool stands_for(const char* name, int file) {
  struct stat named {
  }, open{};
  return ::stat(name, &named) == 0 && ::fstat(file, &open) == 0 && named.st_dev == open.st_dev &&
         named.st_ino == open.st_ino;
}

}  // namespace

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

bool FolderLock::take(const std::filesystem::path& folder) {
  while (file_ < 0) {
    file_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file_ < 0) return true;  // what is wrong with it shows where it is used
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      const bool taken = errno == EWOULDBLOCK;
      ::close(std::exchange(file_, -1));
      return !taken;
    }
    if (!stands_for(folder.c_str(), file_)) ::close(std::exchange(file_, -1));
  }
  return true;
}

}  // namespace ockham
