#include "ockham/nn/pooling_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/nn/pooling_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/tensor/simd_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

void KeepLargest(const float* from, size_t count, uint32_t t, bool reverse, float* best,
                 uint32_t* step) {
  ForEachVector(count, [=](auto d, size_t i) {
    const hn::RebindToUnsigned<decltype(d)> du;
    const auto x = hn::LoadU(d, from + i), before = hn::LoadU(d, best + i);
    const auto better = reverse ? hn::Ge(x, before) : hn::Gt(x, before);
    hn::StoreU(hn::IfThenElse(better, x, before), d, best + i);
    hn::StoreU(hn::IfThenElse(hn::RebindMask(du, better), hn::Set(du, t), hn::LoadU(du, step + i)),
               du, step + i);
  });
}

void AddNumbers(const float* from, size_t count, float* to) {
  ForEachVector(count, [=](auto d, size_t i) {
    hn::StoreU(hn::Add(hn::LoadU(d, to + i), hn::LoadU(d, from + i)), d, to + i);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(KeepLargest);
HWY_EXPORT(AddNumbers);

void keep_largest(const float* from, size_t count, uint32_t t, bool reverse, float* best,
                  uint32_t* step) {
  HWY_DYNAMIC_DISPATCH(KeepLargest)(from, count, t, reverse, best, step);
}

void add_numbers(const float* from, size_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(AddNumbers)(from, count, to);
}

}  // namespace ockham
#endif  // HWY_ONCE
