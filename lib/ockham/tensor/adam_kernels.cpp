#include "ockham/tensor/adam_kernels.hpp"

#include <hwy/cache_control.h>

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ockham/tensor/adam_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "ockham/tensor/simd_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace ockham {
namespace HWY_NAMESPACE {

/// Elements that are asked for ahead: the processor sees no farther than a page of each tensor. (Of
/// a step at the papers' size 1%, with bf16 3%.)
constexpr size_t kAhead = 256;

/// Adam on the elements at `i` of one tensor, whose gradient is in g. Clears the stored gradient.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void AdamElements(D d, const AdamStep& step, const AdamTensor& t, size_t i, V g) {
  const auto beta1 = hn::Set(d, step.beta1);
  const auto beta2 = hn::Set(d, step.beta2);
  const size_t ahead = std::min(i + kAhead, t.value.size() - 1);
  for (const std::span<float> values : {t.value, t.gradient, t.moment1, t.moment2}) {
    hwy::Prefetch(&values[ahead]);
  }
  // m <- beta m + (1 - beta) g, written as g + beta (m - g)
  const auto m1 = hn::MulAdd(beta1, hn::Sub(hn::LoadU(d, &t.moment1[i]), g), g);
  const auto g2 = hn::Mul(g, g);
  const auto m2 = hn::MulAdd(beta2, hn::Sub(hn::LoadU(d, &t.moment2[i]), g2), g2);
  const auto root = hn::Sqrt(hn::Mul(hn::Set(d, step.correction2), hn::Max(m2, hn::Zero(d))));
  const auto change = hn::Div(hn::Mul(hn::Set(d, step.learning_rate * step.correction1), m1),
                              hn::Add(root, hn::Set(d, step.epsilon)));
  hn::StoreU(m1, d, &t.moment1[i]);
  hn::StoreU(m2, d, &t.moment2[i]);
  hn::StoreU(hn::Sub(hn::LoadU(d, &t.value[i]), change), d, &t.value[i]);
  hn::StoreU(hn::Zero(d), d, &t.gradient[i]);
}

void AdamUpdate(const AdamStep& step, const AdamTensor& t) {
  ForEachVector(t.value.size(), [&](auto d, size_t i) {
    const auto g = hn::Mul(hn::Set(d, step.gradient_scale), hn::LoadU(d, &t.gradient[i]));
    AdamElements(d, step, t, i, g);
  });
}

/// u = m^2 / (2 s^2)
struct ExactKl {
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V mean, V log_sigma) {
    const V precision = SaturatingExp(d, hn::Mul(hn::Set(d, -2.0f), log_sigma));
    const V u = hn::Mul(hn::Mul(hn::Set(d, 0.5f), hn::Mul(mean, mean)), precision);
    return ExactSparseKl(d, u);
  }

  /// dKL/dm = (m / s^2) R(u)
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V mean, V log_sigma) {
    const V precision = SaturatingExp(d, hn::Mul(hn::Set(d, -2.0f), log_sigma));
    const V weighted = hn::Mul(mean, precision);
    const V u = hn::Mul(hn::Set(d, 0.5f), hn::Mul(mean, weighted));
    return hn::Mul(weighted, DawsonRatio(d, u));
  }
};

/// KL = k1 (1 - sigm(k2 + k3 la)) + log(1 + exp(-la)) / 2,  la = 2 (log s - log |m|). With
/// E = exp(-k2 - k3 la):  1 - sigm(k2 + k3 la) = E / (1 + E).
struct FittedKl {
  static constexpr float k1 = 0.63576f, k2 = 1.87320f, k3 = 1.48695f;

  // Of 0 and denormals there is no logarithm.
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Least(D d) {
    return hn::Set(d, 1e-37f);
  }
  /// la, clipped.
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V LogAlpha(D d, V mean, V log_sigma) {
    const V largest = hn::Set(d, kLargestFittedLogAlpha);
    const V log_mean = hn::Log(d, hn::Max(hn::Abs(mean), Least(d)));
    const V la = hn::Mul(hn::Set(d, 2.0f), hn::Sub(log_sigma, log_mean));
    return hn::Max(hn::Min(la, largest), hn::Neg(largest));
  }
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V E(D d, V log_alpha) {
    return hn::Exp(d, hn::NegMulAdd(hn::Set(d, k3), log_alpha, hn::Set(d, -k2)));
  }

  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Value(D d, V mean, V log_sigma) {
    const V one = hn::Set(d, 1.0f);
    const V la = LogAlpha(d, mean, log_sigma);
    const V e = E(d, la);
    const V half_log = hn::Mul(hn::Set(d, 0.5f), hn::Log1p(d, hn::Exp(d, hn::Neg(la))));
    const V kl = hn::MulAdd(hn::Set(d, k1), hn::Div(e, hn::Add(one, e)), half_log);
    return hn::IfThenElse(hn::Eq(mean, mean), kl, mean);  // what is no number stays none
  }

