#include "ockham/tensor/thread_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

class ThreadPoolOf : public testing::TestWithParam<size_t> {};
INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolOf, testing::Values(1, 2, 3, 4));

TEST_P(ThreadPoolOf, CallsEveryIndexOnce) {
  ThreadPool pool(GetParam());
  EXPECT_EQ(pool.size(), GetParam());
  for (const size_t count : {0u, 1u, 2u, 3u, 7u, 100u, 5000u}) {
    std::vector<std::atomic<int>> calls(count);
    pool.for_each(count, [&](size_t i) { ++calls[i]; });
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(calls[i], 1) << i << " of " << count;
  }
}

TEST_P(ThreadPoolOf, IsDoneWhenItReturns) {
  ThreadPool pool(GetParam());
  std::vector<int> values(64, 0);
  for (int round = 1; round <= 300; ++round) {  // short loops one behind the other
    pool.for_each(values.size(), [&](size_t i) { ++values[i]; });
    for (const int v : values) ASSERT_EQ(v, round);
  }
}

TEST_P(ThreadPoolOf, RethrowsAndGoesOn) {
  ThreadPool pool(GetParam());
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(pool.for_each(50,
                               [](size_t i) {
                                 if (i % 10 == 3) throw std::out_of_range("index 3");
                               }),
                 std::out_of_range);
    std::atomic<int> calls = 0;
    pool.for_each(50, [&](size_t) { ++calls; });  // nothing is left over of the exception
    EXPECT_EQ(calls, 50);
  }
}

TEST_P(ThreadPoolOf, TheFirstIterationsExceptionComesOut) {
  ThreadPool pool(GetParam());
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> before = 0;
    try {
      pool.for_each(40, [&](size_t i) {
        if (i < 3) ++before;
        if (i == 3 || i == 5 || i == 13) throw std::runtime_error(std::to_string(i));
      });
      FAIL() << "nothing came out";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "3");
    }
    EXPECT_EQ(before, 3) << "all before it are called";
  }
}

TEST_P(ThreadPoolOf, LoopsAreNotNested) {
  ThreadPool pool(GetParam());
  const auto nested = [&](size_t) { pool.for_each(2, [](size_t) {}); };
  EXPECT_THROW(pool.for_each(2, nested), Error);
  EXPECT_THROW(pool.for_each(1, nested), Error);
  std::atomic<int> calls = 0;
  pool.for_each(4, [&](size_t) { ++calls; });
  EXPECT_EQ(calls, 4);
}

/// Whoever has just found nothing to take must not sleep through the next loop.
TEST(ThreadPool, NobodySleepsThroughALoop) {
  ThreadPool pool(2);
  for (int round = 0; round < 20'000; ++round) {
    std::atomic<size_t> arrived = 0;
    pool.for_each(2, [&](size_t) {
      ++arrived;
      while (arrived < 2) std::this_thread::yield();
    });
  }
}

TEST(ThreadPool, SharesTheWorkOut) {
  ThreadPool pool(3);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::atomic<size_t> arrived = 0;
  // Nobody leaves before all three have come, so each must have taken one index.
  pool.for_each(3, [&](size_t) {
    {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
    }
    ++arrived;
    while (arrived < 3) std::this_thread::yield();
  });
  EXPECT_EQ(threads.size(), 3u);
  EXPECT_TRUE(threads.contains(std::this_thread::get_id()));
}

TEST(ThreadPool, WakesUpAfterASleep) {
  ThreadPool pool(2);
  std::atomic<int> calls = 0;
  pool.for_each(4, [&](size_t) { ++calls; });
  std::this_thread::sleep_for(std::chrono::milliseconds(30));  // longer than the workers spin
  pool.for_each(4, [&](size_t) { ++calls; });
  EXPECT_EQ(calls, 8);
}

TEST(ThreadPool, NeedsAThread) {
  EXPECT_THROW(ThreadPool(0), Error);
}

}  // namespace
}  // namespace ockham
