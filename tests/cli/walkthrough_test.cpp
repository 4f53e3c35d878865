/// What docs/recovery-walkthrough.md shows is what the program says.

#include <fstream>
#include <iterator>

#include "cli/program.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

namespace fleetsim::test {

namespace {

/// The fenced blocks of a page that name this language, in their order.
std::vector<std::string> blocks_of(const std::string& page, const std::string& language) {
  std::vector<std::string> blocks;
  const std::string opening = "```" + language + "\n";
  for (std::size_t at = page.find(opening); at != std::string::npos; at = page.find(opening, at)) {
    at += opening.size();
    const std::size_t end = page.find("\n```\n", at);
    REQUIRE(end != std::string::npos);
    blocks.push_back(page.substr(at, end + 1 - at));
    at = end + 5;
  }
  return blocks;
}

std::string without(std::string text, const std::string& prefix) {
  for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    lines.push_back(text.substr(at, end - at));
  }
  return lines;
}

/// The first line of `excerpt` that does not follow those before it in `whole`; "[...]" stands for any lines.
std::string first_stray(const std::string& excerpt, const std::string& whole) {
  const std::vector<std::string> all = lines_of(whole);
  std::size_t next = 0;
  bool skips = true;
  for (const std::string& line : lines_of(excerpt)) {
    if (line == "[...]") {
      skips = true;
      continue;
    }
    while (skips && next < all.size() && all[next] != line) ++next;
    if (next >= all.size() || all[next] != line) return line;
    ++next;
    skips = false;
  }
  return {};
}

}  // namespace

TEST_CASE("walkthrough: the page's scenario gives the page's words", "[cli][table]") {
  std::ifstream in(std::string(source_dir) + "/docs/recovery-walkthrough.md", std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  const std::vector<std::string> yaml = blocks_of(page, "yaml"), text = blocks_of(page, "text");
  REQUIRE(yaml.size() == 1);
  REQUIRE(text.size() == 3);
  const TemporaryFolder folder;
  const std::string path = folder.write("file-server.yaml", yaml.front()).string();
  const ProgramRun validated = run_program({"validate", path});
  CHECK(validated.exit_code == 0);
  CHECK(first_stray(text[0], without(validated.err, folder.path().string() + "/")) == "");
  CHECK(first_stray(text[1], run_program({"explain", path}).out) == "");
  const ProgramRun run = run_program({"run", path});
  CHECK(run.exit_code == 0);
  CHECK(first_stray(text[2], run.out) == "");
}

}  // namespace fleetsim::test
