#pragma once

#include <gtest/gtest.h>
#include <hwy/highway.h>

namespace ockham {

/// Calls body() once for every instruction set that the kernels were compiled for and this machine
/// has, so that a machine with AVX-512 also checks what others will run.
template <typename Body>
void for_each_target(const Body& body) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();  // the next kernel call chooses anew
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

}  // namespace ockham
