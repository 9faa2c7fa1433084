#include "ockham/model/classifier_io.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ockham/model/json_file-inl.hpp"
#include "ockham/model/tokenizer_io.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/text/dataset.hpp"

namespace ockham {
namespace {

using nlohmann::json;

constexpr size_t kVersion = 1;
constexpr size_t kMostWords = size_t{1} << 26;
constexpr size_t kMostElements = size_t{1} << 31;
constexpr size_t kMostPoolings = 3;  // there are no more kinds

json shape_json(const NetworkShape& shape) {
  json poolings = json::array(), groups = json::array();
  for (const Pooling pooling : shape.poolings) poolings.push_back(pooling_name(pooling));
  if (shape.groups.vocabulary) groups.push_back("vocabulary");
  if (shape.groups.inputs) groups.push_back("inputs");
  if (shape.groups.units) groups.push_back("units");
  if (shape.groups.gates) groups.push_back("gates");
  json object = {{"cell", cell_name(shape.cell)},
                 {"layers", shape.layers},
                 {"words", shape.words},
                 {"embedding", shape.embedding},
                 {"hidden", shape.hidden},
                 {"bidirectional", shape.bidirectional},
                 {"poolings", poolings},
                 {"groups", groups},
                 {"output", output_kind_name(shape.output)},
                 {"outputs", shape.outputs}};
  // What older files do not have is said only where it is not as it was then.
  if (shape.gate_function != GateFunction::sigmoid) {
    object["gates"] = gate_function_name(shape.gate_function);
  }
  if (!shape.dense_layers.empty()) object["dense_layers"] = shape.dense_layers;
  return object;
}

/// A size from a file that nobody vouches for.
size_t read_size(const json& object, const char* key, size_t most, const std::string& source) {
  const json& value = field(object, key);
  if (!value.is_number_unsigned() || value.get<uint64_t>() > most) {
    fail(source, ": \"", key, "\" must be a number up to ", most, ", got ", value.dump());
  }
  return value.get<size_t>();
}

const json& check_list(const json& value, const std::string& source) {
  if (!value.is_array()) fail(source, ": expected a list, got ", value.dump());
  return value;
}

/// The units of each dense layer.
std::vector<size_t> read_dense_layers(const json& list, const std::string& source) {
  std::vector<size_t> units;
  for (const json& size : check_list(list, source)) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > kMostWidth) {
      fail(source, ": a dense layer must have up to ", kMostWidth, " units, got ", size.dump());
    }
    units.push_back(size.get<size_t>());
  }
  if (units.size() > kMostDenseLayers) {
    fail(source, ": ", units.size(), " dense layers are too many, at most ", kMostDenseLayers);
  }
  return units;
}

Groups read_groups(const json& names, const std::string& source) {
  Groups groups;
  for (const auto& name : check_list(names, source)) {
    if (name == "vocabulary")
      groups.vocabulary = true;
    else if (name == "inputs")
      groups.inputs = true;
    else if (name == "units")
      groups.units = true;
    else if (name == "gates")
      groups.gates = true;
    else
      fail(source, ": unknown group ", name.dump());
  }
  return groups;
}

NetworkShape read_shape(const json& object, const std::string& source) {
  NetworkShape shape;
  shape.cell = parse_cell(field_as<std::string>(object, "cell"));
  if (object.contains("gates")) {
    shape.gate_function = parse_gate_function(field_as<std::string>(object, "gates"));
  }
  if (object.contains("dense_layers")) {
    shape.dense_layers = read_dense_layers(field(object, "dense_layers"), source);
  }
  // Files from before there were stacked layers do not say how many there are.
  if (object.contains("layers")) shape.layers = read_size(object, "layers", kMostLayers, source);
  if (shape.layers == 0) fail(source, ": a network needs at least one layer");
  shape.words = read_size(object, "words", kMostWords, source);
  shape.embedding = read_size(object, "embedding", kMostWidth, source);
  shape.hidden = read_size(object, "hidden", kMostWidth, source);
  shape.outputs = read_size(object, "outputs", kMostWidth, source);
  if (shape.words * std::max<size_t>(1, shape.embedding) > kMostElements) {
    fail(source, ": an embedding of ", shape.words, " x ", shape.embedding, " is too large");
  }
  shape.bidirectional = field_as<bool>(object, "bidirectional");
  shape.poolings.clear();
  const json& poolings = field(object, "poolings");
  const auto is_name = [](const json& name) { return name.is_string(); };
  if (!poolings.is_array() || poolings.empty() || poolings.size() > kMostPoolings ||
      !std::ranges::all_of(poolings, is_name)) {
    fail(source, ": \"poolings\" must be a list of 1 to ", kMostPoolings, " names");
  }
  for (const auto& name : poolings) {
    shape.poolings.push_back(parse_pooling(name.get<std::string>()));
  }
  shape.groups = read_groups(field(object, "groups"), source);
  shape.output = parse_output_kind(field_as<std::string>(object, "output"));
  return shape;
}

