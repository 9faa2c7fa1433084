#pragma once

#include <cassert>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "apps/option_text.hpp"
#include "ockham/tensor/error.hpp"

namespace ockham {

/// The command line is wrong (exit code 2), as opposed to the work failing (Error, exit code 1).
class UsageError : public Error {
 public:
  using Error::Error;
};

struct ParseResult {
  bool help_wanted = false;  // print `help` on stdout and stop
  std::string help;
};

/// An option as a reference needs it.
struct OptionInfo {
  std::string name;
  std::string value_name;            // empty for a flag
  std::string help;                  // with the default
  std::vector<std::string> choices;  // empty: not one of some texts
  bool is_list = false;              // of choices, separated by commas
  std::string group;                 // the heading it stands under
};

/// A command as a reference needs it.
struct CommandInfo {
  std::string name;
  std::string usage;
  std::string summary;
  std::string example;
  std::vector<OptionInfo> options;
  std::string positional_name;  // empty: none
  std::string positional_help;
};

/// Whether a group of options stands in --help or only in --help-all.
enum class HelpLevel { common, expert };

/// Whether an INI text explains every key, with the unset ones as comments.
enum class IniComments { without, with };

/// One subcommand and its settings. A setting is declared once: that gives its default (what the
/// field holds when it is declared), its parsing on the command line and in the INI file of
/// --config (the same name is the key), its check, its help and its printing. The fields must
/// outlive the Command.
///
///     Command command{"train", "Train a classifier", "ockham train --train a.tsv --model a"};
///     command.required(&settings.train, "train", "FILE", "labelled texts");
///     command.option(&settings.epochs, "epochs", "N", "passes over the data", Range{1, 100000});
///     command.choice(&settings.cell, "cell", {"lstm", "gru"}, "recurrent cell");
///     const ParseResult result = command.parse(arguments);
class Command {
 public:
  /// `example` is a whole command line; the help ends with it.
  Command(std::string name, std::string summary, std::string example);

  /// Starts a heading in the help for the settings that follow.
  void group(std::string title, HelpLevel level = HelpLevel::common);

  /// A text that must be given, here or in the INI file.
  void required(std::string* field, std::string name, std::string value_name, std::string help);
  /// A text, such as a path; an empty field stands for none.
  void option(std::string* field, std::string name, std::string value_name, std::string help);
  /// Texts such as paths, separated by commas; an empty field stands for none.
  void list(std::vector<std::string>* field, std::string name, std::string value_name,
            std::string help);
  /// A number: int, unsigned, size_t, float or double.
  template <typename T>
  void option(T* field, std::string name, std::string value_name, std::string help,
              Range range = {});
  /// A number that may be left out (no default).
  template <typename T>
  void option(std::optional<T>* field, std::string name, std::string value_name, std::string help,
              Range range = {});
  /// `LO:HI` with LO <= HI, or one number for both ends.
  void interval(double* low, double* high, std::string name, std::string value_name,
                std::string help, Range range = {});
  /// `FIRST:LAST`, from one number of the range to another, or one number for both; -1, alone, for
  /// what goes by the data.
  void course(double* first, double* last, std::string name, std::string value_name,
              std::string help, Range range = {});
  /// A time such as 90s, 5m or 1.5h, in seconds; a number alone is of seconds. None by default.
  void duration(std::optional<double>* seconds, std::string name, std::string help);
  /// A file's size such as 4000, 4k or 1.5M, in bytes. None by default.
  void size(std::optional<size_t>* bytes, std::string name, std::string help);
  /// Whole numbers, separated by commas; `none` for none.
  void numbers(std::vector<size_t>* field, std::string name, std::string value_name,
               std::string help, Range range);
  /// One of some texts.
  void choice(std::string* field, std::string name, std::vector<std::string> choices,
              std::string help);
  /// One of an enumeration's values by their names.
  template <typename E>
  requires std::is_enum_v<E>
  void choice(E* field, std::string name, std::vector<std::pair<std::string, E>> choices,
              std::string help);
  /// Any number of some texts, separated by commas, each at most once; `none` for none.
  void choices(std::vector<std::string>* field, std::string name, std::vector<std::string> choices,
               std::string help);
  /// --NAME sets it, --no-NAME clears it; `true` or `false` in the INI file.
  void flag(bool* field, std::string name, std::string help);
  /// For the option declared last, words instead of a default that differs between machines.
  void describe_default(std::string words);
  /// What else the setting declared last could have been meant for: said behind a bad value of it.
  void describe_mistake(std::string words);
  /// One character of ASCII other than quotes, line ends and other controls; `tab` for a tab.
  void character(char* field, std::string name, std::string help);
  /// Any number of arguments without a name.
  void positional(std::vector<std::string>* field, std::string value_name, std::string help);

