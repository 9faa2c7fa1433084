#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ockham {

template <typename Work>
std::string file_error_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no Error";
}

using FileNames = std::vector<std::string>;

class FileTest : public TemporaryFolder {
 protected:
  /// Of all that is in the folder, sorted.
  FileNames names() const {
    FileNames found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      found.push_back(entry.path().filename().string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  /// The number of a process that has ended.
  static pid_t ended_process() {
    const pid_t process = fork();
    if (process == 0) _exit(0);
    waitpid(process, nullptr, 0);
    return process;
  }
};

}  // namespace ockham
