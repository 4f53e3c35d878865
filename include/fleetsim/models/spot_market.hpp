#pragma once
/// The Spot market: capacity pools (instance type x zone), what each has to give over time and at what price, who gets
/// a unit, and who loses it with which notice.
///
/// Truth:      a pool never runs more than it has, except during notices; an instance that is taken back hears of it
///             `notice` before; while a pool is closed every launch in it fails; price and capacity are separate
///             processes, because since 2017-11-28 price says little about interruptions [1].
/// Leaves out: other users but for those who bid, stop and hibernate; see docs/models/spot_market.md.
/// Source:     [1] AWS Compute blog, new Amazon EC2 Spot pricing (2018-03); [2] Amazon EC2 user guide, Spot
///             interruption notices: two minutes; [3] the same, rebalance recommendations.

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/models/spot_market/process.hpp"
#include "fleetsim/sim/maybe.hpp"
#include "fleetsim/sim/metrics.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

namespace spot_market { struct Lease; }

/// Takes a share of the running instances of some pools and keeps the pools closed for a while. Outages may overlap: a
/// pool is closed until the last of its outages has ended.
struct SpotOutage {
  Duration at;                    ///< since the start of the run; the first notices go out then
  DurationDistribution duration;  ///< launches fail for so long from then on
  /// Of the instances that run in each pool at that moment and are not yet to be taken back; the count is rounded to
  /// the nearest whole number, halves up.
  Ratio share{1.0};
  std::vector<PoolId> pools;
  /// If given, `at` means nothing: outages begin again and again, the first so long after the start of the run, each of
  /// the others so long after the beginning of the one before it.
  std::optional<DurationDistribution> every{};
  std::vector<PoolId> elsewhere{};  ///< crowded while it lasts, see `SpotMarket::crowd`
};

/// In which order EC2 takes instances back from a pool. It does not publish one.
enum class ReclaimOrder : std::uint8_t { random, oldest, newest };

/// Rebalance recommendations: signals that an instance is at elevated risk. AWS publishes neither how early nor how
/// often they come [3], so these numbers are assumptions; see docs/models/spot_market.md.
struct RebalanceSignals {
  Ratio sent{1};    ///< probability that an instance is told at all before or with its notice
  Ratio early{0.5}; ///< probability that EC2 knows before the notice; else the signal comes with it
  /// How long before the first notice, when it comes early; what lies before the launch comes at the launch.
  DurationDistribution lead{Exponential{.mean = 20 * 60}};
  Ratio false_alarms{0.25};  ///< alarms that no interruption follows, for each that one follows
};

struct SpotMarketConfig {
  Duration notice = Duration::of(120 * nanoseconds_per_second);  ///< from notice to the end of the instance [2]
  /// A closing pool gives its notices at instants drawn uniformly over this span.
  Duration reclaim_spread = Duration::of(180 * nanoseconds_per_second);
  /// A pool whose units fall to zero loses all of its instances with this probability, else a share of them that is
  /// uniform between none and all, rounded to the nearest whole number; the others run on while no launch succeeds.
  Ratio reclaim_whole{0.6};
  ReclaimOrder reclaim_order = ReclaimOrder::random;
  std::optional<RebalanceSignals> rebalance;  ///< none are sent if not given
  /// Holders ask for signals and notices so often, and hear of each at an instant drawn uniformly over this span after
  /// it was given; zero: at once, as an event. What was noticed still happens `notice` after it was given.
  Duration poll = Duration::of(5 * nanoseconds_per_second);
  Ratio launch_failure{0};  ///< probability that a launch fails though the pool has a unit
  Ratio launches_elsewhere{0.5};  ///< of the launches in a crowded pool that still succeed, see `SpotMarket::crowd`
  std::vector<SpotPoolConfig> pools;  ///< in the order of their PoolId; no two of one zone and type
  std::vector<SpotOutage> outages;
};

/// Who holds a unit, in numbers that mean something to the holders: the market hands them back as they were given.
struct SpotHolderId {
  std::uint32_t number = 0;
  std::uint32_t place = 0;
  std::uint32_t owner = 0;
  bool operator==(const SpotHolderId&) const = default;
};

