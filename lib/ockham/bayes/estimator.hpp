#pragma once

#include <string_view>

namespace ockham {

/// How a weight's noise enters what is computed from it.
enum class Estimator {
  batch,     ///< one weight sample for the mini-batch, shared by all sequences and time steps
  sequence,  ///< a weight sample of its own for each sequence, shared by its time steps: exact, but
             ///< every sequence then has its own matrices and nothing is multiplied once for all
  flipout,   ///< one sample for the mini-batch, whose deviation from the mean every sequence sees
             ///< with signs of its own (Wen et al. 2018)
  activation,  ///< a factor on each input of a sequence, shared by its time steps, in place of the
               ///< weights' noise (Srivastava et al. 2014)
  local,  ///< local reparametrization (Kingma et al. 2015): noise on the product's outputs, drawn
          ///< anew for every use of the weights: of every text's own in dense layers and the
          ///< output layer, of every time step's own in the input layer
};

/// Its stable tag in files and on the command line.
std::string_view estimator_name(Estimator estimator);
/// Throws Error that names the known ones.
Estimator parse_estimator(std::string_view name);

}  // namespace ockham
