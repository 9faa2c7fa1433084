#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ockham/model/classifier.hpp"
#include "ockham/model/safetensors.hpp"
#include "ockham/model/tokenizer_io.hpp"

namespace ockham {

/// A model folder holds `config.json` (classes, the dense network's shape, what is kept of it,
/// posteriors), `model.safetensors` (every parameter as PATH.mean and, where its posterior has a
/// spread, PATH.log_sigma) and the tokenizer with the n-grams (tokenizer_io.hpp).
inline constexpr const char* kConfigFile = "config.json";
inline constexpr const char* kTensorFile = "model.safetensors";

/// Writes the files into an existing folder.
void save_classifier(const std::filesystem::path& folder, const Classifier& classifier);

/// Throws Error that names the file: missing, damaged, written by a newer Ockham, or files that do
/// not fit together.
Classifier load_classifier(const std::filesystem::path& folder);

/// A network's values under their names, and back into a network of the same structure: it gets
/// the posteriors, means and spreads; weights of mean 0 count as pruned if `pruned`.
std::vector<NamedTensor> network_tensors(const Network& network);
void load_network_tensors(Network& network, const TensorFile& file, bool pruned);

/// config.json's text, and the classifier it describes without tensors and vocabulary (its network
/// has the right structure and posteriors). Throws Error that starts with `source`, also for a
/// large network that `tensor_bytes`, the size of its tensor file, could not fill.
std::string classifier_config(const Classifier& classifier);
Classifier parse_classifier_config(const std::string& text, const std::string& source,
                                   size_t tensor_bytes);

}  // namespace ockham
