#pragma once

#include <filesystem>
#include <string>

namespace ockham {

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
