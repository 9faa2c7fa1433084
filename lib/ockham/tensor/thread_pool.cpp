#include "ockham/tensor/thread_pool.hpp"

#include <pthread.h>

#include <csignal>
#include <system_error>
#include <utility>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

// A training step has about ten short parallel loops; a thread that slept between them would
// spend more time waking up than working. Spins for some tens of microseconds (on the machine of
// docs/performance.md), then sleeps.
constexpr int kSpins = 4000;

constexpr uint64_t kLoop = uint64_t{1} << 32;  // the ticket's upper half counts loops
constexpr uint64_t kIterations = kLoop - 1;    // the lower half, all ones: closed

template <typename T>
void wait_while(const std::atomic<T>& value, T old) {
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }
  value.wait(old, std::memory_order_acquire);
}

struct Running {
  std::atomic<bool>& flag;
  ~Running() { flag = false; }
};

}  // namespace

ThreadPool::ThreadPool(size_t threads) : shares_(threads) {
  if (threads < 1) fail("a thread pool needs at least 1 thread, got ", threads);
  workers_.reserve(threads - 1);
  try {
    for (size_t i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  } catch (const std::system_error& error) {
    const size_t started = size();
    stop();
    fail("cannot start ", threads, " threads, only ", started, ": ", error.code().message(),
         "; ask for fewer");
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() {
  stop();
}

void ThreadPool::stop() {
  stop_ = true;
  loop_ += kLoop;
  loop_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::run(size_t count, Call call, const void* context) {
  if (running_.exchange(true)) fail("a parallel loop was begun inside another one of its pool");
  const Running running{running_};
  if (workers_.empty() || count <= 1) {
    for (size_t i = 0; i < count; ++i) call(context, i);
    return;
  }
  if (count >= kIterations) fail("a parallel loop of ", count, " iterations is too long");
  // Closed while the loop is described: whoever still looks at the old one finds nothing to take.
  const uint64_t loop = loop_ + kLoop;
  for (Share& share : shares_) share.ticket.exchange(loop | kIterations);
  call_ = call;
  context_ = context;
  count_ = static_cast<uint32_t>(count);
  finished_ = 0;
  for (size_t t = 0; t < shares_.size(); ++t) shares_[t].ticket = loop | share_begin(t, count);
  loop_ = loop;
  loop_.notify_all();
  drain(0);
  for (uint32_t done = finished_; done != count; done = finished_) wait_while(finished_, done);
  if (first_failed_.exchange(UINT32_MAX) != UINT32_MAX) {
    std::rethrow_exception(std::exchange(error_, nullptr));
  }
}

void ThreadPool::work(size_t thread) {
  // Signals are the main thread's affair: a handler's frame on this stack would overwrite what
  // oneDNN's kernels keep below the stack's end.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  uint64_t seen = 0;
  while (!stop_) {
    wait_while(loop_, seen);
    seen = loop_;
    drain(thread);
  }
}

void ThreadPool::call_one(Call call, const void* context, uint32_t i) {
  try {
    call(context, i);
  } catch (...) {
    const std::lock_guard lock(failing_);
    if (i < first_failed_) {
      first_failed_ = i;
      error_ = std::current_exception();
    }
  }
}

/// A thread's own share, then what is left of others'.
void ThreadPool::drain(size_t thread) {
  for (size_t k = 0; k < shares_.size(); ++k) drain_share((thread + k) % shares_.size());
}

void ThreadPool::drain_share(size_t thread) {
  std::atomic<uint64_t>& next = shares_[thread].ticket;
  for (uint64_t ticket = next;;) {
    const Call call = call_;
    const void* const context = context_;
    const uint32_t count = count_;
    const uint64_t i = ticket & kIterations;
    if (i >= share_begin(thread + 1, count)) return;
    if (!next.compare_exchange_weak(ticket, ticket + 1)) continue;
    call_one(call, context, static_cast<uint32_t>(i));
    if (++finished_ == count) finished_.notify_all();
    ticket = next;
  }
}

}  // namespace ockham
