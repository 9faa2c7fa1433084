#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ockham/text/subword_model.hpp"
#include "ockham/text/tokenizer.hpp"
#include "ockham/text/tokenizer_options.hpp"

namespace ockham {

/// Subwords of a SentencePiece model. The text is normalised (normalize_text()) and parted by white
/// space (visit_words()); each word gets the word mark in front and is cut by itself. A token is
/// the text of its piece: tokens of a text joined together, with word marks as spaces, are the
/// text. A character that the model does not know is a token of its own, so that nothing is lost
/// and no pieces for single bytes are needed.
class SubwordTokenizer final : public Tokenizer {
 public:
  SubwordTokenizer(std::shared_ptr<const SubwordModel> model, TokenizerOptions options = {})
      : model_(std::move(model)), options_(options) {}

  void split(std::string_view piece, TokenBuffer& tokens) const override;
  void close(size_t count, TokenBuffer& tokens) const override;
  std::string type() const override { return "sentencepiece"; }
  const TokenizerOptions& options() const { return options_; }
  const SubwordModel& model() const { return *model_; }

 private:
  std::shared_ptr<const SubwordModel> model_;
  TokenizerOptions options_;
};

}  // namespace ockham