  /// Fills the fields from the arguments (without program and command name) and from the INI file
  /// that --config names; the command line wins. With --help or --help-all nothing is filled.
  /// Throws UsageError: unknown option (names the nearest), bad or missing value, an option twice,
  /// a missing required one; Error, with file:line: an INI file that is unreadable or wrong.
  ParseResult parse(std::span<const std::string> arguments);

  /// What a line `key = value` of an INI file does. Throws Error that begins with `where`: unknown
  /// key (names the nearest), bad value.
  void set(const std::string& key, const std::string& value, const std::string& where);
  /// Throws UsageError for a required setting that nothing gave; parse() has done so.
  void check_required() const;

  /// After parse(): whether the command line or the INI file gave the setting.
  bool given(std::string_view name) const;

  /// What on the command line gives a setting its present value: `--cell lstm`, `--no-quiet`.
  std::string argument(std::string_view name) const;

  /// The present values as an INI file that reproduces them; positional arguments are left out.
  std::string ini(IniComments comments = IniComments::without) const;

  const std::string& name() const { return name_; }
  const std::string& summary() const { return summary_; }
  std::string help(HelpLevel level = HelpLevel::common) const;
  /// All of the declaration, without --config and --help, which every command has.
  CommandInfo info() const;

 private:
  struct Setting {
    std::string name;
    std::string value_name;  // empty for a flag
    std::string help;
    std::string expected;                         // what parse accepts, in words
    std::function<bool(const std::string&)> set;  // false and nothing set: not as expected
    std::function<std::string()> print;           // empty: not set
    bool required = false;
    bool given = false;
    size_t group = 0;
    std::string default_text = {};
    std::string mistake = {};
    std::vector<std::string> choices = {};
    bool is_list = false;

    bool is_flag() const { return value_name.empty(); }
  };
  struct Group {
    std::string title;
    HelpLevel level = HelpLevel::common;
  };
  struct Argument {  // one option of the command line
    Setting* setting;
    std::string spelling;
    std::string value;
  };

  void add(Setting setting);
  /// `words`: name, value's name, help and what is expected, without the range; `fit`: which two go
  /// together.
  void two_numbers(double* first, double* second, Setting words, Range range,
                   bool (*fit)(double, double), std::optional<double> automatic);
  void add_choice(std::string name, std::vector<std::string> choices, std::string help,
                  std::function<void(size_t)> set, std::function<size_t()> get);
  Setting* find(std::string_view name);
  std::vector<Argument> split(std::span<const std::string> arguments);
  void apply_config(const std::string& path);
  void apply(const std::vector<Argument>& arguments);
  std::string usage() const;
  std::string described(const Setting& setting) const;
  [[noreturn]] void fail_unknown(const std::string& token) const;
  std::string suggestion(std::string_view word, std::string_view dashes) const;

  std::string name_;
  std::string summary_;
  std::string example_;
  std::string config_path_;
  std::vector<Setting> settings_;  // in the order of the help
  std::vector<Group> groups_;
  std::vector<std::string>* positional_ = nullptr;
  std::string positional_name_;
  std::string positional_help_;
};

template <typename E>
requires std::is_enum_v<E>
void Command::choice(E* field, std::string name, std::vector<std::pair<std::string, E>> choices,
                     std::string help) {
  std::vector<std::string> names;
  for (const auto& [text, value] : choices) names.push_back(text);
  const auto get = [field, choices] {
    size_t i = 0;
    while (i < choices.size() && choices[i].second != *field) ++i;
    return i;
  };
  add_choice(
      std::move(name), std::move(names), std::move(help),
      [field, choices](size_t i) { *field = choices[i].second; }, get);
}

}  // namespace ockham
