#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "apps/commands.hpp"
#include "apps/options.hpp"
#include "ockham/tensor/denormals.hpp"
#include "ockham/tensor/heap.hpp"
#include "ockham/text/nearest_name.hpp"

namespace {

using namespace ockham;

constexpr const char* kVersion = OCKHAM_VERSION;

void print_help(std::ostream& out) {
  out << "Ockham trains Bayesian recurrent text classifiers and prunes them to a few kilobytes.\n\n"
         "usage: ockham COMMAND [OPTIONS]\n\n";
  for (const SubcommandEntry& command : subcommands()) {
    out << "  " << command.name << std::string(14 - std::string(command.name).size(), ' ')
        << command.summary << '\n';
  }
  out << "\n\"ockham COMMAND --help\" explains a command; \"ockham --version\" names the "
         "version.\n\n"
         "Example: ockham train --train reviews.tsv --model reviews\n";
}

int run(const SubcommandEntry& entry, std::span<const std::string> arguments) {
  const std::unique_ptr<Subcommand> command = entry.make();
  const ParseResult parsed = command->options().parse(arguments);
  if (parsed.help_wanted) {
    std::cout << parsed.help;
    return 0;
  }
  return command->run();
}

/// What stands where a command is expected and is none.
[[noreturn]] void fail_unknown(const std::string& word) {
  const std::string end = " (ockham --help lists what there is)";
  if (word.starts_with('-')) {
    const std::string option = word.substr(0, word.find('='));
    const size_t name = std::min(option.find_first_not_of('-'), option.size());
    const auto nearest =
        nearest_name(option.substr(name), std::array<std::string, 2>{"help", "version"});
    throw UsageError("unknown option " + option +
                     (nearest ? "; did you mean --" + *nearest + "?"
                              : "; a command comes first, then its options") +
                     end);
  }
  std::vector<std::string> names;
  for (const SubcommandEntry& command : subcommands()) names.emplace_back(command.name);
  const auto nearest = nearest_name(word, names);
  throw UsageError("unknown command \"" + word + "\"" +
                   (nearest ? "; did you mean \"" + *nearest + "\"?" : "") + end);
}

/// Of a command and what it is given.
int run_command(const std::vector<std::string>& arguments) {
  for (const SubcommandEntry& command : subcommands()) {
    if (arguments.front() == command.name) return run(command, std::span(arguments).subspan(1));
  }
  fail_unknown(arguments.front());
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    print_help(std::cerr);
    return 2;
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    const bool of_command = arguments.size() == 2 && !arguments[1].starts_with('-');
    if (of_command && arguments[1] != "help") return run_command({arguments[1], "--help"});
    print_help(std::cout);
    return 0;
  }
  if (name == "--version") {
    std::cout << "ockham " << kVersion << '\n';
    return 0;
  }
  return run_command(arguments);
}

/// Where a standard stream is closed, the next file to be opened would take its place, and output
/// meant for a reader would run into a model. The streams' stand-ins refuse all use instead.
void occupy_closed_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

/// Both ways of writing are buffered, so that a full disk may show only here.
void flush_output() {
  std::cout.flush();
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout) {
    throw Error("standard output could not be written (disk full, or closed); write elsewhere");
  }
}

/// File names and what stands in files can hold anything; a message stays one line.
int report(std::string message, int code) {
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  std::cerr << "ockham: " << message << '\n';
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  occupy_closed_streams();
  keep_freed_memory();
  use_large_pages();
  flush_denormals();
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit becomes an Error that names the file
  std::ios::sync_with_stdio(false);
  try {
    const int code = run({argv + 1, argv + argc});
    flush_output();
    return code;
  } catch (const UsageError& error) {
    return report(error.what(), 2);
  } catch (const std::bad_alloc&) {
    return report("out of memory; free some, or try with fewer texts", 1);
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
}
