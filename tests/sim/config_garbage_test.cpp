/// Damaged files: whatever the bytes, there is a document or an error, and no crash.

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "fleetsim/sim/config/csv.hpp"
#include "fleetsim/sim/config/document.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::config;

namespace {

constexpr std::string_view scenario = R"(# a scenario with most of what YAML has
fleetsim: 1
name: "real-time bidding \"quoted\" \u00e9"
run: {start: 2021-08-01T00:00:00Z, duration: 30d, warm_up: 12h}
shared: &shared
  deadline: 200ms
  boot: {lognormal: {median: 30s, sigma: 0.25}}
fleets:
  bidder:
    <<: *shared
    zones: [us-east-1a, 'us-east-1b', us-east-1c]
    groups:
      - {name: spot-home, max: 10, share: 75%}
      - name: od-home
        max: 5
        note: |
          text on
          two lines
        folded: >-
          and on
          one
  logger: *shared
)";

/// Reads what the scenario holds, and some that it does not.
void read(Section& in) {
  int format = 0;
  std::string name;
  in.required("fleetsim", format).between(1, 1);
  in.required("name", name);
  const auto read_fleet = [](Section& fleet) {
    Duration deadline;
    DurationDistribution boot;
    std::vector<Located<std::string>> zones;
    std::vector<int> groups;
    fleet.optional("deadline", deadline).positive();
    fleet.optional("boot", boot);
    fleet.optional("zones", zones).at_least_count(1);
    fleet.list("groups", groups, [](Section& group, int& most) {
      std::string group_name, note;
      Ratio share;
      group.required("name", group_name);
      group.optional("max", most).at_least(1);
      group.optional("share", share).between(Ratio{0}, Ratio{1});
      group.optional("note", note);
      group.optional("folded", note);
    });
  };
  in.optional_section("run", "", [](Section& run) {
    UtcTime start;
    Duration duration;
    run.required("start", start);
    run.optional("duration", duration);
    run.optional("warm_up", duration);
  });
  in.optional_section("shared", "", read_fleet);
  in.named("fleets", "fleet", "", [&](const Located<std::string>&, Section& fleet) { read_fleet(fleet); });
}

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed) {}

  std::string apply(std::string text) {
    for (std::size_t n = 1 + below(4); n > 0 && !text.empty(); --n) damage(text);
    return text;
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

  void damage(std::string& text) {
    static constexpr std::string_view special = "{}[]:,-#&*!|>'\"%@`\n\t \\?~<=.0x";
    const std::size_t at = below(text.size());
    switch (below(6)) {
      case 0: text[at] = static_cast<char>(below(256)); break;
      case 1: text[at] = special[below(special.size())]; break;
      case 2: text.insert(at, 1, special[below(special.size())]); break;
      case 3: text.erase(at, 1 + below(20)); break;
      case 4: text.insert(at, text.substr(below(text.size()), below(40))); break;
      default: text.resize(at); break;
    }
  }

  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("config: a damaged scenario gives a document or an error", "[config][garbage][property]") {
  Damage damage(1);
  int documents = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string text = damage.apply(std::string(scenario));
    Diagnostics diagnostics;
    auto document = Document::from_text(text, "test.yaml", {}, diagnostics);
    if (!document) {
      INFO(text);
      REQUIRE(diagnostics.has_errors());
      continue;
    }
    ++documents;
    Section root = document->root();
    read(root);
    document->finish();
    for (const Diagnostic& d : diagnostics.sorted()) {
      INFO(text << "\n" << to_text(d));
      REQUIRE(d.message.find('\n') == std::string::npos);
      REQUIRE(d.where.file == "test.yaml");
    }
  }
  CHECK(documents > 500);  // the damage is not so large that nothing is read
}

TEST_CASE("config: a damaged option of --set changes the document or is an error", "[config][garbage][property]") {
  Damage damage(2);
  for (int i = 0; i < 2000; ++i) {
    Diagnostics diagnostics;
    const DocumentOptions options{.overrides = {damage.apply("fleets.bidder.groups.spot-home={name: x, max: [1, 2]}")},
                                  .folder = {}};
    auto document = Document::from_text(scenario, "test.yaml", options, diagnostics);
    REQUIRE(document);
    Section root = document->root();
    read(root);
    document->finish();
  }
}

TEST_CASE("config: a damaged table gives rows or an error", "[config][garbage][property]") {
  Damage damage(3);
  for (int i = 0; i < 4000; ++i) {
    Diagnostics diagnostics;
    CsvReader csv(damage.apply("# source\nt_s,\"count\",note\n0,1,\"a \"\"b\"\"\"\n1.5,-2,\n3e2,4,x\n"), "test.csv",
                  {"t_s", "count"}, diagnostics);
    while (csv.next()) {
      Duration at;
      std::int64_t count = 0;
      csv.read(0, 1_s, at);
      csv.read(1, count);
    }
    REQUIRE(csv.ok() == !diagnostics.has_errors());
    REQUIRE((csv.rows() > 0 || !csv.ok()));
  }
}
