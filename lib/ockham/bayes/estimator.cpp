#include "ockham/bayes/estimator.hpp"

#include <array>
#include <utility>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

constexpr std::array<std::pair<Estimator, std::string_view>, 5> kNames{
    {{Estimator::batch, "batch"},
     {Estimator::sequence, "sequence"},
     {Estimator::flipout, "flipout"},
     {Estimator::activation, "activation"},
     {Estimator::local, "local"}}};

}  // namespace

std::string_view estimator_name(Estimator estimator) {
  return kNames[static_cast<size_t>(estimator)].second;
}

Estimator parse_estimator(std::string_view name) {
  for (const auto& [estimator, known] : kNames) {
    if (known == name) return estimator;
  }
  fail("unknown estimator \"", name, "\"; known: batch, sequence, flipout, activation, local");
}

}  // namespace ockham