void check_classes(const Classifier& classifier, const std::string& source) {
  const size_t classes = classifier.classes.size();
  const size_t outputs = classifier.shape.outputs;
  const bool sigmoid = classifier.shape.output == OutputKind::sigmoid;
  const bool one_for_two = sigmoid && outputs == 1 && !classifier.several_labels;
  if (classes < 2 || outputs != (one_for_two ? classes - 1 : classes)) {
    fail(source, ": ", outputs, " outputs do not fit ", classes, " classes");
  }
  if (classifier.several_labels && !sigmoid) {
    fail(source, ": several labels a text need sigmoid outputs");
  }
  check_class_names(classifier.classes, source);
}

std::vector<float> read_thresholds(const json& config, const Classifier& classifier,
                                   const std::string& source) {
  const auto thresholds = field_as<std::vector<float>>(config, "thresholds");
  const bool usable = std::ranges::all_of(thresholds, [](float t) { return t >= 0 && t <= 1; });
  const size_t expected = classifier.several_labels ? classifier.classes.size() : 0;
  if (thresholds.size() != expected || !usable) {
    fail(source, ": expected ", expected, " thresholds from 0 to 1, got ",
         field(config, "thresholds").dump());
  }
  return thresholds;
}

std::vector<uint32_t> read_ids(const json& list, const std::string& source) {
  std::vector<uint32_t> ids;
  for (const json& id : check_list(list, source)) {
    if (!id.is_number_unsigned() || id.get<uint64_t>() > UINT32_MAX) {
      fail(source, ": ", id.dump(), " is no number of a word, input or unit");
    }
    ids.push_back(id.get<uint32_t>());
  }
  return ids;
}

KeptIds read_kept(const json& object, const std::string& source) {
  KeptIds kept{
      read_ids(field(object, "words"), source), read_ids(field(object, "inputs"), source), {}};
  for (const json& units : check_list(field(object, "units"), source)) {
    kept.units.push_back(read_ids(units, source));
  }
  if (!object.contains("dense")) return kept;
  for (const json& units : check_list(field(object, "dense"), source)) {
    kept.dense.push_back(read_ids(units, source));
  }
  return kept;
}

/// Refuses a large network that its tensors cannot fill, before it is allocated; of a small one the
/// tensors themselves tell better what is wrong. No product can overflow: the lists are as long as
/// their text in a file of limited size.
void check_weights(const NetworkShape& shape, const KeptIds& kept, size_t tensor_bytes,
                   const std::string& source) {
  size_t weights = kept.words.size() * kept.inputs.size();
  size_t inputs = kept.inputs.size(), outputs = 0;  // of the layer
  for (size_t i = 0; i < kept.units.size(); ++i) {
    const size_t units = kept.units[i].size();
    weights += gates_of(shape.cell) * units * (inputs + units + 1);
    outputs += units;
    const bool last_of_layer = !shape.bidirectional || i % 2 == 1;
    if (last_of_layer) inputs = std::exchange(outputs, 0);
  }
  inputs *= shape.poolings.size();
  for (const auto& units : kept.dense) {
    weights += units.size() * (inputs + 1);
    inputs = units.size();
  }
  weights += inputs * shape.outputs;
  constexpr size_t kSmall = size_t{1} << 20;
  if (weights > std::max(kSmall, tensor_bytes / sizeof(float))) {
    fail(source, ": describes a network of ", weights, " weights, but the ", tensor_bytes,
         " bytes of tensors that belong to it cannot hold them");
  }
}

