#include "ockham/text/dataset.hpp"

#include <algorithm>
#include <cmath>

#include "ockham/tensor/error.hpp"
#include "ockham/tensor/indices.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/string_table.hpp"

namespace ockham {
namespace {

/// Appends a text with ascending labels.
void append(std::string_view text, std::span<const uint32_t> labels, float weight, uint64_t line,
            Dataset& dataset) {
  if (dataset.size() + 1 >= UINT32_MAX) {
    fail(dataset.name, ": holds more than 4294967294 texts; split the file");
  }
  dataset.arena.append(text);
  dataset.text_offsets.push_back(dataset.arena.size());
  dataset.label_ids.insert(dataset.label_ids.end(), labels.begin(), labels.end());
  dataset.label_offsets.push_back(dataset.label_ids.size());
  dataset.weights.push_back(weight);
  dataset.lines.push_back(line);
}

/// Appends a record whose labels have been turned into numbers.
void append(const Record& record, std::vector<uint32_t>& labels, Dataset& dataset) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  append(record.text, labels, record.weight, record.line, dataset);
  if (!record.file.empty()) dataset.files.push_back(record.file);
}

/// Reads all records; `number_of(label)` turns a label into a number.
template <typename NumberOf>
Dataset read_records(RecordReader& reader, const SpillPlace& place, NumberOf number_of) {
  Dataset dataset;
  dataset.arena = MappedVector<char>(place);
  dataset.name = reader.name();
  dataset.weighted = reader.gives_weights();
  Record record;
  std::vector<uint32_t> labels;
  while (reader.next(record)) {
    labels.clear();
    for (const std::string& label : record.labels) labels.push_back(number_of(label));
    append(record, labels, dataset);
  }
  dataset.arena.shrink_to_fit();
  dataset.statistics = reader.statistics();
  return dataset;
}

/// Puts each text's labels in order again, after they have got other numbers.
void sort_labels(Dataset& dataset) {
  const auto at = [&](size_t i) {
    return dataset.label_ids.begin() + static_cast<ptrdiff_t>(dataset.label_offsets[i]);
  };
  for (size_t i = 0; i < dataset.size(); ++i) std::sort(at(i), at(i + 1));
}

/// Renumbers the classes, which stand in order of appearance in `seen`, in bytewise order.
void sort_classes(const StringTable& seen, Dataset& dataset) {
  std::vector<uint32_t> order = all_indices(seen.size());
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return seen[a] < seen[b]; });
  std::vector<uint32_t> new_number(order.size());
  for (uint32_t i = 0; i < order.size(); ++i) {
    new_number[order[i]] = i;
    dataset.classes.emplace_back(seen[order[i]]);
  }
  for (uint32_t& label : dataset.label_ids) label = new_number[label];
  sort_labels(dataset);
}

}  // namespace

Dataset read_dataset(RecordReader& reader, const SpillPlace& place) {
  StringTable seen;
  Dataset dataset =
      read_records(reader, place, [&](const std::string& label) { return seen.insert(label); });
  sort_classes(seen, dataset);
  return dataset;
}

Dataset read_dataset(RecordReader& reader, const std::vector<std::string>& known_classes,
                     const SpillPlace& place) {
  StringTable known;
  for (const std::string& name : known_classes) known.insert(name);
  Dataset dataset = read_records(reader, place, [&](const std::string& label) {
    const uint32_t number = known.find(label);
    if (number == StringTable::kNotFound) {
      fail(reader.where(), ": unknown label ", quote(label), "; the model knows ",
           quote_list(known_classes), "; correct the label or remove the line");
    }
    return number;
  });
  dataset.classes = known_classes;
  return dataset;
}

void append_text(const Dataset& from, size_t i, std::span<const uint32_t> labels, float weight,
                 Dataset& to) {
  append(from.text(i), labels, weight, from.lines[i], to);
  if (!to.files.empty()) to.files.push_back(from.where(i));
}

std::vector<std::string> joined_classes(const std::vector<std::string>& known,
                                        const std::vector<std::string>& found) {
  std::vector<std::string> classes = known;
  for (const std::string& name : found) {
    if (std::ranges::find(known, name) == known.end()) classes.push_back(name);
  }
  return classes;
}

