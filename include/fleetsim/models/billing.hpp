#pragma once
/// The ledger: what was bought, how much of it, and what it cost, to the nano-dollar.
///
/// Truth:      the sum of the lines is the bill; an instance's cost is the integral of its price over its life, however
///             often the price changed, and takes O(1) to compute.
/// Leaves out: upfront payments, free tiers, taxes; see docs/models/billing.md.
/// Source:     [1] Amazon EC2 user guide, billing for interrupted Spot Instances; [2] Amazon EC2 user guide, instance
///             lifecycle: billed by the second from `running`, 60 s at least for each start, free while pending, stopping
///             (but for hibernation) and stopped; [3] AWS, per-second billing for EC2 RHEL instances (2024-04-01).

#include <string>
#include <vector>

#include "fleetsim/ids.hpp"
#include "fleetsim/operating_system.hpp"
#include "fleetsim/purchase.hpp"
#include "fleetsim/sim/config/value.hpp"
#include "fleetsim/sim/simulation.hpp"
#include "fleetsim/units.hpp"

namespace fleetsim {

namespace config { class Section; }

/// The month of prices "for a month", as the examples on AWS's page of EBS prices count it.
inline constexpr Duration billing_month = Duration::of(30 * 24 * nanoseconds_per_hour);

struct BillingConfig {
  Duration minimum_per_start = Duration::of(60 * nanoseconds_per_second);  ///< billed at least, from `running` [2]
  /// A Spot instance that EC2 takes back sooner than this after it started costs nothing [1].
  Duration spot_free_if_interrupted_within = Duration::of(nanoseconds_per_hour);
};
/// Reads `billing` of the scenario.
BillingConfig read_billing(config::Section& scenario);

using AccountId = Id<struct AccountTag>;  ///< one line of the ledger

/// What a line of the ledger is for. A line holds instance time, data or
/// what is provisioned for a time, one of the three.
struct LineItem {
  std::string region;
  std::string zone;
  std::string fleet;
  std::string group;     ///< empty for what no group causes
  std::string resource;  ///< "instance c5.2xlarge", "cross-zone transfer out"
  Purchase purchase = Purchase::on_demand;
  std::string unit;      ///< of quantity: "instance-hours", "GB"
};
/// Instances that end before this instant of the run are billed by whole hours, later ones by the second: never for Linux
/// and Windows, always for SUSE [1], for RHEL until 2024-04-01 [3]. `run_start` is the run's beginning on the calendar.
Time whole_hours_until(OperatingSystem os, config::UtcTime run_start);

struct LedgerLine {
  LineItem item;
  double quantity = 0;   ///< what was billed: a free first hour adds nothing, a minimum counts in full
  Usd cost;
};

/// What an instance carries from the moment it runs until it ends, to be billed then. It does not grow with the number
/// of price changes: the cost is a difference of two integrals of the tariff's price.
struct InstanceMeter {
  TariffId tariff;
  AccountId account;
  Time running_since;
  PriceIntegral price_at_start;  ///< of the tariff, from its beginning to `running_since`
};

/// Prices, meters and accounts of one run.
///
/// An instance that ran from a to b is billed from a to max(b, a + minimum_per_start): the integral of its price to b,
/// and the price in force at b for what the minimum adds. Where whole hours are billed, an owner pays each hour begun, the
/// rest of the last at the price in force at b, and EC2 takes nothing for the hour that it interrupts [1]. Each instance is
/// rounded once, to the nearest nano-dollar.
///
/// A stop ends a meter as the end of an instance does, and the next start begins another: when stopping begins, because
/// that is free, but when hibernation has ended, because that is charged [2].
class Billing {
 public:
  Billing(Simulation& sim, BillingConfig config);

  /// A price in force from the clock's present instant on.
  TariffId add_tariff(UsdPerHour price);
  /// The price from this instant on. A tariff is shared by all instances billed at it.
  void set_price(TariffId tariff, UsdPerHour price);
  UsdPerHour price(TariffId tariff) const { return tariffs_[tariff.index].price; }
  /// Time-weighted mean price since the tariff was added or measurement began. Requires: some time has passed since.
  UsdPerHour mean_price(TariffId tariff) const;

