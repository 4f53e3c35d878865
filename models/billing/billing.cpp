#include "fleetsim/models/billing.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "fleetsim/sim/invariant.hpp"

namespace fleetsim {

namespace {

constexpr Duration hour = Duration::of(nanoseconds_per_hour);
constexpr config::UtcTime rhel_by_second{1'711'929'600};  // 2024-04-01T00:00:00Z

}  // namespace

Time whole_hours_until(OperatingSystem os, config::UtcTime run_start) {
  switch (os) {
    case OperatingSystem::linux:
    case OperatingSystem::windows: break;
    case OperatingSystem::rhel: {
      const std::int64_t seconds_left = rhel_by_second.seconds_since_1970 - run_start.seconds_since_1970;
      if (seconds_left <= 0) break;
      constexpr std::int64_t most = config::longest_duration.count() / nanoseconds_per_second;
      return Time::at(1_s * std::min(seconds_left, most));
    }
    case OperatingSystem::suse: return Time::max();
  }
  return {};
}

Billing::Billing(Simulation& sim, BillingConfig config) : sim_(sim), config_(config) {}

TariffId Billing::add_tariff(UsdPerHour price) {
  const TariffId id{static_cast<std::uint32_t>(tariffs_.size())};
  tariffs_.push_back({.price = price, .since = sim_.now(), .integral = {}, .measured_from = sim_.now(),
                      .at_measurement = {}, .past = {}});
  return id;
}

PriceIntegral Billing::integral_now(const Tariff& tariff) const {
  return tariff.integral + tariff.price * (sim_.now() - tariff.since);
}

PriceIntegral Billing::integral_at(const Tariff& tariff, Time at) const {
  if (at >= tariff.since) return tariff.integral + tariff.price * (at - tariff.since);
  auto price = tariff.past.rbegin();
  while (price->since > at) ++price;
  return price->integral + price->price * (at - price->since);
}

void Billing::set_price(TariffId id, UsdPerHour price) {
  Tariff& tariff = tariffs_[id.index];
  const Time hour_ago = sim_.now() - hour;
  // A price is needed while it was in force during the last hour.
  auto needed = tariff.past.begin();
  while (needed != tariff.past.end() && (needed + 1 == tariff.past.end() ? tariff.since : (needed + 1)->since) <= hour_ago) {
    ++needed;
  }
  tariff.past.erase(tariff.past.begin(), needed);
  if (tariff.since != sim_.now()) tariff.past.push_back({tariff.since, tariff.price, tariff.integral});
  tariff.integral = integral_now(tariff);
  tariff.since = sim_.now();
  tariff.price = price;
}

UsdPerHour Billing::mean_price(TariffId id) const {
  const Tariff& tariff = tariffs_[id.index];
  const Duration measured = sim_.now() - tariff.measured_from;
  invariant(measured > Duration{}, "a mean price needs some measured time");
  const PriceIntegral integral = integral_now(tariff) - tariff.at_measurement;
  return UsdPerHour::of(static_cast<std::int64_t>(divide_rounded(integral.count(), measured.count())));
}

AccountId Billing::add_account(LineItem item, Time whole_hours_until) {
  const AccountId id{static_cast<std::uint32_t>(accounts_.size())};
  Account& account = accounts_.emplace_back();
  account.is_spot = item.purchase == Purchase::spot;
  account.item = std::move(item);
  account.whole_hours_until = whole_hours_until;
  return id;
}

void Billing::count_use(AccountId id) {
  Account& account = accounts_[id.index];
  // A Spot Instance's last hour may turn out to be free.
  invariant(account.item.purchase != Purchase::spot, "only of instances that are not Spot is use counted");
  account.counts_use = true;
}

Int128 Billing::take_use(AccountId id) {
  Account& account = accounts_[id.index];
  settle_use(account);
  return std::exchange(account.used, 0);
}

void Billing::settle_use(Account& account) {
  const Time now = sim_.now();
  account.used += static_cast<Int128>(account.running) * (now - account.used_until).count();
  account.used_until = now;
  while (!account.ending.empty() && account.ending.front() <= now) {
    account.used -= (now - account.ending.front()).count();
    --account.running;
    std::pop_heap(account.ending.begin(), account.ending.end(), std::greater<>());
    account.ending.pop_back();
  }
}

InstanceMeter Billing::start(TariffId tariff, AccountId id) {
  Account& account = accounts_[id.index];
  if (account.counts_use) {
    settle_use(account);
    ++account.running;
  }
  return {.tariff = tariff, .account = id, .running_since = sim_.now(),
          .price_at_start = integral_now(tariffs_[tariff.index])};
}

Usd Billing::stop(const InstanceMeter& meter, EndedBy ended_by) {
  Account& account = accounts_[meter.account.index];
  invariant(account.data == DataVolume{}, "a line of the ledger holds instance time or data, not both");
  const Tariff& tariff = tariffs_[meter.tariff.index];
  const Time now = sim_.now();
  const Duration life = now - meter.running_since;
  const bool interrupted = ended_by == EndedBy::interruption && account.is_spot;
  if (interrupted && life < config_.spot_free_if_interrupted_within) return {};
  const bool since_warm_up = meter.running_since < tariff.measured_from;
  const Time billed_from = since_warm_up ? tariff.measured_from : meter.running_since;
  Time billed_to = now;
  if (ended_by != EndedBy::horizon) {
    billed_to = std::max(now, meter.running_since + config_.minimum_per_start);
    if (now < account.whole_hours_until) {
      const std::int64_t hours_begun = std::max<std::int64_t>(1, (life.count() + hour.count() - 1) / hour.count());
      const std::int64_t hours = interrupted ? life.count() / hour.count() : hours_begun;
      billed_to = meter.running_since + hour * hours;
    }
  }
  if (account.counts_use) {
    account.ending.push_back(billed_to);
    std::push_heap(account.ending.begin(), account.ending.end(), std::greater<>());
  }
  if (billed_to <= billed_from) return {};
  const PriceIntegral to_end = integral_at(tariff, billed_to);
  const PriceIntegral owed = to_end - (since_warm_up ? tariff.at_measurement : meter.price_at_start);
  const Usd cost = cost_of(owed);
  account.billed += InstanceTime::of((billed_to - billed_from).count());
  account.cost += cost;
  return cost;
}

void Billing::charge_instances(AccountId id, std::int64_t instances, Duration ran, UsdPerHour price) {
  Account& account = accounts_[id.index];
  account.billed += InstanceTime::of(static_cast<Int128>(instances) * ran.count());
  account.cost += cost_of(PriceIntegral::of(static_cast<Int128>(instances) * (price * ran).count()));
}

void Billing::charge(AccountId id, DataVolume data, UsdPerGb price) {
  Account& account = accounts_[id.index];
  invariant(account.billed == InstanceTime{}, "a line of the ledger holds instance time or data, not both");
  account.data += data;
  account.cost += cost_of(data, price);
}

void Billing::charge_time(AccountId id, Int128 nanoseconds, UsdPerHour price) {
  Account& account = accounts_[id.index];
  account.billed += InstanceTime::of(nanoseconds);
  account.cost += cost_of(PriceIntegral::of(nanoseconds * price.count()));
}

void Billing::charge_provisioned(AccountId id, std::int64_t units, Duration held, Usd per_month) {
  Account& account = accounts_[id.index];
  const Int128 held_units = static_cast<Int128>(units) * held.count();
  account.provisioned += held_units;
  account.cost += Usd::of(divide_rounded(held_units * per_month.count(), billing_month.count()));
}

void Billing::charge_stored(AccountId id, Int128 byte_nanoseconds, Usd per_gib_month) {
  Account& account = accounts_[id.index];
  const Int128 held = divide_rounded(byte_nanoseconds, Int128{1} << 30U);  // GiB x ns
  account.provisioned += held;
  account.cost += Usd::of(divide_rounded(held * per_gib_month.count(), billing_month.count()));
}

void Billing::begin_measurement() {
  for (Tariff& tariff : tariffs_) {
    tariff.at_measurement = integral_now(tariff);
    tariff.measured_from = sim_.now();
  }
  for (Account& account : accounts_) {
    account.billed = {};
    account.data = {};
    account.provisioned = 0;
    account.cost = {};
    if (!account.counts_use) continue;
    // Instances that have ended were billed, and are forgotten, whole.
    settle_use(account);
    account.running -= static_cast<std::int64_t>(account.ending.size());
    account.ending.clear();
    account.used = 0;
  }
}

Usd Billing::total() const {
  Usd sum;
  for (const Account& account : accounts_) sum += account.cost;
  return sum;
}

Usd Billing::total(Purchase purchase) const {
  Usd sum;
  for (const Account& account : accounts_) {
    if (account.item.purchase == purchase) sum += account.cost;
  }
  return sum;
}

std::vector<LedgerLine> Billing::ledger() const {
  std::vector<LedgerLine> lines;
  for (const Account& account : accounts_) {
    if (account.billed == InstanceTime{} && account.data == DataVolume{} && account.provisioned == 0 &&
        account.cost == Usd{}) {
      continue;
    }
    const double hours = static_cast<double>(account.billed.count()) / static_cast<double>(nanoseconds_per_hour);
    const double gigabytes = static_cast<double>(account.data.count()) / static_cast<double>(bytes_per_gb);
    const double months = static_cast<double>(account.provisioned) / static_cast<double>(billing_month.count());
    lines.push_back({.item = account.item,
                     .quantity = account.provisioned != 0         ? months
                                 : account.data == DataVolume{} ? hours
                                                                : gigabytes,
                     .cost = account.cost});
  }
  return lines;
}

}  // namespace fleetsim
