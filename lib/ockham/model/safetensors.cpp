#include "ockham/model/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "ockham/tensor/atomic_file.hpp"
#include "ockham/tensor/crc32c.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/tensor/file.hpp"

// A file is
//   8 bytes   length of the header, little-endian
//   header    JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...,
//             "__metadata__": {"key": "text", "crc32c": "e3069283"}}, spaces behind it
//   data      the tensors without gaps; offsets count from here

namespace ockham {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "the file's byte order");
static_assert(sizeof(float) == 4);

constexpr size_t kLengthBytes = 8;
constexpr size_t kMaxHeaderBytes = size_t{16} << 20;
constexpr size_t kMaxFileBytes = size_t{16} << 30;
constexpr size_t kMaxTensors = 65536;
constexpr size_t kMaxRank = 8;
constexpr size_t kMaxDimension = size_t{1} << 40;
constexpr int kMaxNesting = 3;  // header, tensor, shape
constexpr const char* kMetadataName = "__metadata__";
constexpr const char* kChecksumName = "crc32c";  // of the data, in files of other programs absent

/// A name from a file as it may stand in a message: quoted, on one line, not too long.
std::string in_quotes(std::string_view name) {
  constexpr size_t kMaxShown = 80;
  std::string shown(name.substr(0, kMaxShown));
  if (name.size() > kMaxShown) shown += "...";
  return json(shown).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string shape_text(std::span<const size_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

/// The number of elements; nothing where any product on the way overflows or is absurd, even if a
/// zero follows.
std::optional<size_t> element_count(std::span<const size_t> shape) {
  size_t count = 1;
  size_t without_zeros = 1;
  for (const size_t dimension : shape) {
    if (dimension > kMaxDimension) return std::nullopt;
    if (__builtin_mul_overflow(without_zeros, std::max(dimension, size_t{1}), &without_zeros)) {
      return std::nullopt;
    }
    if (without_zeros > kMaxDimension) return std::nullopt;
    count *= dimension;
  }
  return count;
}

/// Without an early exit, so that the compiler can vectorize it: whole models pass through here.
bool all_finite(std::span<const float> values) {
  constexpr uint32_t kExponent = 0x7f800000;  // all ones in NaN and infinity alone
  uint32_t found = 0;
  for (const float value : values) {
    found |= (std::bit_cast<uint32_t>(value) & kExponent) == kExponent ? 1u : 0u;
  }
  return found == 0;
}

std::string checksum_text(uint32_t checksum) {
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08x", checksum);
  return text.data();
}

// --- writing ---

std::string_view data_of(const NamedTensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.values.data()),
          tensor.values.size() * sizeof(float)};
}

