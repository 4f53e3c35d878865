/// A section read into a plain struct, and the words of its errors.

#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/document.hpp"
#include "fleetsim/sim/config/section.hpp"
#include "fleetsim/units.hpp"
#include "sim/config_errors.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::config;
using fleetsim::test::errors_of;

namespace {

struct Group {
  std::string name;
  int minimum = 2;
  Ratio scale_out_above{0.75};
  std::vector<Located<std::string>> zones;
};

struct Fleet {
  Duration deadline = 200_ms;
  RequestRate capacity;
  std::vector<Group> groups;
};

void read_group(Section& in, Group& group) {
  in.required("name", group.name).doc("what results call the group");
  in.optional("min", group.minimum).at_least(0).doc("fewest instances");
  in.optional("scale_out_above", group.scale_out_above).between(0_percent, 100_percent).doc("utilization");
  in.required("zones", group.zones).at_least_count(1).doc("where it may launch");
}

void read_fleet(Section& in, Fleet& fleet) {
  in.optional("deadline", fleet.deadline).positive().doc("a later response is a drop");
  in.required("capacity_per_vcpu", fleet.capacity).positive().doc("work done by one vCPU");
  in.list("groups", fleet.groups, read_group).at_least_count(1).doc("Auto Scaling groups, in the order of trial");
}

}  // namespace

TEST_CASE("config: a section fills a struct and leaves out what the file leaves out", "[config][table]") {
  constexpr std::string_view text = R"(
deadline: 100ms
capacity_per_vcpu: 250 requests/s
groups:
  - {name: spot-home, zones: [us-east-1a], scale_out_above: 80%}
  - name: spot-away
    zones: [us-east-1b, us-east-1c]
    min: 3
)";
  Fleet fleet;
  CHECK(errors_of(text, [&](Section& in) { read_fleet(in, fleet); }) == "");
  CHECK(fleet.deadline == 100_ms);
  CHECK(fleet.capacity == 250_per_s);
  REQUIRE(fleet.groups.size() == 2);
  CHECK(fleet.groups[0].name == "spot-home");
  CHECK(fleet.groups[0].minimum == 2);
  CHECK(fleet.groups[0].scale_out_above == 80_percent);
  REQUIRE(fleet.groups[1].zones.size() == 2);
  CHECK(fleet.groups[1].zones[1].value == "us-east-1c");
  CHECK(fleet.groups[1].zones[1].where == Location{"test.yaml", 7, 25});
  CHECK(fleet.groups[1].minimum == 3);
}

TEST_CASE("config: all errors of a file come at once, in its order", "[config][table]") {
  constexpr std::string_view text = R"(deadlin: 100ms
capacity_per_vcpu: 250
groups:
  - {name: spot-home, zones: [], min: -1}
  - {zones: us-east-1a, scale_out_above: 120%, cooldown: 5m}
)";
  Fleet fleet;
  CHECK(errors_of(text, [&](Section& in) { read_fleet(in, fleet); }) ==
        R"(test.yaml:1:1: error: unknown key 'deadlin'
  help: a key with a similar name exists: deadline
test.yaml:2:20: error: capacity_per_vcpu: '250' has no unit
  help: write a request rate with its unit, such as 250 requests/s
test.yaml:4:30: error: groups.spot-home.zones: has 0 items, must have at least 1
test.yaml:4:39: error: groups.spot-home.min: -1 must be at least 0
test.yaml:5:5: error: key 'name' is missing in groups.1
  help: add it, such as name: NAME
test.yaml:5:13: error: groups.1.zones: a value where a list is meant
  help: write [us-east-1a]
test.yaml:5:42: error: groups.1.scale_out_above: 120% must be at most 100%
test.yaml:5:48: error: unknown key 'cooldown' in groups.1
  help: allowed: name, min, scale_out_above, zones
)");
}

// A number that a document itself needs is the version of its format, so that help proposes 1.
TEST_CASE("config: one mistake, one error: a misspelt key explains the missing one", "[config][table]") {
  const auto read = [](Section& in) {
    int interval = 0, other = 0;
    in.required("interval", interval);
    in.required("other", other);
  };
  CHECK(errors_of("intervall: 5\nother: 1\n", read) ==
        "test.yaml:1:1: error: unknown key 'intervall'\n  help: a key with a similar name exists: interval\n");
  CHECK(errors_of("other: 1\n", read) == "test.yaml:1:1: error: key 'interval' is missing\n  help: add it, such as interval: 1\n");
  CHECK(errors_of("cooldown: 5\n", read) ==
        "test.yaml:1:1: error: key 'interval' is missing\n  help: add it, such as interval: 1\n"
        "test.yaml:1:1: error: key 'other' is missing\n  help: add it, such as other: 1\n"
        "test.yaml:1:1: error: unknown key 'cooldown'\n  help: allowed: interval, other\n");
}

