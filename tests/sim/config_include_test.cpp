/// Files that include each other, and what the command line sets over them.

#include <string>
#include <string_view>
#include <vector>

#include "fleetsim/sim/config/document.hpp"
#include "fleetsim/units.hpp"
#include "sim/config_errors.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace fleetsim;
using namespace fleetsim::config;
using fleetsim::test::TemporaryFolder;

namespace {

/// A small scenario that shows in one line what it was read as.
struct Shown {
  std::string text;

  void read(Section& in) {
    std::optional<std::string> name;
    in.optional("name", name);
    text += name.value_or("-");
    in.named("fleets", "fleet", "", [&](const Located<std::string>& fleet, Section& section) {
      Duration deadline = 200_ms;
      std::vector<std::string> zones;
      section.optional("deadline", deadline);
      section.optional("zones", zones);
      text += " " + fleet.value + "(" + config::detail::value_to_text(deadline) + " " +
              config::detail::value_to_text(zones);
      std::vector<int> groups;
      section.list("groups", groups, [&](Section& group, int&) {
        std::string group_name = "?";
        int most = 0;
        group.optional("name", group_name);
        group.optional("max", most);
        text += " " + group_name + ":" + std::to_string(most);
      });
      text += ")";
    });
  }
};

/// What a file is read as, or the errors of doing so.
std::string shown(const std::filesystem::path& path, const DocumentOptions& options = {}) {
  Shown scenario;
  const std::string errors = test::errors_of_file(
      path, [&](Section& in) { scenario.read(in); }, options);
  return errors.empty() ? scenario.text : errors;
}

std::string shown_text(std::string_view text, std::vector<std::string> overrides) {
  Shown scenario;
  DocumentOptions options;
  options.overrides = std::move(overrides);
  const std::string errors = test::errors_of(
      text, [&](Section& in) { scenario.read(in); }, options);
  return errors.empty() ? scenario.text : errors;
}

constexpr std::string_view base = R"(name: base
fleets:
  bidder:
    deadline: 100ms
    zones: [a, b]
    groups: [{name: home, max: 5}, {name: away, max: 7}]
  logger: {zones: [c]}
)";

}  // namespace

TEST_CASE("include: the file's own keys go over those it includes", "[config][include][table]") {
  TemporaryFolder folder;
  folder.write("base.yaml", base);
  const auto with = [&](std::string_view text) { return shown(folder.write("main.yaml", text)); };
  CHECK(with("include: base.yaml\n") == "base bidder(100ms [a, b] home:5 away:7) logger(200ms [c])");
  // Scalars and lists replace, mappings merge, keys keep the base's order and further ones follow.
  CHECK(with("include: base.yaml\nname: own\nfleets: {new: {}, bidder: {zones: [d]}}\n") ==
        "own bidder(100ms [d] home:5 away:7) logger(200ms [c]) new(200ms [])");
  CHECK(with("include: base.yaml\nfleets: {bidder: {groups: [{name: only}]}}\n") ==
        "base bidder(100ms [a, b] only:0) logger(200ms [c])");
  // A key without a value removes.
  CHECK(with("include: base.yaml\nname:\nfleets: {logger: null, bidder: {zones: ~}}\n") ==
        "- bidder(100ms [] home:5 away:7)");
}

TEST_CASE("include: later files of a list go over earlier ones, and files may lie in folders below",
          "[config][include][table]") {
  TemporaryFolder folder;
  folder.write("base.yaml", base);
  folder.write("parts/fast.yaml", "include: faster.yaml\nfleets: {bidder: {deadline: 50ms}}\n");
  folder.write("parts/faster.yaml", "name: faster\nfleets: {bidder: {deadline: 10ms, zones: [z]}}\n");
  CHECK(shown(folder.write("main.yaml", "include: [base.yaml, parts/fast.yaml]\n")) ==
        "faster bidder(50ms [z] home:5 away:7) logger(200ms [c])");
  CHECK(shown(folder.write("main.yaml", "include: [parts/fast.yaml, base.yaml]\n")) ==
        "base bidder(100ms [a, b] home:5 away:7) logger(200ms [c])");
  // One file included twice is no cycle.
  CHECK(shown(folder.write("main.yaml", "include: [parts/faster.yaml, parts/fast.yaml]\n")) ==
        "faster bidder(50ms [z])");
  // Up and down again stays inside.
  CHECK(shown(folder.write("main.yaml", "include: parts/../parts/faster.yaml\n")) == "faster bidder(10ms [z])");
}

