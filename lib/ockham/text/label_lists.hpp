#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ockham {

/// The labels of texts: those of text i are ids[offsets[i]] .. ids[offsets[i + 1]), ascending
/// numbers of classes. Where every text has one, `ids` is the list of them.
struct LabelLists {
  std::vector<uint64_t> offsets{0};
  std::vector<uint32_t> ids;

  size_t size() const { return offsets.size() - 1; }
  std::span<const uint32_t> operator[](size_t i) const {
    return {ids.data() + offsets[i], ids.data() + offsets[i + 1]};
  }
  void add(std::span<const uint32_t> labels) {
    ids.insert(ids.end(), labels.begin(), labels.end());
    offsets.push_back(ids.size());
  }

  friend bool operator==(const LabelLists&, const LabelLists&) = default;
};

}  // namespace ockham
