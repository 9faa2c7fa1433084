#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <utility>

namespace ockham {

/// Where data go that may be larger than the memory.
struct SpillPlace {
  static constexpr size_t kMemoryBytes = size_t{1} << 24;

  std::filesystem::path folder = {};   ///< of the temporary files; empty: $TMPDIR, or /tmp
  size_t memory_bytes = kMemoryBytes;  ///< what has at most so many bytes makes no file
};

/// In what order something is going to be read, which decides what is read ahead of need. Without
/// `anywhere` a small piece that is not in memory costs the disk a hundred times its size.
enum class Access { in_order, anywhere };

/// A file without a name, mapped whole. It takes no place in memory that the kernel could not have
/// back: what is not in use is written out. Its end is the disk's, whatever ends the program.
class ScratchFile {
 public:
  ScratchFile() = default;
  /// Throws Error that names the folder.
  explicit ScratchFile(std::filesystem::path folder);
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&& other) noexcept;
  ~ScratchFile();

  std::byte* data() const { return data_; }
  size_t size() const { return size_; }

  /// Makes the file longer or shorter; data() moves. The blocks are taken from the disk here, where
  /// a full one is an Error: at the first write to a mapped hole it would be a signal. Strong
  /// guarantee. Under a file size limit the program must ignore SIGXFSZ to see the Error.
  void resize(size_t bytes);

 private:
  [[noreturn]] void fail_to_write(int error) const;

  std::filesystem::path folder_;
  int file_ = -1;
  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

/// Bytes in memory while they are few, and in a ScratchFile when they are many: the storage of
/// MappedVector, which knows how many of them are in use.
class MappedBytes {
 public:
  MappedBytes() = default;
  explicit MappedBytes(SpillPlace place) : place_(std::move(place)) {}
  MappedBytes(MappedBytes&& other) noexcept;
  MappedBytes& operator=(MappedBytes&& other) noexcept;

  const SpillPlace& place() const { return place_; }
  std::byte* data() const { return data_; }
  size_t capacity() const { return capacity_; }
  bool in_file() const { return file_.size() > 0; }

  /// Makes room for `bytes`, and for more to come; keeps the first `used`. data() moves. Strong
  /// guarantee. Throws what ScratchFile throws.
  void reserve(size_t bytes, size_t used);
  /// What is read from now on; does nothing in memory.
  void expect(Access access) const;
  /// Has bytes fetched that will be read soon, without waiting for them; does nothing in memory.
  void prefetch(size_t first, size_t bytes) const;
  /// Gives a file's room behind the first `used` bytes back to the disk.
  void release(size_t used);

 private:
  SpillPlace place_;
  std::unique_ptr<std::byte[]> memory_;  // while there is no file
  ScratchFile file_;
  std::byte* data_ = nullptr;  // of either
  size_t capacity_ = 0;
};

}  // namespace ockham
