// Any bytes as a SentencePiece model, which then cuts some words and is written again.
#include "ockham/text/sentencepiece_file.hpp"

#include "tests/fuzz/fuzz_records.hpp"

namespace ockham {
namespace {

using Ends = std::vector<size_t>;

/// Words that meet the pieces of a model, and others.
std::vector<std::string> words_for(const SubwordModel& model) {
  std::vector<std::string> words{"", "a", "aaaaaaaaaaaa", "\u2581play\u2581ing", "größ日本"};
  for (size_t i = 0; i < model.pieces().size() && i < 20; ++i) {
    words.push_back(model.pieces()[i].text + model.pieces()[model.pieces().size() - 1 - i].text);
  }
  return words;
}

std::vector<Ends> cut(const std::vector<std::string>& words, const SubwordModel& model) {
  SubwordModel::Scratch scratch;
  std::vector<Ends> cuts;
  for (const std::string& word : words) {
    Ends& ends = cuts.emplace_back();
    model.segment(word, scratch, ends);
    require(word.empty() ? ends.empty() : ends.back() == word.size());
    for (size_t i = 1; i < ends.size(); ++i) require(ends[i - 1] < ends[i]);
  }
  return cuts;
}

void read_and_cut(std::string_view bytes) {
  const SubwordModel model = read_sentencepiece(bytes, "fuzz");
  require(!model.pieces().empty());
  const SubwordModel again = read_sentencepiece(write_sentencepiece(model), "again");
  require(again.kind() == model.kind() && again.pieces() == model.pieces());
  const std::vector<std::string> words = words_for(model);
  const std::vector<Ends> cuts = cut(words, model);
  require(cut(words, SubwordModel(model.kind(), model.needed_pieces(), "needed")) == cuts);
}

}  // namespace
}  // namespace ockham

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ockham;
  try {
    read_and_cut({reinterpret_cast<const char*>(data), size});
  } catch (const Error& error) {
    const std::string message = error.what();
    require(message.starts_with("fuzz: ") && message.find('\n') == std::string::npos);
    require_utf8(message);
  }
  return 0;
}
