#include "ockham/text/ngram_vocabulary.hpp"

#include <algorithm>

#include "ockham/tensor/error.hpp"
#include "ockham/text/quote.hpp"

namespace ockham {
namespace {

/// Cuts the first word off `rest`.
std::string_view take_word(std::string_view& rest) {
  const size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

size_t count_words(std::string_view ngram) {
  return 1 + static_cast<size_t>(std::count(ngram.begin(), ngram.end(), ' '));
}

}  // namespace

NgramVocabulary::NgramVocabulary(std::span<const std::string> ngrams) {
  for (const std::string& ngram : ngrams) add(ngram);
}

void NgramVocabulary::add(std::string_view ngram) {
  const size_t length = count_words(ngram);
  if (length > kMaxLength) {
    fail("n-gram ", quote(ngram), " has ", length, " words; at most ", kMaxLength, " are possible");
  }
  std::string_view rest = ngram;
  uint32_t node = kNotFound;
  for (size_t i = 0; i < length; ++i) {
    const std::string_view word = take_word(rest);
    if (word.empty()) {
      fail("n-gram ", quote(ngram), " has an empty word; expected words joined with one space");
    }
    node = child(node, words_.insert(word));
  }
  if (nodes_[node].ngram != kNotFound) fail("n-gram ", quote(ngram), " is there twice");
  nodes_[node].ngram = static_cast<uint32_t>(size());
  node_of_ngram_.push_back(node);
  max_length_ = std::max(max_length_, static_cast<uint32_t>(length));
}

/// The node one word below `parent` (the root: kNotFound), which is added if it is new.
uint32_t NgramVocabulary::child(uint32_t parent, uint32_t word) {
  const auto new_node = static_cast<uint32_t>(nodes_.size());
  node_of_word_.resize(words_.size(), kNotFound);
  if (parent == kNotFound) {
    if (node_of_word_[word] != kNotFound) return node_of_word_[word];
    node_of_word_[word] = new_node;
  } else {
    const uint32_t step = steps_.count(parent, word);
    if (step < node_of_step_.size()) return node_of_step_[step];
    node_of_step_.push_back(new_node);
    nodes_[parent].has_children = true;
  }
  nodes_.push_back({parent, word, kNotFound, false});
  return new_node;
}

std::string NgramVocabulary::ngram(uint32_t id) const {
  std::string result;
  for (uint32_t node = node_of_ngram_[id]; node != kNotFound; node = nodes_[node].parent) {
    const std::string_view word = words_[nodes_[node].word];
    result.insert(0, result.empty() ? std::string(word) : std::string(word) + " ");
  }
  return result;
}

std::vector<std::string> NgramVocabulary::ngrams() const {
  std::vector<std::string> result;
  result.reserve(size());
  for (uint32_t id = 0; id < size(); ++id) result.push_back(ngram(id));
  return result;
}

uint32_t NgramVocabulary::find(std::string_view ngram) const {
  const size_t length = count_words(ngram);
  uint32_t node = kNotFound;
  for (size_t i = 0; i < length; ++i) {
    const uint32_t word = words_.find(take_word(ngram));
    if (word == kNotFound) return kNotFound;
    const uint32_t step = i == 0 ? kNotFound : steps_.find(node, word);
    if (i > 0 && step == kNotFound) return kNotFound;
    node = i == 0 ? node_of_word_[word] : node_of_step_[step];
    if (node == kNotFound) return kNotFound;
  }
  return nodes_[node].ngram;
}

void NgramVocabulary::encode(const TokenBuffer& tokens, OpenNgrams& open,
                             MappedVector<uint32_t>& ids) const {
  for (size_t i = 0; i < tokens.size(); ++i) {
    OpenNgrams next;
    const auto visit = [&](uint32_t node) {
      if (nodes_[node].ngram != kNotFound) ids.push_back(nodes_[node].ngram);
      if (nodes_[node].has_children) next.push(node);
    };
    const uint32_t word = words_.find(tokens[i]);
    if (word != kNotFound) {
      if (node_of_word_[word] != kNotFound) visit(node_of_word_[word]);
      for (uint32_t k = 0; k < open.count; ++k) {
        const uint32_t step = steps_.find(static_cast<uint32_t>(open.nodes[k]), word);
        if (step != kNotFound) visit(node_of_step_[step]);
      }
    }
    open = next;
  }
}

NgramVocabulary NgramVocabulary::select(std::span<const uint32_t> kept) const {
  NgramVocabulary result;
  for (const uint32_t id : kept) result.add(ngram(id));
  return result;
}

}  // namespace ockham
