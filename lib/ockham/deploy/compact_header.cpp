#include "ockham/deploy/compact_header.hpp"

#include "ockham/deploy/tokenizer_coding.hpp"
#include "ockham/tensor/crc32c.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/dataset.hpp"

namespace ockham {
namespace {

constexpr std::string_view kMagic = "OCKHAM";
constexpr uint8_t kVersion = 1;
constexpr size_t kChecksumAt = 8;
constexpr size_t kHeaderBytes = 12;

// Flags. Behind the checksum of a file with this one stand two bytes, the major and the minor
// number of the first Ockham that reads it: whatever else changes, this one can name it.
constexpr uint8_t kNeedsNewer = 1;

constexpr size_t kMostClasses = 65'535;
constexpr size_t kLongestClass = 65'535;
constexpr size_t kMostPoolings = 16;

// What may follow in the header. A reader that meets a bit it does not know must refuse the file.
constexpr uint64_t kSeveralLabels = 1;
constexpr uint64_t kThresholds = 2;
constexpr uint64_t kTemperature = 4;
constexpr uint64_t kDenseOrigin = 8;
constexpr uint64_t kEncoder = 16;  // something else than one layer of LSTM
constexpr uint64_t kHardSigmoid = 32;
constexpr uint64_t kDenseLayers = 64;
constexpr uint64_t kKnownFeatures = 127;

// Vocabularies.
constexpr uint8_t kSpeltNgrams = 0;
constexpr uint8_t kHashed = 1;
constexpr uint8_t kNgramTree = 2;
constexpr uint8_t kVocabularies = 3;

// The places of the enumerators in these lists are their numbers in the file.
constexpr Cell kCells[] = {Cell::lstm, Cell::gru};
constexpr OutputKind kOutputs[] = {OutputKind::softmax, OutputKind::sigmoid};
constexpr Pooling kPoolings[] = {Pooling::max, Pooling::mean, Pooling::last};

template <typename T, size_t kCount>
uint8_t number_of(const T (&list)[kCount], T value) {
  uint8_t i = 0;
  while (list[i] != value) ++i;
  return i;
}

bool is_one_lstm_layer(const FoldedModel& model) {
  return model.cell == Cell::lstm && model.layers.size() == 1;
}

uint64_t features_of(const FoldedModel& model) {
  return (model.several_labels ? kSeveralLabels : 0) |
         (model.thresholds.empty() ? 0 : kThresholds) |
         (model.temperature != 1.0 ? kTemperature : 0) |
         (model.dense == DenseOrigin{} ? 0 : kDenseOrigin) |
         (is_one_lstm_layer(model) ? 0 : kEncoder) |
         (model.gate_function == GateFunction::hard_sigmoid ? kHardSigmoid : 0) |
         (model.dense_layers.empty() ? 0 : kDenseLayers);
}

void write_classes(const FoldedModel& model, ByteWriter& writer) {
  const size_t count = model.classes.size();
  if (count > kMostClasses) fail("the model cannot be written: it has ", count, " classes");
  writer.varint(count);
  for (const std::string& name : model.classes) {
    if (name.size() > kLongestClass) {
      fail("the model cannot be written: a class name has ", name.size(), " bytes, at most ",
           kLongestClass, " are possible");
    }
    writer.string(name);
  }
  for (const float threshold : model.thresholds) writer.f32(threshold);
}

void read_classes(uint64_t features, ByteReader& reader, FoldedModel& model) {
  const uint64_t count = reader.varint(kMostClasses, "the number of classes");
  if (count < 2) fail_damaged(reader.source(), "it has fewer than 2 classes");
  for (uint64_t i = 0; i < count; ++i) {
    model.classes.emplace_back(reader.string(kLongestClass, "the length of a class name"));
  }
  check_class_names(model.classes, reader.source());
  if ((features & kThresholds) == 0) return;
  for (uint64_t i = 0; i < count; ++i) {
    const float threshold = reader.f32();
    if (!(threshold >= 0.0f && threshold <= 1.0f)) {
      fail_damaged(reader.source(), "a threshold is ", threshold, ", expected 0 to 1");
    }
    model.thresholds.push_back(threshold);
  }
}

double read_temperature(ByteReader& reader) {
  const double temperature = reader.f64();
  if (!(temperature >= 1e-3 && temperature <= 1e3)) {
    fail_damaged(reader.source(), "its temperature is ", temperature, ", expected 0.001 to 1000");
  }
  return temperature;
}

void read_shape(uint64_t features, ByteReader& reader, CompactHeader& header) {
  const uint64_t poolings = reader.varint(kMostPoolings, "the number of poolings");
  const uint64_t directions_at_most = 2;
  for (uint64_t i = 0; i < poolings; ++i) {
    header.model.poolings.push_back(
        kPoolings[known(reader.u8(), std::size(kPoolings), "pooling", reader)]);
  }
  header.inputs = reader.varint(kMostWidth, "the embedding's width");
  if (features & kHardSigmoid) header.model.gate_function = GateFunction::hard_sigmoid;
  header.model.layers.resize(1);
  if (features & kEncoder) {
    header.model.cell = kCells[known(reader.u8(), std::size(kCells), "cell", reader)];
    header.model.layers.resize(reader.varint(kMostLayers, "the number of layers"));
    if (header.model.layers.empty() || is_one_lstm_layer(header.model)) {
      fail_damaged(reader.source(), "it has no layer, or marks one of LSTM as something else");
    }
  }
  const uint64_t directions = reader.varint(directions_at_most, "the number of directions");
  for (size_t l = 0; l < header.model.layers.size(); ++l) {
    auto& units = header.units.emplace_back();
    for (uint64_t i = 0; i < directions; ++i) {
      units.push_back(reader.varint(kMostWidth, "the number of units"));
    }
  }
  if (features & kDenseLayers) {
    const uint64_t layers = reader.varint(kMostDenseLayers, "the number of dense layers");
    if (layers == 0) fail_damaged(reader.source(), "it announces dense layers, but has none");
    for (uint64_t l = 0; l < layers; ++l) {
      header.dense_units.push_back(reader.varint(kMostWidth, "the units of a dense layer"));
    }
  }
  if (poolings == 0 || directions == 0) {
    fail_damaged(reader.source(), "it has no pooling or no direction");
  }
}

NgramHashing read_hashing(ByteReader& reader) {
  NgramHashing hashing;
  hashing.bits = reader.u8();
  hashing.seed =
      static_cast<uint32_t>(reader.varint(NgramHashing::kMostSeeds - 1, "the seed of the hash"));
  hashing.max_length = reader.u8();
  if (hashing.bits < NgramHashing::kLeastBits || hashing.bits > NgramHashing::kMostBits ||
      hashing.max_length < 1 || hashing.max_length > NgramVocabulary::kMaxLength) {
    fail_damaged(reader.source(), "it hashes n-grams of ", hashing.max_length, " words to ",
                 hashing.bits, " bits");
  }
  return hashing;
}

/// Refuses a file whose writer says that this program does not read it.
void check_needed_version(ByteReader& reader, std::string_view bytes, uint8_t flags) {
  if ((flags & kNeedsNewer) == 0 || bytes.size() < kHeaderBytes + 2) return;
  reader.u32();  // checksum
  const int major = reader.u8(), minor = reader.u8();
  fail(reader.source(), ": was written by a newer Ockham, needs >= ", major, ".", minor,
       "; update Ockham to read it");
}

void check_beginning(ByteReader& reader, std::string_view bytes) {
  const std::string& source = reader.source();
  check_magic(bytes, source);
  reader.take(kMagic.size());
  const uint8_t version = reader.u8();
  const uint8_t flags = reader.u8();
  check_needed_version(reader, bytes, flags);
  if (version > kVersion) {
    fail(source, ": was written by a newer Ockham (format ", int{version},
         ", this one reads up to ", int{kVersion}, "); update Ockham to read it");
  }
  if (version == 0) fail_damaged(source, "its format version is 0");
  known(flags, 1, "header flag", reader);
  const uint32_t checksum = reader.u32();  // which refuses fewer than kHeaderBytes
  if (checksum != crc32c(bytes.substr(kHeaderBytes))) {
    fail_damaged(source, "its checksum does not match its contents");
  }
}

}  // namespace

void write_header(const FoldedModel& model, WeightFormat format, ByteWriter& writer) {
  writer.append(kMagic);
  writer.u8(kVersion);
  writer.u8(0);   // header flags
  writer.u32(0);  // room for the checksum
  writer.varint(features_of(model));
  writer.u8(static_cast<uint8_t>(format));
  const HashedVocabulary* hashed = model.vocabulary.hashed();
  writer.u8(hashed != nullptr ? kHashed : kNgramTree);
  if (hashed != nullptr) {
    writer.u8(static_cast<uint8_t>(hashed->hashing().bits));
    writer.varint(hashed->hashing().seed);
    writer.u8(static_cast<uint8_t>(hashed->hashing().max_length));
  }
  write_tokenizer(*model.tokenizer, writer);
  writer.u8(number_of(kOutputs, model.output));
  if (model.temperature != 1.0) writer.f64(model.temperature);
  writer.varint(model.max_tokens);
  write_classes(model, writer);
  writer.varint(model.poolings.size());
  for (const Pooling pooling : model.poolings) writer.u8(number_of(kPoolings, pooling));
  const auto write_width = [&](size_t width, const char* what) {
    if (width > kMostWidth) fail("the model cannot be written: it has ", width, " ", what);
    writer.varint(width);
  };
  if (model.poolings.size() > kMostPoolings) fail("the model cannot be written: too many poolings");
  write_width(model.embedding.cols(), "embedding columns");
  if (!is_one_lstm_layer(model)) {
    if (model.layers.size() > kMostLayers) fail("the model cannot be written: too many layers");
    writer.u8(number_of(kCells, model.cell));
    writer.varint(model.layers.size());
  }
  writer.varint(model.layers[0].directions.size());
  for (const FoldedLayer& layer : model.layers) {
    for (const FoldedDirection& direction : layer.directions) {
      write_width(direction.hidden(), "units");
    }
  }
  if (!model.dense_layers.empty()) {
    if (model.dense_layers.size() > kMostDenseLayers) {
      fail("the model cannot be written: too many dense layers");
    }
    writer.varint(model.dense_layers.size());
    for (const FoldedDense& layer : model.dense_layers) write_width(layer.bias.cols(), "units");
  }
  if (model.dense == DenseOrigin{}) return;
  writer.varint(model.dense.weights);
  writer.varint(model.dense.bytes);
  writer.varint(model.dense.paper_weights);
}

void check_magic(std::string_view bytes, const std::string& source) {
  if (bytes.starts_with(kMagic)) return;
  fail(source, ": is no Ockham model file; expected what `ockham compress` writes");
}

CompactHeader read_header(ByteReader& reader, std::string_view bytes) {
  check_beginning(reader, bytes);
  CompactHeader header;
  FoldedModel& model = header.model;
  const uint64_t features = reader.varint(UINT64_MAX, "the set of features");
  known(features, kKnownFeatures + 1, "feature set", reader);
  header.format =
      static_cast<WeightFormat>(known(reader.u8(), kWeightFormats, "weight format", reader));
  const auto vocabulary = known(reader.u8(), kVocabularies, "vocabulary kind", reader);
  header.spelt_ngrams = vocabulary == kSpeltNgrams;
  if (vocabulary == kHashed) header.hashing = read_hashing(reader);
  const size_t before = reader.left();
  model.tokenizer = read_tokenizer(reader, bytes.size());
  header.tokenizer_bytes = before - reader.left();
  model.output = kOutputs[known(reader.u8(), std::size(kOutputs), "output kind", reader)];
  model.several_labels = (features & kSeveralLabels) != 0;
  if (model.several_labels && model.output != OutputKind::sigmoid) {
    fail_damaged(reader.source(), "several labels need sigmoid outputs");
  }
  if (features & kTemperature) model.temperature = read_temperature(reader);
  model.max_tokens = reader.varint(kMostTokens, "the number of tokens");
  read_classes(features, reader, model);
  read_shape(features, reader, header);
  if (features & kDenseOrigin) {
    model.dense.weights = reader.varint(UINT64_MAX, "the dense model's weights");
    model.dense.bytes = reader.varint(UINT64_MAX, "the dense model's bytes");
    model.dense.paper_weights = reader.varint(UINT64_MAX, "the papers' count");
    if (model.dense == DenseOrigin{}) fail_damaged(reader.source(), "a dense model of size 0");
  }
  return header;
}

void repair_checksum(std::string& bytes) {
  if (bytes.size() < kHeaderBytes) return;
  ByteWriter checksum;
  checksum.u32(crc32c(std::string_view(bytes).substr(kHeaderBytes)));
  bytes.replace(kChecksumAt, checksum.bytes().size(), checksum.bytes());
}

}  // namespace ockham
