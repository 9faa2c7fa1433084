#include "ockham/deploy/c_characters.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <map>
#include <vector>

#include "ockham/deploy/c_text.hpp"
#include "ockham/deploy/prefix_code.hpp"
#include "ockham/text/character_data.hpp"

namespace ockham {
namespace {

constexpr char32_t kFirst = 0x80;  // what comes before, the program knows by itself
constexpr char32_t kEnd = 0x110000;
constexpr size_t kMostMarks = 30;  // of a cluster, as normalize_text() takes them

bool is_surrogate(char32_t c) {
  return c >= 0xD800 && c < 0xE000;
}

constexpr const char* kLastPlace = "{4294967295u, 0, 0}";

std::string place_text(char32_t first, size_t byte, size_t which = 0) {
  return c_braces({uint32_t{first}, byte, which});
}

uint32_t width_of(uint32_t number) {
  return static_cast<uint32_t>(std::bit_width(number));
}

/// A table of numbers, as the reader's ockham_number() reads them: the number's width in bits is
/// coded, the bits behind the highest follow.
class NumberTable {
 public:
  NumberTable(std::string plural, std::string singular)
      : plural_(std::move(plural)), singular_(std::move(singular)) {}

  void add(uint64_t value) { numbers_.push_back(static_cast<uint32_t>(value)); }
  /// The lowest bit is the sign.
  void add_distance(char32_t from, char32_t to) {
    add(to >= from ? uint64_t{to - from} * 2 : uint64_t{from - to} * 2 + 1);
  }
  /// Reading may start with the number that is added next, in the state that is given.
  void add_place(char32_t first) { places_.push_back({numbers_.size(), first}); }

  void count(PrefixCode& code) const {
    for (const uint32_t number : numbers_) code.count(width_of(number));
  }
  std::string text(const PrefixCode& code) const {
    BitWriter bits;
    std::vector<std::string> places;
    for (size_t i = 0; i < numbers_.size(); ++i) {
      while (places.size() < places_.size() && places_[places.size()].number == i) {
        bits.align();
        places.push_back(place_text(places_[places.size()].first, bits.size() / 8));
      }
      code.write(width_of(numbers_[i]), bits);
      if (numbers_[i] > 1) bits.add(numbers_[i], width_of(numbers_[i]) - 1);
    }
    places.emplace_back(kLastPlace);
    return c_array("ockham_" + plural_, bits.padded()) +
           c_array("ockham_place", "ockham_" + singular_ + "_places", places);
  }

 private:
  struct Place {
    size_t number;
    char32_t first;
  };

  std::string plural_, singular_;
  std::vector<uint32_t> numbers_;
  std::vector<Place> places_;
};

class CharacterTables {
 public:
  explicit CharacterTables(const CharacterNeeds& needs) : needs_(needs) {
    data_.reserve(kEnd - kFirst);
    for (char32_t c = kFirst; c < kEnd; ++c) {
      // No text has surrogates: they go with what comes before them.
      CharacterData data = is_surrogate(c) ? data_.back() : character_data(c, needs.form);
      if (!is_surrogate(c) && data.decomposition != std::u32string_view(&c, 1)) {
        changes_.emplace(c, std::move(data.decomposition));
      }
      data.decomposition.clear();
      data_.push_back(std::move(data));
    }
    choose_compositions();
    for (char32_t c = kFirst; c < kEnd; ++c) {
      if (is_known(c)) known_classes_.insert(of(c).combining_class);
    }
    known_classes_.erase(0);
  }

  CharacterText text() const {
    const std::vector<Folding> found = find_foldings();
    const size_t cluster = most_characters(found);
    return {definitions(found, cluster), cluster};
  }

 private:
  struct Folding {
    char32_t first;
    uint32_t length = 1;
    uint32_t way = 0;  // from one to the next: 0: by one; 1: by two; 2: by one, all become the same
    std::u32string parts;  // of the first
  };

  std::string definitions(const std::vector<Folding>& found, size_t cluster) const {
    const NumberTable tables[] = {foldings(found), pairs()};
    PrefixCode code;
    for (const NumberTable& table : tables) table.count(code);
    code.make();
    std::string text =
        c_define("CLUSTER", cluster) + kinds() + c_array("ockham_number_code", code.table());
    for (const NumberTable& table : tables) text += table.text(code);
    return text;
  }

