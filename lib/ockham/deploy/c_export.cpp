#include "ockham/deploy/c_export.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "ockham/deploy/c_characters.hpp"
#include "ockham/deploy/c_network.hpp"
#include "ockham/deploy/c_parts.hpp"
#include "ockham/deploy/c_text.hpp"
#include "ockham/deploy/c_vocabulary.hpp"
#include "ockham/deploy/compact_file.hpp"
#include "ockham/tensor/error.hpp"
#include "ockham/text/character_data.hpp"
#include "ockham/text/hash.hpp"
#include "ockham/text/length_token.hpp"
#include "ockham/text/utf8.hpp"
#include "ockham/text/word_tokenizer.hpp"

namespace ockham {
namespace {

constexpr size_t kWindow = 256;  // n-grams kept to be run through backwards

/// A syllable, or a part that composes to one.
bool is_hangul(char32_t c) {
  return (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0x1100 && c <= 0x11FF);
}

/// Throws Error for what has no place in the program.
const WordTokenizer& check_expressible(const FoldedModel& model) {
  const auto* tokenizer = dynamic_cast<const WordTokenizer*>(model.tokenizer.get());
  if (tokenizer == nullptr) {
    fail("the model cannot be exported to C: its tokenizer is of type ", model.tokenizer->type(),
         ", only words have a place there; train with --tokenizer word");
  }
  if (model.layers.size() > 1) {
    fail("the model cannot be exported to C: it has ", model.layers.size(),
         " recurrent layers, and without allocation there is no place for what the lower ones say "
         "of a long text; train with --layers 1");
  }
  return *tokenizer;
}

CharacterNeeds character_needs(const FoldedModel& model, const WordTokenizer& tokenizer) {
  CharacterNeeds needs;
  needs.form = text_form(tokenizer.options());
  needs.punctuation = tokenizer.options().punctuation;
  const auto add = [&](char32_t c) {
    needs.known.insert(c);
    const auto data = character_data(c, {.fold = false});
    needs.known.insert(data.decomposition.begin(), data.decomposition.end());
  };
  if (model.vocabulary.hashed() != nullptr) {
    needs.all = !tokenizer.characters();
    if (!needs.all) std::ranges::for_each(*tokenizer.characters(), add);
    return needs;
  }
  for (const std::string& ngram : model.vocabulary.ngrams()) {
    for (std::string_view rest = ngram; !rest.empty();) {
      const DecodedCharacter character = decode_utf8(rest);
      rest.remove_prefix(character.length);
      add(character.code_point);
    }
  }
  return needs;
}

size_t longest_word(const FoldedModel& model) {
  size_t longest = 0;
  for (const std::string& ngram : model.vocabulary.ngrams()) {
    for_each_word(ngram, [&](std::string_view w) { longest = std::max(longest, w.size()); });
  }
  return longest;
}

/// What a program that is compiled for 64 bits takes of the stack, about.
size_t stack_bytes(const FoldedModel& model, size_t cluster) {
  constexpr size_t kFrames = 600;
  const bool hashed = model.vocabulary.hashed() != nullptr;
  const size_t reader = 64 + 4 * cluster;
  const size_t window = model.layers[0].directions.size() > 1 ? 4 * kWindow : 0;
  const size_t bytes = kFrames + reader * (hashed ? 2 : 1) + window + 4 * c_network_floats(model) +
                       (hashed ? 0 : 2 * longest_word(model));
  constexpr size_t kRounding = 100;
  return (bytes + kRounding - 1) / kRounding * kRounding;
}

/// What a file gives back, sorted and rounded: what predict answers with. C has no empty arrays: an
/// embedding without columns gets one of zeros.
FoldedModel as_in_a_file(const FoldedModel& original, WeightFormat format) {
  FoldedModel model = decode_compact(encode_compact(original, format), "the model");
  if (model.embedding.cols() > 0) return model;
  model.embedding = Matrix(model.vocabulary.size(), 1);
  for (FoldedDirection& direction : model.layers[0].directions) {
    direction.weight_ih = Matrix(1, direction.bias.cols());
  }
  return model;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

/// All names with another prefix.
std::string renamed(std::string text, const std::string& prefix) {
  replace_all(text, "ockham_", prefix + "_");
  replace_all(text, "OCKHAM_", upper(prefix) + "_");
  return text;
}

/// A string for a comment: whatever it holds, the comment does not end there.
std::string for_comment(std::string_view text) {
  std::string literal = c_string(text);
  replace_all(literal, "/", "\\057");
  return literal;
}

std::string class_list(const FoldedModel& model) {
  constexpr size_t kMost = 20;
  std::string text;
  for (size_t i = 0; i < std::min(model.classes.size(), kMost); ++i) {
    text += "     " + std::to_string(i) + "  " + for_comment(model.classes[i]) + "\n";
  }
  if (model.classes.size() > kMost) text += "     ...\n";
  return text;
}

std::string header_text(const FoldedModel& model, WeightFormat format, size_t stack) {
  const bool both_ways = model.layers[0].directions.size() > 1;
  std::string text =
      "/* A text classifier, written by ockham export: " + std::to_string(model.vocabulary.size()) +
      " n-grams, " + std::to_string(model.classes.size()) + " classes, weights as " +
      std::string(weight_format_name(format)) +
      ".\n\n   C99 and no library but C's, with its mathematics:\n\n"
      "     cc -std=c99 -Os program.c CLASSIFIER.c -lm\n\n"
      "   It allocates nothing and keeps nothing between calls: any number of threads may call "
      "it.\n"
      "   It takes about " +
      std::to_string(stack) + " bytes of stack, no other memory that is written to";
  text += both_ways ? ", and the time grows\n   with the square of the text's length where it has "
                      "more than OCKHAM_WINDOW (" +
                          std::to_string(kWindow) +
                          ") known\n   n-grams, for they are read again to be run through "
                          "backwards: cut very long texts, or\n   take -DOCKHAM_WINDOW=1000, at 4 "
                          "bytes of stack for each.\n\n"
                    : ".\n\n";
  return text + "   The classes:\n\n" + class_list(model) + "*/\n";
}

std::string make_header(const FoldedModel& model, const CNames& names, const std::string& head) {
  std::string text =
      head + "#ifndef OCKHAM_H\n#define OCKHAM_H\n\n" + std::string(c_part("declarations"));
  std::string declared = "#define OCKHAM_CLASSES " + std::to_string(model.classes.size()) + "\n";
  replace_all(text, "@CLASSES@", declared);
  replace_all(text, "@THRESHOLDS@",
              model.several_labels
                  ? "/* A text has every label whose probability is at least its threshold. */\n"
                    "extern const float ockham_thresholds[OCKHAM_CLASSES];\n\n"
                  : "");
  return renamed(text, names.prefix);
}

/// The classes' names, and their thresholds.
std::string class_tables(const FoldedModel& model, const CNames& names) {
  std::string text = "const char *const " + names.prefix + "_classes[] = {\n";
  for (size_t i = 0; i < model.classes.size(); ++i) {
    text += "  " + c_string(model.classes[i]) + (i + 1 < model.classes.size() ? ",\n" : "\n");
  }
  text += "};\n";
  if (!model.several_labels) return text;
  text += "const float " + names.prefix + "_thresholds[] = {\n";
  for (size_t i = 0; i < model.classes.size(); ++i) {
    text += "  " + c_float(model.thresholds.empty() ? 0.5f : model.thresholds[i]) +
            (i + 1 < model.classes.size() ? ",\n" : "\n");
  }
  return text + "};\n";
}

std::string parts(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text.append("\n").append(c_part(name));
  return text;
}

std::string_view output_part(const FoldedModel& model) {
  if (model.output == OutputKind::softmax) return "softmax";
  return model.outputs() == 1 ? "sigmoid_one" : "sigmoid_each";
}

std::string_view value_part(WeightFormat format) {
  if (is_whole(format)) return "value_whole";
  return format == WeightFormat::fp16 ? "value_half" : "value_float";
}

std::string settings(const FoldedModel& model, const TokenizerOptions& options,
                     const CharacterNeeds& needs) {
  const bool hangul = needs.all || std::ranges::any_of(needs.known, is_hangul);
  const std::string most = model.max_tokens == 0 ? "((size_t)-1) /* no limit */"
                                                 : std::to_string(model.max_tokens) + "u";
  return c_define("FOLDS", options.lower_case ? "1" : "0") +
         c_define("FOLDS_NUMBERS", options.fold_numbers ? "1" : "0") +
         c_define("TAKES_PUNCTUATION", options.punctuation ? "1" : "0") +
         c_define("HANGUL", hangul ? "1" : "0") + c_define("MOST_NGRAMS", most) +
         c_define("INVERSE_TEMPERATURE", c_float(static_cast<float>(1.0 / model.temperature))) +
         "#ifndef OCKHAM_WINDOW\n" + c_define("WINDOW", kWindow) + "#endif\n\n";
}

/// The known length tokens, with the numbers of tokens that each stands for; empty without any.
std::string length_table(const FoldedModel& model) {
  std::set<std::string> words;
  for (const std::string& ngram : model.vocabulary.ngrams()) {
    for_each_word(ngram, [&](std::string_view word) { words.emplace(word); });
  }
  std::vector<std::string> known;
  for (const std::string& token : all_length_tokens()) {
    if (!words.contains(token)) continue;
    const std::string numbers = token.substr(kLengthTokenStart.size());
    const std::string first = numbers.substr(0, numbers.find_first_of("->"));
    const size_t dash = numbers.find('-');
    const std::string last =
        dash == std::string::npos ? first : numbers.substr(dash + 1, numbers.find('>') - dash - 1);
    constexpr size_t kMostDigits = 9;  // of what fits every size_t
    if (first.size() > kMostDigits) continue;
    std::string entry = "{" + first;
    entry.append(last.size() > kMostDigits ? ", (size_t)-1, " : ", " + last + ", ");
    known.push_back(entry.append(c_string(token)).append("}"));
  }
  if (known.empty()) return "";
  return "\nstatic const struct {\n  size_t first, last;\n  const char *text;\n} " +
         c_array("", "ockham_lengths", known).substr(std::string("static const  ").size());
}

/// What tells the characters of known n-grams from others, where hashes are told of them.
std::string characters_part(const WordTokenizer& tokenizer) {
  if (!tokenizer.characters()) return "";
  std::vector<uint32_t> characters(tokenizer.characters()->begin(), tokenizer.characters()->end());
  characters.push_back(UINT32_MAX);  // ends every search
  return "\n" + c_define("OTHER_HASH", std::to_string(hash_bytes(kOtherToken)) + "u") +
         c_array("uint32_t", "ockham_characters", characters) + parts({"characters"});
}

/// How a text's length becomes a token.
std::string length_part(const FoldedModel& model, const TokenizerOptions& options) {
  const bool hashed = model.vocabulary.hashed() != nullptr;
  const std::string table = hashed || !options.length_token ? "" : length_table(model);
  if (!table.empty()) return parts({"text_words"}) + table + parts({"length_words"});
  return hashed && options.length_token ? parts({"text_hashes", "length_hashes"})
                                        : parts({"no_length"});
}

/// All of the source behind the classes.
std::string body(const FoldedModel& model, WeightFormat format, const WordTokenizer& tokenizer,
                 const CharacterNeeds& needs, const std::string& characters) {
  const TokenizerOptions& options = tokenizer.options();
  const bool lstm = model.cell == Cell::lstm;
  const bool sigmoid = model.gate_function == GateFunction::sigmoid;
  const bool both_ways = model.layers[0].directions.size() > 1;
  const bool hashed = model.vocabulary.hashed() != nullptr;
  const std::string network = c_network(model, format);
  std::string text(c_part("types"));
  text.append("\n");
  text += settings(model, options, needs) + characters + parts({"bits", "reader"}) + "\n" +
          c_vocabulary(model, format);
  // A function that nobody calls is an error to those who compile strictly.
  if (format == WeightFormat::fp16 || network.find("ockham_half(") != std::string::npos) {
    text += parts({"half"});
  }
  text += parts({value_part(format), "rows"}) + (hashed ? characters_part(tokenizer) : "") +
          parts({hashed ? "token_hash" : "token_words", "splitter", hashed ? "hashes" : "words"});
  text += length_part(model, options);
  return text + parts({"walk"}) + "\n" + network +
         parts({"step", sigmoid ? "sigmoid" : "hard_sigmoid", lstm ? "lstm" : "gru",
                both_ways ? "both_ways" : "forward", output_part(model), "predict"});
}

}  // namespace

void check_c_prefix(const std::string& prefix) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool good =
      !prefix.empty() && is_letter(prefix[0]) && std::ranges::all_of(prefix, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
      });
  if (!good) {
    fail("names in C cannot begin with \"", prefix,
         "\"; expected a letter, and letters, digits and underscores behind it");
  }
}

CProgram export_c(const FoldedModel& original, WeightFormat format, const CNames& names) {
  check_c_prefix(names.prefix);
  check_folded(original);
  const WordTokenizer& tokenizer = check_expressible(original);
  const FoldedModel model = as_in_a_file(original, format);
  const CharacterNeeds needs = character_needs(model, tokenizer);
  const CharacterText characters = c_characters(needs);
  const std::string head = header_text(model, format, stack_bytes(model, characters.cluster));
  CProgram program;
  program.header = make_header(model, names, head);
  program.source =
      renamed(head, names.prefix) + "#include \"" + names.header + "\"\n\n" +
      class_tables(model, names) + "\n" +
      renamed(body(model, format, tokenizer, needs, characters.definitions), names.prefix);
  return program;
}

}  // namespace ockham
