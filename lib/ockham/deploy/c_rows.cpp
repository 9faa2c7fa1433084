#include "ockham/deploy/c_rows.hpp"

#include <algorithm>
#include <array>

#include "ockham/deploy/c_text.hpp"

namespace ockham {
namespace {

constexpr uint32_t kNoNgram = 254;  // symbols of the code of shapes
constexpr uint32_t kRareShape = 253;
constexpr size_t kMostShapes = 200;
constexpr int kMostCodedBits = 8;

}  // namespace

CRows::CRows(const Matrix& embedding, WeightFormat format)
    : embedding_(embedding),
      format_(format),
      scales_(column_scales(format, Scales::column, embedding)) {
  const WeightBits bits = weight_bits(format);
  raw_bits_ = static_cast<uint32_t>(bits.all - std::min(bits.predicted, kMostCodedBits));
  choose_shapes();
}

std::vector<bool> CRows::shape_of(size_t row) const {
  std::vector<bool> shape;
  for (size_t c = 0; c < embedding_.cols(); ++c) shape.push_back(bits(row, c) != 0);
  return shape;
}

/// Those that more than one row has, the most frequent if they are too many.
void CRows::choose_shapes() {
  std::map<std::vector<bool>, size_t> counts;
  for (size_t row = 0; row < embedding_.rows(); ++row) ++counts[shape_of(row)];
  std::vector<std::pair<size_t, const std::vector<bool>*>> frequent;
  for (const auto& [shape, count] : counts) {
    if (count > 1) frequent.push_back({count, &shape});
  }
  std::ranges::stable_sort(frequent, std::greater<>{}, [](const auto& one) { return one.first; });
  frequent.resize(std::min(frequent.size(), kMostShapes));
  for (const auto& [count, shape] : frequent) {
    shapes_.emplace(*shape, static_cast<uint32_t>(shapes_.size()));
  }
}

void CRows::put(uint32_t row, SymbolSink& sink) {
  if (row == kNone) {
    sink.symbol(shape_code_, kNoNgram);
    return;
  }
  const std::vector<bool> shape = shape_of(row);
  const auto frequent = shapes_.find(shape);
  sink.symbol(shape_code_, frequent == shapes_.end() ? kRareShape : frequent->second);
  if (frequent == shapes_.end()) {
    for (const bool there : shape) sink.raw(there, 1);
  }
  for (size_t c = 0; c < shape.size(); ++c) {
    if (!shape[c]) continue;
    sink.symbol(values_, bits(row, c) >> raw_bits_);
    sink.raw(bits(row, c), raw_bits_);
  }
}

void CRows::make_codes() {
  shape_code_.make();
  values_.make();
}

std::string CRows::text() const {
  std::vector<const std::vector<bool>*> shapes(shapes_.size());
  for (const auto& [shape, number] : shapes_) shapes[number] = &shape;
  BitWriter shape_bits;
  for (const std::vector<bool>* shape : shapes) {
    for (const bool there : *shape) shape_bits.add(there, 1);
  }
  std::string text = "/* Rows of weights: which columns, and the first bits of each weight. */\n" +
                     c_define("COLUMNS", std::max<size_t>(embedding_.cols(), 1)) +
                     c_define("NO_NGRAM", kNoNgram) + c_define("RARE_SHAPE", kRareShape) +
                     c_define("RAW_BITS", raw_bits_) +
                     c_array("ockham_shapes", shape_bits.padded()) +
                     c_array("ockham_shape_code", shape_code_.table()) +
                     c_array("ockham_value_code", values_.table());
  if (is_whole(format_)) {
    text += c_define("SIGN", uint64_t{1} << (weight_bits(format_).all - 1)) +
            c_define("POWER(x)", std::array{"(x)", "((x) * (x))", "((x) * (x) * (x))"}.at(
                                     static_cast<size_t>(whole_power(format_)) - 1)) +
            c_array("ockham_scales", scales_);
  }
  return text;
}

std::string c_blocks(std::string_view name, const CBlocks& blocks) {
  std::vector<std::string> elements;
  for (size_t i = 0; i < blocks.keys.size(); ++i) {
    elements.push_back(c_braces({blocks.keys[i], blocks.places[i]}));
  }
  return c_array("ockham_blocks", name, elements);
}

std::string c_blocks_type(const std::vector<const CBlocks*>& all) {
  uint32_t key = 0, place = 0;
  for (const CBlocks* blocks : all) {
    for (const uint32_t k : blocks->keys) key = std::max(key, k);
    for (const uint32_t p : blocks->places) place = std::max(place, p);
  }
  std::string text = "typedef struct {\n  ";
  text.append(c_type(key)).append(" key; /* of the first entry */\n  ");
  text.append(c_type(place)).append(" at;  /* its first byte */\n} ockham_blocks;\n");
  return text;
}

}  // namespace ockham
