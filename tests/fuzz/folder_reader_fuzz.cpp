// Any bytes as the files of a folder for each class: the first byte of each part, of which 0xFF is
// the end, says which class and kind of file the rest is.
#include "ockham/text/folder_reader.hpp"

#include <stdlib.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/fuzz/fuzz_records.hpp"

namespace {

namespace fs = std::filesystem;

constexpr std::array kNames = {"a.txt",   "b.txt.gz", "c.txt.zst", "d.txt",
                               "e.txt.x", ".f.txt",   "g.txt",     "h.txt"};
constexpr std::array kClasses = {"neg", "pos"};

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "ockham-fuzz-XXXXXX").string();
    ockham::require(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

  void fill(std::string_view bytes) {
    for (const char* name : kClasses) {
      fs::remove_all(path_ / name);
      fs::create_directory(path_ / name);
    }
    while (!bytes.empty()) {
      const auto kind = static_cast<uint8_t>(bytes.front());
      const size_t end = bytes.find('\xFF', 1);
      const fs::path file =
          path_ / kClasses[kind / kNames.size() % 2] / kNames[kind % kNames.size()];
      std::ofstream(file, std::ios::binary) << bytes.substr(1, end - 1);
      bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
    }
  }

 private:
  fs::path path_;
};

std::string outcome(const fs::path& folder) {
  std::string seen;
  try {
    ockham::FolderReader reader(folder.string());
    uint64_t line = 0;
    for (ockham::Record record; reader.next(record);) {
      ockham::require(record.line == ++line && record.weight == 1 && record.labels.size() == 1);
      ockham::require(record.labels[0] == fs::path(record.file).parent_path().filename());
      ockham::require_utf8(record.text);
      seen += record.file + record.text + '\n';
    }
  } catch (const ockham::Error& error) {
    const std::string message = error.what();
    ockham::require(message.starts_with(folder.string()));
    ockham::require(message.find('\n') == std::string::npos);
    ockham::require_utf8(message);
    seen += message;
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Folder folder;
  folder.fill({reinterpret_cast<const char*>(data), size});
  ockham::require(outcome(folder.path()) == outcome(folder.path()));
  return 0;
}
