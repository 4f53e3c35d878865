#include "fleetsim/models/billing/commitments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

namespace fleetsim {

namespace {

std::string_view family_part(std::string_view type) { return type.substr(0, type.find('.')); }

std::string resource_of(const CommitmentConfig& commitment) {
  switch (commitment.kind) {
    case CommitmentKind::reserved_instances: {
      std::string resource = "reservation " + commitment.instance_type;
      if (commitment.os != OperatingSystem::linux) resource.append(", ").append(to_name(commitment.os));
      return resource;
    }
    case CommitmentKind::instance_savings_plan: return "Savings Plan " + commitment.family;
    case CommitmentKind::compute_savings_plan: return "Savings Plan compute";
  }
  return "";
}

/// Families whose reservations cover their own size alone [5].
bool of_one_size(std::string_view family) {
  constexpr std::array<std::string_view, 4> families{"g4ad", "g4dn", "g5", "g5g"};
  return std::find(families.begin(), families.end(), family) != families.end();
}

bool reservation_covers(const CommitmentConfig& commitment, const CommittedUse& use) {
  if (commitment.region != use.region || commitment.os != use.os) return false;
  if (!commitment.zone.empty()) return commitment.zone == use.zone && commitment.instance_type == use.instance_type;
  if (commitment.instance_type == use.instance_type) return true;
  return use.os == OperatingSystem::linux && commitment.family == family_part(use.instance_type) &&
         !of_one_size(commitment.family);
}

}  // namespace

std::int64_t normalized_size(std::string_view type, std::int64_t vcpus) {
  const std::string_view size = type.substr(std::min(type.size(), type.find('.') + 1));
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> sizes{
      {{"nano", 1}, {"micro", 2}, {"small", 4}, {"medium", 8}, {"large", 16}, {"xlarge", 32}}};
  for (const auto& [name, units] : sizes) {
    if (size == name) return units;
  }
  std::int64_t times = 0;
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), times);
  if (error == std::errc{} && std::string_view(end, static_cast<std::size_t>(size.data() + size.size() - end)) == "xlarge") {
    return 32 * times;
  }
  return 8 * vcpus;
}

Settlement settle(const std::vector<CommitmentConfig>& commitments, const std::vector<CommittedUse>& uses,
                  const std::vector<InstanceNanoseconds>& ran, Duration period) {
  Settlement result;
  result.covered.assign(uses.size(), std::vector<InstanceNanoseconds>(commitments.size()));
  result.used.resize(commitments.size());
  std::vector<InstanceNanoseconds> left = ran;
  std::vector<std::size_t> order(uses.size());
  std::iota(order.begin(), order.end(), std::size_t{0});

  const auto reserve = [&](std::size_t c) {
    const CommitmentConfig& commitment = commitments[c];
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return normalized_size(uses[a].instance_type, uses[a].vcpus) < normalized_size(uses[b].instance_type, uses[b].vcpus);
    });
    const std::int64_t own = normalized_size(commitment.instance_type, commitment.vcpus);
    const Int128 paid = static_cast<Int128>(commitment.count) * period.count() * own;  // size times time
    Int128 rest = paid;
    for (const std::size_t u : order) {
      if (!reservation_covers(commitment, uses[u])) continue;
      const std::int64_t size = normalized_size(uses[u].instance_type, uses[u].vcpus);
      const InstanceNanoseconds covered = std::min(left[u], rest / size);
      result.covered[u][c] = covered;
      left[u] -= covered;
      rest -= covered * size;
    }
    result.used[c] = paid > 0 ? static_cast<double>(paid - rest) / static_cast<double>(paid) : 0;
  };
  // Plans of a kind are spent together, first where one saves the largest share, of equal shares where its rate is lowest.
  const auto spend = [&](CommitmentKind kind) {
    struct Offer {
      double saving = 0;
      UsdPerHour rate;
      std::size_t plan = 0, use = 0;
    };
    std::vector<Offer> offers;
    std::vector<Int128> rest(commitments.size());  // rate times time
    for (std::size_t c = 0; c < commitments.size(); ++c) {
      if (commitments[c].kind != kind) continue;
      rest[c] = static_cast<Int128>(commitments[c].hourly.count()) * period.count();
      for (std::size_t u = 0; u < uses.size(); ++u) {
        const std::optional<UsdPerHour>& rate = uses[u].plan_rates[c];
        if (rate) offers.push_back({.saving = 1 - *rate / uses[u].on_demand, .rate = *rate, .plan = c, .use = u});
      }
    }
    std::stable_sort(offers.begin(), offers.end(), [](const Offer& a, const Offer& b) {
      return a.saving != b.saving ? a.saving > b.saving : a.rate < b.rate;
    });
    for (const Offer& offer : offers) {
      InstanceNanoseconds& open = left[offer.use];
      const InstanceNanoseconds covered =
          offer.rate.count() > 0 ? std::min(open, rest[offer.plan] / offer.rate.count()) : open;
      result.covered[offer.use][offer.plan] = covered;
      open -= covered;
      rest[offer.plan] -= covered * offer.rate.count();
    }
    for (std::size_t c = 0; c < commitments.size(); ++c) {
      if (commitments[c].kind != kind) continue;
      const Int128 paid = static_cast<Int128>(commitments[c].hourly.count()) * period.count();
      result.used[c] = paid > 0 ? static_cast<double>(paid - rest[c]) / static_cast<double>(paid) : 0;
    }
  };
  for (const bool zonal : {true, false}) {
    for (std::size_t c = 0; c < commitments.size(); ++c) {
      if (commitments[c].kind == CommitmentKind::reserved_instances && commitments[c].zone.empty() != zonal) reserve(c);
    }
  }
  spend(CommitmentKind::instance_savings_plan);
  spend(CommitmentKind::compute_savings_plan);
  return result;
}

