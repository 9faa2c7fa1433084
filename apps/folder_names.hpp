#pragma once

// What `ockham train` leaves in a model's folder beside the model and its path.

namespace ockham {

/// A file that every folder made by training holds from its first moment.
inline constexpr const char* kLogFile = "log.jsonl";
/// The options of the training that made the model, and of the unfinished one.
inline constexpr const char* kSettingsFile = "settings.ini";
inline constexpr const char* kCheckpointSettingsFile = "checkpoint.ini";
/// The teachers that are ready, while the training is unfinished.
inline constexpr const char* kTeachersFolder = "teachers";

}  // namespace ockham