  /// dKL/dla = -k1 k3 E / (1 + E)^2 - 1 / (2 (1 + A)),  A = exp la;  dla/dm = -2 / m. Over one
  /// denominator; 0 where la is clipped and where m is 0.
  template <class D, class V = hn::Vec<D>>
  static HWY_INLINE V Slope(D d, V mean, V log_sigma) {
    const V one = hn::Set(d, 1.0f);
    const V la = LogAlpha(d, mean, log_sigma);
    const V e = E(d, la), alpha1 = hn::Add(one, hn::Exp(d, la));
    const V e1 = hn::Add(one, e), e1_squared = hn::Mul(e1, e1);
    const V numerator = hn::MulAdd(hn::Mul(hn::Set(d, 2 * k1 * k3), e), alpha1, e1_squared);
    const V denominator = hn::Mul(hn::Mul(e1_squared, alpha1), mean);
    const auto inside = hn::And(hn::Lt(hn::Abs(la), hn::Set(d, kLargestFittedLogAlpha)),
                                hn::Gt(hn::Abs(mean), Least(d)));
    return hn::IfThenElseZero(inside, hn::Div(numerator, denominator));
  }
};

/// Calls body(ExactKl()) or body(FittedKl()).
template <class Body>
HWY_INLINE auto WithKl(SparseKl form, const Body& body) {
  return form == SparseKl::fitted ? body(FittedKl()) : body(ExactKl());
}

void AdamUpdateSparse(const AdamStep& given, SparseKl form, float kl_scale,
                      const AdamTensor& given_mean, const AdamTensor& given_log_sigma) {
  const AdamStep step = given;  // copies, which no store can change: 7% of the time
  const AdamTensor mean = given_mean, log_sigma = given_log_sigma;
  WithKl(form, [=](auto kl_of) HWY_ATTR {
    ForEachVector(mean.value.size(), [=](auto d, size_t i) HWY_ATTR {
      const auto m = hn::LoadU(d, &mean.value[i]);
      const auto s = hn::LoadU(d, &log_sigma.value[i]);
      const auto clip = hn::Set(d, step.gradient_scale);
      const auto kl = hn::Mul(hn::Set(d, kl_scale), kl_of.Slope(d, m, s));
      const auto mean_gradient = hn::MulAdd(clip, hn::LoadU(d, &mean.gradient[i]), kl);
      const auto sigma_gradient =
          hn::NegMulAdd(m, kl, hn::Mul(clip, hn::LoadU(d, &log_sigma.gradient[i])));
      AdamElements(d, step, mean, i, mean_gradient);
      AdamElements(d, step, log_sigma, i, sigma_gradient);
    });
  });
}

float SparseKlSum(SparseKl form, const float* mean, const float* log_sigma, size_t n) {
  return WithKl(form, [=](auto kl_of) HWY_ATTR {
    const hn::ScalableTag<float> d;
    const size_t lanes = hn::Lanes(d);
    const auto value = [=](auto tag, size_t i) HWY_ATTR {
      return kl_of.Value(tag, hn::LoadU(tag, mean + i), hn::LoadU(tag, log_sigma + i));
    };
    auto sum = hn::Zero(d);
    size_t i = 0;
    for (; i + lanes <= n; i += lanes) sum = hn::Add(sum, value(d, i));
    float total = hn::GetLane(hn::SumOfLanes(d, sum));
    for (; i < n; ++i) total += hn::GetLane(value(hn::CappedTag<float, 1>(), i));
    return total;
  });
}

void AddSparseKlGradient(SparseKl form, float scale, const float* mean, const float* log_sigma,
                         float* mean_gradient, float* log_sigma_gradient, size_t n) {
  WithKl(form, [=](auto kl_of) HWY_ATTR {
    ForEachVector(n, [=](auto d, size_t i) HWY_ATTR {
      const auto m = hn::LoadU(d, mean + i);
      const auto kl = hn::Mul(hn::Set(d, scale), kl_of.Slope(d, m, hn::LoadU(d, log_sigma + i)));
      hn::StoreU(hn::Add(hn::LoadU(d, mean_gradient + i), kl), d, mean_gradient + i);
      hn::StoreU(hn::NegMulAdd(m, kl, hn::LoadU(d, log_sigma_gradient + i)), d,
                 log_sigma_gradient + i);
    });
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace ockham
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ockham {

HWY_EXPORT(AdamUpdate);
HWY_EXPORT(AdamUpdateSparse);
HWY_EXPORT(SparseKlSum);
HWY_EXPORT(AddSparseKlGradient);

void adam_update(const AdamStep& step, std::span<float> value, std::span<float> gradient,
                 std::span<float> moment1, std::span<float> moment2) {
  HWY_DYNAMIC_DISPATCH(AdamUpdate)(step, {value, gradient, moment1, moment2});
}

void adam_update_sparse(const AdamStep& step, SparseKl form, float kl_scale, const AdamTensor& mean,
                        const AdamTensor& log_sigma) {
  HWY_DYNAMIC_DISPATCH(AdamUpdateSparse)(step, form, kl_scale, mean, log_sigma);
}

double sparse_kl(SparseKl form, std::span<const float> mean, std::span<const float> log_sigma) {
  constexpr size_t kChunk = 4096;
  double sum = 0.0;
  for (size_t i = 0; i < mean.size(); i += kChunk) {
    const size_t n = std::min(kChunk, mean.size() - i);
    sum += HWY_DYNAMIC_DISPATCH(SparseKlSum)(form, &mean[i], &log_sigma[i], n);
  }
  return sum;
}

void add_sparse_kl_gradient(SparseKl form, float scale, std::span<const float> mean,
                            std::span<const float> log_sigma, std::span<float> mean_gradient,
                            std::span<float> log_sigma_gradient) {
  HWY_DYNAMIC_DISPATCH(AddSparseKlGradient)
  (form, scale, mean.data(), log_sigma.data(), mean_gradient.data(), log_sigma_gradient.data(),
   mean.size());
}

}  // namespace ockham
#endif  // HWY_ONCE
