#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// What `ockham train` may write its model to, and others their files.

namespace ockham {

/// The folder is replaced by a new one at the end, which a mount point and the folder that the
/// shell stands in do not allow: Error.
void check_can_be_moved(const std::filesystem::path& folder);

/// Whatever is there must be such that it may be replaced at the end: nothing but a model.
void check_model_folder(const std::filesystem::path& folder);

/// Error where hours of work may stand there.
void check_no_unfinished_training(const std::filesystem::path& folder);

/// Whether a folder holds a training that was stopped: its checkpoint, or teachers that are ready.
bool has_unfinished_training(const std::filesystem::path& folder);

/// The folder of the training that a model folder is of, or is a point of; nothing where there is
/// none.
std::optional<std::filesystem::path> training_of(const std::filesystem::path& folder);

/// Where a finished model's log is put when another training begins in its folder, of which
/// log.jsonl tells from then on, even if it never ends.
std::filesystem::path kept_log(const std::filesystem::path& training);
/// The log of a training's model.
std::filesystem::path log_of_model(const std::filesystem::path& training);

/// The last name of a path, also where a slash ends it.
std::string last_name(const std::filesystem::path& path);

/// Error where another model's folder is above: training that one anew replaces all in it.
void check_not_in_a_model(const std::filesystem::path& folder);

/// Error for a file in the model's folder: it would destroy it, or go with it at the next training.
/// `option` names the file.
void check_outside_model(const std::string& option, const std::filesystem::path& model,
                         const std::filesystem::path& file);

/// Error for a file that would be written in the model's folder, over one of the inputs, or to "-".
/// `option` names it; `model` may be empty.
void check_written_file(const std::string& option, const std::string& file,
                        const std::string& model, const std::vector<std::string>& inputs);

/// The same for one that is written whole when all is done: Error, too, where it cannot be begun,
/// rather than after the work.
void check_result_file(const std::string& option, const std::string& file, const std::string& model,
                       const std::vector<std::string>& inputs);

}  // namespace ockham