TEST_CASE("include: errors stand in the file that holds them", "[config][include][table]") {
  TemporaryFolder folder;
  folder.write("base.yaml", "name: base\nfleets:\n  bidder:\n    deadline: 5\n    zone: [a]\n");
  CHECK(shown(folder.write("main.yaml", "include: base.yaml\nfleets:\n  bidder: {zones: x}\n")) ==
        R"(base.yaml:4:15: error: fleets.bidder.deadline: '5' has no unit
  help: write a duration with its unit, such as 5ms, 5s or 5m
base.yaml:5:5: error: unknown key 'zone' in fleets.bidder
  help: a key with a similar name exists: zones
main.yaml:3:19: error: fleets.bidder.zones: a value where a list is meant
  help: write [x]
)");
  folder.write("broken.yaml", "name: [\n");
  CHECK(shown(folder.write("main.yaml", "include: broken.yaml\n")) ==
        "broken.yaml:1:7: error: this '[' is not closed\n"
        "  help: separate items by commas and close with ']'; what stands at line 2, column 1 cannot follow inside it\n");
}

TEST_CASE("include: no file outside the scenario's folder", "[config][include][table]") {
  TemporaryFolder folder;
  const std::filesystem::path secret = folder.write("secret.yaml", "name: secret\n");
  const auto with = [&](const std::string& name) {
    return shown(folder.write("scenario/main.yaml", "include: " + name + "\n"));
  };
  const std::string help = "  help: files lie in the scenario's folder or below\n";
  CHECK(with("../secret.yaml") ==
        "main.yaml:1:10: error: include: '../secret.yaml' lies outside the scenario's folder\n" + help);
  CHECK(with("sub/../../secret.yaml") ==
        "main.yaml:1:10: error: include: 'sub/../../secret.yaml' lies outside the scenario's folder\n" + help);
  CHECK_THAT(with(secret.string()), Catch::Matchers::ContainsSubstring("is an absolute path\n" + help));
  std::filesystem::create_symlink(secret, folder.path() / "scenario/link.yaml");
  CHECK(with("link.yaml") == "main.yaml:1:10: error: include: 'link.yaml' lies outside the scenario's folder\n" + help);
  std::filesystem::create_directory_symlink(folder.path(), folder.path() / "scenario/up");
  CHECK(with("up/secret.yaml") ==
        "main.yaml:1:10: error: include: 'up/secret.yaml' lies outside the scenario's folder\n" + help);
  // A wider folder may be allowed by who reads.
  CHECK(shown(folder.write("scenario/main.yaml", "include: ../secret.yaml\n"),
              {.overrides = {}, .folder = folder.path().string()}) == "secret");
}

TEST_CASE("include: what is not there, and what is no file name", "[config][include][table]") {
  TemporaryFolder folder;
  folder.write("base.yaml", base);
  std::filesystem::create_directory(folder.path() / "parts");
  const auto with = [&](std::string_view text) { return shown(folder.write("main.yaml", text)); };
  CHECK(with("include: bse.yaml\n") ==
        "main.yaml:1:10: error: include: there is no file 'bse.yaml'\n"
        "  help: a file with a similar name exists: base.yaml\n");
  CHECK(with("include: some/where.yaml\n") ==
        "main.yaml:1:10: error: include: there is no file 'some/where.yaml'\n"
        "  help: looked for some/where.yaml\n");
  CHECK(with("include: parts\n") == "main.yaml:1:10: error: include: 'parts' is a folder, not a file\n");
  CHECK(with("include: [base.yaml, {x: y}]\n") ==
        "main.yaml:1:22: error: include: a mapping where a file name is meant\n"
        "  help: write a file name, or a list of them\n");
  CHECK(with("include:\n") ==
        "main.yaml:1:1: error: include: no value where a file name is meant\n"
        "  help: write a file name, or a list of them\n");
  CHECK(with("include: \"a\\0b\"\n") == "main.yaml:1:10: error: include: the file name holds a control character\n");
}

TEST_CASE("include: a cycle is printed", "[config][include][table]") {
  TemporaryFolder folder;
  folder.write("b.yaml", "include: c.yaml\n");
  folder.write("c.yaml", "include: ./b.yaml\n");
  CHECK(shown(folder.write("a.yaml", "include: b.yaml\n")) ==
        "c.yaml:1:10: error: include: files include each other in a cycle: b.yaml -> c.yaml -> b.yaml\n");
  CHECK(shown(folder.write("self.yaml", "include: self.yaml\n")) ==
        "self.yaml:1:10: error: include: files include each other in a cycle: self.yaml -> self.yaml\n");
  for (int i = 0; i < 20; ++i) {
    folder.write("deep" + std::to_string(i) + ".yaml", "include: deep" + std::to_string(i + 1) + ".yaml\n");
  }
  CHECK(shown(folder.path() / "deep0.yaml") ==
        "deep16.yaml:1:10: error: include: files include each other more than 16 deep\n");
}

TEST_CASE("include: files are listed in the order of reading", "[config][include][table]") {
  TemporaryFolder folder;
  folder.write("base.yaml", base);
  const std::filesystem::path main = folder.write("main.yaml", "include: base.yaml\n");
  Diagnostics diagnostics;
  const auto document = Document::read(main.string(), {.overrides = {"name=x"}, .folder = {}}, diagnostics);
  REQUIRE(document);
  CHECK(document->files() == std::vector<std::string>{main.string(), (folder.path() / "base.yaml").string()});
}

