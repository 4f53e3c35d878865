/// The studies that ship: each is sound from its first design to its last, and the page that tells their answers names it.

#include <filesystem>
#include <fstream>
#include <iterator>

#include "fleetsim/study.hpp"
#include "support/catch.hpp"
#include "support/paths.hpp"

namespace fleetsim {

namespace fs = std::filesystem;

TEST_CASE("studies: each that ships can be run, and its answer is told", "[scenarios][study]") {
  std::ifstream page(fs::path(test::source_dir) / "docs/studies.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  int studies = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(test::source_dir) / "scenarios/studies")) {
    INFO(entry.path());
    const LoadedStudy loaded = load_study(entry.path());
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) UNSCOPED_INFO(config::to_text(diagnostic));
    CHECK(loaded.study.has_value());
    CHECK(text.find("scenarios/studies/" + entry.path().filename().string()) != std::string::npos);
    ++studies;
  }
  CHECK(studies > 0);
}

}  // namespace fleetsim
