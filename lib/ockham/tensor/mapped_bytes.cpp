#include "ockham/tensor/mapped_bytes.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFewestBytes = 64;
constexpr size_t kUnit = size_t{1} << 16;  // of a file's length: whole pages, whatever their size
constexpr size_t kLargestStep = size_t{1} << 26;  // no more of the disk is taken ahead of need

fs::path temporary_folder() {
  const char* wished = std::getenv("TMPDIR");
  return wished != nullptr && *wished != '\0' ? wished : "/tmp";
}

/// Opens a file that has no name, or loses it at once where the file system cannot do without;
/// -1 (with errno) where that fails.
int open_nameless(const fs::path& folder) {
#ifdef O_TMPFILE
  const int file = ::open(folder.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return file;
#endif
  std::string name = (folder / "ockham-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

/// Takes blocks of the disk for [from, to); the error's number, or 0.
int take_blocks(int file, size_t from, size_t to) {
  int error = 0;
  do {
    error = ::posix_fallocate(file, static_cast<off_t>(from), static_cast<off_t>(to - from));
  } while (error == EINTR);
  return error;
}

size_t round_up(size_t bytes) {
  return (bytes + kUnit - 1) / kUnit * kUnit;
}

}  // namespace

ScratchFile::ScratchFile(fs::path folder)
    : folder_(folder.empty() ? temporary_folder() : std::move(folder)),
      file_(open_nameless(folder_)) {
  if (file_ < 0) fail_to_write(errno);
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      file_(std::exchange(other.file_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

ScratchFile& ScratchFile::operator=(ScratchFile&& other) noexcept {
  ScratchFile old(std::move(*this));
  folder_ = std::move(other.folder_);
  file_ = std::exchange(other.file_, -1);
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

ScratchFile::~ScratchFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
  if (file_ >= 0) ::close(file_);
}

void ScratchFile::resize(size_t bytes) {
  if (bytes > size_) {
    if (const int error = take_blocks(file_, size_, bytes)) {
      // Blocks that were taken before the disk was full serve others.
      if (::ftruncate(file_, static_cast<off_t>(size_)) != 0) fail_to_write(errno);
      fail_to_write(error);
    }
  }
  std::byte* data = nullptr;
  if (bytes > 0) {
    void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (mapped == MAP_FAILED) fail_to_write(errno);
    data = static_cast<std::byte*>(mapped);
  }
  if (data_ != nullptr) ::munmap(data_, size_);
  const bool shorter = bytes < size_;
  data_ = data;
  size_ = bytes;
  if (shorter && ::ftruncate(file_, static_cast<off_t>(bytes)) != 0) fail_to_write(errno);
}

void ScratchFile::fail_to_write(int error) const {
  fail("cannot keep data in a temporary file in ", folder_.string(), ": ",
       std::generic_category().message(error),
       "; make room there, or name another folder: --cache-dir of a training, or TMPDIR");
}

MappedBytes::MappedBytes(MappedBytes&& other) noexcept
    : place_(std::move(other.place_)),
      memory_(std::move(other.memory_)),
      file_(std::move(other.file_)),
      data_(std::exchange(other.data_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)) {}

MappedBytes& MappedBytes::operator=(MappedBytes&& other) noexcept {
  place_ = std::move(other.place_);
  memory_ = std::move(other.memory_);
  file_ = std::move(other.file_);
  data_ = std::exchange(other.data_, nullptr);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

void MappedBytes::reserve(size_t bytes, size_t used) {
  if (bytes <= capacity_) return;
  if (!in_file() && bytes <= place_.memory_bytes) {
    const size_t room =
        std::min(std::max({bytes, 2 * capacity_, kFewestBytes}), place_.memory_bytes);
    auto memory = std::make_unique_for_overwrite<std::byte[]>(room);
    if (used > 0) std::memcpy(memory.get(), data_, used);
    memory_ = std::move(memory);
    data_ = memory_.get();
    capacity_ = room;
    return;
  }
  const size_t room = round_up(std::max(bytes, capacity_ + std::min(capacity_, kLargestStep)));
  if (in_file()) {
    file_.resize(room);
  } else {
    ScratchFile file(place_.folder);
    file.resize(room);
    if (used > 0) std::memcpy(file.data(), data_, used);
    file_ = std::move(file);
    memory_.reset();
  }
  data_ = file_.data();
  capacity_ = file_.size();
}

void MappedBytes::expect(Access access) const {
  if (!in_file()) return;
  // Advice that is not taken changes no result.
  ::madvise(data_, capacity_, access == Access::anywhere ? MADV_RANDOM : MADV_NORMAL);
}

void MappedBytes::prefetch(size_t first, size_t bytes) const {
  // What is smaller mostly stays in memory once it was read, and asking for it each time took 1.5%
  // of a default training.
  constexpr size_t kStays = size_t{1} << 28;
  if (!in_file() || capacity_ < kStays || bytes == 0) return;
  static const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  const size_t begin = first / page * page;
  ::madvise(data_ + begin, first + bytes - begin, MADV_WILLNEED);
}

void MappedBytes::release(size_t used) {
  const size_t room = round_up(std::max<size_t>(used, 1));
  if (!in_file() || room >= capacity_) return;
  file_.resize(room);
  data_ = file_.data();
  capacity_ = file_.size();
}

}  // namespace ockham
