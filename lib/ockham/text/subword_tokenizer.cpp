#include "ockham/text/subword_tokenizer.hpp"

#include <vector>

#include "ockham/text/length_token.hpp"
#include "ockham/text/subword_words.hpp"
#include "ockham/text/unicode.hpp"

namespace ockham {

void SubwordTokenizer::split(std::string_view piece, TokenBuffer& tokens) const {
  std::string text;
  SubwordModel::Scratch scratch;
  std::vector<size_t> ends;
  normalize_text(piece, text_form(options_), text);
  tokens.clear();
  visit_words(text, options_.punctuation, [&](std::string_view word) {
    const size_t begin = tokens.bytes.size();
    tokens.bytes.append(kWordMark).append(word);
    model_->segment(std::string_view(tokens.bytes).substr(begin), scratch, ends);
    size_t at = 0;
    for (const size_t end : ends) {
      tokens.extents.push_back({begin + at, end - at});
      at = end;
    }
  });
}

void SubwordTokenizer::close(size_t count, TokenBuffer& tokens) const {
  put_length_token(options_.length_token ? count : 0, tokens);
}

}  // namespace ockham
