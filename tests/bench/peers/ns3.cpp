/// The hold model and the fleet workload on the event loop of ns-3, with the scheduler named in NS3_SCHEDULER:
/// ns3::PriorityQueueScheduler (default), ns3::MapScheduler, ns3::HeapScheduler.

#include <ns3/core-module.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "workload.hpp"

namespace {

peers::Increments increments;
std::uint64_t left = 0;
double begun = 0;

void fire() {
  if (--left == 0) {
    ns3::Simulator::Stop();
    return;
  }
  ns3::Simulator::Schedule(ns3::NanoSeconds(static_cast<std::int64_t>(1e9 * increments.next())), &fire);
}

void hold(std::uint64_t pending, std::uint64_t events) {
  for (std::uint64_t i = 0; i < pending; ++i) {
    ns3::Simulator::Schedule(ns3::NanoSeconds(static_cast<std::int64_t>(1e9 * increments.next())), &fire);
  }
  left = 2 * pending + 100'000;  // to the steady state; as many are pending after the stop but one
  ns3::Simulator::Run();
  ns3::Simulator::Schedule(ns3::NanoSeconds(1), &fire);
  left = events;
  begun = peers::processor_seconds();
  ns3::Simulator::Run();
  std::printf("%.1f\n", 1e9 * (peers::processor_seconds() - begun) / static_cast<double>(events));
}

std::vector<int> serving(peers::groups, peers::machines / peers::groups);
std::vector<char> up(peers::machines, 1);
long sum = 0;

void change(int machine) {
  const bool is_up = (up[static_cast<std::size_t>(machine)] ^= 1) != 0;
  serving[static_cast<std::size_t>(machine / 100)] += is_up ? 1 : -1;
  ns3::Simulator::Schedule(ns3::Seconds(increments.next() * (is_up ? 6 : 1) * peers::hour), &change, machine);
}
void tick(int group) {
  sum += serving[static_cast<std::size_t>(group)];
  ns3::Simulator::Schedule(ns3::Seconds(60), &tick, group);
}

void fleet() {
  begun = peers::processor_seconds();
  for (int m = 0; m < peers::machines; ++m) {
    ns3::Simulator::Schedule(ns3::Seconds(increments.next() * 6 * peers::hour), &change, m);
  }
  for (int g = 0; g < peers::groups; ++g) ns3::Simulator::Schedule(ns3::Seconds(60), &tick, g);
  ns3::Simulator::Stop(ns3::Seconds(peers::days));
  ns3::Simulator::Run();
  std::printf("%.3f\n", peers::processor_seconds() - begun);
  if (sum == 0) std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  const char* const scheduler = std::getenv("NS3_SCHEDULER");
  ns3::ObjectFactory factory;
  factory.SetTypeId(scheduler != nullptr ? scheduler : "ns3::PriorityQueueScheduler");
  ns3::Simulator::SetScheduler(factory);
  if (argc == 4 && std::string(argv[1]) == "hold") {
    hold(std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10));
  } else if (argc == 2 && std::string(argv[1]) == "fleet") {
    fleet();
  } else {
    return 2;
  }
  ns3::Simulator::Destroy();
}
