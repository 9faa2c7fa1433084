#include <sstream>

#include "apps/reference.hpp"

namespace ockham {
namespace {

/// Text as roff reads it back: nothing in it is an escape, a request or typeset otherwise.
std::string roff(std::string_view text) {
  std::string escaped;
  if (!text.empty() && (text[0] == '.' || text[0] == '\'')) escaped = "\\&";
  for (const char c : text) {
    switch (c) {
      case '\\':
        escaped += "\\e";
        break;
      case '-':
        escaped += "\\-";
        break;
      case '\'':
        escaped += "\\(aq";
        break;
      case '`':
        escaped += "\\(ga";
        break;
      case '^':
        escaped += "\\(ha";
        break;
      case '~':
        escaped += "\\(ti";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string bold(std::string_view text) {
  return "\\fB" + roff(text) + "\\fR";
}
std::string italic(std::string_view text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string sentence(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".";
}

void write_item(std::ostream& out, const std::string& term, const std::string& text) {
  out << ".TP\n" << term << "\n" << roff(sentence(text)) << "\n";
}

/// `--data FILE`, `--[no-]json`.
std::string term(const OptionInfo& option) {
  if (option.value_name.empty()) return "\\fB\\-\\-\\fR[\\fBno\\-\\fR]" + bold(option.name);
  const std::string value = option.choices.empty() || option.is_list ? italic(option.value_name)
                                                                     : bold(option.value_name);
  return bold("--" + option.name) + " " + value;
}

/// A list names what can be in it nowhere else.
std::string described(const OptionInfo& option) {
  if (!option.is_list) return option.help;
  return option.help + "; none or some of " + join(option.choices, ",");
}

void write_command(std::ostream& out, const CommandInfo& command) {
  out << ".SS ockham " << roff(command.name) << "\n";
  constexpr std::string_view kUsage = "Usage: ";
  out << bold(command.usage.substr(kUsage.size())) << "\n.PP\n" << roff(command.summary) << "\n";
  if (!command.positional_name.empty()) {
    write_item(out, italic(command.positional_name + "..."), command.positional_help);
  }
  std::string group = command.options.empty() ? "" : command.options[0].group;
  for (const OptionInfo& option : command.options) {
    if (option.group != group) {
      group = option.group;
      out << ".PP\n" << roff(group) << ":\n";
    }
    write_item(out, term(option), described(option));
  }
}

void write_head(std::ostream& out, const std::string& version) {
  out << ".\\\" Made from the options that the program declares.\n"
      << ".TH OCKHAM 1 \"\" \"ockham " << roff(version) << "\" \"User Commands\"\n"
      << ".SH NAME\n"
         "ockham \\- trains Bayesian recurrent text classifiers and prunes them to a few "
         "kilobytes\n"
         ".SH SYNOPSIS\n"
         "\\fBockham\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
         ".br\n"
         "\\fBockham \\-\\-help\\fR | \\fB\\-\\-version\\fR\n"
         ".SH DESCRIPTION\n"
         "Labelled texts are files of lines\n"
         ".IR label <TAB> text .\n"
         "From them\n"
         ".B ockham train\n"
         "makes a folder with classifiers from accurate to small;\n"
         ".B ockham compress\n"
         "writes one of them as a file, and\n"
         ".B ockham predict\n"
         "labels texts with the folder or the file.\n"
         "Data go to standard output, everything else to standard error.\n";
}

void write_tail(std::ostream& out, std::span<const CommandInfo> commands) {
  out << ".SH OPTIONS OF ALL COMMANDS\n";
  write_item(out, bold("--config") + " " + italic("FILE"),
             "read settings from an INI file, lines key = value whose keys are the names of the "
             "options; the command line wins");
  write_item(out, bold("--help"), "show the options that are needed most");
  write_item(out, bold("--help-all"), "show all options");
  out << ".SH EXIT STATUS\n";
  write_item(out, bold("0"), "done");
  write_item(out, bold("1"), "the work failed; a message says what, where and what to do");
  write_item(out, bold("2"), "the command line is wrong");
  out << ".SH EXAMPLES\n.EX\n";
  for (const CommandInfo& command : commands) out << roff(command.example) << "\n";
  out << ".EE\n";
}

}  // namespace

std::string man_page(std::span<const CommandInfo> commands, const std::string& version) {
  std::ostringstream out;
  write_head(out, version);
  out << ".SH COMMANDS\n";
  for (const CommandInfo& command : commands) write_command(out, command);
  write_tail(out, commands);
  return out.str();
}

}  // namespace ockham