  /// Instances of this line that end before `whole_hours_until` are billed by whole hours.
  AccountId add_account(LineItem item, Time whole_hours_until = {});

  /// An instance begins to run.
  InstanceMeter start(TariffId tariff, AccountId account);
  /// The instance of `meter` stopped running now; posts its cost and returns it. EndedBy::horizon bills what it used so
  /// far: no minimum is added and no first hour is given away, because neither is known yet.
  /// Requires: called once for each meter.
  Usd stop(const InstanceMeter& meter, EndedBy ended_by);
  /// Posts instances that ran for a time outside of the run's own course, such as those of a drill.
  void charge_instances(AccountId account, std::int64_t instances, Duration ran, UsdPerHour price);
  /// Posts an amount of data at a price.
  void charge(AccountId account, DataVolume data, UsdPerGb price);
  /// Posts instance or vCPU time at a price; a credit if it is negative.
  void charge_time(AccountId account, Int128 nanoseconds, UsdPerHour price);
  /// Posts what is provisioned, such as GiB of a volume, held for a time at a price for each unit and month.
  void charge_provisioned(AccountId account, std::int64_t units, Duration held, Usd per_month);
  /// Posts data that was stored, in bytes x nanoseconds, at a price for each GiB and month.
  void charge_stored(AccountId account, Int128 byte_nanoseconds, Usd per_gib_month);

  /// From now on the account counts the time that its instances are billed for, as it passes: an instance whose minimum or
  /// begun hour lasts longer than itself counts until that ends. Requires: the account is not of Spot Instances.
  void count_use(AccountId account);
  /// Instances times nanoseconds that were so since the last call. Requires: the account counts its use.
  Int128 take_use(AccountId account);

  /// Ends the warm-up: forgets what was posted; instances that run are billed from now on. The minimum and the
  /// first-hour rule still count from an instance's true start.
  void begin_measurement();

  Usd total() const;
  Usd total(Purchase purchase) const;
  Usd cost(AccountId account) const { return accounts_[account.index].cost; }
  /// Lines with a quantity or a cost, in the order of their accounts.
  std::vector<LedgerLine> ledger() const;

 private:
  struct PastPrice {
    Time since;
    UsdPerHour price;
    PriceIntegral integral;        // from the tariff's beginning to `since`
  };
  struct Tariff {
    UsdPerHour price;
    Time since;                    // of the present price
    PriceIntegral integral;        // of the price, from the tariff's beginning to `since`
    Time measured_from;            // its beginning, or the end of the warm-up
    PriceIntegral at_measurement;  // the integral at `measured_from`
    std::vector<PastPrice> past;   // of the last hour and the one in force when it began
  };
  /// Instance time in nanoseconds: that of ten thousand instances for a year is more than a Duration holds.
  using InstanceTime = Quantity<struct InstanceTimeTag, Int128>;
  /// What the end of an instance reads and writes comes first: of many accounts, none is in the cache.
  struct alignas(64) Account {
    InstanceTime billed;
    Usd cost;
    DataVolume data;
    Time whole_hours_until;
    bool is_spot = false;
    bool counts_use = false;
    Int128 provisioned = 0;       // units x nanoseconds
    LineItem item;
    std::int64_t running = 0;     // instances that are billed, where use is counted, as the next three
    std::vector<Time> ending;     // of these, when those that ended are billed no longer; a heap, the first on top
    Time used_until;
    Int128 used = 0;              // instances x nanoseconds up to used_until
  };
  /// Brings the use up to the clock.
  void settle_use(Account& account);
  PriceIntegral integral_now(const Tariff& tariff) const;
  /// At the present price from now on. Requires: `at` lies in the last hour or later.
  PriceIntegral integral_at(const Tariff& tariff, Time at) const;

  Simulation& sim_;
  const BillingConfig config_;
  std::vector<Tariff> tariffs_;
  std::vector<Account> accounts_;
};

}  // namespace fleetsim
