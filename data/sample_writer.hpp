#pragma once

#include <string>
#include <string_view>

#include "data/sample_grammar.hpp"
#include "data/sample_random.hpp"

namespace ockham {

/// Writes one review: expands the phrases of the grammar for a domain, a tense and a verdict.
class SampleWriter {
 public:
  SampleWriter(SampleRandom& random, Polarity verdict);

  /// One to about eight sentences in natural casing with the odd typing error.
  std::string review();

 private:
  /// What the slots of one clause need to know.
  struct Clause {
    Polarity words;       // the polarity that {good}, {gem}, {love} show
    bool plural = false;  // of the last {it} or {subject}
  };

  std::string opinion();
  std::string clause(Polarity meaning);
  std::string quality(Polarity meaning);
  std::string expand(std::string_view phrase, Polarity words);
  std::string slot(std::string_view name, Clause& clause);
  std::string_view adjective(Polarity polarity);
  std::string_view negation();
  std::string_view to_be(bool plural) const;

  SampleRandom& random_;
  Polarity verdict_;
  const SampleDomain& domain_;
  bool past_;
};

/// Turns a lower-case sentence into print: "a" before a vowel, capitals, final mark.
std::string finish_sentence(std::string text, std::string_view mark);

/// Swaps, drops or doubles an inner letter in some of the longer words.
std::string misspell(std::string text, unsigned per_mille, SampleRandom& random);

}  // namespace ockham
