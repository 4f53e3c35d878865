#pragma once
/// A line on a terminal that says how far a run is. It belongs to stderr, and only where that is a terminal.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fleetsim::cli {

class ProgressBar {
 public:
  /// Draws nothing if not `enabled`.
  explicit ProgressBar(bool enabled) : enabled_(enabled) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Redraws at most ten times a second, and not before the run has proved long enough to watch. `note` stands at the
  /// end, where there is room.
  void show(std::uint64_t done, std::uint64_t total, std::string_view note = {});
  /// Removes the line.
  void clear();

  /// The line for a state, at most `width` characters:
  /// "[##########..........] 10/20 replications, 5.2/s, 2 s left". `found` were done before the time began.
  static std::string line(std::uint64_t done, std::uint64_t total, double elapsed_s, int width, std::uint64_t found = 0);

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds redraw_interval{100};

  const bool enabled_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_ = start_;
  std::optional<std::uint64_t> found_;
  bool visible_ = false;
};

}  // namespace fleetsim::cli
