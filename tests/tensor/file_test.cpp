#include "ockham/tensor/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>

#include "ockham/tensor/atomic_file.hpp"
#include "tests/support/file_test.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

using ReadingFiles = FileTest;

TEST_F(ReadingFiles, ReadingFileNamesWhatIsWrong) {
  const std::string missing = file_error_of([&] { read_file(folder_ / "missing"); });
  EXPECT_TRUE(contains(missing, (folder_ / "missing").string())) << missing;
  EXPECT_TRUE(contains(missing, "No such file")) << missing;

  const std::string is_folder = file_error_of([&] { read_file(folder_); });
  EXPECT_TRUE(contains(is_folder, folder_.string() + " is a folder")) << is_folder;

  write_file_atomically(folder_ / "long", "12345");
  EXPECT_EQ(read_file(folder_ / "long", 5), "12345");
  const std::string too_long = file_error_of([&] { read_file(folder_ / "long", 4); });
  EXPECT_TRUE(contains(too_long, "longer than the 4 bytes")) << too_long;

  const std::string endless = file_error_of([] { read_file("/dev/zero", 1000); });
  EXPECT_TRUE(contains(endless, "/dev/zero is longer than the 1000 bytes")) << endless;
}

TEST_F(ReadingFiles, ReadsPipesToTheirEnd) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string bytes(200000, 'x');
  std::thread writer([&] { std::ofstream(pipe) << bytes; });
  const std::string got = read_file(pipe);
  writer.join();
  EXPECT_EQ(got, bytes);
}

}  // namespace
}  // namespace ockham
