#pragma once
/// Text of the user's, as a message shows it.

#include <string>
#include <string_view>

namespace fleetsim::config {

/// In quotes; long texts are cut, control characters shown as '?', so that a message stays one line on any terminal.
std::string quote(std::string_view text);

}  // namespace fleetsim::config
