#pragma once

#include <string>

#include "ockham/model/classifier.hpp"
#include "ockham/text/dataset.hpp"
#include "ockham/train/path_io.hpp"
#include "ockham/train/prepare.hpp"
#include "ockham/train/trainer.hpp"

// What `ockham train` says of its data before it begins, and of its path at the end, in one line
// each; empty: nothing.
namespace ockham {

std::string dataset_text(const Dataset& dataset);
std::string unlabelled_text(const Dataset& texts);
/// What a language model reads beside the training's texts; empty: nothing.
std::string language_text(const PreparedTraining& prepared);
/// What is chosen by texts without a label may be poor at it.
std::string missing_classes_text(const Dataset& validation, const Dataset& training);
std::string prepared_text(const PreparedTraining& prepared);
std::string few_to_choose_by_text(size_t texts);
/// That the precision makes no difference, where it makes none; else nothing.
std::string precision_text(const Network& network, Precision precision);
std::string going_on_text(const std::string& base_folder, const GoingOn& going_on,
                          size_t to_measure);
std::string forgetting_text(const GoingOn& going_on);
std::string whole_start_text(const Classifier& base, const Classifier& start);
std::string vectors_text(const VectorStart& vectors);
std::string path_end_text(PathEnd end);
/// Where the chosen model is no better than guessing.
std::string guessing_text(const PathSummary& path);

}  // namespace ockham
