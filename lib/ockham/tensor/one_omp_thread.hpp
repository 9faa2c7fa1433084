#pragma once

namespace ockham {

/// While it lives, what the calling thread starts with OpenMP (oneDNN's kernels) runs on that
/// thread alone: the caller's pool already uses every core. The setting is the thread's own and is
/// given back at the end.
class OneOmpThread {
 public:
  OneOmpThread();
  ~OneOmpThread();
  OneOmpThread(const OneOmpThread&) = delete;
  OneOmpThread& operator=(const OneOmpThread&) = delete;

 private:
  int before_;
};

}  // namespace ockham
