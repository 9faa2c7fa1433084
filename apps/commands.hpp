#pragma once

#include <span>
#include <string>

namespace ockham {

/// The subcommands. Each takes its arguments without program and command name, writes data to
/// stdout and everything else to stderr, and returns the exit code. Throws UsageError and Error.
int train_command(std::span<const std::string> arguments);
int evaluate_command(std::span<const std::string> arguments);
int predict_command(std::span<const std::string> arguments);
int compress_command(std::span<const std::string> arguments);
int report_command(std::span<const std::string> arguments);
int tokenizer_command(std::span<const std::string> arguments);
int sample_data_command(std::span<const std::string> arguments);

}  // namespace ockham
