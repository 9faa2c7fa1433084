#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/progress.hpp"
#include "apps/train_options.hpp"
#include "ockham/tensor/profile.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/vector_start.hpp"

namespace ockham {

/// Reads what a training is given, and says what is to be noticed about it.
class TrainingInputs {
 public:
  /// `profile` may be null.
  TrainingInputs(const TrainOptions& options, Profile* profile, Progress& progress)
      : options_(options),
        arguments_(options.arguments()),
        profile_(profile),
        progress_(progress) {}

  /// The names of all that is read.
  std::vector<std::string> files() const;
  /// Labelled texts; `classes`: those that their labels are among, or null for any.
  Dataset texts(const std::string& path, const std::vector<std::string>* classes) const;
  /// Those of --unlabelled.
  Dataset unlabelled(const std::vector<std::string>& classes, bool several_labels) const;
  /// Nothing unless there are any.
  std::optional<VectorFile> vectors() const;
  /// Gives texts the weights of their classes, if they have some.
  void weigh(Dataset& dataset) const;

 private:
  template <typename Read>
  auto told_to_come_again(const std::string& path, const Read& read) const;

  const TrainOptions& options_;
  const TrainArguments& arguments_;
  Profile* profile_;
  Progress& progress_;
};

}  // namespace ockham
