/// The hold model and the fleet workload on SimGrid, with an actor for each machine and group, as its users write them.

#include <simgrid/s4u.hpp>

#include <string>
#include <vector>

#include "workload.hpp"

namespace sg4 = simgrid::s4u;

namespace {

peers::Increments increments;
std::uint64_t left = 0;
double begun = 0;
std::uint64_t warm_up = 0;

void sleeper() {
  while (left > 0) {
    sg4::this_actor::sleep_for(increments.next());
    if (left > 0) --left;
    if (left == warm_up) begun = peers::processor_seconds();
  }
}

std::vector<int> serving(peers::groups, peers::machines / peers::groups);
long sum = 0;

void machine(int group) {
  for (;;) {
    sg4::this_actor::sleep_for(increments.next() * 6 * peers::hour);
    --serving[static_cast<std::size_t>(group)];
    sg4::this_actor::sleep_for(increments.next() * peers::hour);
    ++serving[static_cast<std::size_t>(group)];
  }
}
void ticker(int group) {
  for (;;) {
    sg4::this_actor::sleep_for(60);
    sum += serving[static_cast<std::size_t>(group)];
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string what = argv[1];
  sg4::Engine engine(&argc, argv);
  sg4::Engine::set_config("contexts/stack-size:16");  // KiB
  auto* zone = sg4::create_full_zone("world");
  sg4::Host* host = zone->create_host("host", 1e9);
  zone->seal();
  if (what == "hold" && argc == 4) {
    const std::uint64_t pending = std::strtoull(argv[2], nullptr, 10), events = std::strtoull(argv[3], nullptr, 10);
    left = events + 2 * pending + 10'000;
    warm_up = events;
    for (std::uint64_t i = 0; i < pending; ++i) sg4::Actor::create("sleeper", host, sleeper);
    engine.run();
    std::printf("%.1f\n", 1e9 * (peers::processor_seconds() - begun) / static_cast<double>(events));
  } else if (what == "fleet") {
    begun = peers::processor_seconds();
    for (int m = 0; m < peers::machines; ++m) sg4::Actor::create("machine", host, machine, m / 100);
    for (int g = 0; g < peers::groups; ++g) sg4::Actor::create("ticker", host, ticker, g);
    engine.run_until(peers::days);
    std::printf("%.3f\n", peers::processor_seconds() - begun);
    if (sum == 0) return 1;
  } else {
    return 2;
  }
}
