#include "ockham/tensor/file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <system_error>
#include <utility>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = 1 << 16;
constexpr int kMaxNames = 1000;
constexpr std::string_view kPartial = ".partial-";
constexpr std::time_t kSecondsUntilStale = 3600;  // its process may run elsewhere: on a shared disk

/// A file descriptor that is open for reading and closes itself.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : value_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

/// Appends the file's next bytes: fewer than `most` only where it ends.
void append_some(const Descriptor& file, size_t most, const fs::path& path, std::string& bytes) {
  const size_t before = bytes.size();
  bytes.resize(before + most);
  size_t filled = 0;
  while (filled < most) {
    const ssize_t got = ::read(file.value(), bytes.data() + before + filled, most - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot read ", path.string(), ": ", system_reason(errno));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(before + filled);
}

/// False (with errno) where the bytes may not have reached the disk. Some file systems know no
/// fsync, which is no failure of the write.
bool sync(int file) {
  if (::fsync(file) == 0) return true;
  return errno == EINVAL || errno == ENOSYS || errno == ENOTSUP || errno == EROFS;
}

/// Makes the names in a folder durable.
bool sync_folder(const fs::path& folder) {
  const Descriptor file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  return file.value() < 0 || sync(file.value());
}

bool sync_folder_and_below(const fs::path& folder) {
  bool durable = sync_folder(folder);
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory(error) && !at->is_symlink(error)) {
      durable = sync_folder(at->path()) && durable;
    }
  }
  return durable && !error;
}

/// `base.partial-PID`, or with a further number when that name is taken.
fs::path partial_name(const fs::path& base, int attempt) {
  fs::path name = base;
  name += kPartial;
  name += std::to_string(::getpid());
  if (attempt == 0) return name;
  name += "-";
  name += std::to_string(attempt);
  return name;
}

/// The number that `text` begins with, written as partial_name() does, and is taken off; or 0.
int take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || text.front() == '0' || number <= 0) return 0;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

/// The process that partial_name() gave this name of a file beside `base` for, or 0.
pid_t process_of_partial(std::string_view name, std::string_view base) {
  if (!name.starts_with(base) || !name.substr(base.size()).starts_with(kPartial)) return 0;
  name.remove_prefix(base.size() + kPartial.size());
  const pid_t process = take_number(name);
  if (process == 0 || name.empty()) return process;
  if (name.front() != '-') return 0;
  name.remove_prefix(1);
  const int attempt = take_number(name);
  return attempt > 0 && attempt < kMaxNames && name.empty() ? process : 0;
}

/// `type`: S_IFREG or S_IFDIR.
bool is_stale(const fs::path& file, pid_t process, mode_t type) {
  struct stat status {};
  return ::kill(process, 0) != 0 && errno == ESRCH && ::lstat(file.c_str(), &status) == 0 &&
         (status.st_mode & S_IFMT) == type && status.st_uid == ::geteuid() &&
         status.st_mtime < std::time(nullptr) - kSecondsUntilStale;
}

/// Calls remove(path) for what killed processes left of writing `target`.
template <typename Remove>
void for_each_stale_partial(const fs::path& target, mode_t type, const Remove& remove) {
  const std::string base = target.filename().string();
  const fs::path folder = target.has_parent_path() ? target.parent_path() : ".";
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const pid_t process = process_of_partial(at->path().filename().string(), base);
    if (process > 0 && is_stale(at->path(), process, type)) remove(at->path());
  }
}

/// The file or folder behind any symbolic links, and without a slash at its end.
fs::path resolve(const fs::path& path) {
  std::error_code error;
  fs::path resolved = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) fail("cannot find ", path.string(), ": ", system_reason(error.value()));
  return resolved.has_filename() ? resolved : resolved.parent_path();
}

void refuse_unless_replaceable(const fs::path& folder, const std::string& marker) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return;
  if (error) fail("cannot look at ", folder.string(), ": ", system_reason(error.value()));
  if (!fs::is_directory(status)) {
    fail(folder.string(), " exists and is no folder; choose another name or remove it");
  }
  const bool empty = fs::is_empty(folder, error);
  if (error) fail("cannot look into ", folder.string(), ": ", system_reason(error.value()));
  if (!empty && !fs::exists(folder / marker, error)) {
    fail("folder ", folder.string(), " holds files but no ", marker,
         ", so it will not be replaced; choose another name or empty it");
  }
}

/// Puts the folder `fresh` in place of `target`; afterwards an old one is at `fresh`. Where the
/// file system cannot exchange two names at once, the old folder steps aside for a moment.
/// Returns 0 or the error's number, with both folders where they were.
int exchange_folders(const fs::path& fresh, const fs::path& target) {
  if (::rename(fresh.c_str(), target.c_str()) == 0) return 0;  // no old folder, or an empty one
  if (errno != ENOTEMPTY && errno != EEXIST) return errno;
#ifdef RENAME_EXCHANGE
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) return errno;
#endif
  fs::path aside = fresh;
  aside += ".old";
  if (::rename(target.c_str(), aside.c_str()) != 0) return errno;
  if (::rename(fresh.c_str(), target.c_str()) != 0) {
    const int error = errno;
    ::rename(aside.c_str(), target.c_str());
    return error;
  }
  return ::rename(aside.c_str(), fresh.c_str()) == 0 ? 0 : errno;
}

}  // namespace

