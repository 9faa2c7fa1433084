#include "apps/commands.hpp"

#include <array>

namespace ockham {

std::span<const SubcommandEntry> subcommands() {
  static constexpr std::array kEntries{
      SubcommandEntry{"train", "train a classifier and its whole curve of accuracy against size",
                      make_train_command},
      SubcommandEntry{"evaluate", "measure a model on labelled texts", make_evaluate_command},
      SubcommandEntry{"predict", "label texts, one a line", make_predict_command},
      SubcommandEntry{"explain", "say which words give a text its label", make_explain_command},
      SubcommandEntry{"compress", "write the deployable file of a trained model",
                      make_compress_command},
      SubcommandEntry{"export", "write a model as a program", make_export_command},
      SubcommandEntry{"report", "say what was kept and what it costs", make_report_command},
      SubcommandEntry{"sweep", "train with many settings and find the best models of every size",
                      make_sweep_command},
      SubcommandEntry{"data", "say what is in a file of labelled texts before training",
                      make_data_command},
      SubcommandEntry{"tokenizer", "learn the subwords of a tokenizer", make_tokenizer_command},
      SubcommandEntry{"sample-data", "write a synthetic corpus to try things on",
                      make_sample_data_command},
  };
  return kEntries;
}

}  // namespace ockham
