#include "ockham/tensor/partial_files.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <ctime>
#include <string>
#include <string_view>
#include <system_error>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPartial = ".partial-";
constexpr std::time_t kSecondsUntilStale = 3600;  // its process may run elsewhere: on a shared disk

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
  return attempt > 0 && attempt < kPartialNames && name.empty() ? process : 0;
}

bool is_stale(const fs::path& file, pid_t process, fs::file_type type) {
  struct stat status {};
  return ::kill(process, 0) != 0 && errno == ESRCH && ::lstat(file.c_str(), &status) == 0 &&
         (type == fs::file_type::directory ? S_ISDIR(status.st_mode) : S_ISREG(status.st_mode)) &&
         status.st_uid == ::geteuid() && status.st_mtime < std::time(nullptr) - kSecondsUntilStale;
}

}  // namespace

fs::path partial_name(const fs::path& base, int attempt) {
  fs::path name = base;
  name += kPartial;
  name += std::to_string(::getpid());
  if (attempt == 0) return name;
  name += "-";
  name += std::to_string(attempt);
  return name;
}

void for_each_stale_partial(const fs::path& target, fs::file_type type,
                            const std::function<void(const fs::path&)>& remove) {
  const std::string base = target.filename().string();
  const fs::path folder = target.has_parent_path() ? target.parent_path() : ".";
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const pid_t process = process_of_partial(at->path().filename().string(), base);
    if (process > 0 && is_stale(at->path(), process, type)) remove(at->path());
  }
}

fs::path resolve(const fs::path& path) {
  constexpr int kMostLinks = 40;  // as many as the system follows
  std::error_code error, ignored;
  fs::path target = fs::absolute(path, error);
  if (!target.has_filename()) target = target.parent_path();
  for (int links = 0; !error && fs::is_symlink(fs::symlink_status(target, ignored)); ++links) {
    if (links == kMostLinks) {
      error = std::make_error_code(std::errc::too_many_symbolic_link_levels);
    } else {
      target = target.parent_path() / fs::read_symlink(target, error);
    }
  }
  const fs::path resolved = error ? target : fs::weakly_canonical(target, error);
  if (error) fail("cannot find ", path.string(), ": ", system_reason(error.value()));
  return resolved.has_filename() ? resolved : resolved.parent_path();
}

bool sync(int file) {
  if (::fsync(file) == 0) return true;
  return errno == EINVAL || errno == ENOSYS || errno == ENOTSUP || errno == EROFS;
}

bool sync_folder(const fs::path& folder) {
  const int file =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return true;
  const bool durable = sync(file);
  ::close(file);
  return durable;
}

}  // namespace ockham
