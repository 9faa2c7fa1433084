#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace ockham {

/// The tables of the sample's grammar; sample_writer.hpp says how they are put together.
///
/// A phrase is text with slots in braces:
///   {it} {thing}           what is reviewed, with and without article ("this film", "film")
///   {subject}              a part of it ("the plot"); {was} {wasnt} agree with the last of both
///   {good} {gem}           an adjective or noun of the polarity that the phrase asks for
///   {love} {loved}         a verb of that polarity, plain and in the tense of the review
///   {very} {awfully}       intensifiers that fit behind a negation, and any intensifier
///   {didnt} {found}        in the tense of the review
///   {mild}                 an adjective that says little: "long", "simple"
///   {for} {against}        a clause with and against the verdict
///   {quality}              an adjective with the verdict, maybe negated: "fresh", "never bland"
using Words = std::span<const std::string_view>;

enum Polarity : size_t { kNegative = 0, kPositive = 1 };
constexpr Polarity opposite(Polarity p) {
  return p == kPositive ? kNegative : kPositive;
}

struct SampleVerb {
  std::string_view plain;
  std::string_view past;
};

/// What one kind of review talks about.
struct SampleDomain {
  Words whole;           ///< {it}
  Words things;          ///< {thing}
  Words singular_parts;  ///< {subject}
  Words plural_parts;    ///< {subject}
  Words adjectives[2];   ///< by polarity, beside the general ones
  Words verdicts[2];     ///< whole sentences by polarity, mostly the same words in both
  Words facts;           ///< whole sentences that say nothing about the verdict
};
std::span<const SampleDomain> sample_domains();

/// What all reviews share.
struct SamplePhrases {
  Words plain;                           ///< clauses that mean what their words say
  Words negated;                         ///< clauses that mean the opposite
  Words contrasts;                       ///< sentences of {for} and {against}
  Words both;                            ///< sentences of two clauses with the verdict
  Words hearsay;                         ///< what others said, of either polarity
  Words adjectives[2];                   ///< by polarity
  Words gems[2];                         ///< by polarity
  std::span<const SampleVerb> verbs[2];  ///< by polarity
  Words mild;
  Words very;
  Words awfully;
};
const SamplePhrases& sample_phrases();

}  // namespace ockham
