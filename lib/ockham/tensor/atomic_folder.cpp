#include "ockham/tensor/atomic_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/tensor/partial_files.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

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

AtomicFolder::AtomicFolder(const fs::path& target, std::string marker)
    : target_(resolve(target)), marker_(std::move(marker)) {
  refuse_unless_replaceable(target_, marker_);
  std::error_code error;
  // One that has the marker is whole: it was kept when it could not be put in place.
  for_each_stale_partial(target_, fs::file_type::directory, [&](const fs::path& folder) {
    std::error_code ignored;
    if (!fs::exists(folder / marker_, ignored)) fs::remove_all(folder, ignored);
  });
  fs::create_directories(target_.parent_path(), error);
  for (int attempt = 0; !error && attempt < kPartialNames; ++attempt) {
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
