#pragma once

#include <filesystem>
#include <string>

#include "ockham/train/trainer.hpp"

namespace ockham {

/// Where a run's checkpoint lies inside its model folder, while the run is unfinished.
inline constexpr const char* kCheckpointFolder = "checkpoint";

/// Identifies what a run depends on: a hash over the encoded training and validation texts, their
/// labels, the settings' text, and what else a language model reads.
std::string training_fingerprint(const TrainingSet& training, const ValidationSets& validation,
                                 const std::string& settings, const EncodedCorpus& language = {});

/// Writes all of a run's state, so that resuming gives the run that was never stopped, to the bit.
/// Replaces an older checkpoint only when the new one is complete. `start` is the run's initial
/// classifier: checkpoints hold its classes and shape, not its vocabulary.
void save_checkpoint(const std::filesystem::path& model_folder, const TrainingState& state,
                     const Classifier& start, const std::string& fingerprint);

bool has_checkpoint(const std::filesystem::path& model_folder);

/// Throws Error if there is no checkpoint in the model folder.
void check_checkpoint(const std::filesystem::path& model_folder);

/// Throws Error: no checkpoint there, a damaged one, or one of another run (fingerprint).
TrainingState load_checkpoint(const std::filesystem::path& model_folder,
                              const std::string& fingerprint);

}  // namespace ockham
