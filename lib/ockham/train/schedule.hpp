#pragma once

#include <cstddef>
#include <string_view>

namespace ockham {

/// How the KL's weight grows from 0 (KL annealing, Bowman et al. 2016).
enum class Annealing {
  none,    ///< it is there from the first step
  linear,  ///< over the warm-up
  cosine,  ///< over the warm-up, slowly at both ends
  cyclic,  ///< linearly over the first half of every cycle, then held (Fu et al. 2019)
};

/// Its stable tag on the command line.
std::string_view annealing_name(Annealing annealing);
/// Throws Error that names the known ones.
Annealing parse_annealing(std::string_view name);

/// The KL's scale over the Bayes phase (beta * scale of the loss). beta goes from 0 to 1 as the
/// annealing says. The scale goes from low to high so that one training passes through every degree
/// of compression: with x the share that is over of what follows the (first) warm-up, it is
///     low (high / low)^(1 - (1 - x)^1.5),
/// a geometric rise that slows down towards the end. low = high holds it.
struct KlSchedule {
  double low = 0.2;
  double high = 15.0;
  double warm_up = 0.12;  ///< share of the phase, of linear and cosine annealing
  Annealing annealing = Annealing::linear;
  size_t cycles = 4;  ///< of cyclic annealing

  /// `done`: the share of the Bayes phase that is over, 0 to 1.
  double scale(double done) const;
  /// 1 - (1 - x)^1.5: how far the exponent is; negative during the warm-up.
  double progress(double done) const;
  /// The share of the steps until beta is 1 for the first time.
  double first_warm_up() const;

  bool operator==(const KlSchedule&) const = default;

 private:
  double beta(double done) const;
};

/// Word dropout over the Bayes phase and the fine-tuning of its points, from one share of the
/// tokens to another in a straight line; an epoch has that of its start. Falling, it saves most of
/// the time while the model is large, whose epochs cost the most, and shows small models, which
/// know few words, more of them.
struct DropoutSchedule {
  DropoutSchedule() = default;
  DropoutSchedule(double from, double to) : first(from), last(to) {}

  /// `done`: the share of the Bayes phase that is over, 1 at most.
  double at(double done) const { return first + (last - first) * done; }

  bool operator==(const DropoutSchedule&) const = default;

  double first = -1.0;  ///< both below 0: by size and classes
  double last = -1.0;
};

}  // namespace ockham
