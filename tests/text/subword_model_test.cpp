#include "ockham/text/subword_model.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>
#include <map>

#include "ockham/text/utf8.hpp"
#include "tests/support/sample_subwords.hpp"
#include "tests/text/text_test_util.hpp"

namespace ockham {
namespace {

using Ends = std::vector<size_t>;

Ends ends_of(const SubwordModel& model, const std::string& word) {
  SubwordModel::Scratch scratch;
  Ends ends;
  model.segment(word, scratch, ends);
  return ends;
}

/// Pieces of one to four of three letters, each with a cost.
std::vector<SubwordPiece> random_pieces(const std::vector<uint16_t>& drawn) {
  std::map<std::string, uint32_t> costs{{"a", 60}, {"b", 70}, {"c", 80}};
  for (const uint16_t value : drawn) {
    std::string text;
    unsigned left = value % 256u;
    for (unsigned i = 0; i < 1 + value / 256u % 4; ++i, left /= 3) text.push_back("abc"[left % 3]);
    costs[text] = 20 + value / 1024u * 3;
  }
  std::vector<SubwordPiece> pieces;
  for (const auto& [text, cost] : costs) pieces.push_back({text, cost});
  return pieces;
}

std::string random_word(const std::vector<uint8_t>& drawn) {
  std::string word;
  for (const uint8_t value : drawn) word.push_back("abcx"[value % 4]);
  return word;
}

/// The least cost of all ways to cut a word, by trying them; x is in no piece and costs nothing.
uint64_t least_cost(const std::map<std::string, uint64_t>& costs, const std::string& word) {
  if (word.empty()) return 0;
  uint64_t least = std::numeric_limits<uint64_t>::max();
  if (word[0] == 'x') least = least_cost(costs, word.substr(1));
  for (size_t length = 1; length <= std::min<size_t>(4, word.size()); ++length) {
    const auto found = costs.find(word.substr(0, length));
    if (found == costs.end()) continue;
    least = std::min(least, found->second + least_cost(costs, word.substr(length)));
  }
  return least;
}

TEST(SubwordModel, NoOtherWayOfCuttingIsCheaper) {
  EXPECT_TRUE(rc::check([](const std::vector<uint16_t>& pieces, const std::vector<uint8_t>& drawn) {
    const SubwordModel model(SubwordKind::unigram, random_pieces(pieces), "random");
    std::map<std::string, uint64_t> costs{{"x", 0}};
    for (const SubwordPiece& piece : model.pieces()) costs[piece.text] = piece.cost;
    const std::string word = random_word(drawn).substr(0, 12);
    uint64_t cost = 0;
    size_t begin = 0;
    for (const size_t end : ends_of(model, word)) {
      cost += costs.at(word.substr(begin, end - begin));
      begin = end;
    }
    RC_ASSERT(begin == word.size());
    RC_ASSERT(cost == least_cost(costs, word));
  }));
}

/// Looks through the whole word for the next join, again and again.
Ends plainly_joined(const SubwordModel& model, const std::string& word) {
  std::vector<std::string> symbols;
  for (const char c : word) symbols.emplace_back(1, c);
  const auto& pieces = model.pieces();
  for (;;) {
    size_t best = pieces.size(), at = 0;
    for (size_t i = 1; i < symbols.size(); ++i) {
      for (size_t rank = 0; rank < best; ++rank) {
        if (pieces[rank].text != symbols[i - 1] + symbols[i]) continue;
        best = rank;
        at = i;
      }
    }
    if (best == pieces.size()) break;
    symbols[at - 1] += symbols[at];
    symbols.erase(symbols.begin() + static_cast<ptrdiff_t>(at));
  }
  Ends ends;
  for (const std::string& symbol : symbols) {
    ends.push_back(symbol.size() + (ends.empty() ? 0 : ends.back()));
  }
  return ends;
}

TEST(SubwordModel, BpeJoinsInTheOrderOfItsPieces) {
  EXPECT_TRUE(rc::check([](const std::vector<uint16_t>& pieces, const std::vector<uint8_t>& drawn,
                           const std::vector<uint8_t>& order) {
    std::vector<SubwordPiece> shuffled = random_pieces(pieces);
    for (size_t i = 0; i < order.size(); ++i) {
      std::swap(shuffled[i % shuffled.size()], shuffled[order[i] % shuffled.size()]);
    }
    const SubwordModel model(SubwordKind::bpe, shuffled, "random");
    const std::string word = random_word(drawn);
    RC_ASSERT(ends_of(model, word) == plainly_joined(model, word));
  }));
}

TEST(SubwordModel, NeededPiecesCutEveryTextTheSame) {
  for (const SubwordKind kind : kSubwordKinds) {
    size_t left_out = 0;
    EXPECT_TRUE(
        rc::check([&](const std::vector<uint16_t>& pieces, const std::vector<uint8_t>& drawn) {
          const SubwordModel whole(kind, random_pieces(pieces), "random");
          const SubwordModel part(kind, whole.needed_pieces(), "needed");
          left_out += whole.pieces().size() - part.pieces().size();
          const std::string word = random_word(drawn);
          RC_ASSERT(ends_of(part, word) == ends_of(whole, word));
          RC_ASSERT(part.needed_pieces() == part.pieces());
        }));
    EXPECT_GT(left_out, 100u);
  }
}

TEST(SubwordModel, LeavesOutWhatNoWordIsCutInto) {
  const SubwordModel model(SubwordKind::unigram,
                           {{"a", 10}, {"b", 10}, {"ab", 21}, {"ba", 20}, {"日", 50}}, "five");
  std::string needed;
  for (const SubwordPiece& piece : model.needed_pieces()) needed.append(piece.text).append(" ");
  EXPECT_EQ(needed, "a b ba ");  // a b is cheaper than ab; 日 stands alone, known or not
}

TEST(SubwordModel, RefusesWhatCannotBe) {
  const auto refusal = [](SubwordKind kind, std::vector<SubwordPiece> pieces) {
    return message_of([&] { SubwordModel(kind, std::move(pieces), "some.model"); });
  };
  for (const SubwordKind kind : kSubwordKinds) {
    for (const std::string text : {"", "a b", "a\n", "\xFF", "\xE2\x96", "a\u00A0"}) {
      EXPECT_EQ(refusal(kind, {{text, 1}}).rfind("some.model: ", 0), 0u) << text;
    }
    EXPECT_NE(refusal(kind, {{std::string(256, 'a'), 1}}).find("256 bytes"), std::string::npos);
    EXPECT_NE(refusal(kind, {{"a", 1}, {"a", 2}}).find("\"a\" is there twice"), std::string::npos);
    EXPECT_NE(refusal(kind, {{"<length:3>", 1}}).find("length token"), std::string::npos);
  }
  EXPECT_EQ(refusal(SubwordKind::unigram, {{"a", 1}, {"ab", 1}}),
            "some.model: subword \"ab\" holds \"b\", which is no subword");
  EXPECT_NE(refusal(SubwordKind::unigram, {{"a", 4096}}).find("4096"), std::string::npos);
  EXPECT_NE(message_of([] { parse_subword_kind("char"); }).find("unigram or bpe"),
            std::string::npos);
}

}  // namespace
}  // namespace ockham
