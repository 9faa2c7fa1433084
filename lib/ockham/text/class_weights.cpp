#include "ockham/text/class_weights.hpp"

#include <algorithm>
#include <cmath>

#include "ockham/tensor/error.hpp"
#include "ockham/text/content.hpp"
#include "ockham/text/decompress.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/text/tsv_reader.hpp"

namespace ockham {
std::vector<double> balanced_class_weights(const Dataset& dataset) {
  std::vector<double> weights;
  const std::vector<uint64_t> counts = count_class_texts(dataset);
  const auto absent = std::ranges::count(counts, uint64_t{0});
  const double present = static_cast<double>(counts.size()) - static_cast<double>(absent);
  for (const uint64_t count : counts) {
    weights.push_back(count == 0 ? 1.0
                                 : static_cast<double>(dataset.size()) /
                                       (present * static_cast<double>(count)));
  }
  return weights;
}

std::vector<double> read_class_weights(const std::string& path,
                                       const std::vector<std::string>& classes) {
  std::vector<double> weights(classes.size(), 1.0);
  std::vector<bool> named(classes.size(), false);
  const std::string name = display_name(path);
  TsvReader reader(decompressed(open_byte_source(path), name), name);
  reader.expect("label<TAB>weight");
  for (Record record; reader.next(record);) {
    const std::string& label = record.labels.front();
    const auto at = static_cast<size_t>(std::ranges::find(classes, label) - classes.begin());
    if (at == classes.size()) {
      fail(reader.where(), ": no text has the label ", quote(label), did_you_mean(label, classes),
           "; correct the label or remove the line");
    }
    if (named[at]) fail(reader.where(), ": the label ", quote(label), " stands here twice");
    named[at] = true;
    weights[at] = parse_weight(record.text, reader.where());
  }
  return weights;
}

void weigh_classes(Dataset& dataset, std::span<const double> weights) {
  dataset.weighted = true;
  for (size_t i = 0; i < dataset.size(); ++i) {
    float& weight = dataset.weights[i];
    weight *= static_cast<float>(weights[dataset.label(i)]);
    if (!std::isfinite(weight) || weight <= 0.0f) {
      fail(dataset.where(i), ": the text's weight times that of its class is out of range; ",
           "give smaller or larger ones");
    }
  }
}

}  // namespace ockham
