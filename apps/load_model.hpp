#pragma once

#include <filesystem>
#include <string>

#include "ockham/compress/folded_model.hpp"
#include "ockham/model/classifier.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {

/// A trained model's folder or a deployable file, as a folded model. Throws Error that names the
/// path.
FoldedModel load_folded(const std::string& path);

/// The model in a folder: a trained one, or one of its path.
FoldedModel load_folded_folder(const std::filesystem::path& folder);

/// A trained model with its posteriors; Error for a deployable file, which has none. `option`: the
/// one that names it.
Classifier load_trained(const std::string& path, const std::string& option = "--model");

/// The same with nothing pruned of what is there (unprune()).
Classifier load_posterior(const std::string& path);

/// The model in a folder, with all that training can go on from. Throws Error that says what
/// --init takes.
Classifier load_base(const std::string& folder);

/// The path of a training. Throws Error where the folder holds none.
PathSummary load_summary(const std::string& folder);

/// True for a model folder, false for a file. Throws Error for a folder without a model, and where
/// there is nothing.
bool is_model_folder(const std::string& path);

/// Throws Error for anything but a model folder: for commands that take no deployable file.
void require_model_folder(const std::string& path, const std::string& command);

}  // namespace ockham
