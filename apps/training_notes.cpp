#include "apps/training_notes.hpp"

#include <vector>

#include "apps/terminal_text.hpp"
#include "ockham/tensor/blocked_columns.hpp"
#include "ockham/tensor/matmul.hpp"
#include "ockham/text/dataset_checks.hpp"
#include "ockham/text/quote.hpp"
#include "ockham/train/grow.hpp"

namespace ockham {
namespace {

/// What was met while reading, behind a semicolon; empty where nothing was.
std::string oddities_text(const ReadStatistics& statistics) {
  std::string text;
  if (const auto n = statistics.replaced_sequences; n > 0) {
    text += "; " + counted(n, "invalid UTF-8 sequence", "invalid UTF-8 sequences") + " replaced";
  }
  if (const auto n = statistics.blank_lines; n > 0) {
    text += "; " + counted(n, "blank line", "blank lines") + " skipped";
  }
  return text;
}

}  // namespace

std::string dataset_text(const Dataset& dataset) {
  std::string text = dataset.name + ": " + counted(dataset.size(), "text", "texts") + ", " +
                     counted(dataset.classes.size(), "class", "classes");
  if (!dataset.classes.empty() && dataset.classes.size() <= 6) {
    const auto counts = count_class_texts(dataset);
    for (size_t c = 0; c < counts.size(); ++c) {
      text += (c == 0 ? " (" : ", ") + dataset.classes[c] + " " + grouped_digits(counts[c]);
    }
    text += ")";
  }
  return text + oddities_text(dataset.statistics);
}

std::string unlabelled_text(const Dataset& texts) {
  return texts.name + ": " + counted(texts.size(), "text", "texts") + " without labels" +
         oddities_text(texts.statistics);
}

std::string language_text(const PreparedTraining& prepared) {
  const size_t texts = prepared.language.size();
  if (texts == 0) return "";
  return "a language model reads " + grouped_digits(texts) +
         " texts first, in the words of those that are trained on";
}

std::string missing_classes_text(const Dataset& validation, const Dataset& training) {
  const auto trained = count_class_texts(training), chosen_by = count_class_texts(validation);
  std::vector<std::string> missing;
  for (size_t c = 0; c < trained.size(); ++c) {
    if (trained[c] > 0 && chosen_by[c] == 0) missing.push_back(training.classes[c]);
  }
  if (missing.empty()) return "";
  return validation.name + ": no text has the label " + quote_list(missing) +
         "; what is chosen by it may be poor at that";
}

std::string prepared_text(const PreparedTraining& prepared) {
  const size_t made_up = prepared.going_on ? prepared.going_on->rehearsed : 0;
  return grouped_digits(prepared.screened) + " of " +
         counted(prepared.candidates, "n-gram", "n-grams") + " tell the classes apart; " +
         counted(prepared.training.size() - made_up, "text", "texts") + " to train on, " +
         grouped_digits(prepared.validation.texts.size()) + " to choose by";
}

std::string few_to_choose_by_text(size_t texts) {
  constexpr size_t kFew = 50;  // one text right or wrong would decide
  if (texts >= kFew) return "";
  return "with so few texts to choose by, the figures of validation say little; give more "
         "with --valid, or hold out more with --validation";
}

std::string precision_text(const Network& network, Precision precision) {
  if (precision == Precision::fp32) return "";
  for (const RecurrentDirection* direction : network.directions()) {
    for (const Parameter* weights : {&direction->weight_ih, &direction->weight_hh}) {
      const BlockedColumns gates = padded_blocks(gates_of(network.cell), direction->hidden());
      if (takes_precision(weights->rows(), gates.wide())) return "";
    }
  }
  return "--precision " + std::string(precision_name(precision)) +
         " makes no difference: no layer of this network is large enough";
}

std::string going_on_text(const std::string& base_folder, const GoingOn& g, size_t to_measure) {
  return "from " + base_folder + ": matched " + grouped_digits(g.matched_labels) + " of " +
         grouped_digits(g.labels) + " labels, " + grouped_digits(g.matched_ngrams) + " of " +
         grouped_digits(g.ngrams) + " n-grams" +
         (g.contradicted == 0 ? "" : " (" + grouped_digits(g.contradicted) + " contradicted)") +
         "; added " + counted(g.new_labels, "label", "labels") + ", " +
         counted(g.new_ngrams, "n-gram", "n-grams") + "; " +
         counted(g.rehearsed, "made-up text", "made-up texts") + " to rehearse the old ones, " +
         grouped_digits(to_measure) + " to see what is kept";
}

std::string forgetting_text(const GoingOn& g) {
  if (g.rehearsed > 0 || g.matched_labels == g.labels) return "";
  return "without made-up texts nothing keeps the model from forgetting the labels that the new "
         "texts lack; leave out --rehearsal 0 to keep them";
}

std::string whole_start_text(const Classifier& base, const Classifier& start) {
  if (!is_whole_start(base, start.classes.size())) return "";
  const GrownPart part = part_of(base);
  const bool larger = start.shape.embedding > part.inputs || start.shape.hidden > part.hidden;
  return "its plain weights are where training starts" +
         std::string(larger ? ", with fresh ones beside them" : "");
}

std::string vectors_text(const VectorStart& v) {
  return "word vectors of " + counted(v.dimensions, "dimension", "dimensions") + ": " +
         grouped_digits(v.matched) + " of " + counted(v.words, "word", "words") +
         " are among the file's " + grouped_digits(v.file_words) + "; " +
         counted(v.ngrams, "n-gram", "n-grams") + " start from them";
}

std::string path_end_text(PathEnd end) {
  switch (end) {
    case PathEnd::out_of_time:
      return "the time was over before the path: more of it gives smaller models";
    case PathEnd::knows_too_little:
      return "the path ended early: its last model knows less than half of what the best one does";
    case PathEnd::whole:
      break;
  }
  return "";
}

std::string guessing_text(const PathSummary& path) {
  const PathMeasure& measure = path.measure;
  if (beats_guessing(score(path.points[path.chosen], measure), measure)) return "";
  std::string text =
      "the model marked > is not clearly better than always giving the usual label (" +
      percent_text(measure.guess) + "% of " +
      counted(measure.texts, "validation text", "validation texts") +
      "): more texts or time may help, and \"ockham data\" shows what is odd in them";
  // What chooses by macro-F1 weighs rare labels already; several labels have no such weights.
  if (measure.criterion == Criterion::accuracy) {
    text += "; where a label is rare, --class-weights balanced looks for it";
  }
  return text;
}

}  // namespace ockham
