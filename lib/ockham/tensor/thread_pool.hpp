#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace ockham {

/// A fixed set of threads that share out the iterations of a loop. It is passed to whatever may
/// run in parallel; nothing in the library makes threads of its own. Results must not depend on
/// which thread runs an iteration: sums over iterations are formed by the caller in index order.
class ThreadPool {
 public:
  /// `threads` includes the calling one; at least 1. Throws Error when the system refuses one.
  explicit ThreadPool(size_t threads = 1);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  size_t size() const { return workers_.size() + 1; }

  /// Calls task(i) once for every i in [0, count), and returns when all are done. Every thread has
  /// its share of them, the same in every loop of so many, so that what it wrote in one loop is in
  /// its cache in the next; when it is through it takes from others' shares. Where one throws, all
  /// before it are still called, those behind it perhaps, and the exception of the lowest i comes
  /// out, however many threads there are. Throws Error where calls are nested, and for 2^32 - 1
  /// iterations or more.
  template <typename Task>
  void for_each(size_t count, const Task& task) {
    run(
        count, [](const void* context, size_t i) { (*static_cast<const Task*>(context))(i); },
        &task);
  }

 private:
  using Call = void (*)(const void*, size_t);

  /// The iterations of a loop that are one thread's first of all, on a cache line of their own: the
  /// loop's number in the upper half, the next free iteration in the lower one. A thread that comes
  /// late cannot take an iteration of another loop than the one it has looked at, and nobody has to
  /// wait for a thread that has not come.
  struct alignas(64) Share {
    std::atomic<uint64_t> ticket{0};
  };

  void run(size_t count, Call call, const void* context);
  void work(size_t thread);
  void stop();
  void drain(size_t thread);
  void drain_share(size_t thread);
  void call_one(Call call, const void* context, uint32_t i);
  /// Where a thread's share of a loop begins.
  uint64_t share_begin(size_t thread, uint64_t count) const {
    return count * thread / shares_.size();
  }

  std::vector<Share> shares_;  // of the calling thread, then of the workers
  std::vector<std::thread> workers_;
  // The latest loop whose shares are there, in the upper half: what workers without work wait for.
  std::atomic<uint64_t> loop_{0};
  std::atomic<Call> call_{nullptr};
  std::atomic<const void*> context_{nullptr};
  std::atomic<uint32_t> count_{0};
  std::atomic<uint32_t> finished_{0};  // iterations of the current loop
  std::atomic<bool> stop_{false};
  std::atomic<bool> running_{false};
  std::atomic<uint32_t> first_failed_{UINT32_MAX};  // iteration; UINT32_MAX: none
  std::mutex failing_;
  std::exception_ptr error_;  // of first_failed_
};

}  // namespace ockham
