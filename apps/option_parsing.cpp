#include <algorithm>
#include <boost/program_options.hpp>
#include <cassert>
#include <map>
#include <sstream>

#include "apps/options.hpp"
#include "ockham/tensor/file.hpp"
#include "ockham/text/nearest_name.hpp"

// What a Command makes of the words of a command line and of an INI file.

namespace ockham {
namespace {

namespace po = boost::program_options;

}  // namespace

Command::Setting* Command::find(std::string_view name) {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == settings_.end() ? nullptr : &*found;
}

std::string Command::argument(std::string_view name) const {
  const auto setting = std::ranges::find(settings_, name, &Setting::name);
  assert(setting != settings_.end());  // a name that the program itself gives
  const std::string value = setting->print();
  if (setting->is_flag()) return (value == "true" ? "--" : "--no-") + setting->name;
  return "--" + setting->name + " " + value;
}

bool Command::given(std::string_view name) const {
  return std::any_of(settings_.begin(), settings_.end(),
                     [&](const Setting& setting) { return setting.name == name && setting.given; });
}

ParseResult Command::parse(std::span<const std::string> arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (argument == "--help" || argument == "-h") return {true, help()};
    if (argument == "--help-all") return {true, help(HelpLevel::expert)};
  }
  const std::vector<Argument> options = split(arguments);
  for (Setting& setting : settings_) setting.given = false;
  if (!config_path_.empty()) apply_config(config_path_);
  apply(options);
  check_required();
  return {};
}

/// What the words of the command line are; values are not looked at yet. Also sets the positional
/// arguments and the path of the INI file.
std::vector<Command::Argument> Command::split(std::span<const std::string> arguments) {
  po::options_description known;
  known.add_options()("config", po::value<std::string>(), "");
  for (const Setting& setting : settings_) {
    if (setting.is_flag()) {
      known.add_options()(setting.name.c_str(), "")(("no-" + setting.name).c_str(), "");
    } else {
      known.add_options()(setting.name.c_str(), po::value<std::string>(), "");
    }
  }
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  po::parsed_options parsed(&known);
  try {
    parsed = po::command_line_parser({arguments.begin(), arguments.end()})
                 .options(known)
                 .style(style)
                 .allow_unregistered()
                 .run();
  } catch (const po::invalid_syntax& error) {
    const bool extra = error.kind() == po::invalid_syntax::extra_parameter;
    throw UsageError(error.get_option_name() + (extra ? " takes no value" : " needs a value") +
                     "; see ockham " + name_ + " --help");
  }
  std::vector<Argument> options;
  config_path_.clear();
  if (positional_ != nullptr) positional_->clear();
  for (const po::option& option : parsed.options) {
    if (option.unregistered) fail_unknown(option.original_tokens.at(0));
    const std::string value = option.value.empty() ? "true" : option.value[0];
    if (option.position_key >= 0) {
      if (positional_ == nullptr) {
        throw UsageError("unexpected argument '" + value + "'; see ockham " + name_ + " --help");
      }
      if (value.empty()) {
        throw UsageError(positional_name_ + " '': expected a value that is not empty");
      }
      positional_->push_back(value);
    } else if (option.original_tokens.size() > 1 && value.rfind("--", 0) == 0) {
      throw UsageError("--" + option.string_key + " needs a value, not the option " + value);
    } else if (option.string_key == "config") {
      if (!config_path_.empty()) throw UsageError("--config is given twice");
      if (value.empty()) throw UsageError("--config needs the name of a file");
      config_path_ = value;
    } else if (Setting* setting = find(option.string_key)) {
      options.push_back({setting, "--" + option.string_key, value});
    } else {
      options.push_back({find(option.string_key.substr(3)), "--" + option.string_key, "false"});
    }
  }
  return options;
}

void Command::apply(const std::vector<Argument>& arguments) {
  std::vector<const Setting*> seen;
  for (const auto& [setting, spelling, value] : arguments) {
    if (std::find(seen.begin(), seen.end(), setting) != seen.end()) {
      throw UsageError("--" + setting->name + " is given twice");
    }
    seen.push_back(setting);
    if (!setting->set(value)) {
      throw UsageError(spelling + " " + (value.empty() ? "''" : value) + ": expected " +
                       setting->expected + setting->mistake);
    }
    setting->given = true;
  }
}

void Command::apply_config(const std::string& path) {
  std::map<std::string, std::string> places;
  for_each_ini_line(path, [&](const std::string& line, const std::string& where) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos) {
      fail(where, "expected 'key = value', found '", line_start(line), "' (comments begin with #)");
    }
    const std::string key = trimmed(line.substr(0, equals));
    const auto [first, fresh] = places.emplace(key, where);
    if (!fresh) {
      const std::string_view number = std::string_view(first->second).substr(path.size() + 1);
      fail(where, key, " is set already in line ", number.substr(0, number.find(':')));
    }
    const std::optional<std::string> value = read_ini_value(trimmed(line.substr(equals + 1)));
    if (!value) fail(where, "the quoted value of ", key, " does not end with its line");
    set(key, *value, where);
  });
}

void Command::set(const std::string& key, const std::string& value, const std::string& where) {
  Setting* setting = find(key);
  if (setting == nullptr) {
    fail(where, "unknown key '", line_start(key), "'", suggestion(key, ""), " (ockham ", name_,
         " --help-all lists what there is)");
  }
  if (!setting->set(value)) {
    fail(where, key, " = ", line_start(value), ": expected ", setting->expected, setting->mistake);
  }
  setting->given = true;
}

void Command::check_required() const {
  for (const Setting& setting : settings_) {
    if (setting.required && setting.print().empty()) {
      throw UsageError("ockham " + name_ + " needs --" + setting.name + " " + setting.value_name +
                       " (" + setting.help + "), for example: " + example_);
    }
  }
}

/// "; did you mean X?" or nothing, where only the command line has dashes and --config.
std::string Command::suggestion(std::string_view word, std::string_view dashes) const {
  std::vector<std::string> names;
  for (const Setting& setting : settings_) names.push_back(setting.name);
  if (!dashes.empty()) names.insert(names.end(), {"config", "help"});
  const std::optional<std::string> nearest = nearest_name(word, names);
  return nearest ? "; did you mean " + std::string(dashes) + *nearest + "?" : "";
}

void Command::fail_unknown(const std::string& token) const {
  const std::string shown = token.substr(0, token.find('='));
  const size_t word = std::min(shown.find_first_not_of('-'), shown.size());
  throw UsageError("unknown option " + shown + suggestion(shown.substr(word), "--") + " (ockham " +
                   name_ + " --help-all lists what there is)");
}

}  // namespace ockham