  /// Without the decomposition.
  const CharacterData& of(char32_t c) const { return data_[c - kFirst]; }
  std::u32string decomposition(char32_t c) const {
    const auto change = changes_.find(c);
    return change == changes_.end() ? std::u32string(1, c) : change->second;
  }
  CharacterKind kind(char32_t c) const { return c < kFirst ? character_kind(c) : of(c).kind; }
  bool is_known(char32_t c) const { return needs_.all || c < kFirst || needs_.known.contains(c); }
  bool are_known(const std::u32string& parts) const {
    return std::ranges::all_of(parts, [&](char32_t c) { return is_known(c); });
  }

  /// As c/types.c numbers them; behind them marks by their order.
  size_t class_of(char32_t c) const {
    enum { kLetter, kSymbol, kSpace, kDropped, kPunctuation, kMarks };
    const CharacterData& data = of(c);
    if (data.ignorable) return kDropped;
    if (data.extends) return kMarks + 2 * order(c) + (data.kind == CharacterKind::kWord ? 0 : 1);
    if (data.kind == CharacterKind::kSpace) return kSpace;
    if (data.kind == CharacterKind::kWord) return kLetter;
    return !needs_.punctuation && data.punctuation ? kPunctuation : kSymbol;
  }

  /// Runs of characters of the same class: the step from the class before; how many bits the length
  /// less one has; those behind the highest.
  std::string kinds() const {
    constexpr size_t kRunsToAPlace = 256;
    struct Run {
      char32_t first;
      size_t before, which;
      uint32_t more;  // the length less one
    };
    std::vector<Run> runs;
    size_t before = class_of(kFirst);
    size_t classes = before + 1;
    for (char32_t c = kFirst; c < kEnd; ++c) {
      const size_t here = class_of(c);
      if (!runs.empty() && here == before) {
        ++runs.back().more;
      } else {
        runs.push_back({c, before, here, 0});
      }
      before = here;
      classes = std::max(classes, here + 1);
    }
    const auto step = [&](const Run& run) {
      return static_cast<uint32_t>((run.which + classes - run.before) % classes);
    };
    PrefixCode steps, widths;
    for (const Run& run : runs) {
      steps.count(step(run));
      widths.count(width_of(run.more));
    }
    steps.make();
    widths.make();
    BitWriter bits;
    std::vector<std::string> places;
    for (size_t i = 0; i < runs.size(); ++i) {
      if (i % kRunsToAPlace == 0) {
        bits.align();
        places.push_back(place_text(runs[i].first, bits.size() / 8, runs[i].before));
      }
      steps.write(step(runs[i]), bits);
      widths.write(width_of(runs[i].more), bits);
      if (runs[i].more > 1) bits.add(runs[i].more, width_of(runs[i].more) - 1);
    }
    places.emplace_back(kLastPlace);
    return c_define("KINDS", classes) + c_array("ockham_kind_step_code", steps.table()) +
           c_array("ockham_kind_length_code", widths.table()) +
           c_array("ockham_kinds", bits.padded()) +
           c_array("ockham_place", "ockham_kind_places", places);
  }

  /// Whether the program must know what becomes of a character that changes. If not, it stays as it
  /// is: what it is part of is unknown, and it is of the kind of what it would become.
  bool is_needed(char32_t c, const std::u32string& parts) const {
    if (of(c).ignorable) return false;
    if (are_known(parts) || is_known(c)) return true;
    const bool words = std::ranges::all_of(
        parts, [&](char32_t part) { return kind(part) == CharacterKind::kWord; });
    if (words && kind(c) == CharacterKind::kWord) return false;
    // A mark behind it may compose with what it becomes (kana), and is a token otherwise.
    const bool composes = std::ranges::any_of(
        compositions_, [&](const Composition& pair) { return pair.first == parts[0]; });
    if (parts.size() == 1 && kind(parts[0]) == kind(c) && !composes) return false;
    const bool composed_again = std::ranges::any_of(
        compositions_, [&](const Composition& pair) { return pair.whole == c; });
    return !composed_again;
  }

  /// Whether a folding goes on with a character that is a single one afterwards too.
  static bool extend(Folding& folding, char32_t c, char32_t part) {
    const char32_t last = folding.first + (folding.length - 1) * (folding.way == 1 ? 2 : 1);
    if (folding.parts.size() != 1 || c <= last || c - last > 2) return false;
    uint32_t way = c - last - 1;
    if (part == folding.parts[0] && way == 0) {
      way = 2;
    } else if (part - folding.parts[0] != c - folding.first) {
      return false;
    }
    if (folding.length > 1 && way != folding.way) return false;
    folding.way = way;
    ++folding.length;
    return true;
  }

