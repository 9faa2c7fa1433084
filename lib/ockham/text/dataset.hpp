#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ockham/tensor/mapped_vector.hpp"
#include "ockham/text/record_reader.hpp"

namespace ockham {

/// Labelled texts. Their bytes lie in one arena, a temporary file when they are many; what is made
/// from them and may be as large goes to the same place. The rest is an index in memory: text i at
/// text_offsets[i] .. text_offsets[i + 1]; the labels of text i are label_ids[label_offsets[i] ..
/// label_offsets[i + 1]), ascending numbers of `classes`.
struct Dataset {
  std::string name;                  ///< of the file, for messages
  std::vector<std::string> classes;  ///< when read without known classes: sorted bytewise
  MappedVector<char> arena;
  std::vector<uint64_t> text_offsets{0};
  std::vector<uint64_t> label_offsets{0};
  std::vector<uint32_t> label_ids;
  std::vector<float> weights;
  bool weighted = false;           ///< the weights were given; else they are all 1
  std::vector<uint64_t> lines;     ///< where each text starts in its file
  std::vector<std::string> files;  ///< each text's own file; empty where all are in one
  ReadStatistics statistics;

  size_t size() const { return lines.size(); }
  std::string_view text(size_t i) const {
    return {arena.data() + text_offsets[i], text_offsets[i + 1] - text_offsets[i]};
  }
  std::span<const uint32_t> labels(size_t i) const {
    return {label_ids.data() + label_offsets[i], label_ids.data() + label_offsets[i + 1]};
  }
  /// Where a text stands, for messages: "file:line", or the file that it is.
  std::string where(size_t i) const {
    return files.empty() ? name + ":" + std::to_string(lines[i]) : files[i];
  }
  /// The class of a text that has exactly one.
  uint32_t label(size_t i) const { return label_ids[label_offsets[i]]; }
};

/// Reads every record, once and in order; the classes are those that occur. `place`: for the texts.
/// Throws what the reader throws, and Error where a disk is full.
Dataset read_dataset(RecordReader& reader, const SpillPlace& place = {});

/// Reads every record for a model that knows `known_classes`, which become the dataset's classes in
/// the same order. Throws Error for a label that is not among them.
Dataset read_dataset(RecordReader& reader, const std::vector<std::string>& known_classes,
                     const SpillPlace& place = {});

/// Appends text i of `from` with these labels, ascending numbers of the dataset's classes. Its line
/// stays that of its own file, whose name where() does not know. Throws Error past 2^32 - 2 texts.
void append_text(const Dataset& from, size_t i, std::span<const uint32_t> labels, float weight,
                 Dataset& to);

/// The known classes in their order, then those of `found` that are not among them, in theirs.
std::vector<std::string> joined_classes(const std::vector<std::string>& known,
                                        const std::vector<std::string>& found);

/// Gives a dataset these classes, among which its own must be: its labels keep their names and get
/// the classes' numbers.
void rename_classes(Dataset& dataset, const std::vector<std::string>& classes);

/// The number of texts in each class.
std::vector<uint64_t> count_class_texts(const Dataset& dataset);

/// Throws Error that starts with `source` unless the names differ and fit into a column of a line.
void check_class_names(std::span<const std::string> names, const std::string& source);

/// Throws Error, with the place, for the first text that has not exactly one label.
void check_single_labels(const Dataset& dataset);

/// What a dataset is to train.
struct TrainingKind {
  bool several_labels = false;
  size_t known_classes = 0;  ///< the first ones, of a model that training goes on from
  bool held_out = true;      ///< texts to choose by are taken from it
};

/// Throws Error unless each text has one label, or any number where it may have several, and there
/// are two classes at least. Where texts are held out, each class needs two, unless it is known
/// already or texts may have several labels.
void check_trainable(const Dataset& dataset, const TrainingKind& kind = {});

/// Numbers of texts, ascending.
struct Split {
  std::vector<uint32_t> train;
  std::vector<uint32_t> validation;
};

/// Holds out the last `fraction` (in (0, 1)) of each class in file order, so that texts about one
/// thing, which stand together, are not torn apart. Each class keeps one text at least on either
/// side; a class of a single text stays in training. A text of several labels counts to its first.
/// Of the texts from `texts` on all are trained on.
Split split_validation(const Dataset& dataset, double fraction, size_t texts = SIZE_MAX);

/// 0, 1, ... size - 1: the numbers of all texts.
std::vector<uint32_t> all_indices(size_t size);

}  // namespace ockham
