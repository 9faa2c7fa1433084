#pragma once

#include <memory>
#include <span>

#include "apps/options.hpp"

namespace ockham {

/// One subcommand. It declares its options when it is made, so that whoever wants to know them need
/// not run it.
class Subcommand {
 public:
  Subcommand() = default;
  virtual ~Subcommand() = default;
  Subcommand(const Subcommand&) = delete;  // the options point into it
  Subcommand& operator=(const Subcommand&) = delete;

  virtual Command& options() = 0;
  /// After parsing. Writes data to stdout and everything else to stderr, and returns the exit code.
  /// Throws UsageError and Error.
  virtual int run() = 0;
};

std::unique_ptr<Subcommand> make_train_command();
std::unique_ptr<Subcommand> make_evaluate_command();
std::unique_ptr<Subcommand> make_predict_command();
std::unique_ptr<Subcommand> make_explain_command();
std::unique_ptr<Subcommand> make_compress_command();
std::unique_ptr<Subcommand> make_export_command();
std::unique_ptr<Subcommand> make_report_command();
std::unique_ptr<Subcommand> make_sweep_command();
std::unique_ptr<Subcommand> make_data_command();
std::unique_ptr<Subcommand> make_tokenizer_command();
std::unique_ptr<Subcommand> make_sample_data_command();

struct SubcommandEntry {
  const char* name;
  const char* summary;
  std::unique_ptr<Subcommand> (*make)();
};

/// All of them, in the order of the help.
std::span<const SubcommandEntry> subcommands();

}  // namespace ockham
