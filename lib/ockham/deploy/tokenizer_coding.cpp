#include "ockham/deploy/tokenizer_coding.hpp"

#include "ockham/deploy/bit_coder.hpp"
#include "ockham/deploy/subword_coding.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/subword_tokenizer.hpp"
#include "ockham/text/word_tokenizer.hpp"

namespace ockham {
namespace {

constexpr uint8_t kWordTokenizer = 0;
constexpr uint8_t kUnigramTokenizer = 1;
constexpr uint8_t kBpeTokenizer = 2;

// Options; the bits say what differs from plain NFC with punctuation.
constexpr uint64_t kLowerCase = 1;
constexpr uint64_t kLengthToken = 2;
constexpr uint64_t kCompatibility = 4;
constexpr uint64_t kNoPunctuation = 8;
constexpr uint64_t kFoldNumbers = 16;
constexpr uint64_t kCharacters = 32;  // of words: those beyond ASCII follow
constexpr uint64_t kKnownOptions = 63;

uint64_t bits_of(const TokenizerOptions& options) {
  return (options.lower_case ? kLowerCase : 0) | (options.length_token ? kLengthToken : 0) |
         (options.compatibility ? kCompatibility : 0) | (options.punctuation ? 0 : kNoPunctuation) |
         (options.fold_numbers ? kFoldNumbers : 0);
}

TokenizerOptions options_of(uint64_t bits) {
  return {.lower_case = (bits & kLowerCase) != 0,
          .compatibility = (bits & kCompatibility) != 0,
          .punctuation = (bits & kNoPunctuation) == 0,
          .fold_numbers = (bits & kFoldNumbers) != 0,
          .length_token = (bits & kLengthToken) != 0};
}

/// In ascending order, each as its distance from the one before, the first from the last of ASCII.
void write_characters(const std::u32string& characters, ByteWriter& writer) {
  writer.varint(characters.size());
  char32_t before = 0x7F;
  for (const char32_t c : characters) {
    writer.varint(c - before);
    before = c;
  }
}

std::u32string read_characters(ByteReader& reader) {
  constexpr char32_t kLast = 0x10FFFF;
  // Each takes a byte at least.
  const uint64_t count = reader.varint(reader.left(), "the number of characters");
  std::u32string characters;
  char32_t before = 0x7F;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t distance = reader.varint(kLast - before, "the distance to a character");
    if (distance == 0) fail_damaged(reader.source(), "a character is there twice");
    before += static_cast<char32_t>(distance);
    if (before >= 0xD800 && before < 0xE000) {
      fail_damaged(reader.source(), "one of its characters is half of another");
    }
    characters.push_back(before);
  }
  return characters;
}

}  // namespace

void write_tokenizer(const Tokenizer& tokenizer, ByteWriter& writer) {
  if (const auto* word = dynamic_cast<const WordTokenizer*>(&tokenizer)) {
    writer.u8(kWordTokenizer);
    const auto& characters = word->characters();
    writer.varint(bits_of(word->options()) | (characters ? kCharacters : 0));
    if (characters) write_characters(*characters, writer);
    return;
  }
  const auto* subword = dynamic_cast<const SubwordTokenizer*>(&tokenizer);
  if (subword == nullptr) {
    fail("the model cannot be written: a tokenizer of type ", tokenizer.type(),
         " has no place in a deployable file yet");
  }
  const bool unigram = subword->model().kind() == SubwordKind::unigram;
  writer.u8(unigram ? kUnigramTokenizer : kBpeTokenizer);
  writer.varint(bits_of(subword->options()));
  write_subwords(subword->model(), writer);
}

std::shared_ptr<const Tokenizer> read_tokenizer(ByteReader& reader, size_t file_bytes) {
  const uint64_t kind = known(reader.u8(), kBpeTokenizer + 1, "tokenizer", reader);
  const uint64_t bits = reader.varint(UINT64_MAX, "the tokenizer's options");
  const TokenizerOptions options =
      options_of(known(bits, kKnownOptions + 1, "tokenizer option", reader));
  const bool some_characters = (bits & kCharacters) != 0;
  if (kind == kWordTokenizer) {
    if (!some_characters) return std::make_shared<WordTokenizer>(options);
    return std::make_shared<WordTokenizer>(options, read_characters(reader));
  }
  if (some_characters) fail_damaged(reader.source(), "its subwords have characters of words");
  const auto subwords = kind == kUnigramTokenizer ? SubwordKind::unigram : SubwordKind::bpe;
  return std::make_shared<SubwordTokenizer>(
      std::make_shared<const SubwordModel>(read_subwords(subwords, reader, file_bytes)), options);
}

}  // namespace ockham
