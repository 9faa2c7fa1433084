#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ockham/compress/folded_model.hpp"
#include "ockham/compress/weight_format.hpp"
#include "ockham/deploy/prefix_code.hpp"

namespace ockham {

/// Counts symbols the first time and writes them the second.
class SymbolSink {
 public:
  void symbol(PrefixCode& code, uint32_t symbol) {
    if (counting_) {
      code.count(symbol);
    } else {
      code.write(symbol, bits_);
    }
  }
  void raw(uint32_t value, uint32_t count) {
    if (!counting_) bits_.add(value, count);
  }
  /// A place where reading may begin, in bytes.
  uint32_t place() {
    bits_.align();
    return static_cast<uint32_t>(bits_.size() / 8);
  }
  void write() { counting_ = false; }
  std::vector<uint8_t> bytes() const { return bits_.padded(); }

 private:
  bool counting_ = true;
  BitWriter bits_;
};

/// Entries of a table that is looked into at the first of each block.
struct CBlocks {
  static constexpr size_t kEntries = 32;  ///< in a block

  std::vector<uint32_t> keys, places;

  void add(uint32_t key, uint32_t place) {
    keys.push_back(key);
    places.push_back(place);
  }
};

/// Rows of the embedding: which columns are not 0 (a shape, coded where it is frequent), and the
/// bits of each weight, the highest of them coded.
class CRows {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  CRows(const Matrix& embedding, WeightFormat format);

  /// `row`: kNone where an entry is no n-gram.
  void put(uint32_t row, SymbolSink& sink);
  void make_codes();
  /// The tables, for c/rows.c.
  std::string text() const;

 private:
  void choose_shapes();
  uint32_t bits(size_t row, size_t column) const {
    return weight_to_bits(format_, embedding_(row, column), scales_[column]);
  }
  std::vector<bool> shape_of(size_t row) const;

  const Matrix& embedding_;
  WeightFormat format_;
  std::vector<float> scales_;
  uint32_t raw_bits_;
  std::map<std::vector<bool>, uint32_t> shapes_;  // frequent ones, to their numbers
  PrefixCode shape_code_, values_;
};

/// Blocks as an array of the type ockham_blocks, and that type, wide enough for all of them.
std::string c_blocks(std::string_view name, const CBlocks& blocks);
std::string c_blocks_type(const std::vector<const CBlocks*>& all);

}  // namespace ockham