/// Throws what reading it would throw when there is no such file.
size_t tensor_file_bytes(const std::filesystem::path& path) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) read_safetensors(path);
  return bytes;
}

std::vector<size_t> shape_of(const Parameter& p) {
  return {p.rows(), p.cols()};
}

std::string mask_path(const Parameter& p) {
  return p.path + ".kept";
}

/// Of weights whose means say it: those that have the mean of what is pruned.
std::vector<uint8_t> kept_by_mean(const Parameter& p) {
  const float pruned_mean = p.posterior->pruned_mean();
  std::vector<uint8_t> kept;
  for (const float mean : p.mean.values()) kept.push_back(mean != pruned_mean);
  return kept;
}

/// Of weights whose means do not say it.
std::vector<uint8_t> kept_by_mask(const NamedTensor& mask, const std::string& source) {
  std::vector<uint8_t> kept;
  for (const float value : mask.values) {
    if (value != 0.0f && value != 1.0f) {
      fail(source, ": tensor \"", mask.name, "\" holds ", value,
           ", expected 0 or 1; the file is damaged");
    }
    kept.push_back(value != 0.0f);
  }
  return kept;
}

std::string spread_path(const Parameter& p) {
  return p.path + "." + std::string(p.posterior->spread_name());
}

void copy_values(const NamedTensor& from, Matrix& to) {
  std::copy(from.values.begin(), from.values.end(), to.values().begin());
}

}  // namespace

std::string classifier_config(const Classifier& classifier) {
  const KeptIds kept = kept_ids(classifier.network);
  json posteriors = json::object(), estimators = json::object(), sharing = json::object();
  classifier.network.for_each_parameter([&](const Parameter& p) {
    posteriors[p.path] = p.posterior->name();
    estimators[p.path] = estimator_name(p.estimator);
    if (p.sharing != Sharing::weight) sharing[p.path] = sharing_name(p.sharing);
  });
  json config = {{"format", "ockham-classifier"},
                 {"version", kVersion},
                 {"classes", classifier.classes},
                 {"several_labels", classifier.several_labels},
                 {"thresholds", classifier.thresholds},
                 {"temperature", classifier.temperature},
                 {"max_tokens", classifier.max_tokens},
                 {"seed", classifier.seed},
                 {"pruned", classifier.pruned},
                 {"paper_weights", classifier.paper_weights},
                 {"dense_bytes", classifier.dense_bytes},
                 {"network", shape_json(classifier.shape)},
                 {"posteriors", posteriors},
                 {"estimators", estimators},
                 {"kept", {{"words", kept.words}, {"inputs", kept.inputs}, {"units", kept.units}}}};
  if (!kept.dense.empty()) config["kept"]["dense"] = kept.dense;
  if (!sharing.empty())
    config["shared_spreads"] = sharing;  // others have one of every weight's own
  return config.dump() + "\n";
}

Classifier parse_classifier_config(const std::string& text, const std::string& source,
                                   size_t tensor_bytes) {
  const json config = json::parse(text, nullptr, false);
  if (config.is_discarded()) fail(source, ": not valid JSON; the file is damaged");
  return with_json_errors(source, [&] {
    if (field(config, "format") != "ockham-classifier") fail(source, ": not an Ockham model");
    const size_t version = read_size(config, "version", SIZE_MAX, source);
    if (version > kVersion) {
      fail(source, ": written by a newer Ockham (format ", version, ", this one reads up to ",
           kVersion, ")");
    }
    if (version < 1) fail(source, ": there is no format ", version, "; the file is damaged");
    Classifier classifier;
    classifier.several_labels = field_as<bool>(config, "several_labels");
    classifier.classes = field_as<std::vector<std::string>>(config, "classes");
    classifier.temperature = field_as<double>(config, "temperature");
    if (!(classifier.temperature > 0.0)) fail(source, ": the temperature must be positive");
    classifier.max_tokens = read_size(config, "max_tokens", SIZE_MAX, source);
    classifier.seed = read_size(config, "seed", SIZE_MAX, source);
    classifier.pruned = field_as<bool>(config, "pruned");
    classifier.paper_weights = read_size(config, "paper_weights", SIZE_MAX, source);
    classifier.dense_bytes = read_size(config, "dense_bytes", SIZE_MAX, source);
    classifier.shape = read_shape(field(config, "network"), source);
    check_classes(classifier, source);
    classifier.thresholds = read_thresholds(config, classifier, source);
    const KeptIds kept = read_kept(field(config, "kept"), source);
    check_weights(classifier.shape, kept, tensor_bytes, source);
    classifier.network = make_compact_network(classifier.shape, kept);
    const json& posteriors = field(config, "posteriors");
    const json& estimators = field(config, "estimators");
    const json sharing =
        config.contains("shared_spreads") ? field(config, "shared_spreads") : json::object();
    classifier.network.for_each_parameter([&](Parameter& p) {
      if (sharing.contains(p.path)) {
        p.sharing = parse_sharing(field_as<std::string>(sharing, p.path));
      }
      p.set_posterior(make_posterior(field_as<std::string>(posteriors, p.path)), 0.0f);
      p.estimator = parse_estimator(field_as<std::string>(estimators, p.path));
    });
    return classifier;
  });
}