TEST_CASE("config: a key without a value is told what to write", "[config][table]") {
  const auto read = [](Section& in) {
    Duration deadline;
    std::vector<int> list;
    in.required("deadline", deadline).positive();
    in.optional("list", list);
    in.optional_section("section", "", [](Section&) {});
  };
  CHECK(errors_of("deadline:\nlist: ~\nsection:\n", read) ==
        "test.yaml:1:1: error: deadline: has no value\n  help: write a duration with its unit, such as 200ms or 5m\n"
        "test.yaml:2:7: error: list: has no value\n  help: leave the key out, or give it a value\n"
        "test.yaml:3:1: error: section: has no value\n  help: leave the key out, or give it a value\n");
}

TEST_CASE("config: rules hold for the value, or for each item, and are told with both values", "[config][table]") {
  const auto read = [](Section& in) {
    Duration above, least;
    Ratio share;
    std::vector<Bytes> sizes;
    std::optional<double> number;
    Located<int> count;
    DurationDistribution boot;
    in.optional("above", above).positive();
    in.optional("least", least).at_least(5_s);
    in.optional("share", share).between(10_percent, 90_percent);
    in.optional("sizes", sizes).not_negative();
    in.optional("number", number).at_most(1.5);
    in.optional("count", count).at_least(2);
    in.optional("boot", boot).at_least(1_s);
  };
  CHECK(errors_of("{above: 1ns, least: 5s, share: 10%, sizes: [0 B], number: 1.5, count: 2, boot: 1s}\n", read) == "");
  CHECK(errors_of("above: 0s\nleast: 4999ms\nshare: 90.1%\nsizes: [1 B, -1 B]\nnumber: 1.6\ncount: 1\nboot: 0.9s\n",
                  read) ==
        R"(test.yaml:1:8: error: above: 0s must be above 0s
test.yaml:2:8: error: least: 4.999s must be at least 5s
test.yaml:3:8: error: share: 90.1% must be at most 90%
test.yaml:4:14: error: sizes: -1 B must be at least 0 B
test.yaml:5:9: error: number: 1.6 must be at most 1.5
test.yaml:6:8: error: count: 1 must be at least 2
test.yaml:7:7: error: boot: 900ms must be at least 1s
)");
}

TEST_CASE("config: a field that cannot be read keeps its default, and one that can is given", "[config][table]") {
  int kept = 7, read_value = 7;
  errors_of("kept: x\nread: 8\n", [&](Section& in) {
    CHECK_FALSE(in.optional("kept", kept).given());
    CHECK(in.optional("read", read_value).given());
    CHECK_FALSE(in.optional("absent", kept).given());
  });
  CHECK(kept == 7);
  CHECK(read_value == 8);
}

TEST_CASE("config: a choice is one word of a list", "[config][table]") {
  enum class Purchase { spot, on_demand };
  Purchase purchase = Purchase::spot;
  const auto read = [&](Section& in) {
    in.required_choice<Purchase>("purchase", purchase, {{"spot", Purchase::spot}, {"on_demand", Purchase::on_demand}});
  };
  CHECK(errors_of("purchase: on_demand\n", read) == "");
  CHECK(purchase == Purchase::on_demand);
  CHECK(errors_of("purchase: on-demand\n", read) ==
        "test.yaml:1:11: error: purchase: 'on-demand' is not one of spot, on_demand\n  help: the nearest is: "
        "on_demand\n");
  CHECK(errors_of("purchase: cash\n", read) ==
        "test.yaml:1:11: error: purchase: 'cash' is not one of spot, on_demand\n");
  CHECK(errors_of("purchase: [spot]\n", read) ==
        "test.yaml:1:11: error: purchase: a list where a word is meant\n  help: allowed: spot, on_demand\n");
  CHECK(errors_of("{}\n", read) == "test.yaml:1:1: error: key 'purchase' is missing\n  help: add it, such as purchase: spot\n");
}

