/// Blocks and bytes, whatever is written, kept and deleted: against a volume that is followed block by block, and slowly.

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "models/data_replication/harness.hpp"
#include "models/data_replication/snapshot_chain.hpp"
#include "support/property.hpp"

using namespace fleetsim;
using namespace fleetsim::test;

namespace {

constexpr Bytes block = 512_KiB;

/// A volume whose every block knows the write that it holds.
class BlockByBlock {
 public:
  using Versions = std::vector<std::int64_t>;
  explicit BlockByBlock(std::int64_t blocks) : version_(static_cast<std::size_t>(blocks), 0) {}
  /// One block after the other, and from the beginning again.
  void write(std::int64_t blocks) {
    for (std::int64_t w = 0; w < blocks; ++w, ++writes_) version_[static_cast<std::size_t>(writes_) % version_.size()] = writes_ + 1;
  }
  const Versions& versions() const { return version_; }
  void snapshot(std::uint64_t id) { held_[id] = version_; }
  void remove(std::uint64_t id) { held_.erase(id); }
  std::int64_t stored() const {
    std::vector<Versions> held;
    for (const auto& [id, versions] : held_) held.push_back(versions);
    return distinct(held);
  }
  /// Distinct (block, write) pairs over all of them.
  static std::int64_t distinct(const std::vector<Versions>& all) {
    std::set<std::pair<std::size_t, std::int64_t>> pairs;
    for (const Versions& versions : all) {
      for (std::size_t b = 0; b < versions.size(); ++b) pairs.insert({b, versions[b]});
    }
    return static_cast<std::int64_t>(pairs.size());
  }
  static std::int64_t different(const Versions& a, const Versions& b) {
    std::int64_t blocks = 0;
    for (std::size_t i = 0; i < a.size(); ++i) blocks += a[i] != b[i] ? 1 : 0;
    return blocks;
  }

 private:
  Versions version_;
  std::int64_t writes_ = 0;
  std::map<std::uint64_t, Versions> held_;
};

DirtyBlockConfig sequential(std::int64_t blocks) {
  return {.size = block * blocks, .data = block * blocks, .block = block, .write_size = block, .working_set = block * blocks,
          .hot_writes = {}, .hot_set = {}, .new_data = {}, .pattern = WritePattern::sequential};
}

}  // namespace

TEST_CASE("blocks: what snapshots hold agrees with a volume followed block by block", "[data_replication][property]") {
  check_property(7, 200, [] {
    const std::int64_t blocks = 1 + pick_below(std::int64_t{48});
    // Blocks written before each snapshot, and which of those kept are deleted after it.
    using Steps = std::vector<std::pair<std::int64_t, std::vector<std::size_t>>>;
    const auto steps = *rc::gen::container<Steps>(
        rc::gen::pair(any_below(blocks + 4), rc::gen::resize(3, rc::gen::container<std::vector<std::size_t>>(any_below(std::size_t{8})))));
    const DirtyBlocks volume(sequential(blocks));
    SnapshotChain chain(volume);
    BlockByBlock reference(blocks);
    std::vector<std::uint64_t> kept;
    std::int64_t mark = 0;
    for (std::uint64_t id = 0; id < steps.size(); ++id) {
      reference.write(steps[id].first);
      mark += steps[id].first * block.count();
      const std::int64_t before = chain.stored();
      const std::int64_t added = chain.add(Time::at(1_h * id), mark, id, false);
      HOLDS(chain.stored() == before + added);
      reference.snapshot(id);
      kept.push_back(id);
      for (const std::size_t which : steps[id].second) {
        if (kept.empty()) break;
        const auto gone = kept.begin() + static_cast<std::ptrdiff_t>(which % kept.size());
        const std::int64_t held = chain.stored();
        const std::int64_t freed = chain.remove(Time::at(1_h * *gone), *gone);
        HOLDS(chain.stored() == held - freed);
        reference.remove(*gone);
        kept.erase(gone);
      }
      HOLDS(chain.stored() == reference.stored());
    }
    for (const std::uint64_t id : kept) chain.remove(Time::at(1_h * id), id);
    HOLDS(chain.stored() == 0);
    HOLDS(chain.empty());
  });
}

