#include "ockham/deploy/compact_file.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <numbers>
#include <set>

#include "ockham/deploy/compact_header.hpp"
#include "tests/deploy/deploy_test_util.hpp"
#include "tests/support/expect_close.hpp"

namespace ockham {
namespace {

const std::string kName = "some.ockham";
constexpr WeightFormat kFormats[] = {WeightFormat::fp32, WeightFormat::fp16, WeightFormat::int8,
                                     WeightFormat::int6, WeightFormat::int5, WeightFormat::int4};

FoldedModel random_model(std::mt19937& random, size_t words, OutputKind output, size_t classes) {
  const Encoder encoder = kEncoders[random() % std::size(kEncoders)];
  FoldedModel model = fold(sparse_classifier(random, words, 3, output, classes, 0.4, encoder));
  model.max_tokens = random() % 3 == 0 ? random() : 0;
  model.temperature = random() % 2 == 0 ? 1.0 : 1.25;
  model.dense = random() % 2 == 0 ? DenseOrigin{} : DenseOrigin{random(), random(), 0};
  if (random() % 2 == 0) {
    model.thresholds.assign(classes, 0.25f);
    model.several_labels = output == OutputKind::sigmoid && classes > 2;
  }
  return model;
}

/// Message of the Error that reading gives; empty when it gives none.
std::string refusal(std::string_view bytes) {
  try {
    decode_compact(bytes, kName);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

FoldedModel small_model() {
  std::mt19937 random(1);
  return fold(sparse_classifier(random, 5, 2, OutputKind::sigmoid, 2, 0.5));
}

NgramVocabulary sorted_words(std::vector<std::string> ngrams) {
  std::ranges::sort(ngrams);
  return NgramVocabulary(ngrams);
}

void rename_first(FoldedModel& model, const std::string& ngram) {
  std::vector<std::string> ngrams = model.vocabulary.ngrams();
  ngrams[0] = ngram;
  model.vocabulary = NgramVocabulary(ngrams);
}

/// The same model with its n-grams known by hashes.
FoldedModel hashed(FoldedModel model, const NgramHashing& hashing, std::mt19937& random) {
  std::set<uint32_t> drawn;
  while (drawn.size() < model.embedding.rows())
    drawn.insert(static_cast<uint32_t>(random()) % (1u << hashing.bits));
  std::vector<uint32_t> buckets(drawn.begin(), drawn.end());
  std::ranges::shuffle(buckets, random);
  model.vocabulary = HashedVocabulary(hashing, buckets);
  return model;
}

TEST(CompactFile, GivesBackEveryModel) {
  EXPECT_TRUE(rc::check([](uint32_t seed) {
    std::mt19937 random(seed);
    const auto words = *rc::gen::inRange<size_t>(0, 30);
    const auto output = *rc::gen::element(OutputKind::softmax, OutputKind::sigmoid);
    const auto classes = *rc::gen::element<size_t>(2, 3, 300);
    const FoldedModel model = random_model(random, words, output, classes);
    const std::string bytes = encode_compact(model, WeightFormat::fp32);
    const FoldedModel read = decode_compact(bytes, kName);
    RC_ASSERT(std::ranges::is_sorted(read.vocabulary.ngrams()));
    FoldedModel reordered = read;  // the rows stand in the n-grams' order
    for (uint32_t w = 0; w < model.vocabulary.size(); ++w) {
      const uint32_t at = read.vocabulary.find(model.vocabulary.ngram(w));
      RC_ASSERT(at != Vocabulary::kNotFound);
      std::copy_n(read.embedding.row(at), read.embedding.cols(), reordered.embedding.row(w));
    }
    reordered.vocabulary = model.vocabulary;
    RC_ASSERT(same_model(reordered, model));
    for (const WeightFormat format : kFormats) {
      const std::string first = encode_compact(model, format);
      RC_ASSERT(encode_compact(decode_compact(first, kName), format) == first);
    }
  }));
}

TEST(CompactFile, GivesBackHashes) {
  EXPECT_TRUE(rc::check([](uint32_t seed) {
    std::mt19937 random(seed);
    const auto words = *rc::gen::inRange<size_t>(0, 60);
    const NgramHashing hashing{.bits = *rc::gen::inRange(8u, 25u),
                               .seed = *rc::gen::inRange(0u, NgramHashing::kMostSeeds),
                               .max_length = *rc::gen::inRange(1u, 17u)};
    const FoldedModel model =
        hashed(random_model(random, words, OutputKind::softmax, 3), hashing, random);
    const std::string bytes = encode_compact(model, WeightFormat::fp32);
    const FoldedModel read = decode_compact(bytes, kName);
    RC_ASSERT(read.vocabulary.hashed()->hashing() == hashing);
    RC_ASSERT(std::ranges::is_sorted(read.vocabulary.hashed()->buckets()));
    RC_ASSERT(read.vocabulary.size() == model.vocabulary.size());
    for (uint32_t w = 0; w < model.vocabulary.size(); ++w) {
      const auto& buckets = read.vocabulary.hashed()->buckets();
      const auto at = std::ranges::find(buckets, model.vocabulary.hashed()->buckets()[w]);
      RC_ASSERT(at != buckets.end());
      RC_ASSERT(std::ranges::equal(
          read.embedding.view().row_span(static_cast<size_t>(at - buckets.begin())),
          model.embedding.view().row_span(w)));
    }
    RC_ASSERT(encode_compact(read, WeightFormat::fp32) == bytes);
  }));
}

TEST(CompactFile, TakesHashesAtTheInformationLimit) {
  std::mt19937 random(5);
  for (const auto& [bits, words] :
       {std::pair(18u, 700u), {20u, 700u}, {24u, 700u}, {18u, 5000u}, {10u, 700u}}) {
    FoldedModel model = small_model();
    model.embedding = Matrix(words, model.embedding.cols());
    model = hashed(std::move(model), {.bits = bits}, random);
    const std::string bytes = encode_compact(model, WeightFormat::int8);
    const double all = std::exp2(bits);
    const double limit =
        (std::lgamma(all + 1) - std::lgamma(words + 1.0) - std::lgamma(all - words + 1)) /
        std::numbers::ln2 / 8;
    const auto taken = static_cast<double>(summarize_compact(bytes, kName).vocabulary_bytes);
    EXPECT_LT(taken, 1.01 * limit + 4) << bits;
    EXPECT_GT(taken, 0.99 * limit) << bits;
  }
}

TEST(CompactFile, RoundsNoFurtherThanItsFormat) {
  std::mt19937 random(2);
  FoldedModel model = random_model(random, 40, OutputKind::softmax, 4);
  model.vocabulary = sorted_words(model.vocabulary.ngrams());
  const FoldedModel half = decode_compact(encode_compact(model, WeightFormat::fp16), kName);
  const FoldedModel bytes = decode_compact(encode_compact(model, WeightFormat::int8), kName);
  EXPECT_EQ(half.output_weight, bytes.output_weight) << "what is small has 16 bits in either";
  for (size_t i = 0; i < model.embedding.size(); ++i) {
    const float weight = model.embedding.values()[i];
    EXPECT_NEAR(half.embedding.values()[i], weight, std::abs(weight) * 1e-3f);
    EXPECT_NEAR(bytes.embedding.values()[i], weight, 0.1f);
  }
}

TEST(CompactFile, SaysOfOneLayerOfLstmNothing) {
  // Such files are what every version reads.
  std::mt19937 random(3);
  const FoldedModel one = fold(sparse_classifier(random, 5, 2, OutputKind::sigmoid, 2, 0.5));
  const FoldedModel gru =
      fold(sparse_classifier(random, 5, 2, OutputKind::sigmoid, 2, 0.5, {Cell::gru, 1}));
  constexpr size_t kFeaturesAt = 12, kEncoder = 16;
  std::string bytes = encode_compact(one, WeightFormat::fp32);
  EXPECT_EQ(bytes[kFeaturesAt] & kEncoder, 0);
  EXPECT_EQ(encode_compact(gru, WeightFormat::fp32)[kFeaturesAt] & kEncoder, 16);
  // Two directions of two units follow the three columns of the embedding.
  const size_t shape = bytes.find(std::string("\x03\x02\x02\x02", 4));
  ASSERT_NE(shape, std::string::npos);
  const auto with_encoder = [&](char cell, char layers) {
    std::string changed = bytes;
    changed[kFeaturesAt] = static_cast<char>(changed[kFeaturesAt] | kEncoder);
    changed.insert(shape + 1, {cell, layers});
    repair_checksum(changed);
    return refusal(changed);
  };
  EXPECT_NE(with_encoder(0, 1).find("marks one of LSTM as something else"), std::string::npos);
  EXPECT_NE(with_encoder(1, 0).find("has no layer"), std::string::npos);
  EXPECT_NE(with_encoder(1, 65).find("the number of layers is 65"), std::string::npos)
      << with_encoder(1, 65);
  EXPECT_NE(with_encoder(2, 1).find("newer Ockham"), std::string::npos) << with_encoder(2, 1);
  EXPECT_NE(with_encoder(1, 1), "") << "there are too many weights";
}

TEST(CompactFile, SaysOfHardSigmoidGatesOneBit) {
  std::mt19937 random(3);
  FoldedModel model = fold(sparse_classifier(random, 5, 2, OutputKind::sigmoid, 2, 0.5));
  constexpr size_t kFeaturesAt = 12, kHardSigmoid = 32;
  std::string bytes = encode_compact(model, WeightFormat::fp32);
  EXPECT_EQ(bytes[kFeaturesAt] & kHardSigmoid, 0);
  model.gate_function = GateFunction::hard_sigmoid;
  bytes[kFeaturesAt] = static_cast<char>(bytes[kFeaturesAt] | kHardSigmoid);
  repair_checksum(bytes);
  EXPECT_EQ(encode_compact(model, WeightFormat::fp32), bytes);
}

TEST(CompactFile, SaysOfDenseLayersNothingWhereThereAreNone) {
  std::mt19937 random(3);
  constexpr size_t kFeaturesAt = 12, kDenseLayers = 64;
  EXPECT_EQ(encode_compact(small_model(), WeightFormat::fp32)[kFeaturesAt] & kDenseLayers, 0);
  const Encoder encoder{Cell::lstm, 1, GateFunction::sigmoid, {7, 9}};
  const FoldedModel model =
      fold(sparse_classifier(random, 5, 2, OutputKind::sigmoid, 2, 0.5, encoder));
  std::string bytes = encode_compact(model, WeightFormat::fp32);
  EXPECT_NE(bytes[kFeaturesAt] & kDenseLayers, 0);
  // Two directions of two units, then two dense layers of seven and nine.
  const size_t at = bytes.find(std::string("\x02\x02\x02\x02\x07\x09", 6));
  ASSERT_NE(at, std::string::npos);
  const auto with_layers = [&](char layers) {
    std::string changed = bytes;
    changed[at + 3] = layers;
    repair_checksum(changed);
    return refusal(changed);
  };
  EXPECT_NE(with_layers(0).find("announces dense layers, but has none"), std::string::npos);
  EXPECT_NE(with_layers(17).find("the number of dense layers is 17"), std::string::npos);
  bytes.replace(at + 4, 2, "\xFF\xFF\x03\xFF\xFF\x03");
  repair_checksum(bytes);
  EXPECT_NE(refusal(bytes).find("ask for"), std::string::npos) << "65,535 units read as many";
}

TEST(CompactFile, RoundsTheRestToEightBitsWhereTheEmbeddingHasFewer) {
  std::mt19937 random(4);
  const FoldedModel model = random_model(random, 40, OutputKind::softmax, 4);
  for (const WeightFormat format : {WeightFormat::int6, WeightFormat::int5, WeightFormat::int4}) {
    const FoldedModel read = decode_compact(encode_compact(model, format), kName);
    const auto expect_near = [](const Matrix& rounded, const Matrix& exact) {
      float largest = 0.0f;
      for (const float w : exact.values()) largest = std::max(largest, std::abs(w));
      for (size_t i = 0; i < exact.size(); ++i) {
        EXPECT_NEAR(rounded.values()[i], exact.values()[i], largest / 127.0f * 0.501f);
      }
    };
    expect_near(read.output_weight, model.output_weight);
    expect_near(read.output_bias, model.output_bias);
    for (size_t d = 0; d < model.layers[0].directions.size(); ++d) {
      expect_near(read.layers[0].directions[d].weight_hh, model.layers[0].directions[d].weight_hh);
      expect_near(read.layers[0].directions[d].bias, model.layers[0].directions[d].bias);
    }
  }
}

TEST(CompactFile, TakesWordsOfAnyScript) {
  FoldedModel model = small_model();
  std::vector<std::string> ngrams = {"größe", "とても 良い",  "\xF0\x9F\x98\x80",
                                     "no",    "a b c d",      "n'est pas",
                                     "é",     "\xEF\xBF\xBD", "a"};
  ngrams.resize(model.embedding.rows());
  model.vocabulary = NgramVocabulary(ngrams);
  const FoldedModel read = decode_compact(encode_compact(model, WeightFormat::int8), kName);
  std::ranges::sort(ngrams);
  EXPECT_EQ(read.vocabulary.ngrams(), ngrams);
}

TEST(CompactFile, RefusesToWriteWhatItCouldNotRead) {
  const auto expect_refused = [](const char* what, const auto& spoil) {
    FoldedModel model = small_model();
    const auto encode = [&] {
      spoil(model);
      encode_compact(model, WeightFormat::fp16);
    };
    EXPECT_THROW(encode(), Error) << what;
  };
  expect_refused("one class", [](FoldedModel& m) { m.classes.pop_back(); });
  expect_refused("an empty n-gram", [](FoldedModel& m) { rename_first(m, ""); });
  expect_refused("two spaces", [](FoldedModel& m) { rename_first(m, "a  b"); });
  expect_refused("a space in front", [](FoldedModel& m) { rename_first(m, " a"); });
  expect_refused("a NUL byte", [](FoldedModel& m) { rename_first(m, std::string("a\0b", 3)); });
  expect_refused("a repeated n-gram",
                 [](FoldedModel& m) { rename_first(m, m.vocabulary.ngram(1)); });
  expect_refused("a giant n-gram",
                 [](FoldedModel& m) { rename_first(m, std::string(70'000, 'a')); });
  expect_refused("a weight too large", [](FoldedModel& m) { m.output_bias(0, 0) = 1e6f; });
  expect_refused("a giant class name", [](FoldedModel& m) { m.classes[0].assign(70'000, 'a'); });
}

TEST(CompactFile, SaysWhatIsWrong) {
  const std::string good = encode_compact(small_model(), WeightFormat::int8);
  ASSERT_EQ(refusal(good), "");
  const auto changed = [&](size_t at, char value) {
    std::string bytes = good;
    bytes[at] = value;
    return bytes;
  };
  EXPECT_EQ(refusal(""),
            "some.ockham: is no Ockham model file; expected what `ockham compress` writes");
  EXPECT_EQ(refusal("hello, world, I am a text"), refusal(""));
  EXPECT_EQ(refusal(changed(6, 2)),
            "some.ockham: was written by a newer Ockham (format 2, this one reads up to 1); update "
            "Ockham to read it");
  EXPECT_EQ(refusal(changed(7, 2)),
            "some.ockham: was written by a newer Ockham (header flag 2 is unknown here); update "
            "Ockham to read it");
  EXPECT_EQ(refusal(changed(good.size() - 1, 'x')),
            "some.ockham: is damaged: its checksum does not match its contents; copy it again");
  EXPECT_NE(refusal(good + "x").find("checksum"), std::string::npos);
  std::string longer = good + "xy";
  repair_checksum(longer);
  EXPECT_EQ(refusal(longer),
            "some.ockham: is damaged: it goes on behind its end (bytes: 2); copy it again");
}

TEST(CompactFile, NamesTheVersionThatAFileNeeds) {
  const std::string good = encode_compact(small_model(), WeightFormat::int8);
  std::string newer = good.substr(0, 12) + "\x02\x0B" + good.substr(12);
  newer[7] = 1;
  const std::string needs =
      "some.ockham: was written by a newer Ockham, needs >= 2.11; update Ockham to read it";
  EXPECT_EQ(refusal(newer), needs);
  newer[6] = 9;  // whatever its format
  EXPECT_EQ(refusal(newer), needs);
  EXPECT_NE(refusal(newer.substr(0, 13)).find("newer Ockham (format 9"), std::string::npos);
}

TEST(CompactFile, LooksAtTheBeginningFirst) {
  // A device without an end.
  EXPECT_THROW(
      {
        try {
          read_compact("/dev/zero");
        } catch (const Error& error) {
          EXPECT_STREQ(
              error.what(),
              "/dev/zero: is no Ockham model file; expected what `ockham compress` writes");
          throw;
        }
      },
      Error);
}

TEST(CompactFile, RefusesFeaturesOfANewerVersion) {
  const std::string good = encode_compact(small_model(), WeightFormat::int8);
  // Features, weight format, vocabulary kind, tokenizer, its options, output kind.
  for (size_t at = 12; at <= 17; ++at) {
    std::string bytes = good;
    bytes.replace(at, 1, at == 12 ? std::string("\x80\x01") : "\x60");
    repair_checksum(bytes);
    EXPECT_NE(refusal(bytes).find("newer Ockham"), std::string::npos) << at << refusal(bytes);
  }
}

TEST(CompactFile, TellsWhereItsBytesGo) {
  const std::string bytes = encode_compact(small_model(), WeightFormat::int8);
  const CompactSummary summary = summarize_compact(bytes, kName);
  EXPECT_EQ(summary.format, WeightFormat::int8);
  EXPECT_EQ(summary.bytes, bytes.size());
  EXPECT_EQ(summary.tokenizer_bytes, 2u);
  EXPECT_EQ(summary.tokenizer_bytes + summary.vocabulary_bytes + summary.weight_bytes +
                summary.other_bytes,
            bytes.size());
  EXPECT_GT(summary.vocabulary_bytes, 5u);
  EXPECT_GT(summary.weight_bytes, 20u);
  EXPECT_LT(summary.other_bytes, 80u);
}

TEST(CompactFile, IsSmall) {
  std::mt19937 random(3);
  FoldedModel model = small_model();
  model.vocabulary = NgramVocabulary(word_pairs(random, 600));
  model.embedding = Matrix(model.vocabulary.size(), 8);  // one weight a row, as pruning leaves it
  for (size_t w = 0; w < model.vocabulary.size(); ++w) {
    model.embedding(w, random() % 2) = static_cast<float>(random() % 1000) / 500.0f - 1.0f;
  }
  for (FoldedDirection& d : model.layers[0].directions)
    d.weight_ih = Matrix(8, d.bias.cols(), 1.0f);
  const size_t bytes = encode_compact(model, WeightFormat::int8).size();
  EXPECT_LT(bytes, 5 * model.vocabulary.size());
}

TEST(CompactFile, IsWrittenAndReadByPath) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("compact_test_" + std::to_string(::getpid()));
  const FoldedModel model = decode_compact(encode_compact(small_model(), WeightFormat::fp32), "x");
  write_compact(path, model, WeightFormat::fp32);
  EXPECT_TRUE(same_model(read_compact(path), model));
  std::filesystem::remove(path);
  EXPECT_THROW(read_compact(path), Error);
}

}  // namespace
}  // namespace ockham
