#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// What pages are made of. A page holds all it needs: nothing is fetched from elsewhere.

namespace ockham {

/// Text for between tags and in attributes with double quotes; a U+FFFD for each character that
/// would turn the direction of what stands behind it.
std::string escaped(std::string_view text);

/// The first `most` characters of UTF-8, with an ellipsis where there are more.
std::string shortened(std::string_view text, size_t most);

/// JSON for inside a <script>, where no "</script>" in it can end the script.
std::string script_json(std::string json);

/// The text of a style sheet or script of apps/page/, `name` without its ending. Throws Error for
/// an unknown one.
std::string_view page_part(std::string_view name);

/// A table's cell, set to the right.
std::string number_cell(const std::string& text);

/// A table that scrolls by itself where the screen is narrow, by keys too; `head` and `rows` are
/// HTML. `id` may be empty.
std::string table_html(std::string_view caption, std::string_view head, std::string_view rows,
                       std::string_view id = "");

/// A whole page: `style` and `script` are names of parts, the script may be empty.
std::string html_page(std::string_view title, std::string_view style, std::string_view script,
                      std::string_view body);

}  // namespace ockham
