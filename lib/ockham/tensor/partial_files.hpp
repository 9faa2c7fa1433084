#pragma once

#include <filesystem>
#include <functional>

/// What AtomicFile and AtomicFolder have in common: names for what is not whole yet, and how it
/// gets to the disk.
namespace ockham {

/// How many names partial_name() gives.
inline constexpr int kPartialNames = 1000;

/// `base.partial-PID`, or with a further number when that name is taken.
std::filesystem::path partial_name(const std::filesystem::path& base, int attempt);

/// Calls remove(path) for what killed processes left of writing `target`, a file or a folder.
void for_each_stale_partial(const std::filesystem::path& target, std::filesystem::file_type type,
                            const std::function<void(const std::filesystem::path&)>& remove);

/// The file or folder behind any symbolic links, also where there is nothing yet, and without a
/// slash at its end. Throws Error that names it.
std::filesystem::path resolve(const std::filesystem::path& path);

/// False (with errno) where the bytes may not have reached the disk. Some file systems know no
/// fsync, which is no failure of the write.
bool sync(int file);

/// Makes the names in a folder durable.
bool sync_folder(const std::filesystem::path& folder);

}  // namespace ockham
