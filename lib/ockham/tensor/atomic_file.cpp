#include "ockham/tensor/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <system_error>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/tensor/partial_files.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 1 << 16;

/// Whether the name is one of the system's for what a process has open, such as /dev/stdout.
bool names_a_descriptor(const fs::path& path) {
  const std::string name = path.lexically_normal().string();
  return name.starts_with("/dev/") || name.starts_with("/proc/");
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : path_(path), target_(path) {
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists && errno == ELOOP) fail_to_write(errno);
  if (exists && S_ISDIR(status.st_mode)) {
    fail(path.string(), " is a folder; the name of a file to write was expected");
  }
  if (exists && !S_ISREG(status.st_mode)) {  // a device must be written, never replaced
    file_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file_ < 0) fail_to_write(errno);
    return;
  }
  if (names_a_descriptor(path) && is_standard_output(path)) {  // others write there too
    file_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    if (file_ < 0) fail_to_write(errno);
    return;
  }
  if (exists && ::access(path.c_str(), W_OK) != 0) fail_to_write(errno);
  std::error_code ignored;
  if (exists || fs::is_symlink(path, ignored)) target_ = resolve(path);
  create_temporary(exists, status.st_mode & 0777);
}

void AtomicFile::create_temporary(bool replaces, unsigned mode) {
  for_each_stale_partial(target_, fs::file_type::regular,
                         [](const fs::path& file) { ::unlink(file.c_str()); });
  for (int attempt = 0; file_ < 0 && attempt < kPartialNames; ++attempt) {
    temporary_ = partial_name(target_, attempt);
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ < 0 && errno != EEXIST) break;
  }
  if (file_ < 0) fail_to_write(errno);
  if (replaces) ::fchmod(file_, mode);  // a file of another owner may not allow it: no harm
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  assert(file_ >= 0);
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kBufferBytes - buffer_.size());
    buffer_ += part;
    bytes.remove_prefix(part.size());
    if (buffer_.size() == kBufferBytes) flush();
  }
}

void AtomicFile::flush() {
  for (size_t done = 0; done < buffer_.size();) {
    const ssize_t wrote = ::write(file_, buffer_.data() + done, buffer_.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) fail_to_write(errno);
    done += static_cast<size_t>(wrote);
  }
  buffer_.clear();
}

void AtomicFile::finish() {
  assert(file_ >= 0);
  flush();
  if (!temporary_.empty() && !sync(file_)) fail_to_write(errno);
  if (::close(std::exchange(file_, -1)) != 0) fail_to_write(errno);
}

void AtomicFile::commit() {
  if (file_ >= 0) finish();
  if (temporary_.empty()) return;
  put_in_place();
  sync_name();
}

void AtomicFile::put_in_place() {
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_to_write(errno);
  temporary_.clear();
}

void AtomicFile::sync_name() const {
  if (!sync_folder(target_.parent_path())) fail_to_write(errno);
}

void AtomicFile::fail_to_write(int error) const {
  fail("cannot write ", path_.string(), ": ", system_reason(error));
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_files_atomically(std::span<const FileBytes> files) {
  std::deque<AtomicFile> written;
  for (const auto& [path, bytes] : files) {
    written.emplace_back(path).write(bytes);
    written.back().finish();
  }
  for (AtomicFile& file : written) file.put_in_place();
  for (AtomicFile& file : written) file.sync_name();
}

}  // namespace ockham
