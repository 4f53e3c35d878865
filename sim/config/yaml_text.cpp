#include "sim/config/yaml_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace fleetsim::config {
namespace {

struct Translation {
  std::string_view theirs;  // how the library's message begins
  std::string_view message;
  std::string_view help;
};

constexpr std::array<Translation, 16> translations{{
    {"end of map not found", "this line does not fit into the mapping around it",
     "write 'key: value', indented as the keys beside it"},
    {"end of sequence not found", "this line does not fit into the list around it",
     "indent a key as the keys that it belongs to; begin an item with '- ', indented as the items beside it"},
    {"illegal block entry", "a list item '-' cannot stand here", "put it on a line of its own, indented below its key"},
    {"illegal map key", "a key cannot stand here", "quote a text that holds ': '"},
    {"illegal map value", "a ':' cannot stand here", "quote a text that holds ': '"},
    {"YAML major version", "the file asks for a version of YAML that is not known", "remove the %YAML line"},
    {"illegal flow end", "a closing bracket stands without its opening one", ""},
    {"illegal EOF in scalar", "a quoted text is not closed", "close it with the quote that opens it"},
    {"illegal document indicator in scalar", "a quoted text is not closed", "close it with the quote that opens it"},
    {"illegal tab when looking for indentation", "a tab is used for indentation", "indent with blanks"},
    {"illegal character in scalar", "an illegal character in a text", ""},
    {"unknown escape character", "unknown escape in a double-quoted text",
     "use single quotes to take a backslash as it is"},
    {"unknown token", "this character cannot begin a value", "quote the text"},
    {"the referenced anchor is not defined", "an alias to an anchor that is not defined",
     "define it before its use, as in &name"},
    {"alias not found after *", "a '*' is not followed by the name of an anchor", "quote a text that begins with '*'"},
    {"anchor not found after &", "a '&' is not followed by a name", "quote a text that begins with '&'"},
}};

}  // namespace

bool quote_closes(std::string_view text, std::size_t at) {
  // Past an anchor and a tag, which come before the scalar.
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = std::min(text.find_first_of(" \t\r\n", at), text.size());
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
  }
  if (at >= text.size() || (text[at] != '\'' && text[at] != '"')) return true;
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      // In single quotes a doubled one stands for itself; either way the last one closes.
      if (quote == '"' || at + 1 == text.size() || text[at + 1] != quote) return true;
      ++at;
    }
  }
  return false;
}

bool is_indented_by_tab(std::string_view text, int line) {
  for (; line > 0; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const std::string_view indentation = text.substr(0, text.find_first_not_of(" \t"));
  return indentation.find('\t') != std::string_view::npos;
}

SyntaxError in_plain_words(std::string_view library_message) {
  const auto known = std::find_if(translations.begin(), translations.end(),
                                  [&](const Translation& t) { return library_message.starts_with(t.theirs); });
  if (known == translations.end()) return {fmt::format("not valid YAML: {}", library_message), {}};
  return {std::string(known->message), std::string(known->help)};
}

}  // namespace fleetsim::config
