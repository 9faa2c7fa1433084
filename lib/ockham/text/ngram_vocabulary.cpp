#include "ockham/text/ngram_vocabulary.hpp"

#include <algorithm>

#include "ockham/tensor/error.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/text/ngram_kernels.hpp"
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
  prepare_encoding();
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

/// What encode() looks at, apart from what only find() and ngram() need: less to keep in caches.
void NgramVocabulary::prepare_encoding() {
  word_filter_ = HashFilter(words_.size());
  for (uint32_t word = 0; word < words_.size(); ++word) word_filter_.add(hash_bytes(words_[word]));
  step_filter_ = HashFilter(steps_.size());
  steps_.for_each([&](const PairTable::Slot& slot) {
    step_filter_.add(PairTable::hash(slot.first, slot.second));
  });
  const auto arrival = [&](uint32_t node) {
    if (node == kNotFound) return Arrival{};
    return Arrival{nodes_[node].ngram, nodes_[node].has_children ? node : kNotFound};
  };
  at_word_.clear();
  for (const uint32_t node : node_of_word_) at_word_.push_back(arrival(node));
  at_step_.clear();
  for (const uint32_t node : node_of_step_) at_step_.push_back(arrival(node));
}

/// What follows the open n-grams is a word of this number. Writes the n-grams that end there to
/// `found` and gives back their number. Arriving does not branch on whether there is one: what is
/// written is counted or not, for such branches cannot be predicted.
inline size_t NgramVocabulary::step(uint32_t word, OpenNgrams& open, uint32_t* found) const {
  const uint32_t were_open = open.count;
  size_t count = 0;
  open.count = 0;
  const auto arrive = [&](const Arrival& at) {
    found[count] = at.ngram;
    count += at.ngram != kNotFound ? 1 : 0;
    open.nodes[open.count] = at.open_node;
    open.count += at.open_node != kNotFound ? 1 : 0;
  };
  uint64_t node = open.nodes[0];  // read before what takes its place is written
  arrive(at_word_[word]);
  for (uint32_t k = 0; k < were_open; ++k) {
    const auto from = static_cast<uint32_t>(node);
    if (k + 1 < were_open) node = open.nodes[k + 1];
    if (!step_filter_.may_hold(PairTable::hash(from, word))) continue;
    const uint32_t step = steps_.find(from, word);
    if (step != kNotFound) arrive(at_step_[step]);
  }
  return count;
}

void NgramVocabulary::encode(const TokenBuffer& tokens, OpenNgrams& open,
                             MappedVector<uint32_t>& ids) const {
  struct Candidate {
    uint64_t hash;
    size_t token;
  };
  constexpr size_t kBlock = 256;
  std::array<uint64_t, kBlock> block;
  std::array<Candidate, kBlock> candidates;
  std::array<uint32_t, kBlock * kMaxLength> found;
  size_t next = 0;  // the token that open n-grams may go on with
  for (size_t first = 0; first < tokens.size(); first += kBlock) {
    size_t count = 0, ids_found = 0;
    const size_t end = std::min(tokens.size(), first + kBlock);
    const auto hashes = std::span(block).first(end - first);
    hash_words(tokens, first, hashes);
    for (size_t i = 0; i < hashes.size(); ++i) {
      candidates[count] = {hashes[i], first + i};
      count += word_filter_.may_hold(hashes[i]) ? 1 : 0;
    }
    for (size_t c = 0; c < count; ++c) {
      const auto [hash, token] = candidates[c];
      open.count = token == next ? open.count : 0;
      const uint32_t word = words_.find(tokens[token], hash);
      if (word == kNotFound) continue;
      next = token + 1;
      ids_found += step(word, open, found.data() + ids_found);
    }
    ids.append(std::span(found).first(ids_found));
  }
  if (next != tokens.size()) open.count = 0;
}

NgramVocabulary NgramVocabulary::select(std::span<const uint32_t> kept) const {
  NgramVocabulary result;
  for (const uint32_t id : kept) result.add(ngram(id));
  result.prepare_encoding();
  return result;
}

}  // namespace ockham
