#include "data/sample_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ockham/tensor/error.hpp"

namespace ockham {
namespace {

// Chances in thousandths. As in real reviews, praise is negated more often than blame.
constexpr unsigned kNegatedChance[2] = {370, 300};
constexpr unsigned kPast = 700;
constexpr unsigned kPluralPart = 350;
constexpr unsigned kDomainAdjective = 350;
constexpr unsigned kContracted = 350;
constexpr unsigned kHearsayChance = 60;
constexpr unsigned kExclamation = 120;
constexpr unsigned kEllipsis = 30;
constexpr unsigned kLowerCase = 60;
constexpr unsigned kMisspelt = 12;

// Of every hundred opinions; the rest are contrasts.
constexpr size_t kClauses = 52;
constexpr size_t kVerdicts = 24;
constexpr size_t kBothSides = 17;

// ASCII only, unlike <cctype>, so that no locale changes the corpus.
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}
constexpr bool is_letter(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}

}  // namespace

SampleWriter::SampleWriter(SampleRandom& random, Polarity verdict)
    : random_(random),
      verdict_(verdict),
      domain_(random.pick(sample_domains())),
      past_(random.chance(kPast)) {}

std::string SampleWriter::review() {
  constexpr std::array<size_t, 8> kOpinions = {1, 2, 2, 3, 3, 3, 4, 4};
  constexpr std::array<size_t, 8> kFacts = {0, 0, 0, 1, 1, 1, 2, 2};
  std::vector<std::string> sentences;
  const auto add = [&](std::string sentence) {
    const bool said = std::find(sentences.begin(), sentences.end(), sentence) != sentences.end();
    if (!said) sentences.push_back(std::move(sentence));
  };
  const size_t opinions = random_.pick<size_t>(kOpinions);
  for (size_t i = 0; i < opinions; ++i) add(opinion());
  const size_t facts = random_.pick<size_t>(kFacts);
  for (size_t i = 0; i < facts; ++i) add(std::string(random_.pick(domain_.facts)));
  if (random_.chance(kHearsayChance)) {
    const Polarity theirs = random_.chance(500) ? kPositive : kNegative;
    add(expand(random_.pick(sample_phrases().hearsay), theirs));
  }
  for (size_t i = sentences.size(); i > 1; --i) {
    std::swap(sentences[i - 1], sentences[random_.below(i)]);
  }

  std::string text;
  for (const std::string& sentence : sentences) {
    const std::string_view mark = random_.chance(kExclamation) ? "!"
                                  : random_.chance(kEllipsis)  ? "..."
                                                               : ".";
    if (!text.empty()) text += ' ';
    text += finish_sentence(misspell(sentence, kMisspelt, random_), mark);
  }
  if (random_.chance(kLowerCase)) std::transform(text.begin(), text.end(), text.begin(), to_lower);
  return text;
}

std::string SampleWriter::opinion() {
  const SamplePhrases& phrases = sample_phrases();
  const size_t kind = random_.below(100);
  if (kind < kClauses) return clause(verdict_);
  if (kind < kClauses + kVerdicts) return std::string(random_.pick(domain_.verdicts[verdict_]));
  if (kind < kClauses + kVerdicts + kBothSides) return expand(random_.pick(phrases.both), verdict_);
  return expand(random_.pick(phrases.contrasts), verdict_);
}

std::string SampleWriter::clause(Polarity meaning) {
  const SamplePhrases& phrases = sample_phrases();
  if (random_.chance(kNegatedChance[meaning])) {
    return expand(random_.pick(phrases.negated), opposite(meaning));
  }
  return expand(random_.pick(phrases.plain), meaning);
}

std::string SampleWriter::quality(Polarity meaning) {
  if (!random_.chance(kNegatedChance[meaning])) return std::string(adjective(meaning));
  constexpr std::array<std::string_view, 4> kNot = {"never ", "not ", "hardly ", "by no means "};
  return std::string(random_.pick<std::string_view>(kNot)).append(adjective(opposite(meaning)));
}

