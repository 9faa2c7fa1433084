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

/// Whether it is a file, no device, that standard output goes to, whatever the name.
bool is_standard_output(const std::filesystem::path& path);
/// The same of what a descriptor stands for.
bool is_standard_output(int descriptor);

/// The whole file as bytes. Pipes and devices are read to their end.
/// Throws Error that names the path: missing, a folder, not readable, longer than `max_bytes` (of a
/// regular file, when its first 64 KiB were read).
/// `check`, where it is given, sees the first bytes, up to 64 KiB, before more are read, and may
/// throw.
std::string read_file(const std::filesystem::path& path, size_t max_bytes = SIZE_MAX,
                      const std::function<void(std::string_view)>& check = nullptr);

/// Makes a folder and the missing ones above it. Throws Error that names it.
void make_folders(const std::filesystem::path& folder);

}  // namespace ockham
