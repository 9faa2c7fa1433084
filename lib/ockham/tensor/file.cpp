#include "ockham/tensor/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr size_t kReadBytes = 1 << 16;

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

bool is_output(const struct stat& file) {
  struct stat output {};
  return S_ISREG(file.st_mode) && ::fstat(STDOUT_FILENO, &output) == 0 &&
         file.st_dev == output.st_dev && file.st_ino == output.st_ino;
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

bool is_standard_output(const fs::path& path) {
  struct stat file {};
  return ::stat(path.c_str(), &file) == 0 && is_output(file);
}

bool is_standard_output(int descriptor) {
  struct stat file {};
  return ::fstat(descriptor, &file) == 0 && is_output(file);
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
  size_t wanted = kReadBytes;
  append_some(file, wanted, path, bytes);
  if (check) check(bytes);
  if (expected > max_bytes) refuse_length();
  bytes.reserve(expected + kReadBytes);
  if (bytes.size() == wanted && expected > wanted) {
    append_some(file, expected - wanted, path, bytes);
    wanted = expected;
  }
  while (bytes.size() == wanted) {
    if (bytes.size() > max_bytes) refuse_length();
    wanted += kReadBytes;
    append_some(file, kReadBytes, path, bytes);
  }
  if (bytes.size() > max_bytes) refuse_length();
  return bytes;
}

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("cannot make the folder ", folder.string(), ": ", system_reason(error.value()));
}

}  // namespace ockham
