#include "ockham/tensor/one_omp_thread.hpp"

#include <omp.h>

namespace ockham {

OneOmpThread::OneOmpThread() : before_(omp_get_max_threads()) {
  omp_set_num_threads(1);
}

OneOmpThread::~OneOmpThread() {
  omp_set_num_threads(before_);
}

}  // namespace ockham
