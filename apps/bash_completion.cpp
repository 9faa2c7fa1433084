#include "apps/reference.hpp"

namespace ockham {
namespace {

constexpr const char* kHead =
    R"(# Completes the command lines of ockham in bash; made from the options that the program declares.

)";

/// Reads the tables before it. bash takes `--option=value` apart, "=" being a word of its own.
constexpr const char* kCompletion = R"bash(
# The options that are not there yet, a flag's opposite counted.
_ockham_unused_options() {
  local option word used
  for option in $(_ockham_options "$1"); do
    used=no
    for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}" "${COMP_WORDS[@]:COMP_CWORD+1}"; do
      [[ "${word/#--no-/--}" == "${option/#--no-/--}" ]] && used=yes
    done
    [[ $used == yes ]] || echo "$option"
  done
}

_ockham_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

# Of a list, the part behind the last comma is completed, with what is not there yet.
_ockham_list() {
  local current=$1 before='' word unused=''
  [[ $current == *,* ]] && before=${current%,*},
  for word in $2; do
    [[ ,$before == *,$word,* || (-n $before && $word == none) ]] || unused+=" $word"
  done
  compopt -o nospace 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$unused" -- "${current##*,}")
}

_ockham() {
  local command=${COMP_WORDS[1]} current=${COMP_WORDS[COMP_CWORD]}
  local previous=${COMP_WORDS[COMP_CWORD-1]} kind words
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "$_ockham_commands --help --version" -- "$current")
    return
  fi
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=${COMP_WORDS[COMP_CWORD-2]}
  fi
  read -r kind words <<<"$(_ockham_value "$command" "$previous")"
  if [[ -z $kind && $current != -* ]]; then
    kind=$(_ockham_positional "$command")
  fi
  case $kind in
    files) _ockham_files -f "$current" ;;
    folders) _ockham_files -d "$current" ;;
    words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
    list) _ockham_list "$current" "$words" ;;
    text) ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$(_ockham_unused_options "$command")" -- "$current") ;;
  esac
}

complete -F _ockham ockham
)bash";

std::string function(const std::string& comment, const std::string& name,
                     const std::string& cases) {
  return "\n# " + comment + "\n" + name + "() {\n  case \"$*\" in\n" + cases + "  esac\n}\n";
}

std::string echo_case(const std::string& pattern, const std::string& answer) {
  return "    " + pattern + ") echo " + shell_word(answer) + " ;;\n";
}

std::string option_names(const CommandInfo& command) {
  std::string names;
  for (const OptionInfo& option : command.options) {
    names += "--" + option.name + " ";
    if (option.value_name.empty()) names += "--no-" + option.name + " ";
  }
  return names + "--config --help --help-all";
}

/// A trained model is a folder, a deployable one a file; names of files lead to both.
std::string kind_of_value(const OptionInfo& option) {
  if (!option.choices.empty()) {
    return (option.is_list ? "list none " : "words ") + join(option.choices, " ");
  }
  if (option.value_name == "DIR") return "folders";
  return option.value_name.find("FILE") != std::string::npos ? "files" : "text";
}

}  // namespace

std::string bash_completion(std::span<const CommandInfo> commands) {
  std::string names, options, values, positionals;
  for (const CommandInfo& command : commands) {
    names += (names.empty() ? "" : " ") + command.name;
    options += echo_case(command.name, option_names(command));
    for (const OptionInfo& option : command.options) {
      if (option.value_name.empty()) continue;
      values += echo_case("'" + command.name + " --" + option.name + "'", kind_of_value(option));
    }
    if (!command.positional_name.empty()) positionals += echo_case(command.name, "files");
  }
  values += echo_case("*' --config'", "files");
  return kHead + ("_ockham_commands=" + shell_word(names)) + "\n" +
         function("_ockham_options COMMAND", "_ockham_options", options) +
         function(
             "_ockham_value COMMAND OPTION: files, folders, words and list with the choices, "
             "text,\n# or nothing for an option without a value.",
             "_ockham_value", values) +
         function("_ockham_positional COMMAND: what its arguments without a name are.",
                  "_ockham_positional", positionals) +
         kCompletion;
}

}  // namespace ockham
