#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "ockham/text/hash.hpp"
#include "ockham/text/pair_table.hpp"
#include "ockham/text/string_table.hpp"

namespace ockham {
namespace {

TEST(StringTable, NumbersStringsInOrderOfInsertion) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& strings) {
    StringTable table;
    std::map<std::string, uint32_t> reference;
    for (const std::string& s : strings) {
      const auto at = reference.emplace(s, static_cast<uint32_t>(reference.size())).first;
      RC_ASSERT(table.insert(s) == at->second);
    }
    RC_ASSERT(table.size() == reference.size());
    for (const auto& [s, id] : reference) {
      RC_ASSERT(table.find(s) == id);
      RC_ASSERT(table[id] == s);
      if (!reference.contains(s + "x")) RC_ASSERT(table.find(s + "x") == StringTable::kNotFound);
    }
  }));
}

TEST(StringTable, HoldsManyStrings) {
  StringTable table;
  for (uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(table.insert("word" + std::to_string(i)), i);
  for (uint32_t i = 0; i < 100'000; ++i) ASSERT_EQ(table.find("word" + std::to_string(i)), i);
  EXPECT_EQ(table.find("word100000"), StringTable::kNotFound);
  EXPECT_EQ(table.find(""), StringTable::kNotFound);
}

TEST(PairTable, CountsPairs) {
  EXPECT_TRUE(rc::check([](const std::vector<std::pair<uint8_t, uint8_t>>& pairs) {
    PairTable table;
    std::map<std::pair<uint32_t, uint32_t>, std::pair<uint32_t, uint32_t>> reference;
    for (const auto& [a, b] : pairs) {
      const auto next = static_cast<uint32_t>(reference.size());
      auto& [id, count] = reference.try_emplace({a % 16, b % 16}, next, 0).first->second;
      ++count;
      RC_ASSERT(table.count(a % 16, b % 16) == id);
    }
    size_t visited = 0;
    table.for_each([&](const PairTable::Slot& slot) {
      const auto expected = std::pair(slot.id, slot.count);
      RC_ASSERT(reference.at({slot.first, slot.second}) == expected);
      ++visited;
    });
    RC_ASSERT(visited == reference.size());
    RC_ASSERT(table.size() == reference.size());
    RC_ASSERT(table.find(17, 0) == PairTable::kNotFound);
  }));
}

template <typename Word>
Word fnv1a(std::string_view bytes) {
  Fnv1a<Word> hash;
  for (const char c : bytes) hash.add(static_cast<uint8_t>(c));
  return hash.value();
}

// From the authors' test vectors.
TEST(Fnv1a, HasTheKnownAnswers) {
  EXPECT_EQ(fnv1a<uint32_t>(""), 0x811C9DC5u);
  EXPECT_EQ(fnv1a<uint32_t>("a"), 0xE40C292Cu);
  EXPECT_EQ(fnv1a<uint32_t>("foobar"), 0xBF9CF968u);
  EXPECT_EQ(fnv1a<uint64_t>(""), 0xCBF29CE484222325u);
  EXPECT_EQ(fnv1a<uint64_t>("a"), 0xAF63DC4C8601EC8Cu);
  EXPECT_EQ(fnv1a<uint64_t>("foobar"), 0x85944171F73967E8u);
}

}  // namespace
}  // namespace ockham
