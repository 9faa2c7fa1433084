#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "ockham/bayes/parameter.hpp"
#include "tests/support/oracle.hpp"
#include "tests/support/table_noise.hpp"

namespace ockham {

constexpr uint32_t kCaseId = 3;

/// One of the cases of posteriors.json: y = x W for a stated posterior, spread and noise.
struct PosteriorCase {
  nlohmann::json values;
  Parameter parameter;  ///< W [4, 2]
  TableNoise noise;
  Matrix x, g;  ///< g = dL/dy
};

/// What stands for the case's posterior in the library.
inline std::string posterior_of_case(const nlohmann::json& values) {
  if (values.contains("alpha")) {
    return "gaussian-dropout:" + std::to_string(values["alpha"].get<double>());
  }
  return values.contains("log_alpha") ? "sparse-multiplicative" : "sparse";
}

inline PosteriorCase read_posterior_case(const std::string& name) {
  for (const auto& values : read_oracle("posteriors", "cases")) {
    if (values["name"] != name) continue;
    PosteriorCase c{values, {}, {}, to_matrix(values["x"], 3), to_matrix(values["weight_of_y"], 3)};
    c.parameter =
        Parameter("weight", kCaseId, 4, 2, make_posterior(posterior_of_case(values)), 0.0f);
    c.parameter.mean = to_matrix(values["M"], 4);
    for (const char* spread : {"log_s", "log_alpha"}) {
      if (!values.contains(spread)) continue;
      const auto& list = values[spread];
      const auto all = numbers(list);
      if (all.size() == 1) c.parameter.sharing = Sharing::layer;
      if (all.size() == 2) c.parameter.sharing = Sharing::column;
      c.parameter.set_shared_spread(to_matrix(list, all.size() == 8 ? 4 : 1));
    }
    if (values.contains("e")) c.noise.set(kCaseId, to_matrix(values["e"], 4));
    if (values.contains("e_y")) c.noise.set(kCaseId, to_matrix(values["e_y"], 3));
    if (values.contains("e_x")) c.noise.set(kCaseId, to_matrix(values["e_x"], 3));
    return c;
  }
  throw std::runtime_error("no case " + name);
}

}  // namespace ockham