Commitments::Commitments(Simulation& sim, Billing& billing, std::vector<CommitmentConfig> configs,
                         config::UtcTime run_start)
    : EventHandler(sim),
      sim_(sim),
      billing_(billing),
      configs_(std::move(configs)),
      seconds_into_hour_((run_start.seconds_since_1970 % 3600 + 3600) % 3600),
      used_(configs_.size()),
      paid_(configs_.size()) {
  for (const CommitmentConfig& commitment : configs_) {
    fees_.push_back(billing.add_account(
        {.region = commitment.region,
         .zone = commitment.zone,
         .fleet = {},
         .group = commitment.name,
         .resource = resource_of(commitment),
         .purchase = commitment.term == CommitmentTerm::one_year ? Purchase::reserved_1y : Purchase::reserved_3y,
         .unit = commitment.kind == CommitmentKind::reserved_instances ? "instance-hours" : "hours"}));
  }
}

void Commitments::add_use(AccountId account, CommittedUse use) {
  if (configs_.empty()) return;
  billing_.count_use(account);
  uses_.push_back(std::move(use));
  posted_.push_back({account, std::vector<double>(configs_.size())});
}

void Commitments::start() {
  if (!configs_.empty()) schedule_next();
}

void Commitments::schedule_next() {
  const std::int64_t into_hour =
      (sim_.now().since_start().count() + seconds_into_hour_ * nanoseconds_per_second) % nanoseconds_per_hour;
  sim_.schedule(*this, Duration::of(nanoseconds_per_hour - into_hour), CommitmentHourClosed{});
}

void Commitments::on(const CommitmentHourClosed&) {
  settle_period();
  schedule_next();
}

void Commitments::settle_period() {
  const Duration period = sim_.now() - settled_until_;
  settled_until_ = sim_.now();
  ran_.clear();
  for (const Use& use : posted_) ran_.push_back(billing_.take_use(use.account));
  if (period <= Duration{}) return;
  const Settlement settlement = settle(configs_, uses_, ran_, period);
  for (std::size_t c = 0; c < configs_.size(); ++c) {
    const CommitmentConfig& commitment = configs_[c];
    const std::int64_t count = commitment.kind == CommitmentKind::reserved_instances ? commitment.count : 1;
    billing_.charge_time(fees_[c], static_cast<Int128>(count) * period.count(), commitment.hourly);
    paid_[c] += to_hours(period);
    used_[c] += settlement.used[c] * to_hours(period);
    for (std::size_t u = 0; u < uses_.size(); ++u) {
      const InstanceNanoseconds covered = settlement.covered[u][c];
      if (covered == 0) continue;
      billing_.charge_time(posted_[u].account, -covered, uses_[u].on_demand);
      posted_[u].covered_value[c] +=
          static_cast<double>(covered) / static_cast<double>(nanoseconds_per_hour) * to_usd_per_hour(uses_[u].on_demand);
    }
  }
}

void Commitments::begin_measurement() {
  for (Use& use : posted_) {
    billing_.take_use(use.account);
    std::fill(use.covered_value.begin(), use.covered_value.end(), 0);
  }
  settled_until_ = sim_.now();
  std::fill(used_.begin(), used_.end(), 0);
  std::fill(paid_.begin(), paid_.end(), 0);
}

void Commitments::finish() {
  if (!configs_.empty()) settle_period();
}

Usd Commitments::cost() const {
  Usd sum;
  for (const AccountId fee : fees_) sum += billing_.cost(fee);
  return sum;
}

Usd Commitments::share_of(AccountId account) const {
  double share = 0;
  for (std::size_t c = 0; c < configs_.size(); ++c) {
    double all = 0, own = 0;
    for (const Use& use : posted_) {
      all += use.covered_value[c];
      if (use.account == account) own += use.covered_value[c];
    }
    if (all > 0) share += to_usd(billing_.cost(fees_[c])) * own / all;
  }
  return usd(share);
}

void Commitments::report(MetricSink& sink) const {
  for (std::size_t c = 0; c < configs_.size(); ++c) {
    const std::string prefix = "commitment." + configs_[c].name + ".";
    const double cost = to_usd(billing_.cost(fees_[c]));
    std::optional<double> utilization = paid_[c] > 0 ? std::optional(used_[c] / paid_[c]) : std::nullopt;
    constexpr double rounding = 1e-9;  // of sums of hours
    if (utilization && *utilization > 1 - rounding) utilization = 1;
    double value = 0;
    for (const Use& use : posted_) value += use.covered_value[c];
    sink.add(prefix + "cost", "USD", cost);
    sink.add(prefix + "utilization", "1", utilization);
    sink.add(prefix + "unused_cost", "USD", cost * (1 - utilization.value_or(0)));
    sink.add(prefix + "savings", "USD", value - cost);
  }
}

}  // namespace fleetsim
