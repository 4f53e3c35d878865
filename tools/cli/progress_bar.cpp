#include "tools/cli/progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "fleetsim/units.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

void ProgressBar::show(std::uint64_t done, std::uint64_t total, std::string_view note) {
  if (!enabled_) return;
  if (!found_) found_ = done > 0 ? done - 1 : 0;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < redraw_interval) return;
  drawn_ = now;
  visible_ = true;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  // The last column stays free: some terminals wrap a full line.
  const int width = terminal_width(STDERR_FILENO) - 1;
  std::string text = line(done, total, elapsed, width, *found_);
  if (!note.empty() && text.size() + 2 + note.size() <= static_cast<std::size_t>(std::max(width, 0))) {
    text += "; " + std::string(note);
  }
  say(fmt::format("\r{}\033[K", text));
}

void ProgressBar::clear() {
  if (!visible_) return;
  visible_ = false;
  say("\r\033[K");
}

std::string ProgressBar::line(std::uint64_t done, std::uint64_t total, double elapsed_s, int width, std::uint64_t found) {
  constexpr int bar_width = 24;
  const double share = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
  const int filled = static_cast<int>(share * bar_width);
  const std::string bar = fmt::format("[{:#<{}}{:.<{}}] ", "", filled, "", bar_width - filled);

  std::string text = fmt::format("{}/{} replications", done, total);
  if (done > found && elapsed_s > 0) {
    const double rate = static_cast<double>(done - found) / elapsed_s;
    const double left = std::ceil(static_cast<double>(total - done) / rate);
    text += fmt::format(", {:.3g}/s, {} left", rate, to_about_words(seconds(left)));
  }
  const auto fits = static_cast<std::size_t>(std::max(width, 0));
  if (bar.size() + text.size() <= fits) return bar + text;
  return text.substr(0, fits);
}

}  // namespace fleetsim::cli