TEST_CASE("config: the shape of a value is checked before its text", "[config][table]") {
  const auto read = [](Section& in) {
    int number = 0;
    std::vector<int> numbers, items;
    in.optional("number", number);
    in.optional("numbers", numbers);
    in.optional_section("section", "", [](Section&) {});
    in.list("items", items, [](Section&, int&) {});
    in.named("fleets", "fleet", "", [](const Located<std::string>&, Section&) {});
  };
  CHECK(errors_of("number: [1]\nnumbers: {a: 1}\nsection: 5\nitems: {a: 1}\nfleets: [x]\n", read) ==
        R"(test.yaml:1:9: error: number: a list where a whole number is meant
  help: write a whole number such as 20
test.yaml:2:10: error: numbers: a mapping where a list is meant
test.yaml:3:10: error: section: a value where a mapping is meant
test.yaml:4:8: error: items: a mapping where a list of mappings is meant
  help: begin each item with '- '
test.yaml:5:9: error: fleets: a list where a mapping of names is meant
  help: write the name of each fleet, a colon, and its keys below it
)");
  CHECK(errors_of("items: [5, {}]\nfleets: {a: 5, 'b c': {}}\n", read) ==
        R"(test.yaml:1:9: error: items.0: a value where a mapping is meant
  help: write its keys and values, such as {name: NAME, ...}
test.yaml:2:13: error: fleets.a: a value where a mapping is meant
  help: write its keys below 'a:'
test.yaml:2:16: error: fleets: 'b c' is not a name for a fleet
  help: a name holds letters, digits, '-', '_', '.' and '/'
)");
}

TEST_CASE("config: named mappings come in the order of the file, with their places and paths", "[config][table]") {
  std::string seen;
  CHECK(errors_of("fleets:\n  zeta: {}\n  alpha: {inner: {}}\n", [&](Section& in) {
          in.named("fleets", "fleet", "", [&](const Located<std::string>& name, Section& fleet) {
            seen += name.value + " " + to_text(name.where) + " " + fleet.path() + "\n";
            fleet.optional_section("inner", "",
                                   [&](Section& inner) { seen += inner.path() + " " + to_text(inner.where()) + "\n"; });
          });
        }) == "");
  CHECK(seen ==
        "zeta test.yaml:2:3 fleets.zeta\nalpha test.yaml:3:3 fleets.alpha\nfleets.alpha.inner test.yaml:3:18\n");
}

TEST_CASE("config: values by name come in the order of the file, each under its own rules", "[config][table]") {
  std::vector<std::string> seen;
  const auto read = [&](Section& in) {
    in.named_values("weights", "type", "", [&](const Located<std::string>& name, Section& weights) {
      int weight = 1;
      if (weights.required(name.value, weight).at_least(1).given()) {
        seen.push_back(name.value + "=" + std::to_string(weight) + " at " + std::to_string(name.where.column));
      }
    });
  };
  CHECK(test::errors_of("weights: {b: 2, a: 4}\n", read) == "");
  CHECK(seen == std::vector<std::string>{"b=2 at 11", "a=4 at 17"});
  CHECK(test::errors_of("weights: {a: 0}\n", read) ==
        "test.yaml:1:14: error: weights.a: 0 must be at least 1\n");
  CHECK(test::errors_of("weights: [1, 2]\n", read) ==
        "test.yaml:1:10: error: weights: a list where a mapping of names is meant\n"
        "  help: write the name of each type, a colon, and its value\n");
}

TEST_CASE("config: one of several keys", "[config][table]") {
  const auto exactly = [](Section& in) {
    std::string value;
    for (const char* key : {"trace", "rate", "daily"}) in.optional(key, value);
    in.exactly_one_of({"trace", "rate", "daily"});
  };
  CHECK(errors_of("rate: x\n", exactly) == "");
  CHECK(errors_of("{}\n", exactly) == "test.yaml:1:1: error: exactly one of trace, rate, daily is needed\n");
  CHECK(errors_of("rate: x\ntrace: x\n", exactly) ==
        "test.yaml:2:1: error: 'trace' is given beside 'rate': only one of trace, rate, daily is allowed\n");
  CHECK(errors_of("rat: x\n", exactly) ==
        "test.yaml:1:1: error: unknown key 'rat'\n  help: a key with a similar name exists: rate\n");
  const auto at_most = [](Section& in) {
    in.optional_section("s", "", [](Section& s) {
      int a = 0, b = 0;
      s.optional("a", a);
      s.optional("b", b);
      s.at_most_one_of({"a", "b"});
    });
  };
  CHECK(errors_of("s: {}\n", at_most) == "");
  CHECK(errors_of("s: {a: 1, b: 2}\n", at_most) ==
        "test.yaml:1:11: error: 'b' is given beside 'a': only one of a, b is allowed in s\n");
}

TEST_CASE("config: keys under a condition have no meaning where it does not hold", "[config][table]") {
  const auto read = [](Section& in) {
    bool trace = false;
    std::string file;
    in.optional("trace", trace);
    in.when(trace, "trace is true", [&](Section& also) { also.required("file", file); });
  };
  CHECK(errors_of("{trace: true, file: x}\n", read) == "");
  CHECK(errors_of("trace: true\n", read) == "test.yaml:1:1: error: key 'file' is missing\n  help: add it, such as file: NAME\n");
  CHECK(errors_of("file: x\n", read) == "test.yaml:1:1: error: key 'file' has no meaning\n  help: it is allowed where trace is true\n");
}

