#include "apps/sweep/input_contents.hpp"

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "apps/terminal_text.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/text/hash.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlockBytes = size_t{1} << 20;

/// What is read, block by block.
struct Contents {
  uint64_t bytes = 0;
  uint64_t hash = 0;

  void add(std::string_view block) { hash = mix_bits(hash ^ hash_bytes(block)); }

  void add_file(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string block(kBlockBytes, '\0');
    while (stream) {
      stream.read(block.data(), static_cast<std::streamsize>(block.size()));
      const auto count = static_cast<size_t>(stream.gcount());
      bytes += count;
      add({block.data(), count});
    }
    if (!stream.eof()) fail("cannot read ", file.string(), ": ", system_reason(errno));
  }
};

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  const auto options = fs::directory_options::follow_directory_symlink;
  for (fs::recursive_directory_iterator at(folder, options), end; at != end; ++at) {
    if (is_hidden(at->path())) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file()) {
      files.push_back(at->path());
    }
  }
  std::ranges::sort(files);
  return files;
}

Contents contents_of(const fs::path& path) {
  Contents contents;
  if (!fs::is_directory(path)) {
    contents.add_file(path);
    return contents;
  }
  for (const fs::path& file : files_in(path)) {
    contents.add(file.lexically_relative(path).string());
    contents.add_file(file);
  }
  return contents;
}

/// A folder of folders may hold one that cannot be read.
Contents read_contents(const fs::path& path) {
  try {
    return contents_of(path);
  } catch (const fs::filesystem_error& error) {
    fail("cannot read ", path.string(), ": ", system_reason(error.code().value()));
  }
}

}  // namespace

std::string InputContents::of(const SweepRun& run) {
  std::string lines;
  for (const std::string& name : run.inputs) lines += line_of(name);
  return lines;
}

const std::string& InputContents::line_of(const std::string& name) {
  const auto [found, fresh] = lines_.try_emplace(name);
  std::string& line = found->second;
  std::error_code ignored;
  if (!fresh || !(fs::is_regular_file(name, ignored) || fs::is_directory(name, ignored))) {
    return line;
  }
  const Contents contents = read_contents(name);
  char text[80];
  std::snprintf(text, sizeof text, ": %" PRIu64 " bytes, hash %016" PRIx64 "\n", contents.bytes,
                contents.hash);
  line = "# " + printable(name) + text;
  return line;
}

std::optional<std::string> first_difference(const std::string& was, const std::string& is) {
  std::istringstream lines_before(was), lines_now(is);
  std::string before, now;
  while (true) {
    const bool any_before = static_cast<bool>(std::getline(lines_before, before));
    const bool any_now = static_cast<bool>(std::getline(lines_now, now));
    if (!any_before && !any_now) return std::nullopt;
    if (any_before && any_now && before == now) continue;
    const std::string& line = any_before ? before : now;
    return line.substr(2, line.rfind(": ") - 2);
  }
}

}  // namespace ockham
