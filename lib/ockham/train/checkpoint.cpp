#include "ockham/train/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

#include "ockham/model/classifier_io.hpp"
#include "ockham/model/json_file-inl.hpp"
#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/atomic_folder.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/train/path_io.hpp"

namespace ockham {
namespace {

using nlohmann::json;

constexpr const char* kStateFile = "state.json";
constexpr const char* kMomentsFile = "moments.safetensors";
constexpr std::array<const char*, 4> kPhases{kLanguagePhase, kDensePhase, kBayesPhase, "done"};

/// A hash of anything made of plain numbers.
class Fingerprint {
 public:
  void add(const void* data, size_t bytes) {
    const auto* p = static_cast<const unsigned char*>(data);
    for (size_t i = 0; i < bytes; ++i) hash_.add(p[i]);
  }
  void add(const EncodedCorpus& corpus) {
    add(corpus.ids.data(), corpus.ids.size() * sizeof(uint32_t));
    add(corpus.offsets.data(), corpus.offsets.size() * sizeof(uint64_t));
  }
  void add(const TrainingSet& set) {
    add(set.corpus);
    add(set.texts.data(), set.texts.size() * sizeof(uint32_t));
    add(set.weights.data(), set.weights.size() * sizeof(float));
    add(set.labels.ids.data(), set.labels.ids.size() * sizeof(uint32_t));
    add(set.labels.offsets.data(), set.labels.offsets.size() * sizeof(uint64_t));
    add(set.lasting.data(), set.lasting.size());
    add(set.soft.data(), set.soft.size() * sizeof(uint32_t));
    add(set.soft_targets.data(), set.soft_targets.size() * sizeof(float));
  }
  std::string text() const {
    char buffer[17];
    std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(hash_.value()));
    return buffer;
  }

 private:
  Fnv1a<uint64_t> hash_;
};

/// Calls visit(name, matrix) for all of an optimizer's moments.
template <typename State, typename Visit>
void for_each_moment(State& state, const Visit& visit) {
  size_t next = 0;
  state.network.for_each_parameter([&](const Parameter& p) {
    auto& moments = state.optimizer.moments()[next++];
    visit(p.path + ".mean1", moments.mean1);
    visit(p.path + ".mean2", moments.mean2);
    if (!p.posterior->has_spread()) return;
    visit(p.path + ".spread1", moments.spread1);
    visit(p.path + ".spread2", moments.spread2);
  });
}

/// The network with its moments.
TrainingState load_network_state(const std::filesystem::path& folder) {
  const std::string config = (folder / kConfigFile).string();
  const TensorFile tensors = read_safetensors(folder / kTensorFile);
  size_t bytes = 0;
  for (const auto& [name, tensor] : tensors.tensors) bytes += tensor.values.size() * sizeof(float);
  Network network = parse_classifier_config(read_file(config), config, bytes).network;
  load_network_tensors(network, tensors, false);
  TrainingState state{
      .network = network, .optimizer = Optimizer(network), .hysteresis = {}, .path = {}};
  const TensorFile moments = read_safetensors(folder / kMomentsFile);
  for_each_moment(state, [&](const std::string& name, Matrix& m) {
    const std::array<size_t, 2> shape{m.rows(), m.cols()};
    const NamedTensor& from = moments.at(name, shape);
    std::copy(from.values.begin(), from.values.end(), m.values().begin());
  });
  return state;
}

/// Everything that is a single number, and what was pruned in the last epoch.
void read_progress(const json& file, TrainingState& state) {
  const auto phase = field_as<std::string>(file, "phase");
  const auto found = std::find(kPhases.begin(), kPhases.end(), phase);
  if (found == kPhases.end()) fail("unknown phase \"", phase, "\"");
  state.phase = static_cast<TrainingState::Phase>(found - kPhases.begin());
  state.epoch = field_as<size_t>(file, "epoch");
  state.all_epochs = field_as<size_t>(file, "all_epochs");
  state.step = field_as<uint32_t>(file, "step");
  state.seconds = field_as<double>(file, "seconds");
  if (file.contains("loss_before_point")) {
    state.loss_before_point = field_as<double>(file, "loss_before_point");
  }
  if (file.contains("budget_began")) state.budget_began = field_as<double>(file, "budget_began");
  if (file.contains("plan")) {
    const json& plan = field(file, "plan");
    state.plan = TimePlan{field_as<size_t>(plan, "epochs"), field_as<size_t>(plan, "points"),
                          field_as<size_t>(plan, "epoch"),  field_as<size_t>(plan, "taken"),
                          field_as<double>(plan, "done"),   field_as<double>(plan, "tuned_epoch")};
    if (state.plan->epochs <= state.plan->epoch || state.plan->points <= state.plan->taken) {
      fail("its plan is at its end where it begins");
    }
  }
  state.optimizer.set_steps(field_as<uint64_t>(file, "optimizer_steps"));
  state.hysteresis.restore(field_as<Hysteresis::State>(file, "pruned"));
}

}  // namespace

