#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace ockham {

/// Pieces of work that one thread brings, several threads do, and that are put out in the order in
/// which they were brought. Memory: kPiecesPerThread pieces a thread, used again and again.
template <typename Piece>
class OrderedWork {
 public:
  using Action = std::function<void(Piece&)>;

  /// `work` runs for several pieces at a time, `put` for one after the other.
  OrderedWork(size_t threads, Action work, Action put)
      : threads_(threads), work_(std::move(work)), put_(std::move(put)) {}

  /// A piece to be filled; it may hold what another one left in it.
  std::unique_ptr<Piece> take_empty() {
    const std::lock_guard lock(mutex_);
    if (empty_.empty()) return std::make_unique<Piece>();
    std::unique_ptr<Piece> piece = std::move(empty_.back());
    empty_.pop_back();
    return piece;
  }

  /// Hands over a piece. With one thread it has been put out at the return; with more, the caller
  /// lends a hand while too many are under way. Throws what an action threw for an earlier piece.
  void bring(std::unique_ptr<Piece> piece) {
    std::unique_lock lock(mutex_);
    while (under_way_.size() >= kPiecesPerThread * threads_) {
      if (!do_one(lock)) progress_.wait(lock);
    }
    if (error_) std::rethrow_exception(error_);
    waiting_.push_back(&under_way_.emplace_back(Entry{std::move(piece)}));
    if (threads_ == 1) {
      do_one(lock);
      if (error_) std::rethrow_exception(error_);
    } else {
      arrived_.notify_one();
    }
  }

  /// No more pieces will come. Never throws.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    arrived_.notify_all();
  }

  /// Does pieces until the work is closed and nothing is left to begin with.
  void help() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (do_one(lock)) continue;
      if (closed_) return;
      arrived_.wait(lock);
    }
  }

  /// When all threads have returned from help(): throws what an action threw.
  void check() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  static constexpr size_t kPiecesPerThread = 4;

  struct Entry {
    std::unique_ptr<Piece> piece;
    bool done = false;
  };

  /// Takes the next piece that waits, if there is one; `lock` is open while it is done.
  bool do_one(std::unique_lock<std::mutex>& lock) {
    if (waiting_.empty()) return false;
    Entry& entry = *waiting_.front();
    waiting_.pop_front();
    attempt(work_, *entry.piece, lock);
    entry.done = true;
    put_ready(lock);
    return true;
  }

  /// Whoever has done the next piece to put out puts it out, and those behind it that are done.
  void put_ready(std::unique_lock<std::mutex>& lock) {
    if (putting_) return;
    putting_ = true;
    while (!under_way_.empty() && under_way_.front().done) {
      attempt(put_, *under_way_.front().piece, lock);
      empty_.push_back(std::move(under_way_.front().piece));
      under_way_.pop_front();
      progress_.notify_all();
    }
    putting_ = false;
  }

  /// After a failure nothing more is done.
  void attempt(const Action& action, Piece& piece, std::unique_lock<std::mutex>& lock) {
    if (error_) return;
    lock.unlock();
    std::exception_ptr error;
    try {
      action(piece);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error && !error_) error_ = error;
  }

  const size_t threads_;
  const Action work_, put_;
  std::mutex mutex_;
  std::condition_variable arrived_;   // a piece, or the end
  std::condition_variable progress_;  // a piece has been put out
  std::deque<Entry> under_way_;       // in the order of bringing; entries stay where they are
  std::deque<Entry*> waiting_;        // those that nobody has begun with
  std::vector<std::unique_ptr<Piece>> empty_;
  std::exception_ptr error_;  // the first
  bool putting_ = false;
  bool closed_ = false;
};

}  // namespace ockham