std::string system_reason(int error) {
  const std::string message = std::generic_category().message(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return message + "; check the path";
    case EACCES:
    case EPERM:
    case EROFS:
      return message + "; check the permissions";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return message + "; free some space or choose another place";
    default:
      return message;
  }
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::string read_file(const fs::path& path, size_t max_bytes,
                      const std::function<void(std::string_view)>& check) {
  const auto refuse_length = [&] {
    fail(path.string(), " is longer than the ", max_bytes, " bytes that are accepted here");
  };
  const Descriptor file(path, O_RDONLY);
  if (file.value() < 0) fail("cannot open ", path.string(), ": ", system_reason(errno));
  struct stat status {};
  if (::fstat(file.value(), &status) != 0) {
    fail("cannot read ", path.string(), ": ", system_reason(errno));
  }
  if (S_ISDIR(status.st_mode)) fail(path.string(), " is a folder; a file was expected");
  const size_t expected = S_ISREG(status.st_mode) ? static_cast<size_t>(status.st_size) : 0;

  // Read until the end, not until the expected size: files grow, and pipes have no size.
  std::string bytes;
  size_t wanted = kBufferBytes;
  append_some(file, wanted, path, bytes);
  if (check) check(bytes);
  if (expected > max_bytes) refuse_length();
  bytes.reserve(expected + kBufferBytes);
  if (bytes.size() == wanted && expected > wanted) {
    append_some(file, expected - wanted, path, bytes);
    wanted = expected;
  }
  while (bytes.size() == wanted) {
    if (bytes.size() > max_bytes) refuse_length();
    wanted += kBufferBytes;
    append_some(file, kBufferBytes, path, bytes);
  }
  if (bytes.size() > max_bytes) refuse_length();
  return bytes;
}

AtomicFile::AtomicFile(const fs::path& path) : path_(path), target_(path) {
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    fail(path.string(), " is a folder; the name of a file to write was expected");
  }
  if (exists && !S_ISREG(status.st_mode)) {  // a device must be written, never replaced
    file_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file_ < 0) fail_to_write(errno);
    return;
  }
  if (exists && ::access(path.c_str(), W_OK) != 0) fail_to_write(errno);
  if (exists) target_ = resolve(path);
  create_temporary(exists, status.st_mode & 0777);
}

void AtomicFile::create_temporary(bool replaces, unsigned mode) {
  for_each_stale_partial(target_, S_IFREG, [](const fs::path& file) { ::unlink(file.c_str()); });
  for (int attempt = 0; file_ < 0 && attempt < kMaxNames; ++attempt) {
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

void AtomicFile::commit() {
  assert(file_ >= 0);
  flush();
  if (!temporary_.empty() && !sync(file_)) fail_to_write(errno);
  if (::close(std::exchange(file_, -1)) != 0) fail_to_write(errno);
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_to_write(errno);
  temporary_.clear();
  if (!sync_folder(target_.parent_path())) fail_to_write(errno);
}

void AtomicFile::fail_to_write(int error) const {
  fail("cannot write ", path_.string(), ": ", system_reason(error));
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("cannot make the folder ", folder.string(), ": ", system_reason(error.value()));
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

AtomicFolder::AtomicFolder(const fs::path& target, std::string marker)
    : target_(resolve(target)), marker_(std::move(marker)) {
  refuse_unless_replaceable(target_, marker_);
  std::error_code error;
  // One that has the marker is whole: it was kept when it could not be put in place.
  for_each_stale_partial(target_, S_IFDIR, [&](const fs::path& folder) {
    std::error_code ignored;
    if (!fs::exists(folder / marker_, ignored)) fs::remove_all(folder, ignored);
  });
  fs::create_directories(target_.parent_path(), error);
  for (int attempt = 0; !error && attempt < kMaxNames; ++attempt) {
    partial_ = partial_name(target_, attempt);
    if (fs::create_directory(partial_, error)) return;
  }
  const std::string partial = partial_.empty() ? "" : partial_.string() + ", which is to become ";
  fail("cannot make folder ", partial, target.string(), ": ",
       error ? system_reason(error.value()) : "no free name");
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!keep_) fs::remove_all(partial_, ignored);
}

void AtomicFolder::commit() {
  keep_ = true;  // hours of work may stand in it: whatever goes wrong now, it is not removed
  try {
    refuse_unless_replaceable(target_, marker_);
  } catch (const Error& error) {
    fail(error.what(), "; the new one is kept in ", partial_.string());
  }
  const int error = sync_folder_and_below(partial_) ? exchange_folders(partial_, target_) : EIO;
  if (error != 0) {
    fail("cannot replace folder ", target_.string(), ": ", system_reason(error),
         "; the new one is kept in ", partial_.string());
  }
  sync_folder(target_.parent_path());
  keep_ = false;  // what is there now is the old folder
}

}  // namespace ockham
