#pragma once
/// What the YAML library leaves unseen or unclear, found in the text itself.

#include <cstddef>
#include <string>
#include <string_view>

namespace fleetsim::config {

/// Whether the scalar at `at` is plain, or its quote is closed: the library takes the end of the file for a closing
/// quote.
bool quote_closes(std::string_view text, std::size_t at);

/// Whether the line (counted from 0) has a tab before its first word.
bool is_indented_by_tab(std::string_view text, int line);

struct SyntaxError {
  std::string message;
  std::string help;
};
/// The library's message in a clear sentence; one that is not known is shown as it is.
SyntaxError in_plain_words(std::string_view library_message);

}  // namespace fleetsim::config
