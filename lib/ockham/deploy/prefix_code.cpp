#include "ockham/deploy/prefix_code.hpp"

#include <algorithm>
#include <queue>
#include <tuple>

namespace ockham {
namespace {

/// Lengths of a Huffman code (Huffman 1952) for weights that may be 0 (no symbol: length 0).
std::vector<uint32_t> huffman_lengths(const std::vector<uint64_t>& weights) {
  using Node = std::pair<uint64_t, size_t>;  // weight, number: equal weights in a fixed order
  std::priority_queue<Node, std::vector<Node>, std::greater<>> open;
  std::vector<size_t> parent(weights.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) open.push({weights[i], i});
  }
  while (open.size() > 1) {
    const Node a = open.top();
    open.pop();
    const Node b = open.top();
    open.pop();
    parent[a.second] = parent[b.second] = parent.size();
    open.push({a.first + b.first, parent.size()});
    parent.push_back(0);
  }
  std::vector<uint32_t> lengths(weights.size(), 0);
  if (open.empty()) return lengths;
  const size_t root = open.top().second;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    for (size_t node = i; node != root; node = parent[node]) ++lengths[i];
    lengths[i] = std::max(lengths[i], 1u);  // a single symbol needs a bit all the same
  }
  return lengths;
}

}  // namespace

void BitWriter::add(uint32_t value, uint32_t count) {
  while (count-- > 0) {
    if (size_ / 8 == bytes_.size()) bytes_.push_back(0);
    bytes_[size_ / 8] |= static_cast<uint8_t>((value >> count & 1) << (7 - size_ % 8));
    ++size_;
  }
}

std::vector<uint8_t> BitWriter::padded() const {
  std::vector<uint8_t> bytes = bytes_;
  bytes.resize(bytes.size() + 3, 0);
  return bytes;
}

void PrefixCode::make() {
  std::vector<uint64_t> weights(counts_.begin(), counts_.end());
  std::vector<uint32_t> lengths = huffman_lengths(weights);
  // Rarely too long; then rare symbols are taken for less rare.
  while (std::ranges::max(lengths) > kMostBits) {
    for (uint64_t& weight : weights) weight = (weight + 1) / 2;
    lengths = huffman_lengths(weights);
  }
  order_.clear();
  for (size_t i = 0; i < kSymbols; ++i) {
    length_[i] = lengths[i];
    if (lengths[i] > 0) order_.push_back(static_cast<uint8_t>(i));
  }
  std::ranges::stable_sort(order_, {}, [&](uint8_t symbol) { return length_[symbol]; });
  uint32_t next = 0, before = 0;
  for (const uint8_t symbol : order_) {
    next <<= length_[symbol] - before;
    before = length_[symbol];
    code_[symbol] = next++;
  }
}

std::vector<uint8_t> PrefixCode::table() const {
  std::vector<uint8_t> table(kMostBits, 0);
  for (const uint8_t symbol : order_) ++table[length_[symbol] - 1];
  table.insert(table.end(), order_.begin(), order_.end());
  return table;
}

}  // namespace ockham