/// Port: whoever holds Spot instances. `holder` is what was given with `launch`.
struct SpotHolder {
  virtual ~SpotHolder() = default;
  /// The instance is at elevated risk of an interruption, which may or may not follow. Told once for an instance.
  virtual void rebalance_recommended(SpotHolderId /*holder*/) {}
  /// The Spot price has risen above the instance's maximum; the notice follows at once.
  virtual void priced_out(SpotHolderId /*holder*/) {}
  /// EC2 gives the notice, whether or not the holder has asked for it.
  virtual void notice_given(SpotHolderId /*holder*/) {}
  /// The holder hears that EC2 will take the instance back after the notice.
  virtual void interruption_noticed(SpotHolderId holder) = 0;
  /// The instance is gone; its lease has ended.
  virtual void interrupted(SpotHolderId holder) = 0;
  /// A hint that something of the above will soon be told, to fetch what that needs into the cache.
  virtual void prefetch(SpotHolderId /*holder*/) const {}
};
/// Port: whoever bills by the Spot price.
struct SpotPriceListener {
  virtual ~SpotPriceListener() = default;
  virtual void spot_price_changed(PoolId pool, UsdPerHour price) = 0;
};

/// Port: whoever waits for room in a pool, or for a lower price.
struct SpotRoomListener {
  virtual ~SpotRoomListener() = default;
  /// The pool that was watched has a unit to give at a price within the terms; it is watched no longer.
  virtual void spot_room(PoolId pool) = 0;
};

/// What a launch asks for beside a unit.
struct SpotTerms {
  bool hibernates = false;  ///< hibernation begins with the notice, so its unit is gone at once [2]
  /// The launch fails while the Spot price is above it, and the instance is taken back when the price rises above it. The
  /// Spot price in force is paid, whatever the maximum. Empty: none.
  std::optional<UsdPerHour> max_price{};
};

/// One unit of a pool while an instance holds it. Slots are reused, each time with another generation, so a lease that
/// has ended is never taken for the one that came after it.
struct LeaseId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // 0 is never given out
  auto operator<=>(const LeaseId&) const = default;
};

struct CapacityChanged { static constexpr std::string_view name = "spot_market.capacity_changed"; PoolId pool; };
struct PriceChanged { static constexpr std::string_view name = "spot_market.price_changed"; PoolId pool; };
struct OutageBegan { static constexpr std::string_view name = "spot_market.outage_began"; std::uint32_t outage; };
struct OutageEnded { static constexpr std::string_view name = "spot_market.outage_ended"; std::uint32_t outage; };
struct CompetitorCame {
  static constexpr std::string_view name = "spot_market.competitor_came";
  PoolId pool;
  std::uint32_t of_class;
};
struct CompetitorLeft {
  static constexpr std::string_view name = "spot_market.competitor_left";
  PoolId pool;
  std::uint32_t competitor;
};
struct BidsChanged { static constexpr std::string_view name = "spot_market.bids_changed"; PoolId pool; };
struct LeaseAtRisk { static constexpr std::string_view name = "spot_market.lease_at_risk"; LeaseId lease; };
struct PoolAtRisk { static constexpr std::string_view name = "spot_market.pool_at_risk"; PoolId pool; };
struct SignalsSeen { static constexpr std::string_view name = "spot_market.signals_seen"; LeaseId lease; };
struct RoomMade { static constexpr std::string_view name = "spot_market.room_made"; PoolId pool; };
struct NoticeGiven { static constexpr std::string_view name = "spot_market.notice_given"; LeaseId lease; };
struct LifeEnded { static constexpr std::string_view name = "spot_market.life_ended"; LeaseId lease; };
struct PoolReopened { static constexpr std::string_view name = "spot_market.pool_reopened"; PoolId pool; };
struct UnitReclaimed { static constexpr std::string_view name = "spot_market.unit_reclaimed"; LeaseId lease; };

