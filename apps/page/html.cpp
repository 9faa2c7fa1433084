#include "apps/page/html.hpp"

namespace ockham {

namespace {

/// Whether a character begins there that turns the direction of what follows, the page's own words
/// too: U+202A to U+202E, U+2066 to U+2069.
bool turns_direction(std::string_view text) {
  return text.size() >= 3 &&
         ((text.starts_with("\xE2\x80") && text[2] >= '\xAA' && text[2] <= '\xAE') ||
          (text.starts_with("\xE2\x81") && text[2] >= '\xA6' && text[2] <= '\xA9'));
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  for (size_t i = 0; i < text.size(); ++i) {
    if (turns_direction(text.substr(i))) {
      html += "\uFFFD";
      i += 2;
      continue;
    }
    const char c = text[i];
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string shortened(std::string_view text, size_t most) {
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (text[i] & '\xC0') != '\x80';
    if (begins && characters++ == most) return std::string(text.substr(0, i)) + "…";
  }
  return std::string(text);
}

std::string script_json(std::string json) {
  for (size_t at = json.find('<'); at != std::string::npos; at = json.find('<', at)) {
    json.replace(at, 1, "\\u003c");
  }
  return json;
}

std::string table_html(std::string_view caption, std::string_view head, std::string_view rows,
                       std::string_view id) {
  const std::string name = escaped(caption);
  std::string html = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"";
  html += name + "\"><table" + (id.empty() ? "" : " id=\"" + std::string(id) + "\"");
  html += ">\n<caption>" + name + "</caption>\n<thead><tr>";
  html += head;
  html += "</tr></thead>\n<tbody>\n";
  html += rows;
  return html + "</tbody></table></div>\n";
}

std::string number_cell(const std::string& text) {
  return "<td class=\"number\">" + text + "</td>";
}

std::string html_page(std::string_view title, std::string_view style, std::string_view script,
                      std::string_view body) {
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  page += "<link rel=\"icon\" href=\"data:,\">\n";  // or browsers ask for one
  page += "<title>" + escaped(title) + "</title>\n<style>\n";
  page += page_part("shared");
  page += page_part(style);
  page += "</style>\n</head>\n<body>\n";
  page += body;
  if (!script.empty()) {
    page += "<script>\n";
    page += page_part(script);
    page += "</script>\n";
  }
  return page + "</body>\n</html>\n";
}

}  // namespace ockham