TEST_CASE("blocks: whatever is written anywhere, what is deleted frees what it held alone, and in the end nothing is held",
          "[data_replication][property]") {
  check_property(8, 200, [] {
    const std::int64_t blocks = 2 + pick_below(std::int64_t{2000});
    DirtyBlockConfig config;
    config.size = block * blocks;
    config.data = block * (1 + pick_below(blocks));
    config.working_set = config.data;
    config.hot_writes = Ratio{static_cast<double>(pick_below(11)) / 10};
    config.hot_set = Ratio{static_cast<double>(pick_below(11)) / 10};
    config.new_data = Ratio{static_cast<double>(pick_below(11)) / 10};
    const DirtyBlocks volume(config);
    SnapshotChain chain(volume);
    // Snapshots with their marks; they come in any order, some of them full.
    std::vector<std::int64_t> marks(1 + pick_below(std::size_t{20}));
    std::int64_t mark = 0;
    for (std::int64_t& at : marks) at = mark += pick_below(block.count() * blocks);
    std::vector<std::uint64_t> waiting, kept;
    for (std::uint64_t id = 0; id < marks.size(); ++id) waiting.push_back(id);
    const auto take = [](std::vector<std::uint64_t>& from) {
      const auto at = from.begin() + static_cast<std::ptrdiff_t>(pick_below(from.size()));
      const std::uint64_t id = *at;
      from.erase(at);
      return id;
    };
    std::int64_t held = 0;
    while (!waiting.empty() || !kept.empty()) {
      const bool adds = kept.empty() || (!waiting.empty() && pick_below(3) > 0);
      const std::uint64_t id = take(adds ? waiting : kept);
      if (adds) {
        chain.add(Time::at(1_h * id), marks[id], id, pick_below(8) == 0);
        kept.push_back(id);
      } else {
        const std::int64_t freed = chain.remove(Time::at(1_h * id), id);
        HOLDS(freed >= 0);
        HOLDS(chain.stored() == held - freed);
      }
      held = chain.stored();
      HOLDS(held >= 0);
      // No more than each snapshot by itself.
      std::int64_t apart = 0;
      for (const std::uint64_t each : kept) apart += volume.written(marks[each]);
      HOLDS(held <= apart);
    }
    HOLDS(held == 0);
  });
}

TEST_CASE("blocks: a run holds and sends what a volume followed block by block does", "[data_replication][property][conservation]") {
  check_property(9, 40, [] {
    const std::int64_t blocks = 1 + pick_below(std::int64_t{6000});  // a half-hour writes none, 1,800 or 3,600
    auto config = sites();
    config.run_length = 2_d;
    StoreConfig store = store_named("orders");
    store.blocks = sequential(blocks);
    store.write_rate = {};
    const DataId data = add(config, store);
    // Whole seconds and whole blocks a second, so that every snapshot falls between two blocks.
    PolicyConfig policy = policy_for(data, "rate(1 hour)", 1_s * pick_below(std::int64_t{5000}), 1_s * pick_below(std::int64_t{5000}));
    policy.retention.count = 1 + pick_below(std::int64_t{6});
    if (pick_below(2) == 0) {
      policy.copies[0].retention.age = 1_h * (1 + pick_below(std::int64_t{12}));
    } else {
      policy.copies[0].retention.count = 1 + pick_below(std::int64_t{6});
    }
    config.policies.push_back(policy);
    DataWorld world(std::move(config));
    BlockByBlock reference(blocks);
    std::map<Time, BlockByBlock::Versions> at_hour;
    std::int64_t rate = 0;  // blocks a second
    for (Time now; now < Time::at(2_d);) {
      now += 30_min;
      world.sim.run_until(now);
      reference.write(rate * 1800);
      at_hour[now] = reference.versions();
      if (pick_below(3) > 0) continue;
      rate = pick_below(3) == 0 ? pick_below(std::int64_t{3}) : 0;
      world.model.set_write_rate(0, BytesPerSecond::of(block.count() * rate));
    }
    // Those at home from their beginning on, copies from their arrival on.
    std::vector<BlockByBlock::Versions> home, copies;
    const PointHistory& snapshots = world.model.history(0, data, here);
    const PointHistory& copied = world.model.history(0, data, there);
    for (const KeptPoint& point : snapshots.points()) {
      if (point.gone == Time::max()) home.push_back(at_hour.at(point.point));
    }
    std::int64_t sent = 0;
    const BlockByBlock::Versions* before = nullptr;
    for (const KeptPoint& point : copied.points()) {
      if (point.usable == Time::max()) continue;
      if (point.gone == Time::max()) copies.push_back(at_hour.at(point.point));
      const BlockByBlock::Versions& now = at_hour.at(point.point);
      sent += before == nullptr ? blocks : BlockByBlock::different(*before, now);
      before = &now;
    }
    HOLDS(world.model.stored(0, here).now == block * BlockByBlock::distinct(home));
    HOLDS(world.model.stored(0, there).now == block * BlockByBlock::distinct(copies));
    // One more may be under way.
    const auto total = static_cast<std::int64_t>(world.model.transferred(here, there).count());
    HOLDS(total >= (block * sent).count());
    HOLDS(total <= (block * (sent + blocks)).count());
  });
}
