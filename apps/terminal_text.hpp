#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Numbers and names as tables and messages show them.
namespace ockham {

/// 12,345
std::string grouped_digits(size_t n);
/// "1 text" or "2,000 texts"
std::string counted(size_t n, std::string_view one, std::string_view many);
/// 85% with two decimals: 85.00
std::string percent_text(double share);
/// "85.00%", or "-" where there is no figure
std::string percent_or_dash(const std::optional<double>& share);
/// +1.23
std::string signed_number(double x);
/// "1 m 20 s"
std::string duration_text(double seconds);

/// Columns that a terminal gives to the text, which is UTF-8; wide characters take two.
size_t display_width(std::string_view text);
/// The text in exactly `width` columns: cut between characters, or filled up with spaces. Control
/// characters and bytes that are not UTF-8 become `?`, so that no name can steer the terminal.
std::string cell(std::string_view text, size_t width);
/// The same in as many columns as it takes.
std::string printable(std::string_view text);
/// cell() with the spaces in front.
std::string right_cell(std::string_view text, size_t width);
/// Names in at most `width` columns each, which are 8 at least, with "~" for what is cut off. Where
/// they begin alike it stands for what is between beginning and end; where they end alike too, the
/// end is the name's number, counted from 1. (A name that is what another becomes stays as it is.)
std::vector<std::string> distinct_names(std::span<const std::string> names, size_t width);

}  // namespace ockham
