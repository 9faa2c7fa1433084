#include "apps/training_inputs.hpp"

#include "apps/training_notes.hpp"
#include "apps/unlabelled.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/class_weights.hpp"
#include "ockham/text/dataset_checks.hpp"

namespace ockham {

std::vector<std::string> TrainingInputs::files() const {
  return {arguments_.train, arguments_.valid, arguments_.unlabelled, arguments_.vectors,
          arguments_.class_weights};
}

/// Runs `read` of an input. An empty standard input looks like a mistake in the data; where a
/// training is resumed it is one in the command.
template <typename Read>
auto TrainingInputs::told_to_come_again(const std::string& path, const Read& read) const {
  try {
    return read();
  } catch (const Error& error) {
    if (path != "-" || !arguments_.resume) throw;
    fail(error.what(), "; --resume needs the training's input on standard input again");
  }
}

Dataset TrainingInputs::texts(const std::string& path,
                              const std::vector<std::string>* classes) const {
  const Profile::Part part(profile_, "reading");
  Dataset dataset = told_to_come_again(path, [&] {
    return read_labels(path, options_.data(), classes, {.folder = arguments_.cache_folder});
  });
  progress_.note(dataset_text(dataset));
  if (classes == nullptr) {  // else they are the training's
    const std::string alike = alike_labels_text(dataset.classes);
    if (!alike.empty()) progress_.note(alike);
  }
  if (!arguments_.quiet) {
    const std::string duplicates = duplicates_text(dataset, find_duplicates(dataset));
    if (!duplicates.empty()) progress_.note(duplicates);
  }
  return dataset;
}

Dataset TrainingInputs::unlabelled(const std::vector<std::string>& classes,
                                   bool several_labels) const {
  const Profile::Part part(profile_, "reading");
  Dataset dataset = told_to_come_again(arguments_.unlabelled, [&] {
    return read_unlabelled(arguments_.unlabelled, arguments_.data, classes, several_labels,
                           arguments_.cache_folder);
  });
  progress_.note(unlabelled_text(dataset));
  return dataset;
}

std::optional<VectorFile> TrainingInputs::vectors() const {
  const std::string& path = arguments_.vectors;
  if (path.empty()) return std::nullopt;
  return told_to_come_again(path,
                            [&] { return VectorFile(path, {.folder = arguments_.cache_folder}); });
}

void TrainingInputs::weigh(Dataset& dataset) const {
  if (arguments_.class_weights == "none") return;
  const std::string& weights = arguments_.class_weights;
  weigh_classes(dataset,
                names_a_file(weights)
                    ? told_to_come_again(
                          weights, [&] { return read_class_weights(weights, dataset.classes); })
                    : balanced_class_weights(dataset));
}

}  // namespace ockham
