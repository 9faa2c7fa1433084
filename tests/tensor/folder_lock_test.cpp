#include "ockham/tensor/folder_lock.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/temporary_folder.hpp"

namespace ockham {
namespace {

namespace fs = std::filesystem;

using FolderLockTest = TemporaryFolder;

/// A process that has the folder until it is killed.
class Holder {
 public:
  explicit Holder(const fs::path& folder) {
    int ends[2];
    if (::pipe(ends) != 0) return;
    process_ = ::fork();
    if (process_ == 0) {
      FolderLock lock;
      const char answer = lock.take(folder) ? 'y' : 'n';
      if (::write(ends[1], &answer, 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    char answer = 'n';
    took_ = ::read(ends[0], &answer, 1) == 1 && answer == 'y';
    ::close(ends[0]);
    ::close(ends[1]);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() { kill(); }

  bool took() const { return took_; }
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }

 private:
  pid_t process_ = -1;
  bool took_ = false;
};

TEST_F(FolderLockTest, KeepsOthersOut) {
  FolderLock second;
  {
    FolderLock first;
    EXPECT_TRUE(first.take(folder_));
    EXPECT_TRUE(first.take(folder_)) << "it has it already";
    EXPECT_FALSE(second.take(folder_));
  }
  EXPECT_TRUE(second.take(folder_));
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(FolderLockTest, GoesWithItsProcess) {
  Holder holder(folder_);
  ASSERT_TRUE(holder.took());
  FolderLock lock;
  EXPECT_FALSE(lock.take(folder_));
  holder.kill();
  EXPECT_TRUE(lock.take(folder_));
}

TEST_F(FolderLockTest, AFolderThatIsNotThereCanBeTakenLater) {
  FolderLock first, second;
  EXPECT_TRUE(first.take(folder_ / "new"));
  fs::create_directory(folder_ / "new");
  EXPECT_TRUE(second.take(folder_ / "new"));
  EXPECT_FALSE(first.take(folder_ / "new"));
}

TEST_F(FolderLockTest, IsOfTheFolderThatTheNameStandsFor) {
  fs::create_directory(folder_ / "a");
  FolderLock old, fresh;
  ASSERT_TRUE(old.take(folder_ / "a"));
  fs::rename(folder_ / "a", folder_ / "b");
  fs::create_directory(folder_ / "a");
  EXPECT_TRUE(fresh.take(folder_ / "a"));
  FolderLock other;
  EXPECT_FALSE(other.take(folder_ / "b"));
}

}  // namespace
}  // namespace ockham
