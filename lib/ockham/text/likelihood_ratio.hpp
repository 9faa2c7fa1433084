#pragma once

#include <cstdint>
#include <span>

namespace ockham {

/// The likelihood ratio of "the text holds the n-gram" against the class, in nats: the sum over
/// presence x and class y of n_xy ln(n_xy n / (n_x n_y)). `texts[k]` of the texts of class
/// `classes[k]` hold the n-gram, none of the classes that are not listed.
double likelihood_ratio(std::span<const uint32_t> classes, std::span<const uint32_t> texts,
                        std::span<const uint64_t> class_texts);

/// The likelihood ratio that as few n-grams without any bearing on the class exceed by chance where
/// there are `classes` classes as exceed `nats` where there are two. (Twice the ratio is then
/// chi-squared distributed with classes - 1 degrees of freedom; Wilks 1938.)
double screen_threshold(double nats, size_t classes);

/// The same for the largest of the classes' ratios against all others, by Bonferroni's bound. Where
/// there are many classes an n-gram that tells one of them is too rare for screen_threshold(),
/// whose distribution holds for many texts in each. Infinite for two classes that exclude each
/// other: they are one against the other.
double class_screen_threshold(double nats, size_t classes, bool several_labels = false);

/// The largest likelihood ratio of "the text holds the n-gram" against one class, in nats;
/// arguments as for likelihood_ratio(), and how many of all `total` texts hold the n-gram, whatever
/// their classes.
double class_likelihood_ratio(std::span<const uint32_t> classes, std::span<const uint32_t> texts,
                              std::span<const uint64_t> class_texts, uint64_t present,
                              uint64_t total);

}  // namespace ockham
