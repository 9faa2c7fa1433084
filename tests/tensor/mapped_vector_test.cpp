#include "ockham/tensor/mapped_vector.hpp"

#include <rapidcheck.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ockham {
namespace {

using Numbers = MappedVector<uint32_t>;

std::vector<uint32_t> numbers_up_to(size_t n) {
  std::vector<uint32_t> numbers(n);
  std::iota(numbers.begin(), numbers.end(), 0u);
  return numbers;
}

class MappedVectorTest : public TemporaryFolder {
 protected:
  SpillPlace place(size_t memory_bytes) const { return {folder_, memory_bytes}; }
  size_t files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
};

/// Lines of /proc/self/status such as "RssAnon: 1234 kB", in bytes.
size_t memory_figure(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoul(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

/// Limits the length of files for as long as it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int);
};

TEST_F(MappedVectorTest, StaysInMemoryUpToTheThresholdAndLeavesItThen) {
  Numbers numbers(place(400));
  const std::vector<uint32_t> expected = numbers_up_to(101);
  for (uint32_t i = 0; i < 100; ++i) numbers.push_back(i);
  EXPECT_FALSE(numbers.in_file());
  numbers.push_back(100);
  EXPECT_TRUE(numbers.in_file());
  EXPECT_EQ(numbers, expected);
  EXPECT_EQ(files(), 0u);  // it has no name
}

TEST_F(MappedVectorTest, DoesWhatAVectorDoes) {
  EXPECT_TRUE(rc::check([this](const std::vector<uint32_t>& steps) {
    // Around the threshold, and around the steps in which a file grows.
    const size_t memory_bytes = *rc::gen::element<size_t>(0, 4, 40, 1000, 300'000);
    std::vector<uint32_t> expected;
    Numbers actual(place(memory_bytes));
    for (const uint32_t step : steps) {
      const size_t amount = step / 8 % (step % 64 == 0 ? 40'000 : 40);
      switch (step % 8) {
        case 0:
        case 1: {
          const std::vector<uint32_t> more = numbers_up_to(amount);
          expected.insert(expected.end(), more.begin(), more.end());
          actual.append(more);
          break;
        }
        case 2:
        case 3:
          expected.push_back(step);
          actual.push_back(step);
          break;
        case 4: {
          const size_t kept = expected.size() - std::min(amount, expected.size());
          expected.resize(kept);
          actual.truncate(kept);
          break;
        }
        case 5:
          actual.shrink_to_fit();
          actual.expect(step % 16 < 8 ? Access::anywhere : Access::in_order);
          actual.prefetch(actual.size() / 3, actual.size() / 2);
          break;
        case 6: {
          Numbers copy = actual;
          if (!expected.empty()) copy[0] = ~copy[0];  // no matter of the original's
          RC_ASSERT(expected.empty() || copy != actual);
          copy = actual;
          actual = std::move(copy);
          break;
        }
        default: {
          Numbers moved = std::move(actual);
          RC_ASSERT(actual.empty());  // NOLINT: what moving leaves
          actual = std::move(moved);
          break;
        }
      }
      RC_ASSERT(actual == std::span<const uint32_t>(expected));
      RC_ASSERT(actual.in_file() || actual.size() * sizeof(uint32_t) <= memory_bytes);
    }
  }));
  EXPECT_EQ(files(), 0u);
}

TEST_F(MappedVectorTest, HoldsBytesAndNothing) {
  const MappedVector<char> nothing(place(0));
  EXPECT_EQ(nothing, MappedVector<char>(nothing));
  MappedVector<char> bytes(place(2));
  bytes.append(std::string("abc"));
  EXPECT_TRUE(bytes.in_file());
  bytes.clear();
  bytes.shrink_to_fit();
  bytes.append(std::string("xyz"));
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "xyz");
}

TEST_F(MappedVectorTest, GivesTheMemoryToTheFile) {
  constexpr size_t kBytes = size_t{64} << 20;
  const size_t before = memory_figure("RssAnon");
  MappedVector<uint64_t> numbers(place(1 << 20));
  for (size_t i = 0; i < kBytes / sizeof(uint64_t); ++i) numbers.push_back(i);
  EXPECT_LT(memory_figure("RssAnon"), before + kBytes / 4);
  EXPECT_EQ(numbers[kBytes / sizeof(uint64_t) - 1], kBytes / sizeof(uint64_t) - 1);
}

TEST_F(MappedVectorTest, AFullDiskIsAnErrorThatLeavesTheVectorAsItWas) {
  Numbers numbers(place(1000));
  const std::vector<uint32_t> some = numbers_up_to(50'000);
  numbers.append(some);
  const FileSizeLimit limit(300'000);
  std::string message;
  try {
    numbers.append(some);
  } catch (const Error& error) {
    message = error.what();
  }
  EXPECT_EQ(message, "cannot keep data in a temporary file in " + folder_.string() +
                         ": File too large; make room there, or name another folder: --cache-dir "
                         "of a training, or TMPDIR");
  EXPECT_EQ(numbers, some);
  numbers.push_back(1);  // there is room for it
  EXPECT_EQ(numbers.size(), some.size() + 1);
  Numbers in_memory(place(1000));
  in_memory.push_back(7);
  EXPECT_THROW(in_memory.reserve(100'000), Error);
  EXPECT_EQ(in_memory, (Numbers{7}));
}

TEST_F(MappedVectorTest, AFolderThatIsNotThereIsAnError) {
  Numbers numbers({folder_ / "missing", 0});
  EXPECT_THROW(numbers.push_back(1), Error);
  EXPECT_TRUE(numbers.empty());
}

TEST_F(MappedVectorTest, FilesAreInTheTemporaryFolderUnlessAskedFor) {
  const char* old = std::getenv("TMPDIR");
  const std::string kept = old != nullptr ? old : "";
  ::setenv("TMPDIR", (folder_ / "missing").c_str(), 1);
  Numbers numbers({.memory_bytes = 0});
  EXPECT_THROW(numbers.push_back(1), Error);
  ::setenv("TMPDIR", folder_.c_str(), 1);
  numbers.push_back(1);
  EXPECT_TRUE(numbers.in_file());
  if (old != nullptr) {
    ::setenv("TMPDIR", kept.c_str(), 1);
  } else {
    ::unsetenv("TMPDIR");
  }
}

}  // namespace
}  // namespace ockham