std::string training_fingerprint(const TrainingSet& training, const ValidationSets& validation,
                                 const std::string& settings, const EncodedCorpus& language) {
  // Changed with what trainings of the same settings do, which would go on as another one.
  constexpr std::string_view kTraining = "points by the cube of the progress";
  Fingerprint fingerprint;
  fingerprint.add(kTraining.data(), kTraining.size());
  fingerprint.add(training);
  fingerprint.add(validation.texts);
  fingerprint.add(validation.made_up);
  fingerprint.add(settings.data(), settings.size());
  if (language.size() > 0) fingerprint.add(language);
  return fingerprint.text();
}

void save_checkpoint(const std::filesystem::path& model_folder, const TrainingState& state,
                     const Classifier& start, const std::string& fingerprint) {
  AtomicFolder target(model_folder / kCheckpointFolder, kStateFile);
  Classifier current = start;
  current.network = state.network;
  write_file_atomically(target.path() / kConfigFile, classifier_config(current));
  write_safetensors(target.path() / kTensorFile, network_tensors(state.network));
  std::vector<NamedTensor> moments;
  for_each_moment(state, [&](const std::string& name, const Matrix& m) {
    moments.push_back(
        {name, {m.rows(), m.cols()}, FloatVector(m.values().begin(), m.values().end())});
  });
  write_safetensors(target.path() / kMomentsFile, moments);

  PathSummary path;
  for (const PathModel& model : state.path) path.points.push_back(model.point);
  save_path(target.path(), path, state.path);
  json file = {{"fingerprint", fingerprint},
               {"phase", kPhases[static_cast<size_t>(state.phase)]},
               {"epoch", state.epoch},
               {"all_epochs", state.all_epochs},
               {"step", state.step},
               {"seconds", state.seconds},
               {"optimizer_steps", state.optimizer.steps()},
               {"pruned", state.hysteresis.state()}};
  if (state.loss_before_point) file["loss_before_point"] = *state.loss_before_point;
  if (state.budget_began > 0) file["budget_began"] = state.budget_began;
  if (state.plan) {
    file["plan"] = {{"epochs", state.plan->epochs}, {"points", state.plan->points},
                    {"epoch", state.plan->epoch},   {"taken", state.plan->taken},
                    {"done", state.plan->done},     {"tuned_epoch", state.plan->tuned_epoch}};
  }
  write_file_atomically(target.path() / kStateFile, file.dump() + "\n");
  target.commit();
}

bool has_checkpoint(const std::filesystem::path& model_folder) {
  return std::filesystem::exists(model_folder / kCheckpointFolder / kStateFile);
}

void check_checkpoint(const std::filesystem::path& model_folder) {
  if (!has_checkpoint(model_folder)) {
    fail(model_folder.string(),
         ": no unfinished training there to resume; leave out --resume, or name with "
         "--model where the folder is now");
  }
}

TrainingState load_checkpoint(const std::filesystem::path& model_folder,
                              const std::string& fingerprint) {
  check_checkpoint(model_folder);
  const std::filesystem::path folder = model_folder / kCheckpointFolder;
  const std::string source = (folder / kStateFile).string();
  const std::string anew = "remove " + folder.string() + " to start anew";
  const auto load = [&]() -> std::optional<TrainingState> {
    const json file = read_json(folder / kStateFile);
    const bool same_run =
        with_json_errors(source, [&] { return field(file, "fingerprint") == fingerprint; });
    if (!same_run) return std::nullopt;
    TrainingState state = load_network_state(folder);
    state.path = load_path(folder);
    with_json_errors(source, [&] { read_progress(file, state); });
    return state;
  };
  std::optional<TrainingState> state;
  try {
    state = load();
  } catch (const Error& error) {
    fail(error.what(), "; ", anew);
  }
  if (!state) {
    fail(model_folder.string(),
         ": its checkpoint belongs to other data or options, or another version of ockham "
         "(--precision auto is another one on a processor without bf16); resume with the same "
         "ones, or ",
         anew);
  }
  return std::move(*state);
}

}  // namespace ockham
