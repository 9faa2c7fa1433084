#pragma once

#include <string>
#include <vector>

#include "apps/options.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/text/open_records.hpp"

namespace ockham {

/// Whether a command has a use for weights of texts.
enum class TextWeights { without, with };

/// Declares the options that say how files of labelled texts are read, under a heading of their
/// own.
void declare_data_options(Command& command, DataOptions& options, TextWeights weights);

/// Reads a file of labelled texts, each of any number of labels.
Dataset read_data(const std::string& path, const DataOptions& options);

/// The same for commands that need one label each, unless the options allow several. With
/// `known_classes` no label may be another, and they are the dataset's classes. `place`: for the
/// texts. Throws Error.
Dataset read_labels(const std::string& path, const DataOptions& options,
                    const std::vector<std::string>* known_classes, const SpillPlace& place = {});

}  // namespace ockham
