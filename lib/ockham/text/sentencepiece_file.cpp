#include "ockham/text/sentencepiece_file.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <vector>

#include "ockham/tensor/error.hpp"
#include "ockham/text/quote.hpp"

namespace ockham {
namespace {

// Of a field: its number * 8 + how its value is stored.
enum Wire : uint64_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// Numbers in sentencepiece_model.proto.
constexpr uint64_t kModelPieces = 1, kModelTrainer = 2, kModelNormalizer = 3;
constexpr uint64_t kPieceText = 1, kPieceScore = 2, kPieceType = 3;
constexpr uint64_t kTrainerModelType = 3, kTrainerSize = 4, kTrainerBos = 41, kTrainerEos = 42;
constexpr uint64_t kNormalizerName = 1;
constexpr uint64_t kNormal = 1, kUnknown = 2, kUserDefined = 4;  // types of pieces
constexpr uint64_t kUnigram = 1, kBpe = 2;                       // types of models

[[noreturn]] void fail_to_read(const std::string& source) {
  fail(source, ": is no SentencePiece model, or damaged; make it again with `ockham tokenizer`");
}

// --- writing ---

void put_varint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

void put_number(uint64_t field, uint64_t value, std::string& out) {
  put_varint(field * 8 + kVarint, out);
  put_varint(value, out);
}

void put_bytes(uint64_t field, std::string_view bytes, std::string& out) {
  put_varint(field * 8 + kBytes, out);
  put_varint(bytes.size(), out);
  out.append(bytes);
}

void put_float(uint64_t field, float value, std::string& out) {
  put_varint(field * 8 + kFixed32, out);
  const auto bits = std::bit_cast<uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(bits >> shift));
}

std::string piece_message(std::string_view text, float score, uint64_t type) {
  std::string message;
  put_bytes(kPieceText, text, message);
  put_float(kPieceScore, score, message);
  if (type != kNormal) put_number(kPieceType, type, message);
  return message;
}

// --- reading ---

struct Field {
  uint64_t number = 0;
  uint64_t wire = kVarint;
  uint64_t value = 0;      // varints, and the bits of fixed ones
  std::string_view bytes;  // of strings and messages
};

/// Walks over the fields of a message.
class MessageReader {
 public:
  MessageReader(std::string_view bytes, const std::string& source)
      : left_(bytes), source_(source) {}

  std::optional<Field> next() {
    if (left_.empty()) return std::nullopt;
    const uint64_t tag = varint();
    Field field{tag / 8, tag % 8, 0, {}};
    switch (field.wire) {
      case kVarint:
        field.value = varint();
        break;
      case kFixed64:
        field.value = fixed(8);
        break;
      case kBytes:
        field.bytes = take(varint());
        break;
      case kFixed32:
        field.value = fixed(4);
        break;
      default:
        fail_to_read(source_);
    }
    return field;
  }

 private:
  std::string_view take(uint64_t count) {
    if (count > left_.size()) fail_to_read(source_);
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<uint8_t>(take(1)[0]);
      value |= uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    fail_to_read(source_);
  }
  uint64_t fixed(size_t count) {
    uint64_t value = 0;
    int shift = 0;
    for (const char c : take(count)) {
      value |= uint64_t{static_cast<uint8_t>(c)} << shift;
      shift += 8;
    }
    return value;
  }

  std::string_view left_;
  const std::string& source_;
};

struct ScoredPiece {
  std::string text;
  float score = 0.0f;
  uint64_t type = kNormal;
};

ScoredPiece read_piece(std::string_view message, const std::string& source) {
  ScoredPiece piece;
  MessageReader reader(message, source);
  while (const auto field = reader.next()) {
    if (field->number == kPieceText && field->wire == kBytes) piece.text = field->bytes;
    if (field->number == kPieceScore && field->wire == kFixed32) {
      piece.score = std::bit_cast<float>(static_cast<uint32_t>(field->value));
    }
    if (field->number == kPieceType && field->wire == kVarint) piece.type = field->value;
  }
  if (!std::isfinite(piece.score)) fail_to_read(source);
  return piece;
}

uint64_t read_model_type(std::string_view message, const std::string& source) {
  uint64_t type = kUnigram;
  MessageReader reader(message, source);
  while (const auto field = reader.next()) {
    if (field->number == kTrainerModelType && field->wire == kVarint) type = field->value;
  }
  if (type != kUnigram && type != kBpe) {
    fail(source, ": is a SentencePiece model of another type; expected unigram or bpe");
  }
  return type;
}

uint32_t cost_of(float score) {
  constexpr auto kLargest = static_cast<float>(SubwordModel::kLargestCost);
  const float cost = std::round(-score * static_cast<float>(SubwordModel::kCostSteps));
  return static_cast<uint32_t>(std::clamp(cost, 0.0f, kLargest));
}

}  // namespace

std::string write_sentencepiece(const SubwordModel& model) {
  const bool unigram = model.kind() == SubwordKind::unigram;
  std::string bytes;
  put_bytes(kModelPieces, piece_message("<unk>", 0.0f, kUnknown), bytes);
  float rank = 0.0f;
  for (const SubwordPiece& piece : model.pieces()) {
    const float cost = unigram ? float(piece.cost) / float(SubwordModel::kCostSteps) : rank++;
    put_bytes(kModelPieces, piece_message(piece.text, -cost, kNormal), bytes);
  }
  std::string trainer, normalizer;
  put_number(kTrainerModelType, unigram ? kUnigram : kBpe, trainer);
  put_number(kTrainerSize, model.pieces().size() + 1, trainer);
  put_number(kTrainerBos, UINT64_MAX, trainer);  // -1: there is none
  put_number(kTrainerEos, UINT64_MAX, trainer);
  put_bytes(kNormalizerName, "identity", normalizer);
  put_bytes(kModelTrainer, trainer, bytes);
  put_bytes(kModelNormalizer, normalizer, bytes);
  return bytes;
}

SubwordModel read_sentencepiece(std::string_view bytes, const std::string& source) {
  std::vector<ScoredPiece> scored;
  uint64_t type = kUnigram;
  MessageReader reader(bytes, source);
  while (const auto field = reader.next()) {
    if (field->wire != kBytes) continue;
    if (field->number == kModelTrainer) type = read_model_type(field->bytes, source);
    if (field->number != kModelPieces) continue;
    ScoredPiece piece = read_piece(field->bytes, source);
    if (piece.type == kUserDefined) {
      fail(source, ": has the user-defined symbol ", quote(piece.text), ", which Ockham does not ",
           "know; make it without");
    }
    if (piece.type == kNormal) scored.push_back(std::move(piece));
  }
  if (scored.empty()) fail_to_read(source);
  const bool unigram = type == kUnigram;
  if (!unigram) {
    std::ranges::stable_sort(
        scored, [](const ScoredPiece& a, const ScoredPiece& b) { return a.score > b.score; });
  }
  std::vector<SubwordPiece> pieces;
  for (ScoredPiece& piece : scored) {
    pieces.push_back({std::move(piece.text), unigram ? cost_of(piece.score) : 0});
  }
  return SubwordModel(unigram ? SubwordKind::unigram : SubwordKind::bpe, std::move(pieces), source);
}

}  // namespace ockham