void rename_classes(Dataset& dataset, const std::vector<std::string>& classes) {
  std::vector<uint32_t> number;
  for (const std::string& name : dataset.classes) {
    const auto at = std::ranges::find(classes, name);
    if (at == classes.end()) fail(dataset.name, ": has a class that is not among those it gets");
    number.push_back(static_cast<uint32_t>(at - classes.begin()));
  }
  for (uint32_t& label : dataset.label_ids) label = number[label];
  sort_labels(dataset);
  dataset.classes = classes;
}

std::vector<uint64_t> count_class_texts(const Dataset& dataset) {
  std::vector<uint64_t> counts(dataset.classes.size());
  for (const uint32_t label : dataset.label_ids) ++counts[label];
  return counts;
}

void check_single_labels(const Dataset& dataset) {
  for (size_t i = 0; i < dataset.size(); ++i) {
    const auto labels = dataset.labels(i);
    if (labels.size() == 1) continue;
    if (labels.empty()) {
      fail(dataset.where(i), ": the text has no label; expected one; add it or remove the text");
    }
    std::vector<std::string> names;
    for (const uint32_t label : labels) names.push_back(dataset.classes[label]);
    fail(dataset.where(i), ": the text has ", labels.size(), " labels, ", quote_list(names),
         "; leave it one, or train with --multi-label");
  }
}

void check_trainable(const Dataset& dataset, const TrainingKind& kind) {
  if (dataset.classes.empty()) fail(dataset.name, ": no text has a label");
  if (!kind.several_labels) check_single_labels(dataset);
  if (dataset.classes.size() < 2) {
    fail(dataset.name,
         kind.several_labels ? ": there is no label but " : ": every text has the label ",
         quote_list(dataset.classes), "; training needs at least two classes; ",
         "add texts with another label",
         kind.several_labels ? "; yes or no alone is two labels, without --multi-label" : "");
  }
  if (kind.several_labels || !kind.held_out) return;
  const std::vector<uint64_t> counts = count_class_texts(dataset);
  for (auto c = static_cast<uint32_t>(kind.known_classes); c < counts.size(); ++c) {
    if (counts[c] != 1) continue;
    const auto at = std::find(dataset.label_ids.begin(), dataset.label_ids.end(), c);
    const auto text = std::upper_bound(dataset.label_offsets.begin(), dataset.label_offsets.end(),
                                       static_cast<uint64_t>(at - dataset.label_ids.begin())) -
                      dataset.label_offsets.begin() - 1;
    fail(dataset.where(static_cast<size_t>(text)), ": class ", quote(dataset.classes[c]),
         " has only this text; training needs at least two in each class",
         kind.known_classes > 0 ? " that the model does not know" : "",
         "; add texts, remove it, or give texts to choose by with --valid");
  }
}

Split split_validation(const Dataset& dataset, double fraction, size_t texts) {
  texts = std::min(texts, dataset.size());
  if (!(fraction > 0 && fraction < 1)) {
    fail("validation fraction ", fraction,
         " is out of range; expected more than 0 and less than 1");
  }
  const auto class_of = [&](size_t i) {
    return dataset.labels(i).empty() ? dataset.classes.size() : dataset.label(i);
  };
  std::vector<uint64_t> left(dataset.classes.size() + 1);  // for training, still to come
  for (size_t i = 0; i < texts; ++i) ++left[class_of(i)];
  for (uint64_t& count : left) {
    const auto wanted = static_cast<uint64_t>(std::llround(fraction * static_cast<double>(count)));
    if (count >= 2) count -= std::clamp<uint64_t>(wanted, 1, count - 1);
  }
  Split split;
  for (uint32_t i = 0; i < texts; ++i) {
    uint64_t& count = left[class_of(i)];
    (count > 0 ? split.train : split.validation).push_back(i);
    if (count > 0) --count;
  }
  for (auto i = static_cast<uint32_t>(texts); i < dataset.size(); ++i) split.train.push_back(i);
  return split;
}

std::vector<uint32_t> all_indices(size_t size) {
  return counting(size);
}

void check_class_names(std::span<const std::string> names, const std::string& source) {
  std::vector<std::string> sorted(names.begin(), names.end());
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) fail(source, ": a class is there twice");
  for (const std::string& name : sorted) {
    if (name.find_first_of("\t\r\n") != std::string::npos) {
      fail(source, ": a class's name has a tab or a line break in it");
    }
  }
}

}  // namespace ockham
