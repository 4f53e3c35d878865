#pragma once
/// One execution of a recovery plan, after a disaster or as a drill: a discrete-event model of tasks that wait for each
/// other, for people, approvals, API calls and capacity, and that fail and are tried again.
///
/// Truth:      the parts of the critical path sum to the recovery time; a task is never done before what it follows.
/// Leaves out: people who forget a step.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fleetsim/models/recovery/people.hpp"
#include "fleetsim/models/recovery/plan.hpp"
#include "fleetsim/models/recovery/ports.hpp"
#include "fleetsim/models/recovery/shared_work.hpp"
#include "fleetsim/sim/simulation.hpp"

namespace fleetsim {

/// A stretch of the critical path: from the end of the part before it to the end of this task.
struct PathPart {
  std::size_t step = 0;
  std::optional<std::size_t> resource;
  Duration length;
};

struct StepOutcome {
  bool ran = false;                 ///< at least one attempt was begun
  std::optional<Duration> begun;    ///< of its first task, since the disaster: all it follows was done
  std::optional<Duration> done;     ///< the step counted as done, since the disaster
  std::uint64_t attempts = 0;
  std::uint64_t failed_attempts = 0;
  std::uint64_t denied = 0;         ///< starts without a valid approval
  std::uint64_t cut_off = 0;        ///< attempts ended by the expiry of their approval or by a time-out
};

struct ResourceOutcome {
  std::optional<Duration> rpa;      ///< empty: it holds no data, or none survived
  bool data_lost = false;           ///< no recovery point survived
  std::optional<Duration> rta;      ///< the last of its own tasks for the service was done
  std::optional<Duration> full_speed;  ///< its last task was done and its blocks are loaded
  Bytes lost;
  Bytes left_behind;                ///< after a grey failure: written after the recovery point, and still at the source
  std::optional<std::size_t> rung;  ///< of the ladder, that it was launched as; of a drill the one that was wanted
  bool source_gone = false;         ///< nothing of its data is left where it lived
  std::optional<Duration> up_after; ///< its launch or restore began, since the disaster: it is paid for from then on
  Bytes retrieved;                  ///< of it, out of an archive
  std::optional<Duration> stands_after;  ///< its restore or promotion was done, blocks aside, since the disaster
  std::int64_t launched = 0;        ///< instances, at
  UsdPerHour launched_price;        ///< each
};

/// What happens in the course of an execution.
enum class Happening : std::uint8_t {
  begun,           ///< an attempt of a task; `note` names the instance type or what else is worth knowing
  waits,           ///< a task, for what `note` says
  attempt_failed,  ///< why, in `note`
  denied,          ///< a start without a valid approval
  done, given_up,  ///< a task, with success or without
  loaded,          ///< all blocks of a restored resource
  struck,          ///< a later fault undid work, or took standing instances
  passed,          ///< the grey failure ended before anybody noticed it: nothing is done
  went_on,         ///< the failover cluster goes on where it ran, as `note` says: nothing is done
  served, full_speed, failed  ///< the plan as a whole
};
struct Happened {
  Duration at;     ///< since the disaster
  Happening what = Happening::begun;
  std::optional<std::size_t> step, resource;
  std::string note = {};
  std::optional<Time> until = {};  ///< of `waits`: so long at the least, for people whose next shift begins then
};

struct RecoveryOutcome {
  Time disaster;
  bool failed = false;              ///< a step failed for good, the plan gave up, or data is lost for good
  bool unnoticed = false;           ///< a grey failure that ended before its detection: nothing moved, users are served again
  bool went_on = false;             ///< the failover cluster kept quorum and its owner: nothing moved, users were served all the time
  bool quorum_lost = false;         ///< a failover cluster that a step names had no quorum, at the disaster or before users were served
  bool total_loss = false;          ///< of some resource no recovery point survived
  std::optional<Duration> rpa;      ///< the largest of the resources'; empty with a total loss, or without data
  std::optional<Duration> rta;      ///< users are served; empty if the plan failed
  std::optional<Duration> full_speed;  ///< all steps but those that nobody waits for are done, all blocks are loaded
  Bytes lost;                       ///< of all resources, written after their recovery points
  std::vector<ResourceOutcome> resources;
  std::vector<StepOutcome> steps;
  std::vector<PathPart> path;       ///< its lengths sum to rta
  std::uint64_t strikes = 0;        ///< later faults that undid work
  std::uint64_t fallbacks = 0;      ///< launches as another type than wanted
  UsdPerHour target_price;          ///< of the instances that were launched
  double vcpus_share = 1;           ///< launched and standing / wanted
  bool source_shut_down = false;
  bool double_serving = false;      ///< the source came back, or never went, while the target served
  std::optional<Time> source_back;  ///< all of it is up again; empty: never, or the plan failed
  Duration ended_after;             ///< nothing was left to happen, or the plan failed, since the disaster
  std::uint64_t standing_lost = 0;  ///< instances that stood at the target, lost to a later fault
  bool finished = false;            ///< nothing is left to happen
  std::vector<Happened> course;     ///< in the order of time; empty unless it was asked for
};

struct TaskPersonReached { static constexpr std::string_view name = "recovery.person_reached"; std::uint32_t task, turn; };
struct TaskAttemptBegun { static constexpr std::string_view name = "recovery.attempt_begun"; std::uint32_t task, turn; };
struct TaskAttemptEnded { static constexpr std::string_view name = "recovery.attempt_ended"; std::uint32_t task, turn; };
struct TaskCutOff { static constexpr std::string_view name = "recovery.cut_off"; std::uint32_t task, turn; };
struct TaskRetryDue { static constexpr std::string_view name = "recovery.retry_due"; std::uint32_t task, turn; };
struct SecondStrike { static constexpr std::string_view name = "recovery.second_strike"; };
struct GreyPassed { static constexpr std::string_view name = "recovery.grey_passed"; };
struct ClusterChanged { static constexpr std::string_view name = "recovery.cluster_changed"; };
struct PlanGaveUp { static constexpr std::string_view name = "recovery.gave_up"; };

/// What executions of a plan share: immutable.
struct ExecutionSetting {
  const RecoveryPlan& plan;
  const std::vector<PeopleConfig>& people;
  bool target_built = true;  ///< provision steps find their work done
  bool grey = false;         ///< the disaster is one that health checks do not see
  Time grey_until = Time::max();  ///< and ends by itself
  const Clusters* clusters = nullptr;  ///< where a step names one
};

class PlanExecution : public EventHandler<PlanExecution, TaskPersonReached, TaskAttemptBegun, TaskAttemptEnded, TaskCutOff,
                                          TaskRetryDue, SecondStrike, GreyPassed, ClusterChanged, PlanGaveUp>,
                      private TaskOwner {
 public:
  /// `shared`: with the other executions of the same time, on the same clock. `stream_prefix` names this execution's random
  /// streams, such as "recovery/orders/region-loss/17/".
  PlanExecution(Simulation& sim, const ExecutionSetting& setting, SharedWork& shared, const RecoveryPoints& points,
                const Surroundings& surroundings, std::string stream_prefix, bool drill);

  /// Keeps the course of what happens. Before begin().
  void keep_course() { keeps_course_ = true; }
  /// The disaster strikes now; rows of `hit` are the resources that it hit, for a plan that moves only these.
  void begin(std::vector<bool> hit);
  bool finished() const { return outcome_.finished; }
  const RecoveryOutcome& outcome() const { return outcome_; }

  void on(const TaskPersonReached&);
  void on(const TaskAttemptBegun&);
  void on(const TaskAttemptEnded&);
  void on(const TaskCutOff&);
  void on(const TaskRetryDue&);
  void on(const SecondStrike&);
  void on(const GreyPassed&);
  void on(const ClusterChanged&);
  void on(const PlanGaveUp&);

 private:
  using TaskId = std::size_t;
  enum class State : std::uint8_t { waiting, active, done };
  /// What a task holds while it is active, in the order in which it seeks them.
  enum Hold : std::size_t { step_slot, plan_slot, restore_slot, person, hold_count };
  struct Task {
    State state = State::waiting;
    bool failed = false;             // done without success; the plan goes on
    std::array<bool, hold_count> holds{};
    bool attempt_fails = false;      // of the running attempt: it ends in failure
    bool expires = false;            // the running attempt is cut off by the end of its approval, for good
    bool built = false;              // beforehand: nothing is done but to find it
    bool fast = false;               // its restore takes a credit of fast restore, and loads nothing
    bool calls_let_through = false;  // those of the attempt that has not begun yet
    bool loading = false;            // blocks, in the background or before it is done
    std::uint32_t turn = 0;          // events of an earlier turn are stale
    std::size_t unmet = 0;           // steps and tasks that it still waits for
    std::int64_t attempts = 0;
    std::optional<std::size_t> rung;
    std::optional<Place> place;
    Time began;                      // the last attempt
    std::optional<Time> cut_off;     // the running attempt ends by then
    BytesPerSecond load_rate;
    Time done_at;
    std::optional<Time> stands_at;   // restored or promoted, whatever is still to be loaded
    std::optional<Time> loaded_at;   // a restore's last block
    std::optional<TaskId> binding;   // the task that it waited for last
    std::optional<Stream> stream;
  };
  struct StepState {
    std::size_t ended = 0, succeeded = 0;
    bool joined = false;
    SlotQueue slots;
  };
  /// What a principal may reach now.
  struct Tag {
    std::size_t step = 0;                // the approve step that set it
    std::optional<std::size_t> resource; // empty: all
    Time until;
  };

  std::size_t step_number(TaskId task) const { return setting_.plan.tasks()[task].step; }
  const StepConfig& step_of(TaskId task) const { return setting_.plan.steps()[step_number(task)]; }
  const PlanResource* resource_of(TaskId task) const;
  Stream& stream_of(TaskId task);
  bool stale(std::uint32_t task, std::uint32_t turn) const {
    return outcome_.finished || tasks_[task].turn != turn || tasks_[task].state != State::active;
  }
  void choose_points();
  std::size_t count_unmet(TaskId task) const;
  bool skipped(TaskId task) const;
  void become_ready(TaskId task);
  /// Takes what it still lacks to begin, one after the other, until it has to wait or has all.
  void seek(TaskId task);
  /// The line for what a task needs; null if it needs none of it.
  SlotQueue* line_for(TaskId task, Hold hold);
  void slot_granted(TaskId task) override;
  void page(TaskId task);
  void begin_attempt(TaskId task);
  void attempt_failed(TaskId task, std::string_view why, bool for_good = false);
  void task_failed(TaskId task);
  void end_task(TaskId task, bool success, std::string_view note = {});
  void release(TaskId task);
  void met(TaskId follower, TaskId by);
  void fail();
  void finish();
  std::optional<Time> approved_until(TaskId task) const;
  bool denied(TaskId task);
  void ask_again(TaskId task);
  void grant(TaskId approval);
  bool works_at_target(TaskId task) const;
  std::optional<Place> place_for(const PlanResource* resource) const;
  bool still_built(TaskId task) const;
  void find_built(TaskId task);
  bool lacks_something(TaskId task) const;
  bool launch(TaskId task);
  std::int64_t standing(std::size_t row) const { return std::min(standing_[row], setting_.plan.resources()[row].count); }
  std::int64_t launches(std::size_t row) const { return setting_.plan.resources()[row].count - standing(row); }
  const TypeRung& launched_type(const PlanResource& resource, std::size_t rung) const {
    return drill_ && resource.drill_type ? *resource.drill_type : resource.ladder[rung];
  }
  Duration draw_duration(TaskId task);
  double slowness(TaskId task) const;
  bool has_fast_restore(TaskId task) const;
  void begin_loading(TaskId task);
  void blocks_loaded(TaskId task) override;
  void lose_standing();
  bool data_gone(std::size_t row) const;
  void lose_data();
  bool joins(std::size_t step) const;
  bool anybody_serves() const;
  bool target_healthy() const;
  /// Redirects that waited for a healthy target begin, now that the boot `by` is done.
  void target_serves(TaskId by);
  bool undo_struck(const std::vector<bool>& standing_lost);
  void reset(TaskId task);
  /// Nothing is done about the disaster: users are served again, or still.
  void nothing_moves(Duration lasted);
  // Of failover clusters, by row:
  bool has_quorum(std::size_t cluster) const;
  bool went_on(std::size_t cluster) const;
  std::optional<std::size_t> lost_owner(std::size_t cluster) const;
  std::size_t owner(std::size_t cluster) const;
  std::optional<std::size_t> node_to_force(std::size_t cluster) const;
  std::string votes_in_words(std::size_t cluster) const;
  bool rides_out();
  bool settled_by_cluster(TaskId task);
  bool undone_by_cluster(TaskId task) const;
  void forget_lost_forced();
  bool force_quorum(TaskId task);
  void quorum_found(std::optional<TaskId> by);
  void watch_clusters();
  bool kept_apart_by_quorum() const;
  void schedule_strike();
  void suffer_strike();
  void served(TaskId last);
  void check_progress(TaskId last);
  void check_finished();
  void sum_up();
  void look_back();
  void trace_path(TaskId last);
  void tell(Happening what, std::optional<TaskId> task, std::string_view note = {}, std::optional<Time> until = {});
  template <class E>
  void schedule(TaskId task, Duration delay) {
    sim_.schedule(*this, delay, E{static_cast<std::uint32_t>(task), tasks_[task].turn});
  }

  Simulation& sim_;
  const ExecutionSetting setting_;
  SharedWork& shared_;
  const RecoveryPoints& points_;
  const Surroundings& surroundings_;
  const std::string prefix_;
  const bool drill_;
  bool keeps_course_ = false;

  std::vector<bool> hit_;
  std::vector<Task> tasks_;
  std::vector<StepState> steps_;
  std::vector<std::optional<std::size_t>> team_of_;            // by step
  std::vector<std::optional<std::size_t>> approval_of_;        // by step: the approve step that it needs
  std::map<std::string, Tag> tags_;                            // by principal
  std::vector<std::pair<TaskId, TaskId>> awaiting_approval_;   // the approval asked for, and who waits for it
  std::vector<TaskId> awaiting_target_;                        // redirects of DNS, while the primary is answered
  SlotQueue plan_slots_;
  std::vector<std::optional<UsablePoint>> used_;               // by resource
  std::vector<std::int64_t> standing_;                         // by resource: instances that stand at the target now
  std::vector<bool> reserved_;                                 // by resource: its capacity reservations are still there
  std::vector<std::size_t> clusters_;                          // that a step names
  std::map<std::size_t, std::size_t> forced_;                  // by cluster: the node on which quorum was forced
  bool forced_beside_ = false;                                 // while a node elsewhere was up
  std::vector<TaskId> awaiting_quorum_;                        // failovers of clusters without it
  EventHandle strike_, give_up_, grey_end_, cluster_change_;
  RecoveryOutcome outcome_;
};

}  // namespace fleetsim
