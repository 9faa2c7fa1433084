#include "apps/thread_option.hpp"

#include <algorithm>
#include <iostream>
#include <thread>

namespace ockham {

size_t processors() {
  return std::max(1u, std::thread::hardware_concurrency());
}

void declare_threads(Command& command, size_t* threads) {
  *threads = processors();
  command.option(threads, "threads", "N", "no result depends on it", Range{1, 1024});
  command.describe_default("one a processor");
}

size_t usable_threads(size_t wished) {
  const size_t known = std::thread::hardware_concurrency();
  if (known == 0 || wished <= known) return wished;
  std::cerr << "--threads " << wished << ": " << known
            << (known == 1 ? " processor here, so 1 thread\n"
                           : " processors here, so as many threads\n");
  return known;
}

}  // namespace ockham