  std::vector<Folding> find_foldings() const {
    std::vector<Folding> found;
    for (const auto& [c, parts] : changes_) {
      if (!is_needed(c, parts)) continue;
      if (!found.empty() && parts.size() == 1 && extend(found.back(), c, parts[0])) continue;
      found.push_back({.first = c, .parts = parts});
    }
    return found;
  }

  /// Of a character and the marks on it, when all is decomposed.
  size_t most_characters(const std::vector<Folding>& found) const {
    size_t base = 1, mark = 1;
    for (const Folding& folding : found) {
      size_t& most = of(folding.first).extends ? mark : base;
      most = std::max(most, folding.parts.size());
    }
    return std::max(base, mark) + kMostMarks * mark;
  }

  NumberTable foldings(const std::vector<Folding>& found) const {
    constexpr size_t kFoldingsToAPlace = 64;
    NumberTable table("foldings", "folding");
    char32_t before = kFirst;
    for (size_t i = 0; i < found.size(); ++i) {
      const Folding& folding = found[i];
      if (i % kFoldingsToAPlace == 0) table.add_place(before);
      table.add(folding.first - before);
      table.add(uint64_t{folding.length - 1} * 3 + folding.way);
      table.add(folding.parts.size());
      if (folding.parts.size() == 1) {
        table.add_distance(folding.first, folding.parts[0]);
      } else {
        for (const char32_t part : folding.parts) table.add(part);
      }
      before = folding.first + (folding.length - 1) * (folding.way == 1 ? 2 : 1);
    }
    if (found.empty()) table.add_place(kFirst);
    table.add(kEnd);  // ends every search
    return table;
  }

  /// Compositions of known characters, and those that are no part of a word: not composed, their
  /// mark would begin one.
  void choose_compositions() {
    // A character that is folded never comes.
    const auto stays = [&](char32_t c) {
      if (c < kFirst) return !needs_.form.fold || c < 'A' || c > 'Z';
      return decomposition(c) == character_data(c, {.fold = false}).decomposition;
    };
    for (const Composition& pair : compositions()) {
      if (!stays(pair.first) || !stays(pair.second) || !stays(pair.whole)) continue;
      if (are_known(decomposition(pair.whole)) || kind(pair.whole) != CharacterKind::kWord) {
        compositions_.push_back(pair);
        known_classes_.insert(of(pair.second).combining_class);
      }
    }
    std::ranges::sort(compositions_, [](const Composition& a, const Composition& b) {
      return std::pair(a.second, a.first) < std::pair(b.second, b.first);
    });
  }
  /// The order of a mark, 0 for what is none: by its class, but classes of no known mark that no
  /// class of a known one parts are one.
  size_t order(char32_t c) const {
    const uint8_t here = of(c).combining_class;
    if (here == 0) return 0;
    const auto at = known_classes_.lower_bound(here);
    const auto smaller = static_cast<size_t>(std::distance(known_classes_.begin(), at));
    return 2 * smaller + (at != known_classes_.end() && *at == here ? 2 : 1);
  }

  NumberTable pairs() const {
    constexpr size_t kPairsToAPlace = 64;
    NumberTable table("pairs", "pair");
    char32_t first = 0, second = 0;
    size_t since_place = kPairsToAPlace;
    for (const Composition& pair : compositions_) {
      // Only where another mark begins.
      if (pair.second != second && since_place >= kPairsToAPlace) {
        table.add_place(second);
        since_place = 0;
      }
      if (pair.second != second) first = 0;
      table.add(pair.second - second);
      table.add(pair.first - first);
      table.add_distance(pair.first, pair.whole);
      first = pair.first;
      second = pair.second;
      ++since_place;
    }
    if (compositions_.empty()) table.add_place(0);
    for (int i = 0; i < 3; ++i) table.add(kEnd);  // ends every search
    return table;
  }

  const CharacterNeeds& needs_;
  std::vector<CharacterData> data_;             // from kFirst on
  std::map<char32_t, std::u32string> changes_;  // decompositions that are not the character itself
  std::vector<Composition> compositions_;
  std::set<uint8_t> known_classes_;  // of marks, not 0
};

}  // namespace

CharacterText c_characters(const CharacterNeeds& needs) {
  return CharacterTables(needs).text();
}

}  // namespace ockham
