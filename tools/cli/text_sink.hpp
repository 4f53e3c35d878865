#pragma once
/// Text that is made and written a piece at a time, so that none of it has to be whole in memory.

#include <functional>
#include <string_view>

namespace fleetsim::cli {

/// Takes the next piece.
using TextSink = std::function<void(std::string_view)>;
/// Hands its text to the sink, from first to last.
using TextSource = std::function<void(const TextSink&)>;

}  // namespace fleetsim::cli
