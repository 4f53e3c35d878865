#pragma once
/// What a group did and why, as the console's activity history tells it.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

/// Why a group acted.
enum class ActivityCause : std::uint8_t {
  policy,              ///< an alarm of one of its policies
  forecast,
  schedule,            ///< a scheduled action
  user,                ///< somebody asked for it
  shortage,            ///< desired and actual capacity differed: a launch tried again, or what was lost
  interruption,        ///< EC2 took Spot Instances back
  rebalance_signal,    ///< EC2 recommended to leave, or gave notice
  zone_balance,
  health,
  lifetime,
  refresh,
  hook,                ///< a lifecycle hook gave up or ran out of time
  warm_pool,
};
inline constexpr std::size_t activity_causes = 13;

struct Activity {
  Time at{};
  GroupId group{};
  ActivityCause cause = ActivityCause::policy;
  std::int64_t from = 0, to = 0;       ///< desired capacity; equal where it did not change
  std::int64_t launched = 0;           ///< instances
  std::int64_t ended = 0;
  std::int64_t lost = 0;               ///< instances that went by themselves
  bool failed = false;                 ///< some launch found no capacity
  bool replaced = false;               ///< what it ended had been replaced before, by what serves now
  std::uint16_t policy = 0;            ///< of the group's policies, scheduled actions or refreshes
  std::uint16_t alarm = 0;             ///< of the policy's or the refresh's alarms
  double value = 0;                    ///< of the alarm's metric; NaN where the last period has none
  std::string_view detail{};           ///< further words, a literal; of a cause that has several forms
};

struct GroupConfig;
/// What was done: "launched 3", "ended 1 and launched 1", "lost 2", "found no capacity".
std::string what_was_done(const Activity& activity);
/// Why, in a sentence without a full stop: "an alarm of target tracking, CPU is above 50 % in 3 of 3 periods, at 63.2 %".
std::string why_in_words(const Activity& activity, const GroupConfig& group);

/// The first activities of a run, and how many more there were.
class ActivityLog {
 public:
  explicit ActivityLog(std::size_t limit = 0) : limit_(limit) {}
  bool keeps() const { return limit_ > 0; }
  /// What is like the last one, at the same instant, is counted with it.
  void add(const Activity& activity) {
    if (!activities_.empty()) {
      Activity& last = activities_.back();
      const bool alike = last.at == activity.at && last.group == activity.group && last.cause == activity.cause &&
                         last.detail == activity.detail && last.replaced == activity.replaced && last.from == last.to && activity.from == activity.to;
      if (alike) {
        last.launched += activity.launched;
        last.ended += activity.ended;
        last.lost += activity.lost;
        last.failed = last.failed || activity.failed;
        return;
      }
    }
    if (activities_.size() < limit_) activities_.push_back(activity);
    else ++left_out_;
  }
  const std::vector<Activity>& activities() const { return activities_; }
  std::uint64_t left_out() const { return left_out_; }

 private:
  std::size_t limit_;
  std::vector<Activity> activities_;
  std::uint64_t left_out_ = 0;
};

}  // namespace fleetsim
