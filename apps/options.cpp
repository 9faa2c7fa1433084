#include "apps/options.hpp"

#include <algorithm>
#include <sstream>

#include "ockham/text/nearest_name.hpp"

namespace ockham {
// --- declaring ---

Command::Command(std::string name, std::string summary, std::string example)
    : name_(std::move(name)), summary_(std::move(summary)), example_(std::move(example)) {
  groups_.push_back({"Options", HelpLevel::common});
}

void Command::group(std::string title, HelpLevel level) {
  groups_.push_back({std::move(title), level});
}

void Command::add(Setting setting) {
  assert(find(setting.name) == nullptr);
  setting.group = groups_.size() - 1;
  setting.default_text = setting.print();
  settings_.push_back(std::move(setting));
}

void Command::required(std::string* field, std::string name, std::string value_name,
                       std::string help) {
  option(field, std::move(name), std::move(value_name), std::move(help));
  settings_.back().required = true;
}

void Command::option(std::string* field, std::string name, std::string value_name,
                     std::string help) {
  const auto set = [field](const std::string& text) {
    if (text.empty()) return false;
    *field = text;
    return true;
  };
  add({name, value_name, help, "a value that is not empty", set, [field] { return *field; }});
}

template <typename T>
void Command::option(T* field, std::string name, std::string value_name, std::string help,
                     Range range) {
  const auto set = [field, range](const std::string& text) {
    const std::optional<T> value = read_number_in<T>(text, range);
    if (value) *field = *value;
    return value.has_value();
  };
  add({name, value_name, help, in_words<T>(range), set, [field] { return number_text(*field); }});
}

template <typename T>
void Command::option(std::optional<T>* field, std::string name, std::string value_name,
                     std::string help, Range range) {
  const auto set = [field, range](const std::string& text) {
    const std::optional<T> value = read_number_in<T>(text, range);
    if (value) *field = value;
    return value.has_value();
  };
  add({name, value_name, help, in_words<T>(range), set,
       [field] { return *field ? number_text(**field) : std::string(); }});
}

#define OCKHAM_NUMBER(T)                                                           \
  template void Command::option(T*, std::string, std::string, std::string, Range); \
  template void Command::option(std::optional<T>*, std::string, std::string, std::string, Range)
OCKHAM_NUMBER(int);
OCKHAM_NUMBER(unsigned);
OCKHAM_NUMBER(size_t);
OCKHAM_NUMBER(float);
OCKHAM_NUMBER(double);
#undef OCKHAM_NUMBER

void Command::list(std::vector<std::string>* field, std::string name, std::string value_name,
                   std::string help) {
  const auto set = [field](const std::string& text) {
    const std::vector<std::string> parts = split_at(text, ',');
    const bool whole = std::ranges::none_of(parts, &std::string::empty);
    if (whole) *field = parts;
    return whole;
  };
  add({name, value_name, help, "values separated by commas, none of them empty", set,
       [field] { return join(*field, ","); }});
}

void Command::two_numbers(double* first, double* second, Setting words, Range range,
                          bool (*fit)(double, double), std::optional<double> automatic) {
  words.set = [=](const std::string& text) {
    if (automatic && text == number_text(*automatic)) {
      *first = *second = *automatic;
      return true;
    }
    const std::vector<std::string> parts = split_at(text, ':');
    const std::optional<double> a = read_number_in<double>(parts.front(), range);
    const std::optional<double> b = read_number_in<double>(parts.back(), range);
    if (parts.size() > 2 || !a || !b || !fit(*a, *b)) return false;
    *first = *a;
    *second = *b;
    return true;
  };
  words.print = [first, second] {
    const std::vector<std::string> parts{number_text(*first), number_text(*second)};
    return parts[0] == parts[1] ? parts[0] : join(parts, ":");
  };
  words.expected += in_words<double>(range);
  add(std::move(words));
}

void Command::interval(double* low, double* high, std::string name, std::string value_name,
                       std::string help, Range range) {
  two_numbers(
      low, high, {name, value_name, help, "LO:HI with LO <= HI, each ", {}, {}}, range,
      [](double lo, double hi) { return lo <= hi; }, std::nullopt);
}

void Command::course(double* first, double* last, std::string name, std::string value_name,
                     std::string help, Range range) {
  constexpr double kAutomatic = -1.0;
  two_numbers(
      first, last, {name, value_name, help, "-1, or P or FIRST:LAST, each ", {}, {}}, range,
      [](double, double) { return true; }, kAutomatic);
}

void Command::duration(std::optional<double>* seconds, std::string name, std::string help) {
  const auto set = [seconds](const std::string& text) {
    const std::optional<double> value = read_duration(text);
    if (value) *seconds = *value;
    return value.has_value();
  };
  const auto print = [seconds] { return *seconds ? number_text(**seconds) + "s" : ""; };
  add({name, "TIME", help, "a time above 0 such as 90s, 5m or 1.5h", set, print});
}

void Command::size(std::optional<size_t>* bytes, std::string name, std::string help) {
  const auto set = [bytes](const std::string& text) {
    const std::optional<size_t> value = read_size(text);
    if (value) *bytes = *value;
    return value.has_value();
  };
  const auto print = [bytes] { return *bytes ? number_text(**bytes) : ""; };
  add({name, "BYTES", help, "a number of bytes above 0 such as 4000, 4k or 1.5M", set, print});
}

void Command::numbers(std::vector<size_t>* field, std::string name, std::string value_name,
                      std::string help, Range range) {
  const auto set = [field, range](const std::string& text) {
    std::vector<std::string> parts;
    if (text != "none") parts = split_at(text, ',');
    std::vector<size_t> numbers;
    for (const std::string& part : parts) {
      const std::optional<size_t> number = read_number_in<size_t>(part, range);
      if (!number) return false;
      numbers.push_back(*number);
    }
    *field = numbers;
    return true;
  };
  const auto print = [field] {
    std::vector<std::string> parts;
    for (const size_t number : *field) parts.push_back(std::to_string(number));
    return parts.empty() ? std::string("none") : join(parts, ",");
  };
  add({name, value_name, help, "none or a list, each " + in_words<size_t>(range), set, print});
}

void Command::add_choice(std::string name, std::vector<std::string> choices, std::string help,
                         std::function<void(size_t)> set, std::function<size_t()> get) {
  assert(get() < choices.size());  // the default is one of the choices
  const auto set_named = [choices, set](const std::string& text) {
    const auto found = std::find(choices.begin(), choices.end(), text);
    if (found != choices.end()) set(static_cast<size_t>(found - choices.begin()));
    return found != choices.end();
  };
  const std::string expected = choices.size() == 1 ? choices[0] : "one of " + join(choices, ", ");
  add({name, join(choices, "|"), help, expected, set_named,
       [choices, get] { return choices[get()]; }});
  settings_.back().choices = choices;
}

void Command::choice(std::string* field, std::string name, std::vector<std::string> choices,
                     std::string help) {
  const auto get = [field, choices] {
    return static_cast<size_t>(std::find(choices.begin(), choices.end(), *field) - choices.begin());
  };
  add_choice(
      std::move(name), choices, std::move(help),
      [field, choices](size_t i) { *field = choices[i]; }, get);
}

void Command::choices(std::vector<std::string>* field, std::string name,
                      std::vector<std::string> choices, std::string help) {
  const auto set = [field, choices](const std::string& text) {
    std::vector<std::string> parts;
    if (text != "none") parts = split_at(text, ',');
    for (auto part = parts.begin(); part != parts.end(); ++part) {
      if (std::find(choices.begin(), choices.end(), *part) == choices.end()) return false;
      if (std::find(parts.begin(), part, *part) != part) return false;
    }
    *field = parts;
    return true;
  };
  add({name, "LIST", help, "none or a list, without repetition, of " + join(choices, ","), set,
       [field] { return field->empty() ? std::string("none") : join(*field, ","); }});
  settings_.back().choices = choices;
  settings_.back().is_list = true;
}

void Command::flag(bool* field, std::string name, std::string help) {
  const auto set = [field](const std::string& text) {
    if (text != "true" && text != "false") return false;
    *field = text == "true";
    return true;
  };
  add({name, "", help, "true or false", set,
       [field] { return std::string(*field ? "true" : "false"); }});
}

void Command::describe_default(std::string words) {
  settings_.back().default_text = std::move(words);
}

void Command::describe_mistake(std::string words) {
  settings_.back().mistake = std::move(words);
}

void Command::character(char* field, std::string name, std::string help) {
  const auto set = [field](const std::string& text) {
    const bool single = text.size() == 1 && text[0] >= ' ' && text[0] <= '~' && text != "\"";
    if (!single && text != "tab" && text != "\t") return false;
    *field = single ? text[0] : '\t';
    return true;
  };
  add({name, "CHAR", help, "one character, or tab", set,
       [field] { return *field == '\t' ? std::string("tab") : std::string(1, *field); }});
}

void Command::positional(std::vector<std::string>* field, std::string value_name,
                         std::string help) {
  positional_ = field;
  positional_name_ = std::move(value_name);
  positional_help_ = std::move(help);
}

// --- printing ---

std::string Command::ini(IniComments comments) const {
  const bool commented = comments == IniComments::with;
  std::string text;
  size_t group = groups_.size();
  for (const Setting& setting : settings_) {
    const std::string value = setting.print();
    if (commented && setting.group != group) {
      group = setting.group;
      text += (text.empty() ? "# --- " : "\n# --- ") + groups_[group].title + " ---\n";
    }
    if (commented) text += "\n# " + setting.help + ": " + setting.expected + "\n";
    if (!value.empty()) {
      text += setting.name + " = " + ini_value(value) + "\n";
    } else if (commented) {
      text += "# " + setting.name + " = " + setting.value_name + "\n";
    }
  }
  return text;
}

std::string Command::usage() const {
  std::string text = "Usage: ockham " + name_;
  for (const Setting& setting : settings_) {
    if (setting.required) text += " --" + setting.name + " " + setting.value_name;
  }
  text += " [options]";
  if (positional_ != nullptr) text += " [" + positional_name_ + "...]";
  return text;
}

std::string Command::described(const Setting& setting) const {
  if (setting.required) return setting.help + " (required)";
  if (setting.default_text.empty()) return setting.help;
  if (setting.is_flag() && setting.default_text == "false") return setting.help;
  return setting.help + " (default " + setting.default_text + ")";
}

std::string Command::help(HelpLevel level) const {
  std::string text = usage() + "\n\n" + summary_ + "\n";
  if (positional_ != nullptr) {
    text += "\n";
    text += help_line(positional_name_ + "...", positional_help_);
  }
  bool hidden = false;
  size_t group = groups_.size();
  for (const Setting& setting : settings_) {
    if (level == HelpLevel::common && groups_[setting.group].level == HelpLevel::expert) {
      hidden = true;
      continue;
    }
    if (setting.group != group) text += "\n" + groups_[group = setting.group].title + ":\n";
    const std::string spelling = setting.is_flag() ? "[no-]" + setting.name : setting.name;
    const std::string value = setting.is_flag() ? "" : " " + setting.value_name;
    text += help_line("--" + spelling + value, described(setting));
  }
  text += "\n";
  text += help_line("--config FILE", "read settings from an INI file; the command line wins");
  text += help_line("--help", hidden ? "this text; --help-all shows all options" : "this text");
  return text + "\nExample:\n  " + example_ + "\n";
}

CommandInfo Command::info() const {
  CommandInfo info{name_, usage(), summary_, example_, {}, positional_name_, positional_help_};
  for (const Setting& s : settings_) {
    info.options.push_back(
        {s.name, s.value_name, described(s), s.choices, s.is_list, groups_[s.group].title});
  }
  return info;
}

}  // namespace ockham
