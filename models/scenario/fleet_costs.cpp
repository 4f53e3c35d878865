// What a fleet costs: what is posted at the end, totals, costs for each group and million requests, and the break-even of
// Spot away from home.

#include <algorithm>

#include <fmt/format.h>

#include "models/scenario/fleet_node.hpp"

namespace fleetsim::scenario {

void FleetNode::charge_at_end() {
  if (balancer_) {
    const BalancerCharges& charges = plan_.config.load_balancer->charges;
    // An hour begun is an hour; in each the units of the largest of four measures, which all follow the requests.
    const Duration measured = fleet_->measured();
    const std::int64_t hours = (measured.count() + nanoseconds_per_hour - 1) / nanoseconds_per_hour;
    shared_.billing.charge_time(balancer_->hours, static_cast<Int128>(hours) * nanoseconds_per_hour, plan_.balancer_price);
    const auto bytes = static_cast<double>((plan_.config.network_in_per_request + plan_.config.network_out_per_request).count());
    const double units = capacity_unit_hours(charges, fleet_->balanced(), bytes);
    shared_.billing.charge_time(balancer_->capacity, static_cast<Int128>(units * static_cast<double>(nanoseconds_per_hour)),
                                charges.lcu_price);
  }
  for (std::uint32_t p = 0; p < plan_.placements.size(); ++p) {
    if (accounts_[p].credits) {
      shared_.billing.charge_time(*accounts_[p].credits, fleet_->surplus_vcpu_time({p}).count(),
                                  plan_.placements[p].surplus_credits);
    }
    const DataVolume bytes = fleet_->home_bytes({p});
    if (bytes == DataVolume{}) continue;
    const PlacementPlan& placement = plan_.placements[p];
    shared_.billing.charge(accounts_[p].transfer_out, bytes, placement.transfer_price_out);
    shared_.billing.charge(accounts_[p].transfer_in, bytes, placement.transfer_price_in);
  }
}

Usd FleetNode::instance_cost(Purchase purchase) const {
  Usd sum;
  for (std::size_t p = 0; p < accounts_.size(); ++p) {
    if (plan_.placements[p].config.purchase == purchase) sum += cost_of_instances(p);
  }
  return sum;
}

Usd FleetNode::cost_of_instances(std::size_t placement) const {
  const Accounts& accounts = accounts_[placement];
  Usd sum = shared_.billing.cost(accounts.instances);
  if (accounts.licence) sum += shared_.billing.cost(*accounts.licence);
  return sum;
}

std::optional<Usd> FleetNode::credit_cost() const {
  std::optional<Usd> sum;
  for (const Accounts& accounts : accounts_) {
    if (accounts.credits) sum = sum.value_or(Usd{}) + shared_.billing.cost(*accounts.credits);
  }
  return sum;
}

Usd FleetNode::balancer_cost() const {
  if (!balancer_) return {};
  return shared_.billing.cost(balancer_->hours) + shared_.billing.cost(balancer_->capacity);
}

Usd FleetNode::transfer_cost() const {
  Usd sum;
  for (const Accounts& accounts : accounts_) {
    sum += shared_.billing.cost(accounts.transfer_out) + shared_.billing.cost(accounts.transfer_in);
  }
  return sum;
}

double FleetNode::gb_per_instance_hour() const {
  const double hours = fleet_->instance_hours();
  const double bytes_per_request = static_cast<double>(plan_.config.home_bytes_per_request.count());
  return hours > 0 ? to_double(fleet_->admitted()) * bytes_per_request / static_cast<double>(bytes_per_gb) / hours : 0;
}

double FleetNode::cost_of_million(std::size_t group, double gb_per_hour) const {
  double sum = 0;
  double count = 0;
  for (std::size_t p = 0; p < plan_.placements.size(); ++p) {
    const PlacementPlan& placement = plan_.placements[p];
    if (placement.group != group) continue;
    const PlacementConfig& config = placement.config;
    const double per_gb = static_cast<double>((placement.transfer_price_out + placement.transfer_price_in).count()) / 1e9;
    const double per_hour = to_usd_per_hour(shared_.billing.mean_price(accounts_[p].tariff) + placement.licence) +
                            (config.in_home_zone ? 0 : gb_per_hour * per_gb);
    const double requests_per_hour =
        to_requests_per_second(plan_.config.capacity_per_vcpu) * config.vcpus * config.performance_factor * 3600;
    sum += per_hour / requests_per_hour * 1e6;
    ++count;
  }
  return sum / count;
}

void FleetNode::report(MetricSink& sink) const {
  const std::string fleet = "fleet." + plan_.config.name + ".";
  Usd total = balancer_cost();
  std::vector<Usd> by_group(plan_.groups.size());
  for (std::size_t p = 0; p < accounts_.size(); ++p) {
    const Accounts& accounts = accounts_[p];
    Usd& cost = by_group[plan_.placements[p].group];
    cost += cost_of_instances(p) + shared_.commitments.share_of(accounts.instances) +
            shared_.billing.cost(accounts.transfer_out) + shared_.billing.cost(accounts.transfer_in);
    if (accounts.credits) cost += shared_.billing.cost(*accounts.credits);
  }
  for (std::size_t g = 0; g < by_group.size(); ++g) {
    const std::string prefix = fleet + "group." + plan_.groups[g].name + ".";
    const double hours = fleet_->instance_hours({first_group_.index + static_cast<std::uint32_t>(g)});
    sink.add(prefix + "cost", "USD", to_usd(by_group[g]));
    sink.add(prefix + "cost_per_instance_hour", "USD/h",
             hours > 0 ? std::optional(to_usd(by_group[g]) / hours) : std::nullopt);
    total += by_group[g];
  }
  sink.add(fleet + "cost", "USD", to_usd(total));
  const double served = to_double(fleet_->served());
  sink.add(fleet + "cost_per_million_requests", "USD",
           served > 0 ? std::optional(to_usd(total) / served * 1e6) : std::nullopt);
  sink.add(fleet + "home_gb_per_instance_hour", "GB/h", gb_per_instance_hour());

  report_energy(sink, served);

  // x* = (P - pi_o) / k: the traffic at which Spot away from home costs what on-demand at home costs.
  double spot_away = 0, spot_away_count = 0, on_demand_home = 0, on_demand_home_count = 0, per_gb = 0;
  for (std::size_t p = 0; p < plan_.placements.size(); ++p) {
    const PlacementPlan& placement = plan_.placements[p];
    const bool spot = placement.config.purchase == Purchase::spot;
    if (spot && !placement.config.in_home_zone) {
      spot_away += to_usd_per_hour(shared_.billing.mean_price(accounts_[p].tariff));
      per_gb += static_cast<double>((placement.transfer_price_out + placement.transfer_price_in).count()) / 1e9;
      ++spot_away_count;
    } else if (placement.config.purchase == Purchase::on_demand && placement.config.in_home_zone) {
      on_demand_home += to_usd_per_hour(placement.price);
      ++on_demand_home_count;
    }
  }
  std::optional<double> break_even;
  if (spot_away_count > 0 && on_demand_home_count > 0 && per_gb > 0) {
    break_even = (on_demand_home / on_demand_home_count - spot_away / spot_away_count) / (per_gb / spot_away_count);
  }
  sink.add(fleet + "break_even_gb_per_instance_hour", "GB/h", break_even);
}

void FleetNode::report_energy(MetricSink& sink, double served) const {
  const auto measures = [](const PlacementPlan& placement) { return placement.power.has_value(); };
  if (std::none_of(plan_.placements.begin(), plan_.placements.end(), measures)) return;
  std::vector<double> by_group(plan_.groups.size());
  double total = 0;
  for (std::uint32_t p = 0; p < plan_.placements.size(); ++p) {
    const PowerDraw& draw = *plan_.placements[p].power;
    const Fleet::VcpuHours hours = fleet_->vcpu_hours({p});
    const double kwh = (draw.idle * hours.running + (draw.busy - draw.idle) * hours.busy) / 1000;
    by_group[plan_.placements[p].group] += kwh;
    total += kwh;
  }
  const std::string fleet = "fleet." + plan_.config.name + ".";
  for (std::size_t g = 0; g < by_group.size(); ++g) {
    sink.add(fleet + "group." + plan_.groups[g].name + ".energy", "kWh", by_group[g]);
  }
  sink.add(fleet + "energy", "kWh", total);
  sink.add(fleet + "energy_per_million_requests", "kWh", served > 0 ? std::optional(total / served * 1e6) : std::nullopt);
}

std::vector<std::string> FleetNode::warnings() const {
  std::vector<std::size_t> order;
  for (std::size_t g = 0; g < plan_.groups.size(); ++g) {
    if (plan_.groups[g].composite) order.push_back(g);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return plan_.groups[a].composite->scale_out_above < plan_.groups[b].composite->scale_out_above;
  });
  const double gb = gb_per_instance_hour();
  std::vector<std::string> result;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    const GroupConfig& first = plan_.groups[order[i]];
    const GroupConfig& second = plan_.groups[order[i + 1]];
    if (first.composite->scale_out_above == second.composite->scale_out_above) continue;
    const double earlier = cost_of_million(order[i], gb);
    const double later = cost_of_million(order[i + 1], gb);
    if (later >= earlier) continue;
    result.push_back(fmt::format(
        "fleet {}: group {} grows before group {} but costs more: {:.4f} against {:.4f} USD for a million requests at "
        "full utilization, with {:.2f} GB/h of traffic an instance; swap their thresholds",
        plan_.config.name, first.name, second.name, earlier, later, gb));
  }
  return result;
}

}  // namespace fleetsim::scenario
