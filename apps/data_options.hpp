#pragma once

#include <initializer_list>
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

/// The same for a command that wants the texts alone of such files.
void declare_unlabelled_options(Command& command, DataOptions& options);

/// The same for texts of which no label is wanted: plain lines are a format too, and the one of
/// files whose names say nothing.
void declare_text_options(Command& command, DataOptions& options);

/// Throws UsageError where such an option was given though there are no texts to read; `texts`: the
/// options that name some.
void refuse_data_options(const Command& command, const std::string& texts);

/// The format of such a file: the options', or else by its name.
DataFormat text_format(const std::string& path, const DataOptions& options);

/// Throws Error where standard output goes to the file of texts that is answered there while it is
/// read: answers would be read as texts, and answered, until the disk is full. (A folder that holds
/// this file is not looked through: there the first answers are one text more.)
void refuse_own_answers(const std::string& path);

/// An option that names an input, and what it names.
struct Input {
  const char* option;
  const std::string& path;
};

/// Throws UsageError where two inputs are "-": standard input can be read once.
void refuse_shared_stdin(std::initializer_list<Input> inputs);

/// Reads a file of labelled texts, each of any number of labels.
Dataset read_data(const std::string& path, const DataOptions& options);

/// The same for commands that need one label each, unless the options allow several. With
/// `known_classes` no label may be another, and they are the dataset's classes. `place`: for the
/// texts. Throws Error.
Dataset read_labels(const std::string& path, const DataOptions& options,
                    const std::vector<std::string>* known_classes, const SpillPlace& place = {});

}  // namespace ockham
