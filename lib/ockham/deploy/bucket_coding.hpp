#pragma once

#include <cstdint>
#include <vector>

#include "ockham/deploy/bit_coder.hpp"
#include "ockham/deploy/bytes.hpp"

namespace ockham {

/// Codes `count` buckets of 2^bits in ascending order, by how many were passed over before each.
/// Where all sets of buckets are equally likely these gaps are geometric, and then the bits of a
/// gap are independent of each other (bit k is 1 with the odds q^(2^k) to 1, q the share of buckets
/// that are not there): so each bit has a probability of its own, worked out in whole numbers. The
/// cost is within a bit or two a file of the least possible, log2 of the binomial coefficient.
template <typename Coder>
void code_buckets(Coder& coder, uint32_t bits, size_t count, std::vector<uint32_t>& buckets) {
  constexpr uint64_t kOne = uint64_t{1} << 32;
  const uint64_t all = uint64_t{1} << bits;
  std::vector<uint32_t> probability(bits);
  uint64_t power = kOne - (count << (32 - bits));  // q^(2^k), in units of 2^-32
  for (uint32_t k = 0; k < bits; ++k) {
    if (power == kOne) --power;  // nothing is there
    probability[k] = static_cast<uint32_t>((power << 16) / (kOne + power));
    power = (power * power) >> 32;
  }
  uint64_t next = 0;
  buckets.resize(count);  // the caller has checked that so many are possible
  for (uint32_t& bucket : buckets) {
    const uint64_t gap = bucket - next;
    uint64_t coded = 0;
    for (uint32_t k = bits; k-- > 0;) {
      coded = 2 * coded + coder.code(((gap >> k) & 1) != 0, probability[k]);
    }
    next += coded;
    if (next >= all) fail_damaged(coder.source(), "a hash is ", next, ", expected less than ", all);
    bucket = static_cast<uint32_t>(next++);
  }
}

}  // namespace ockham