std::vector<NamedTensor> network_tensors(const Network& network) {
  std::vector<NamedTensor> tensors;
  network.for_each_parameter([&](const Parameter& p) {
    const auto copy = [&](const Matrix& m) {
      return FloatVector(m.values().begin(), m.values().end());
    };
    tensors.push_back({p.path + ".mean", shape_of(p), copy(p.mean)});
    if (p.has_pruned_means()) {  // else they say what is pruned
      tensors.push_back({mask_path(p), shape_of(p), FloatVector(p.kept.begin(), p.kept.end())});
    }
    if (!p.posterior->has_spread()) return;
    const Matrix spread = p.shared_spread();
    tensors.push_back({spread_path(p), {spread.rows(), spread.cols()}, copy(spread)});
  });
  return tensors;
}

void load_network_tensors(Network& network, const TensorFile& file, bool pruned) {
  network.for_each_parameter([&](Parameter& p) {
    copy_values(file.at(p.path + ".mean", shape_of(p)), p.mean);
    if (p.posterior->has_spread()) {
      Matrix spread = p.shared_spread();
      const std::array<size_t, 2> shape{spread.rows(), spread.cols()};
      copy_values(file.at(spread_path(p), shape), spread);
      p.set_shared_spread(spread);
    }
    const bool has_mask = file.contains(mask_path(p));
    if (!pruned || is_bias(network, p)) {
      if (!has_mask) return;
      fail(file.source, ": tensor \"", mask_path(p), "\" says what is pruned, but nothing is; ",
           "the file is damaged or of another model");
    }
    p.kept =
        has_mask ? kept_by_mask(file.at(mask_path(p), shape_of(p)), file.source) : kept_by_mean(p);
  });
}

void save_classifier(const std::filesystem::path& folder, const Classifier& classifier) {
  save_tokenizer(folder, *classifier.tokenizer, classifier.vocabulary);
  write_safetensors(folder / kTensorFile, network_tensors(classifier.network));
  write_file_atomically(folder / kConfigFile, classifier_config(classifier));
}

Classifier load_classifier(const std::filesystem::path& folder) {
  const std::filesystem::path config = folder / kConfigFile;
  const std::filesystem::path tensors = folder / kTensorFile;
  const std::string text = read_file(config, kMostJsonBytes);
  Classifier classifier =
      parse_classifier_config(text, config.string(), tensor_file_bytes(tensors));
  LoadedTokenizer loaded = load_tokenizer(folder);
  if (loaded.vocabulary.size() != classifier.network.embedding.rows()) {
    fail((folder / kTokenizerFile).string(), ": holds ", loaded.vocabulary.size(), " n-grams, but ",
         config.string(), " keeps ", classifier.network.embedding.rows());
  }
  classifier.tokenizer = std::move(loaded.tokenizer);
  classifier.vocabulary = std::move(loaded.vocabulary);
  load_network_tensors(classifier.network, read_safetensors(tensors), classifier.pruned);
  return classifier;
}

}  // namespace ockham
