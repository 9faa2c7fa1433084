#include "ockham/deploy/ngram_tree.hpp"

#include <algorithm>
#include <utility>

#include "ockham/text/ngram_vocabulary.hpp"

namespace ockham {
namespace {

/// An n-gram on its way into the tree.
struct Entry {
  std::vector<uint32_t> words;
  uint32_t node = 0;  // of as many of them as there are levels
};

uint32_t number_of(const std::vector<std::string>& words, std::string_view word) {
  return static_cast<uint32_t>(std::ranges::lower_bound(words, word) - words.begin());
}

/// Adds the nodes of `level` + 2 words.
void add_level(size_t level, std::vector<Entry>& entries, NgramTree& tree) {
  std::vector<std::pair<uint32_t, uint32_t>> kids;  // parent and word
  const auto kid_of = [&](const Entry& entry) {
    return std::pair(entry.node, entry.words[level + 1]);
  };
  for (const Entry& entry : entries) kids.push_back(kid_of(entry));
  std::ranges::sort(kids);
  kids.erase(std::unique(kids.begin(), kids.end()), kids.end());
  for (const auto& [parent, word] : kids) tree.add_kid(level, parent, word);
  for (Entry& entry : entries) {
    const auto at = std::ranges::lower_bound(kids, kid_of(entry));
    entry.node = static_cast<uint32_t>(at - kids.begin());
  }
}

}  // namespace

void NgramTree::add_words() {
  levels.resize(1);
  for (uint32_t i = 0; i < words.size(); ++i) {
    levels[0].push_back({.word = i, .bytes = static_cast<uint32_t>(words[i].size())});
  }
}

const NgramTree::Node& NgramTree::add_kid(size_t level, uint32_t parent, uint32_t word) {
  if (levels.size() == level + 1) levels.emplace_back();
  std::vector<Node>& below = levels[level + 1];
  Node& above = levels[level][parent];
  if (above.kids++ == 0) above.first_kid = static_cast<uint32_t>(below.size());
  uint32_t shorter = kNone;
  if (level == 0) {
    shorter = word;
  } else if (above.shorter != kNone) {
    shorter = find_kid(level - 1, above.shorter, word);
  }
  const auto bytes = static_cast<uint32_t>(above.bytes + 1 + words[word].size());
  below.push_back({.word = word, .parent = parent, .shorter = shorter, .bytes = bytes});
  return below.back();
}

uint32_t NgramTree::find_kid(size_t level, uint32_t parent, uint32_t word) const {
  const Node& above = levels[level][parent];
  if (above.kids == 0) return kNone;
  const auto first = levels[level + 1].begin() + above.first_kid, last = first + above.kids;
  const auto at = std::ranges::lower_bound(first, last, word, {}, &Node::word);
  if (at == last || at->word != word) return kNone;
  return static_cast<uint32_t>(at - levels[level + 1].begin());
}

NgramTree make_ngram_tree(const std::vector<std::string>& ngrams) {
  NgramTree tree;
  for (const std::string& ngram : ngrams) {
    for_each_word(ngram, [&](std::string_view word) { tree.words.emplace_back(word); });
  }
  std::ranges::sort(tree.words);
  tree.words.erase(std::unique(tree.words.begin(), tree.words.end()), tree.words.end());
  tree.add_words();
  std::vector<Entry> entries;
  for (const std::string& ngram : ngrams) {
    Entry& entry = entries.emplace_back();
    for_each_word(
        ngram, [&](std::string_view word) { entry.words.push_back(number_of(tree.words, word)); });
    entry.node = entry.words[0];
  }
  for (size_t level = 0; !entries.empty(); ++level) {
    std::erase_if(entries, [&](const Entry& entry) {
      const bool whole = entry.words.size() == level + 1;
      if (whole) tree.levels[level][entry.node].is_ngram = true;
      return whole;
    });
    if (!entries.empty()) add_level(level, entries, tree);
  }
  return tree;
}

std::vector<std::string> ngrams_of(const NgramTree& tree) {
  std::vector<std::string> ngrams, texts;  // texts: of the nodes of one level
  for (size_t level = 0; level < tree.levels.size(); ++level) {
    std::vector<std::string> above = std::exchange(texts, {});
    for (const NgramTree::Node& node : tree.levels[level]) {
      const std::string& word = tree.words[node.word];
      texts.push_back(level == 0 ? word : above[node.parent] + ' ' + word);
      if (node.is_ngram) ngrams.push_back(texts.back());
    }
  }
  std::ranges::sort(ngrams);
  return ngrams;
}

}  // namespace ockham
