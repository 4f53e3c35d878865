#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "fleetsim/sim/experiment/store.hpp"
#include "sim/experiment/differences.hpp"

namespace fleetsim::experiment {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& reason, const std::string& help) {
  throw StoreError(StoreError::Kind::refused,
                   fmt::format("{} does not belong to this study: {}\n  help: {}", path, reason, help));
}

bool same(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

/// The values of a store in memory, by design and number.
using Table = std::map<std::pair<std::size_t, std::uint64_t>, std::vector<double>>;

/// The note in which a merged store says which shares are in it.
constexpr const char* joined_shares = "joined shares";

std::string joined_shares_note(const std::set<std::uint32_t>& shares, std::uint32_t count) {
  std::string text = fmt::format("{}:", count);
  for (const std::uint32_t share : shares) text += fmt::format(" {}", share);
  return text;
}

std::set<std::uint32_t> read_joined(const std::string& note, std::uint32_t& count) {
  std::set<std::uint32_t> shares;
  const std::size_t colon = note.find(':');
  if (colon == std::string::npos) return shares;
  count = static_cast<std::uint32_t>(std::stoul(note.substr(0, colon)));
  for (std::size_t at = colon + 1; at < note.size();) {
    std::size_t used = 0;
    shares.insert(static_cast<std::uint32_t>(std::stoul(note.substr(at), &used)));
    at += used;
  }
  return shares;
}

}  // namespace

std::vector<std::uint32_t> missing_shares(const StudyStore& store) {
  std::uint32_t count = 0;
  const std::set<std::uint32_t> joined = read_joined(store.note(joined_shares), count);
  std::vector<std::uint32_t> missing;
  for (std::uint32_t number = 1; number <= count; ++number)
    if (!joined.contains(number)) missing.push_back(number);
  return missing;
}

MergeResult merge_shares(const std::string& into, const std::vector<std::string>& paths, const Session& session) {
  std::vector<StudyStore> shares;
  for (const std::string& path : paths) shares.push_back(StudyStore::read(path));
  for (const StudyStore& share : shares) {
    const StudyIdentity &first = shares.front().identity(), &its = share.identity();
    std::string changed = differences(first, its);
    if (first.name != its.name) changed += fmt::format("\n  the name was '{}', now it is '{}'", first.name, its.name);
    if (!changed.empty())
      refuse(share.path(), fmt::format("compared with {}{}", shares.front().path(), changed), "merge the shares of one study at a time");
    if (share.share().count != shares.front().share().count)
      refuse(share.path(),
             fmt::format("it is share {}/{}, {} is one of {}", share.share().number, share.share().count,
                         shares.front().path(), shares.front().share().count),
             "run all shares with the same N of --shard K/N");
    if (share.designs() != shares.front().designs())
      refuse(share.path(), "it has other designs", "run all shares with the same study file");
  }
  for (const std::string& path : paths) {
    std::error_code error;
    if (std::filesystem::equivalent(path, into, error))
      refuse(path, "it is the store to merge into", "give the whole another name with -o");
  }

  StudyIdentity identity = shares.front().identity();
  StudyStore whole = StudyStore::open(into, identity, Share{}, session);
  const std::uint32_t division = shares.front().share().count;
  std::uint32_t count = division;
  std::set<std::uint32_t> joined = read_joined(whole.note(joined_shares), count);
  if (count != division)
    refuse(shares.front().path(), fmt::format("{} has shares of a division by {}, this is one by {}", into, count, division),
           "give the whole another name with -o");
  for (const StudyStore& share : shares) {
    const std::string its = share.note(division_note), of_first = shares.front().note(division_note), there = whole.note(division_note);
    const std::string& other = its != of_first ? of_first : there;
    if (its != other && !other.empty())
      refuse(share.path(), fmt::format("its designs get {}, those of the others {}", its, other),
             "run all shares with the same study file and --replications");
  }
  whole.set_note(division_note, shares.front().note(division_note));
  const std::vector<std::size_t> numbers = whole.find_or_add(shares.front().designs());

  Table table;
  whole.each_replication([&](std::size_t design, std::uint64_t replication, std::span<const double> values) {
    table.emplace(std::pair{design, replication}, std::vector<double>(values.begin(), values.end()));
  });
  Batch batch;
  std::set<std::size_t> touched;
  std::vector<std::pair<std::string, std::uint64_t>> unfinished;
  std::set<std::uint32_t> unfinished_now;
  for (const StudyStore& share : shares) {
    const std::map<std::int64_t, std::int64_t> sessions = whole.adopt_sessions(share);
    const std::vector<std::int64_t> ran_by = share.replication_sessions();
    std::size_t row = 0;
    share.each_replication([&](std::size_t design, std::uint64_t replication, std::span<const double> values) {
      const std::int64_t who = ran_by.at(row++);
      const std::pair key{numbers.at(design), replication};
      const auto [found, added] = table.emplace(key, std::vector<double>(values.begin(), values.end()));
      if (!added && !same(found->second, values))
        refuse(share.path(),
               fmt::format("replication {} of design {} has other values than in another share", replication,
                           share.designs()[design].name),
               "run the shares with the same program and scenario");
      if (!added) return;
      batch.add(static_cast<std::uint32_t>(key.first), replication, values);
      batch.sessions.push_back(sessions.at(who));
      touched.insert(key.first);
    });
    const std::uint64_t wanted = std::strtoull(share.note(replications_wanted_note).c_str(), nullptr, 10);
    if (const std::uint64_t there = share.replications(); there < wanted) {
      unfinished.emplace_back(share.path(), wanted - there);
      unfinished_now.insert(share.share().number);
    } else {
      joined.insert(share.share().number);
    }
  }

  std::vector<DesignStatistics> statistics;
  for (const std::size_t design : touched) {
    DesignStatistics& row = statistics.emplace_back(DesignStatistics{.design = design});
    for (std::size_t m = 0; m < identity.metrics.size(); ++m) {
      // By number, with gaps where a share is missing: the members of an antithetic pair stay together.
      std::vector<double> values;
      row.replications = 0;
      for (auto it = table.lower_bound({design, 0}); it != table.end() && it->first.first == design; ++it) {
        values.resize(it->first.second, std::nan(""));
        values.push_back(it->second[m]);
        ++row.replications;
      }
      row.metrics.push_back(statistics_of(values, identity.antithetic_pairs));
    }
  }
  MergeResult result{.added = batch.size(), .unfinished = std::move(unfinished)};
  if (batch.size() > 0) whole.commit(batch, statistics);
  if (const std::string text = shares.front().note("study file"); !text.empty()) whole.set_note("study file", text);
  whole.set_note(joined_shares, joined_shares_note(joined, division));
  for (std::uint32_t number = 1; number <= division; ++number)
    if (!joined.contains(number) && !unfinished_now.contains(number)) result.missing.push_back(number);
  return result;
}

}  // namespace fleetsim::experiment