TEST_CASE("set: a path with dots names a key or a list's item", "[config][set][table]") {
  const std::string unchanged = "base bidder(100ms [a, b] home:5 away:7) logger(200ms [c])";
  CHECK(shown_text(base, {}) == unchanged);
  CHECK(shown_text(base, {"name=other"}) == "other" + unchanged.substr(4));
  CHECK(shown_text(base, {"fleets.bidder.deadline=1s"}) == "base bidder(1s [a, b] home:5 away:7) logger(200ms [c])");
  CHECK(shown_text(base, {"fleets.bidder.groups.0.max=10"}) ==
        "base bidder(100ms [a, b] home:10 away:7) logger(200ms [c])");
  CHECK(shown_text(base, {"fleets.bidder.groups.away.max=10"}) ==
        "base bidder(100ms [a, b] home:5 away:10) logger(200ms [c])");
  CHECK(shown_text(base, {"fleets.bidder.zones=[x, y]"}) ==
        "base bidder(100ms [x, y] home:5 away:7) logger(200ms [c])");
  CHECK(shown_text(base, {"fleets.bidder.zones.1=x"}) == "base bidder(100ms [a, x] home:5 away:7) logger(200ms [c])");
  CHECK(shown_text(base, {"fleets.bidder.groups.0={name: new, max: 1}"}) ==
        "base bidder(100ms [a, b] new:1 away:7) logger(200ms [c])");
  CHECK(shown_text(base, {"fleets.logger.deadline=1s"}) == "base bidder(100ms [a, b] home:5 away:7) logger(1s [c])");
  CHECK(shown_text(base, {"fleets.second.deadline=1s"}) == unchanged + " second(1s [])");
  CHECK(shown_text(base, {"fleets.second.deadline=1s", "fleets.second.deadline=2s"}) == unchanged + " second(2s [])");
  CHECK(shown_text(base, {"fleets.logger=null"}) == "base bidder(100ms [a, b] home:5 away:7)");
  CHECK(shown_text(base, {"fleets.bidder.groups.home=null"}) == "base bidder(100ms [a, b] away:7) logger(200ms [c])");
  // The first '=' ends the path; a name may hold dots.
  CHECK(shown_text(base, {"name=a=b"}) == "a=b" + unchanged.substr(4));
  CHECK(shown_text("fleets: {m5.large: {}, m5: {}}\n", {"fleets.m5.large.deadline=1s"}) ==
        "- m5.large(1s []) m5(200ms [])");
}

TEST_CASE("set: errors name the option", "[config][set][table]") {
  CHECK(shown_text(base, {"fleets.bidder.deadline=200 MB"}) ==
        "command line: --set fleets.bidder.deadline=200 MB: error: fleets.bidder.deadline: '200 MB' is a size, not a duration\n"
        "  help: write a duration with its unit, such as 200ms or 5m\n");
  CHECK(shown_text(base, {"fleets.bidder.dedline=1s"}) ==
        "command line: --set fleets.bidder.dedline=1s: error: unknown key 'dedline' in fleets.bidder\n"
        "  help: a key with a similar name exists: deadline\n");
  CHECK(shown_text(base, {"fleets.biddr.deadline=1s"}) ==
        "command line: --set fleets.biddr.deadline=1s: error: there is no key 'biddr' in fleets\n"
        "  help: a key with a similar name exists: bidder\n");
  CHECK(shown_text(base, {"fleets.bidder.groups.hom.max=1"}) ==
        "command line: --set fleets.bidder.groups.hom.max=1: error: there is no item 'hom' in fleets.bidder.groups\n"
        "  help: an item with a similar name exists: home\n");
  CHECK(shown_text(base, {"fleets.bidder.groups.2.max=1"}) ==
        "command line: --set fleets.bidder.groups.2.max=1: error: there is no item '2' in fleets.bidder.groups\n"
        "  help: it has 2 items, counted from 0\n");
  CHECK(shown_text(base, {"name.first=x"}) ==
        "command line: --set name.first=x: error: 'name' is a value, which has no key 'first'\n");
  for (const char* wrong : {"name", "=x", ""}) {
    CHECK(shown_text(base, {wrong}) == std::string("command line: --set ") + wrong +
                                           ": error: is not of the form path=value\n"
                                           "  help: write it such as --set fleets.bidder.deadline=100ms\n");
  }
  CHECK(shown_text(base, {"fleets..deadline=1s"}) ==
        "command line: --set fleets..deadline=1s: error: a key of the path is empty\n");
  CHECK(shown_text(base, {"name=[x"}) == "command line: --set name=[x: error: this '[' is not closed\n");
}