TEST_CASE("config: a word that cannot be read brings no errors about the keys that hang on it", "[config][table]") {
  enum class Kind { spot, mixed };
  const auto read = [](Section& in) {
    Kind kind = Kind::spot;
    std::int64_t base = 0;
    in.optional_choice<Kind>("kind", kind, {{"spot", Kind::spot}, {"mixed", Kind::mixed}});
    in.when(kind == Kind::mixed, "kind is mixed", [&](Section& mixed) { mixed.optional("base", base); });
  };
  CHECK(errors_of("{kind: mixd, base: 1}\n", read) ==
        "test.yaml:1:8: error: kind: 'mixd' is not one of spot, mixed\n  help: the nearest is: mixed\n");
  CHECK(errors_of("{kind: spot, base: 1}\n", read) ==
        "test.yaml:1:14: error: key 'base' has no meaning\n  help: it is allowed where kind is mixed\n");
}

TEST_CASE("config: a section's own findings are placed at the key's value, the key or the section", "[config][table]") {
  CHECK(errors_of("s:\n  min: 5\n  list:\n    - x\n",
                  [](Section& in) {
                    in.optional_section("s", "", [](Section& s) {
                      int least = 0;
                      std::vector<std::string> list;
                      s.optional("min", least);
                      s.optional("list", list);
                      s.error("min", "min: above max", "lower min");
                      s.error("list", "list: too short");
                      s.warning("absent", "absent: not given");
                      s.error_at({"other.csv", 3, 1}, "elsewhere");
                    });
                  }) ==
        "other.csv:3:1: error: elsewhere\n"
        "test.yaml:1:1: warning: s.absent: not given\n"
        "test.yaml:2:8: error: s.min: above max\n  help: lower min\n"
        "test.yaml:3:3: error: s.list: too short\n");
}

TEST_CASE("config: a data file lies in the scenario's folder and is there", "[config][table]") {
  test::TemporaryFolder folder;
  folder.write("scenario/data/bids.csv", "t_s\n");
  folder.write("secret.csv", "t_s\n");
  const auto read = [&](const std::string& name, FilePath& file) {
    return test::errors_of_file(folder.write("scenario/main.yaml", "trace: " + name + "\n"),
                                [&](Section& in) { in.required("trace", file); });
  };
  FilePath file;
  CHECK(read("data/bids.csv", file) == "");
  CHECK(file.path == (folder.path() / "scenario/data/bids.csv").string());
  CHECK(file.as_given == "data/bids.csv");
  CHECK(read("data/bid.csv", file) ==
        "main.yaml:1:8: error: trace: there is no file 'data/bid.csv'\n"
        "  help: a file with a similar name exists: bids.csv\n");
  CHECK(read("../secret.csv", file) ==
        "main.yaml:1:8: error: trace: '../secret.csv' lies outside the scenario's folder\n"
        "  help: files lie in the scenario's folder or below\n");
  CHECK(read("data", file) == "main.yaml:1:8: error: trace: 'data' is a folder, not a file\n");
  CHECK(read("[x]", file) ==
        "main.yaml:1:8: error: trace: a list where a file name is meant\n"
        "  help: write the name of a file in the scenario's folder, such as data/bids.csv\n");
}

TEST_CASE("config: a file that an included file names is found beside that one", "[config][table]") {
  test::TemporaryFolder folder;
  folder.write("parts/data.csv", "t_s\n");
  folder.write("parts/base.yaml", "trace: data.csv\n");
  FilePath file;
  CHECK(test::errors_of_file(folder.write("main.yaml", "include: parts/base.yaml\n"),
                             [&](Section& in) { in.required("trace", file); }) == "");
  CHECK(file.path == (folder.path() / "parts/data.csv").string());
}

TEST_CASE("config: the nearest name is one that a slip of the keyboard explains", "[config][table]") {
  const std::vector<std::string> names{"interval", "min", "max", "zones", "home_zone"};
  CHECK(nearest_name("intervall", names) == "interval");
  CHECK(nearest_name("intreval", names) == "interval");
  CHECK(nearest_name("zone", names) == "zones");
  CHECK(nearest_name("mni", names) == "min");
  CHECK(nearest_name("home-zone", names) == "home_zone");
  CHECK(nearest_name("cooldown", names) == "");
  CHECK(nearest_name("x", names) == "");
  CHECK(nearest_name("", names) == "");
  CHECK(nearest_name(std::string(1'000'000, 'x'), names) == "");
  CHECK(name_help("zone", "us-west-1a", {"us-east-1a", "eu-west-1a"}) ==
        "a zone with a similar name exists: us-east-1a");
  CHECK(name_help("zone", "mars", {"us-east-1a", "eu-west-1a"}) == "allowed: us-east-1a, eu-west-1a");
  CHECK(name_help("zone", "mars", {}) == "");
}
