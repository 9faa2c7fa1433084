#include "ockham/text/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

namespace ockham {
namespace {

class DescriptorSource final : public ByteSource {
 public:
  DescriptorSource(int descriptor, bool owned, std::string name)
      : descriptor_(descriptor), owned_(owned), name_(std::move(name)) {}
  DescriptorSource(const DescriptorSource&) = delete;
  DescriptorSource& operator=(const DescriptorSource&) = delete;
  ~DescriptorSource() override {
    if (owned_) ::close(descriptor_);
  }

  size_t read(char* target, size_t capacity) override {
    for (;;) {
      const ssize_t count = ::read(descriptor_, target, capacity);
      if (count >= 0) return static_cast<size_t>(count);
      if (errno == EISDIR) fail(name_, ": is a folder; expected a file");
      if (errno != EINTR) fail(name_, ": cannot be read: ", system_reason(errno));
    }
  }

 private:
  int descriptor_;
  bool owned_;
  std::string name_;
};

class StreamSource final : public ByteSource {
 public:
  StreamSource(std::istream& stream, std::string name) : stream_(stream), name_(std::move(name)) {}

  size_t read(char* target, size_t capacity) override {
    stream_.read(target, static_cast<std::streamsize>(capacity));
    if (stream_.bad()) fail(name_, ": cannot be read to its end");
    return static_cast<size_t>(stream_.gcount());
  }

 private:
  std::istream& stream_;
  std::string name_;
};

class AnnouncedSource final : public ByteSource {
 public:
  AnnouncedSource(std::unique_ptr<ByteSource> source, std::function<void()> before_reading)
      : source_(std::move(source)), before_reading_(std::move(before_reading)) {}

  size_t read(char* target, size_t capacity) override {
    before_reading_();
    return source_->read(target, capacity);
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::function<void()> before_reading_;
};

}  // namespace

std::unique_ptr<ByteSource> open_byte_source(const std::string& path) {
  if (path == "-") return std::make_unique<DescriptorSource>(STDIN_FILENO, false, "stdin");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) fail(path, ": no such file; check the path");
    fail(path, ": cannot be opened: ", system_reason(errno));
  }
  auto source = std::make_unique<DescriptorSource>(descriptor, true, path);
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    fail(path, ": is a folder; expected a file");
  }
  return source;
}

std::unique_ptr<ByteSource> stream_byte_source(std::istream& stream, std::string name) {
  return std::make_unique<StreamSource>(stream, std::move(name));
}

std::unique_ptr<ByteSource> announced_source(std::unique_ptr<ByteSource> source,
                                             std::function<void()> before_reading) {
  return std::make_unique<AnnouncedSource>(std::move(source), std::move(before_reading));
}

std::string display_name(const std::string& path) {
  return path == "-" ? "stdin" : path;
}

}  // namespace ockham
