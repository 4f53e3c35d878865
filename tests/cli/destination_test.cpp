#include "tools/cli/destination.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace fleetsim::test {

namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::ptrdiff_t files_in(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

}  // namespace

TEST_CASE("destination: a file is replaced whole and leaves nothing else in the folder", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("result.json", "a longer text that was there before");
  cli::write(path, "short");
  CHECK(contents(path) == "short");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("destination: a file that exists keeps its permissions", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("result.json", "before");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  cli::write(path, "after");
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
}

TEST_CASE("destination: a link stays a link, and the file it leads to is replaced", "[cli][table]") {
  const TemporaryFolder folder;
  const fs::path file = folder.write("results/1.json", "before");
  const fs::path link = folder.path() / "latest.json";
  fs::create_symlink("results/1.json", link);
  cli::write(link.string(), "after");
  CHECK(fs::is_symlink(link));
  CHECK(contents(file) == "after");
}

TEST_CASE("destination: a device is written to, never replaced", "[cli][table]") {
  CHECK(cli::obstacle("/dev/full").empty());
  CHECK_THROWS_AS(cli::write("/dev/full", "text"), cli::WriteError);
  CHECK(fs::is_character_file("/dev/full"));
  cli::write("/dev/null", "text");
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("destination: a folder that does not exist is an obstacle, and writing there leaves nothing",
          "[cli][table]") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "none" / "result.json";
  CHECK_FALSE(cli::obstacle(path).empty());
  CHECK_THROWS_AS(cli::write(path, "text"), cli::WriteError);
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("destination: a read-only file is an obstacle, whoever asks", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("result.json", "before");
  fs::permissions(path, fs::perms::owner_read);
  CHECK(cli::obstacle(path) == "cannot write to " + path + ": the file is read-only");
}

TEST_CASE("destination: a file in a folder that exists meets no obstacle", "[cli][table]") {
  const TemporaryFolder folder;
  CHECK(cli::obstacle(folder.path() / "result.json").empty());
  CHECK(cli::obstacle({}).empty());
  CHECK(cli::obstacle("-").empty());
}

}  // namespace fleetsim::test