class SpotMarket : public EventHandler<SpotMarket, CapacityChanged, PriceChanged, CompetitorCame, CompetitorLeft,
                                       BidsChanged, OutageBegan, OutageEnded, LeaseAtRisk, PoolAtRisk, SignalsSeen, NoticeGiven, LifeEnded,
                                       PoolReopened, RoomMade, UnitReclaimed> {
 public:
  /// `run_length` bounds where a random day may begin, and how far a trace that does not repeat must reach.
  SpotMarket(Simulation& sim, SpotMarketConfig config, Duration run_length, SpotHolder& holder,
             SpotPriceListener& prices);
  ~SpotMarket();

  /// Sets capacities and prices at the start of the run and schedules their changes. Prices are announced.
  void start();

  std::size_t pool_count() const;
  UsdPerHour price(PoolId pool) const;
  /// Units that could be launched now; unlimited_units if there is no bound, 0 while the pool is closed.
  /// Where bids are made, those that a launch on these terms would be served with.
  std::int64_t free_units(PoolId pool, const SpotTerms& terms = {}) const;
  /// Reclaims of an instance per hour that the pool's capacity process makes in the mean while the pool is open.
  double hazard(PoolId pool) const;
  /// Units held, those under notice included.
  std::int64_t units_in_use(PoolId pool) const;
  /// Takes a unit for `holder`, who hears nothing yet; empty if the terms' maximum price is too low, the pool has none to
  /// give or the launch fails.
  Maybe<LeaseId> launch(PoolId pool, SpotHolderId holder, const SpotTerms& terms = {});
  /// Tells `listener` once, a nanosecond after the pool next has a unit to give on these terms, or after now if it has one.
  /// Watching again on other terms before then: on the terms that pay more. Every call names the same listener.
  void watch(PoolId pool, const SpotTerms& terms, SpotRoomListener& listener);
  /// Whether a launch on these terms fails now because of the price.
  bool price_too_low(PoolId pool, const SpotTerms& terms) const;
  /// Whether a launch on these terms succeeds now, but for chance.
  bool has_room(PoolId pool, const SpotTerms& terms) const;
  /// EC2 takes the instance back because it cannot be without another: its notice goes out now, unless it went out before,
  /// which is told by false. Requires: the lease has not ended.
  bool take(LeaseId lease);
  /// The holder ended the instance itself; a notice on its way is taken back. Requires: the lease has not ended.
  void release(LeaseId lease);

  /// The pool has nothing to give until it is reopened as often as it was closed; `share` of its instances that are not yet
  /// to be taken back get their notices, as in an outage.
  void close(PoolId pool, Ratio share);
  void reopen(PoolId pool);
  /// Another zone of the pool's Region is out, and who lost instances there comes here: a launch succeeds with the
  /// probability `launches_elsewhere` only, for each call, until it is relieved as often.
  void crowd(PoolId pool);
  void relieve(PoolId pool);
  /// Every instance of the pool ends at once, without a notice: its zone is gone. Requires: the pool is closed.
  void lose_all(PoolId pool);

  /// Drops what was counted so far (end of the warm-up).
  void begin_measurement();
  /// spot.launches (granted), spot.launch_failures and of them .by_price, spot.interruptions (units taken back) and of
  /// them .by_capacity, .by_price and .by_constraint, and spot.rebalance_recommendations (instances told of a risk); of each pool
  /// spot.pool.<zone>/<type>.interruptions, .interruptions_by_price, .open_fraction (share of the time in which it had
  /// capacity, its own use not counted, and no outage) and .price_mean (weighted by time).
  void report(MetricSink& sink) const;

  void on(const CapacityChanged&);
  void on(const PriceChanged&);
  void on(const CompetitorCame&);
  void on(const CompetitorLeft&);
  void on(const BidsChanged&);
  void on(const OutageBegan&);
  void on(const OutageEnded&);
  void on(const LeaseAtRisk&);
  void on(const PoolAtRisk&);
  void on(const SignalsSeen&);
  void on(const NoticeGiven&);
  void on(const LifeEnded&);
  void on(const PoolReopened&);
  void on(const RoomMade&);
  void on(const UnitReclaimed&);
  void prefetch(const LifeEnded& event, Lookahead when) const { prefetch_lease(event.lease, when); }
  void prefetch(const UnitReclaimed& event, Lookahead when) const { prefetch_lease(event.lease, when); }

 private:
  struct State;
  void schedule_next_capacity(PoolId pool);
  void schedule_next_price(PoolId pool);
  void take_back(PoolId pool, std::int64_t count);
  void end_lease(LeaseId lease);
  void give_notice(LeaseId lease);
  void tell_of_notice(LeaseId lease);
  void announce_room(PoolId pool);
  void take_priced_out(PoolId pool);
  void take_for_price(LeaseId lease);
  void open_auction(PoolId pool);
  void admit_competitor(PoolId pool, std::uint32_t of_class);
  void schedule_next_competitor(PoolId pool, std::uint32_t of_class);
  void clear_auction(PoolId pool);
  void clear_auction_later(PoolId pool);
  void set_price(PoolId pool, UsdPerHour price);
  Duration notice_of(const SpotTerms& terms) const;
  void schedule_outage(std::uint32_t outage, Duration delay);
  void warn_of_reclaim(PoolId pool, Duration until);
  void tell(LeaseId lease);
  void cancel_signal(spot_market::Lease& lease);
  void prefetch_lease(LeaseId lease, Lookahead when) const;

  std::unique_ptr<State> state_;
};

}  // namespace fleetsim