std::string SampleWriter::expand(std::string_view phrase, Polarity words) {
  std::string text;
  Clause state{words};
  while (!phrase.empty()) {
    const size_t open = std::min(phrase.find('{'), phrase.size());
    text += phrase.substr(0, open);
    phrase.remove_prefix(open);
    if (phrase.empty()) break;
    const size_t close = phrase.find('}');
    text += slot(phrase.substr(1, close - 1), state);
    phrase.remove_prefix(close + 1);
  }
  return text;
}

std::string SampleWriter::slot(std::string_view name, Clause& state) {
  const SamplePhrases& phrases = sample_phrases();
  if (name == "for") return clause(verdict_);
  if (name == "against") return clause(opposite(verdict_));
  if (name == "quality") return quality(verdict_);
  if (name == "good") return std::string(adjective(state.words));
  if (name == "gem") return std::string(random_.pick_common(phrases.gems[state.words]));
  if (name == "thing") return std::string(random_.pick(domain_.things));
  if (name == "mild") return std::string(random_.pick_common(phrases.mild));
  if (name == "very") return std::string(random_.pick_common(phrases.very));
  if (name == "awfully") return std::string(random_.pick_common(phrases.awfully));
  if (name == "found") return past_ ? "found" : "find";
  if (name == "love") return std::string(random_.pick_common(phrases.verbs[state.words]).plain);
  if (name == "loved") {
    const SampleVerb& verb = random_.pick_common(phrases.verbs[state.words]);
    return std::string(past_ ? verb.past : verb.plain);
  }
  if (name == "it") {
    state.plural = false;
    return std::string(random_.pick(domain_.whole));
  }
  if (name == "subject") {
    state.plural = random_.chance(kPluralPart);
    return std::string(random_.pick(state.plural ? domain_.plural_parts : domain_.singular_parts));
  }
  if (name == "was") return std::string(to_be(state.plural));
  if (name == "wasnt") return std::string(to_be(state.plural)).append(negation());
  if (name == "didnt") return std::string(past_ ? "did" : "do").append(negation());
  fail("the sample's grammar has no slot {", name, "}");
}

std::string_view SampleWriter::adjective(Polarity polarity) {
  const bool special = random_.chance(kDomainAdjective);
  return random_.pick_common(special ? domain_.adjectives[polarity]
                                     : sample_phrases().adjectives[polarity]);
}

std::string_view SampleWriter::negation() {
  return random_.chance(kContracted) ? "n't" : " not";
}

std::string_view SampleWriter::to_be(bool plural) const {
  if (past_) return plural ? "were" : "was";
  return plural ? "are" : "is";
}

std::string finish_sentence(std::string text, std::string_view mark) {
  constexpr std::string_view kVowels = "aeiouAEIOU";
  for (size_t at = 0; at + 2 < text.size(); ++at) {
    const bool starts_word = at == 0 || text[at - 1] == ' ';
    if (starts_word && text[at] == 'a' && text[at + 1] == ' ' &&
        kVowels.find(text[at + 2]) != std::string_view::npos) {
      text.insert(at + 1, "n");
    }
  }
  bool start = true;
  for (char& c : text) {
    if (start && is_letter(c)) {
      c = to_upper(c);
      start = false;
    }
    start = start || c == '.';
  }
  return text.append(mark);
}

std::string misspell(std::string text, unsigned per_mille, SampleRandom& random) {
  constexpr size_t kShortestWord = 5;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin;
    while (end < text.size() && is_letter(text[end])) ++end;
    const size_t length = end - begin;
    if (length >= kShortestWord && random.chance(per_mille)) {
      const size_t at = begin + 1 + random.below(length - 3);  // so that swaps keep both ends
      switch (random.below(3)) {
        case 0:
          std::swap(text[at], text[at + 1]);
          break;
        case 1:
          text.erase(at, 1);
          break;
        default:
          text.insert(at, 1, text[at]);
          break;
      }
      ++end;
    }
    begin = std::max(end, begin + 1);
  }
  return text;
}

}  // namespace ockham