std::string encode_header(std::span<const NamedTensor* const> sorted, const Metadata& metadata) {
  json header = json::object();
  uint32_t checksum = 0;
  for (const NamedTensor* tensor : sorted) checksum = crc32c(data_of(*tensor), checksum);
  header[kMetadataName] = metadata;
  header[kMetadataName][kChecksumName] = checksum_text(checksum);
  size_t offset = 0;
  for (const NamedTensor* tensor : sorted) {
    const size_t end = offset + data_of(*tensor).size();
    header[tensor->name] = {
        {"dtype", "F32"}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const json::type_error&) {
    fail("a tensor's name or a metadata text is not valid UTF-8");
  }
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  return text;
}

std::vector<const NamedTensor*> sorted_by_name(std::span<const NamedTensor> tensors) {
  std::vector<const NamedTensor*> sorted;
  for (const NamedTensor& tensor : tensors) sorted.push_back(&tensor);
  std::sort(sorted.begin(), sorted.end(),
            [](const NamedTensor* a, const NamedTensor* b) { return a->name < b->name; });
  return sorted;
}

void check_writable(std::span<const NamedTensor* const> sorted, const std::string& path) {
  for (size_t i = 0; i < sorted.size(); ++i) {
    const NamedTensor& tensor = *sorted[i];
    const std::string what = "cannot write " + path + ": tensor " + in_quotes(tensor.name);
    if (tensor.name == kMetadataName) fail(what, " has the name that is kept for metadata");
    if (i > 0 && sorted[i - 1]->name == tensor.name) fail(what, " is given twice");
    if (tensor.shape.size() > kMaxRank || element_count(tensor.shape) != tensor.values.size()) {
      fail(what, " has shape ", shape_text(tensor.shape), " but ", tensor.values.size(), " values");
    }
    if (!all_finite(tensor.values)) fail(what, " holds NaN or infinite values");
  }
}

// --- reading ---

/// One file on its way in: every message starts with the source.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  TensorFile read() {
    const json header = parse_header(header_text());
    TensorFile file{source_, {}, {}};
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == kMetadataName) {
        file.metadata = parse_metadata(value);
      } else {
        entries.push_back(parse_entry(name, value));
      }
    }
    check_ranges_tile(entries);
    check_data(file.metadata);
    for (Entry& entry : entries) {
      std::string name = entry.name;
      file.tensors.emplace(std::move(name), load(std::move(entry)));
    }
    return file;
  }

 private:
  struct Entry {
    std::string name;
    std::vector<size_t> shape;
    size_t begin = 0;  // bytes from the start of the data
    size_t end = 0;
  };

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(source_, ": ", parts...);
  }

  /// Splits the file into header and data.
  std::string_view header_text() {
    if (bytes_.size() < kLengthBytes) {
      refuse("no safetensors file: ", bytes_.size(), " bytes, the header's length alone takes 8");
    }
    uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), kLengthBytes);
    if (length > kMaxHeaderBytes) {
      refuse("no safetensors file: a header of ", length, " bytes, at most ", kMaxHeaderBytes,
             " are accepted");
    }
    const size_t available = bytes_.size() - kLengthBytes;
    if (length > available) {
      refuse("truncated: a header of ", length, " bytes, but only ", available, " follow");
    }
    data_ = bytes_.substr(kLengthBytes + length);
    return bytes_.substr(kLengthBytes, length);
  }

  /// The header with limits on nesting and count; a key that comes twice is refused, which the
  /// JSON library alone would let pass.
  json parse_header(std::string_view text) const {
    std::vector<std::set<std::string>> keys(kMaxNesting + 1);  // of the open object at each depth
    const auto check = [&](int depth, json::parse_event_t event, const json& value) {
      using Event = json::parse_event_t;
      if (event == Event::object_start || event == Event::array_start) {
        if (depth >= kMaxNesting) refuse("the header is nested too deeply");
        keys[depth + 1].clear();
      } else if (event == Event::key) {
        const auto& key = value.get_ref<const std::string&>();
        if (!keys[depth].insert(key).second) refuse("the header names ", in_quotes(key), " twice");
        if (keys[depth].size() > kMaxTensors) {
          refuse("the header names more than ", kMaxTensors, " tensors");
        }
      }
      return true;
    };
    json header;
    try {
      header = json::parse(text, check);
    } catch (const json::parse_error& error) {
      refuse("no safetensors file: the header is not valid JSON at its byte ", error.byte);
    }
    if (!header.is_object()) refuse("no safetensors file: the header is not a JSON object");
    return header;
  }

  Metadata parse_metadata(const json& value) const {
    Metadata metadata;
    if (!value.is_object()) refuse("the metadata is not a JSON object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) refuse("metadata ", in_quotes(key), " is not a text");
      metadata.emplace(key, text.get<std::string>());
    }
    return metadata;
  }

  std::vector<size_t> parse_sizes(const std::string& what, const json& object, const char* key,
                                  size_t most) const {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_array() || found->size() > most) {
      refuse(what, ": '", key, "' must be a list of at most ", most, " numbers");
    }
    std::vector<size_t> sizes;
    for (const json& number : *found) {
      if (!number.is_number_unsigned()) refuse(what, ": '", key, "' must hold whole numbers >= 0");
      sizes.push_back(number.get<size_t>());
    }
    return sizes;
  }

  Entry parse_entry(const std::string& name, const json& value) const {
    const std::string what = "tensor " + in_quotes(name);
    if (!value.is_object()) refuse(what, " is not described by a JSON object");
    const auto dtype = value.find("dtype");
    if (dtype == value.end() || !dtype->is_string()) refuse(what, " has no element type");
    if (*dtype != "F32") {
      refuse(what, " has element type ", in_quotes(dtype->get_ref<const std::string&>()),
             "; only F32 can be read");
    }
    Entry entry{name, parse_sizes(what, value, "shape", kMaxRank), 0, 0};
    const std::vector<size_t> offsets = parse_sizes(what, value, "data_offsets", 2);
    if (offsets.size() != 2 || offsets[0] > offsets[1]) {
      refuse(what, ": 'data_offsets' must be begin and end");
    }
    entry.begin = offsets[0];
    entry.end = offsets[1];
    const std::optional<size_t> count = element_count(entry.shape);
    if (!count) refuse(what, " has the impossible shape ", shape_text(entry.shape));
    size_t size = 0;
    if (__builtin_mul_overflow(*count, sizeof(float), &size) || size != entry.end - entry.begin) {
      refuse(what, " of shape ", shape_text(entry.shape), " cannot fill its ",
             entry.end - entry.begin, " bytes");
    }
    return entry;
  }

  /// Puts the entries into the order of their data and checks that together they are the data.
  void check_ranges_tile(std::vector<Entry>& entries) const {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    size_t position = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != position) {
        refuse("the data of tensor ", in_quotes(entry.name), " start at byte ", entry.begin,
               ", expected ", position, ": ranges overlap or leave a gap");
      }
      position = entry.end;
    }
    if (position > data_.size()) {
      refuse("truncated: ", position, " bytes of data expected, ", data_.size(), " found");
    }
    if (position < data_.size()) {
      refuse(data_.size() - position, " bytes behind the last tensor belong to none");
    }
  }

  /// Takes the checksum out of the metadata: it is the file's, not the caller's.
  void check_data(Metadata& metadata) const {
    const auto checksum = metadata.extract(kChecksumName);
    if (checksum.empty() || checksum.mapped() == checksum_text(crc32c(data_))) return;
    refuse("damaged: the tensors do not have the checksum that the header states; copy the file ",
           "anew, or where they were changed on purpose remove \"", kChecksumName,
           "\" from its metadata");
  }

  NamedTensor load(Entry entry) const {
    NamedTensor tensor{std::move(entry.name), std::move(entry.shape), {}};
    const std::string_view bytes = data_.substr(entry.begin, entry.end - entry.begin);
    tensor.values.resize(bytes.size() / sizeof(float));
    if (!bytes.empty()) std::memcpy(tensor.values.data(), bytes.data(), bytes.size());
    if (!all_finite(tensor.values)) {
      refuse("tensor ", in_quotes(tensor.name), " holds NaN or infinite values");
    }
    return tensor;
  }

  std::string_view bytes_;
  std::string_view data_;
  const std::string& source_;
};

}  // namespace

const NamedTensor& TensorFile::at(std::string_view name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) fail(source, ": tensor ", in_quotes(name), " is missing");
  return found->second;
}

const NamedTensor& TensorFile::at(std::string_view name, std::span<const size_t> shape) const {
  const NamedTensor& tensor = at(name);
  if (!std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end())) {
    fail(source, ": tensor ", in_quotes(name), " has shape ", shape_text(tensor.shape),
         ", expected ", shape_text(shape));
  }
  return tensor;
}

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const Metadata& metadata) {
  const std::vector<const NamedTensor*> sorted = sorted_by_name(tensors);
  check_writable(sorted, path.string());
  const std::string header = encode_header(sorted, metadata);
  const uint64_t length = header.size();
  AtomicFile file(path);
  file.write({reinterpret_cast<const char*>(&length), kLengthBytes});
  file.write(header);
  for (const NamedTensor* tensor : sorted) file.write(data_of(*tensor));
  file.commit();
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path, kMaxFileBytes), path.string());
}

TensorFile parse_safetensors(std::string_view bytes, const std::string& source) {
  return Reader(bytes, source).read();
}

}  // namespace ockham
