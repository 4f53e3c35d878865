#include "tools/cli/progress_bar.hpp"

#include "support/catch.hpp"

namespace fleetsim::test {

using cli::ProgressBar;

TEST_CASE("progress bar: share done, rate and time left", "[cli][table]") {
  CHECK(ProgressBar::line(10, 20, 2.0, 79) == "[############............] 10/20 replications, 5/s, 2 seconds left");
  CHECK(ProgressBar::line(1, 2000, 0.5, 79) ==
        "[........................] 1/2000 replications, 2/s, 16 minutes 40 seconds left");
  CHECK(ProgressBar::line(20, 20, 4.0, 79) == "[########################] 20/20 replications, 5/s, 0 seconds left");
}

TEST_CASE("progress bar: on a narrow terminal the bar goes first, then the end of the words", "[cli][table]") {
  CHECK(ProgressBar::line(10, 20, 2.0, 50) == "10/20 replications, 5/s, 2 seconds left");
  CHECK(ProgressBar::line(10, 20, 2.0, 10) == "10/20 repl");
  CHECK(ProgressBar::line(10, 20, 2.0, 0).empty());
}

TEST_CASE("progress bar: before the first replication there is no rate", "[cli][table]") {
  CHECK(ProgressBar::line(0, 20, 2.0, 79) == "[........................] 0/20 replications");
}

}  // namespace fleetsim::test
