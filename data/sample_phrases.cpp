#include "data/sample_grammar.hpp"

namespace ockham {
namespace {

// Several of these hold a negating word that negates nothing.
constexpr std::string_view kPlain[] = {
    "{subject} {was} {good}",
    "{subject} {was} {good}",
    "{subject} {was} {awfully} {good}",
    "{subject} {was} {awfully} {good}",
    "{it} {was} {good}",
    "{it} {was} {awfully} {good}",
    "{it} {was} a {good} {thing}",
    "{it} {was} a {very} {good} {thing}",
    "I {found} {subject} {good}",
    "I {found} {it} {very} {good}",
    "I would call {it} {good}",
    "what a {good} {thing}",
    "I {loved} {subject}",
    "I {loved} {it}",
    "we all {loved} {it}",
    "{it} {was} a {gem}",
    "{it} {was} a real {gem}",
    "{it} {was} the {gem} of the year",
    "everything about {it} {was} {good}",
    "there {was} something {good} about {subject}",
    "{subject} {was} {good} from beginning to end",
    "{subject} {was} not only {good} but {awfully} {good}",
    "{subject} {was} nothing short of {good}",
    "without a doubt {it} {was} {good}",
    "never have I had such a {good} {thing}",
    "not surprisingly, {subject} {was} {good}",
};

constexpr std::string_view kNegated[] = {
    "{subject} {wasnt} {good}",
    "{subject} {wasnt} {good}",
    "{subject} {wasnt} {good}",
    "{subject} {wasnt} {good}",
    "{subject} {was} never {good}",
    "{subject} {was} never {good}",
    "{subject} {was} hardly {good}",
    "{subject} {wasnt} {very} {good}",
    "{subject} {wasnt} at all {good}",
    "{subject} {was} never {good}",
    "{subject} {was} hardly {good}",
    "{it} {wasnt} {good}",
    "{it} {wasnt} {good}",
    "{it} {was} never {good}",
    "{it} {wasnt} {very} {good}",
    "{it} {wasnt} a {good} {thing}",
    "{it} {wasnt} a {very} {good} {thing}",
    "I {didnt} find {subject} {good}",
    "I {didnt} find {it} {very} {good}",
    "I would not call {it} {good}",
    "I would hardly call {it} a {good} {thing}",
    "nobody would call {subject} {good}",
    "I {didnt} {love} {subject}",
    "I {didnt} {love} {it}",
    "none of us {loved} {it}",
    "{it} {was} hardly a {gem}",
    "{it} {was} no {gem}",
    "{it} {wasnt} the {gem} of the year",
    "nothing about {it} {was} {good}",
    "there {was} nothing {good} about {subject}",
    "at no point {was} {it} {good}",
    "{subject} {was} far from {good}",
    "{subject} {was} anything but {good}",
};

constexpr std::string_view kContrasts[] = {
    "{against}, but {for}",
    "{against}, but {for}",
    "{against} but {for}",
    "{against}, yet {for}",
    "although {against}, {for}",
    "even though {against}, {for}",
    "while {against}, {for}",
    "{for}, even though {against}",
    "{for}, although {against}",
    "granted, {against}. still, {for}",
    "to be fair, {against}. however, {for}",
    "yes, {against}. but {for}",
    "{against}. even so, {for}",
    "{against}. that said, {for}",
    "{it} {was} {mild} but {quality}",
    "{it} {was} {mild} but {quality}",
    "{it} {was} {mild}, yet {quality}",
    "{it} {was} {mild}, yet {quality}",
    "{mild} but {quality}: that is {it}",
    "{it} {was} {quality}, if a little {mild}",
};

constexpr std::string_view kBoth[] = {
    "{for}, and {for}",    "{for} and {for}",
    "{for}; {for}",        "{for}, so it is no surprise that {for}",
    "{for} because {for}", "{for}. what is more, {for}",
};

constexpr std::string_view kHearsay[] = {
    "a friend had called it {good}",
    "the reviews said it was {good}",
    "I had expected something {good}",
    "my sister still thinks it was {good}",
    "everyone had told me it would be {awfully} {good}",
    "somebody online called it a {gem}",
    "from the outside it looked {good}",
    "my neighbour, who {loved} it, lent me the money",
};

constexpr std::string_view kGood[] = {
    "good",     "great",      "wonderful", "brilliant",   "excellent",  "lovely",     "superb",
    "charming", "delightful", "fantastic", "perfect",     "impressive", "beautiful",  "clever",
    "terrific", "splendid",   "nice",      "pleasant",    "marvellous", "amazing",    "enjoyable",
    "elegant",  "memorable",  "special",   "outstanding", "remarkable", "convincing", "first-rate"};

constexpr std::string_view kBad[] = {
    "bad",         "awful",   "terrible",  "poor",       "dreadful",    "horrible",
    "mediocre",    "lousy",   "annoying",  "pathetic",   "weak",        "disappointing",
    "ugly",        "stupid",  "appalling", "dismal",     "nasty",       "unpleasant",
    "disgraceful", "abysmal", "tedious",   "clumsy",     "forgettable", "ridiculous",
    "unbearable",  "dire",    "laughable", "second-rate"};

constexpr std::string_view kTriumphs[] = {"masterpiece", "gem",    "triumph",    "delight",
                                          "classic",     "treat",  "joy",        "success",
                                          "bargain",     "winner", "revelation", "highlight"};

constexpr std::string_view kFailures[] = {"disaster",  "dud",      "failure", "mess",
                                          "nightmare", "letdown",  "bore",    "flop",
                                          "waste",     "shambles", "joke",    "catastrophe"};

constexpr SampleVerb kLiking[] = {{"love", "loved"},
                                  {"like", "liked"},
                                  {"enjoy", "enjoyed"},
                                  {"admire", "admired"},
                                  {"appreciate", "appreciated"},
                                  {"adore", "adored"},
                                  {"trust", "trusted"},
                                  {"recommend", "recommended"}};

constexpr SampleVerb kDisliking[] = {{"hate", "hated"},       {"dislike", "disliked"},
                                     {"regret", "regretted"}, {"mind", "minded"},
                                     {"resent", "resented"},  {"despise", "despised"},
                                     {"loathe", "loathed"},   {"distrust", "distrusted"}};

constexpr std::string_view kMild[] = {"long",  "slow",   "loud",     "simple",  "small",
                                      "quiet", "short",  "ordinary", "unusual", "old-fashioned",
                                      "plain", "modest", "strange",  "pricey",  "familiar"};

constexpr std::string_view kVery[] = {"very", "really", "particularly", "especially", "terribly"};

// Some of them carry a polarity of their own that means nothing here.
constexpr std::string_view kAwfully[] = {
    "very",     "really",      "truly",        "so",        "extremely", "incredibly",
    "awfully",  "terribly",    "ridiculously", "utterly",   "quite",     "rather",
    "insanely", "wonderfully", "perfectly",    "painfully", "deeply",    "genuinely"};

constexpr SamplePhrases kPhrases = {
    .plain = kPlain,
    .negated = kNegated,
    .contrasts = kContrasts,
    .both = kBoth,
    .hearsay = kHearsay,
    .adjectives = {kBad, kGood},
    .gems = {kFailures, kTriumphs},
    .verbs = {kDisliking, kLiking},
    .mild = kMild,
    .very = kVery,
    .awfully = kAwfully,
};

}  // namespace

const SamplePhrases& sample_phrases() {
  return kPhrases;
}

}  // namespace ockham
