/// What a study answers, as text, on results made by hand.

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "fleetsim/sim/summary.hpp"
#include "support/catch.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/study.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;
using cli::study_csv;
using cli::study_json;
using cli::study_picture;
using cli::study_table;

namespace {

using Values = std::vector<double>;

StudyMetricResult metric_of(const Values& values) {
  StudyMetricResult metric;
  metric.plain = experiment::statistics_of(values, false);
  metric.estimate = experiment::estimate_mean(values);
  return metric;
}

/// A design of a study of cost and drops, with its values in each replication.
StudyDesignResult design_of(const std::string& threshold, const std::string& rate, const Values& cost, const Values& drops) {
  return {.name = "first " + threshold + ", rate " + rate,
          .settings = {{"first", threshold}, {"rate", rate}},
          .replications = cost.size(),
          .metrics = {metric_of(cost), metric_of(drops)}};
}

/// Costs of 100, 110 and 105 USD, drops of 2, 1 and 3 %, in four replications each.
StudyResult three_designs() {
  StudyResult result{.name = "thresholds", .scenario = "a fleet", .seed = 7, .replications = 12};
  result.metrics = {{"cost", "cost.total", "USD"}, {"drops", "fleet.shop.drop_fraction", "1"}};
  const Values cost_a{99, 100, 100, 101}, cost_b{109, 110, 110, 111}, cost_c{104, 105, 105, 106};
  const Values drops_a{0.019, 0.02, 0.02, 0.021}, drops_b{0.009, 0.01, 0.01, 0.011}, drops_c{0.029, 0.03, 0.03, 0.031};
  result.designs = {design_of("65%", "1,500 requests/s", cost_a, drops_a), design_of("70%", "1,500 requests/s", cost_b, drops_b),
                    design_of("75%", "1,500 requests/s", cost_c, drops_c)};
  result.designs[1].metrics[0].against_first = compare_paired(cost_a, cost_b);
  result.designs[1].metrics[1].against_first = compare_paired(drops_a, drops_b);
  result.designs[2].metrics[0].against_first = compare_paired(cost_a, cost_c);
  result.designs[2].metrics[1].against_first = compare_paired(drops_a, drops_c);
  return result;
}

StudyResult frontier_of_three() {
  StudyResult result = three_designs();
  result.frontier = {{0, "mean"}, {1, "mean"}};
  result.bounds = {{.metric = 1, .statistic = "mean", .bound = 0.025, .words = "drops below 2.5%"}};
  result.designs[0].domination_decided = true;
  result.designs[2].dominated_by = result.designs[0].name;
  result.designs[2].domination_decided = true;
  return result;
}

}  // namespace

TEST_CASE("study table: a frontier, with what is not decided", "[cli][study][table]") {
  CHECK(study_table(frontier_of_three(), "s.db", {}) == R"(thresholds
3 designs of a fleet, 4 replications each; seed 7. Kept in s.db. Here ± is half
of a 95 % confidence interval.

first, rate            cost, USD         drops, %
65%, 1,500 requests/s      100.0  ± 1.3      2.00  ± 0.13  frontier
70%, 1,500 requests/s      110.0  ± 1.3      1.00  ± 0.13  frontier?
75%, 1,500 requests/s      105.0  ± 1.3      3.00  ± 0.13  dominated
Each figure is the mean over a design's replications. frontier: no other design
is at least as good in each metric of the frontier and better in one; dominated:
one is. A question mark: the intervals leave it open; more replications would
decide.

cost, USD: difference to the first design, replication by replication
70%, 1,500 requests/s  +10.00  ± 0  9.9 to 10.1 % more
75%, 1,500 requests/s   +5.00  ± 0  4.94 to 5.07 % more
What chance does to both cancels in these differences; percentages are of the
first design's mean.

drops, %: difference to the first design, replication by replication
70%, 1,500 requests/s  -1  ± 0  less
75%, 1,500 requests/s  +1  ± 0  more
What chance does to both cancels in these differences.

Frontier, mean of cost against mean of drops: the designs that no other
dominates, with 95 % intervals where they are known. 1 design is dominated.
first, rate            mean of cost, USD  mean of drops, %
65%, 1,500 requests/s  100.0 ± 1.3        2.00 ± 0.13
70%, 1,500 requests/s  110.0 ± 1.3        1.00 ± 0.13       ?
?: another design may be as good in each, as far as these replications can tell.
)");
}

TEST_CASE("study table: a search, with the differences to what it chose", "[cli][study][table]") {
  StudyResult result = three_designs();
  result.search = SearchResult{.method = "KN", .best = 0, .survivors = {0}, .probability = 0.95};
  for (const std::size_t d : {1U, 2U})
    for (StudyMetricResult& metric : result.designs[d].metrics) metric.against_chosen = metric.against_first;
  CHECK(study_table(result, "s.db", {}) == R"(thresholds
3 designs of a fleet, 4 replications each; seed 7. Kept in s.db. Here ± is half
of a 95 % confidence interval.

first 65%, rate 1,500 requests/s has the least cost, or one that is larger by no
more than the indifference, with probability 95 % or more (KN).

first, rate            cost, USD         drops, %
65%, 1,500 requests/s      100.0  ± 1.3      2.00  ± 0.13  chosen
70%, 1,500 requests/s      110.0  ± 1.3      1.00  ± 0.13
75%, 1,500 requests/s      105.0  ± 1.3      3.00  ± 0.13
Each figure is the mean over a design's replications.

cost, USD: difference to the chosen design, replication by replication, over
those that both have
70%, 1,500 requests/s  +10.00  ± 0  9.9 to 10.1 % more
75%, 1,500 requests/s   +5.00  ± 0  4.94 to 5.07 % more
What chance does to both cancels in these differences; percentages are of the
chosen design's mean.
)");
  CHECK(nlohmann::json::parse(study_json(result)).at("designs").at(1).at("metrics").at(0).at("difference_to_chosen").at("mean") == 10);
}

TEST_CASE("study table: the best design of a grid, those that chance may have put behind it, and the differences to it", "[cli][study][table]") {
  StudyResult result = three_designs();
  const auto objective = [](bool met, bool decided) {
    ObjectiveResult of;
    of.met = met;
    of.decided = decided;
    return std::vector<ObjectiveResult>{of};
  };
  for (StudyDesignResult& design : result.designs) design.objectives = objective(true, true);
  const auto against = [&](std::size_t d, const Values& best, const Values& other) {
    result.designs[d].metrics[0].against_chosen = compare_paired(best, other);
  };
  // The second is the best; the third is dearer by 0, 0, 0 and 1, which is not decided, the first by 4 and more.
  result.best = 1;
  against(0, {5, 6, 7, 8}, {9, 10, 12, 12});
  against(2, {5, 6, 7, 8}, {5, 6, 7, 9});
  const std::string text = study_table(result, "s.db", {});
  CHECK_THAT(text, ContainsSubstring("\nOf the designs that meet the objectives in these replications, 70%, 1,500\n"
                                     "requests/s has the least cost so far. Not told apart from it: 75%, 1,500\nrequests/s.\n"));
  CHECK_THAT(text, ContainsSubstring("cost, USD: difference to the best design, replication by replication\n65%"));
  // Beyond doubt.
  against(2, {5, 6, 7, 8}, {9, 10, 12, 12});
  CHECK_THAT(study_table(result, "s.db", {}), ContainsSubstring("has the least cost.\n"));
  // One that may meet and is cheaper, and a best design that may not meet.
  result.designs[2].objectives = objective(false, false);
  result.designs[2].meets_all = false;
  against(2, {5, 6, 7, 8}, {1, 2, 3, 4});
  result.designs[1].objectives = objective(true, false);
  const std::string open = study_table(result, "s.db", {});
  CHECK_THAT(open, ContainsSubstring("has the least cost so far. Its intervals leave open whether it meets"));
  CHECK_THAT(open, ContainsSubstring("not surely worse: 75%,"));
}

TEST_CASE("study table: both ends of each parameter, also where one is the base or both are on one side", "[cli][study][table]") {
  StudyResult result = three_designs();
  const Interval near_ten{9, 11}, near_four{3, 5};
  result.sensitivity = {{.method = "tornado", .metric = 0, .rows = {
      {.parameter = "capacity", .ends = {{.value = "300 requests/s", .change = 10, .interval = near_ten},
                                         {.value = "370 requests/s", .change = -4, .interval = Interval{-5, -3}}}, .low = -4, .high = 10, .base = "335 requests/s"},
      {.parameter = "start", .ends = {{.value = "10s", .is_base = true}, {.value = "2m", .change = 10, .interval = near_ten}}, .high = 10, .base = "10s"},
      {.parameter = "both", .ends = {{.value = "1", .change = 4, .interval = near_four}, {.value = "9", .change = 10, .interval = near_ten}}, .high = 10, .base = "5"}},
                          .rivals = {1, 2}}};
  CHECK(study_table(result, "s.db", {}) == R"(thresholds
3 designs of a fleet, 4 replications each; seed 7. Kept in s.db. Here ± is half
of a 95 % confidence interval.

cost, USD: change of the mean as one parameter leaves its base
parameter  value           change
capacity   300 requests/s   +10.0  ± 1.0  ████████████
           370 requests/s    -4.0  ± 1.0  ████▊
start      10s               base
           2m               +10.0  ± 1.0  ████████████
both       1                 +4.0  ± 1.0  ████▊
           9                +10.0  ± 1.0  ████████████
One parameter at a time at the ends of its values, the others at their base:
capacity 335 requests/s, start 10s, both 5; where an end is the base, nothing
changes.
Whether capacity, start or both moves cost most is open.

The designs one by one: fleetsim study export s.db
)");
  const std::string picture = study_picture(result);
  for (const char* text : {">300 requests/s<", ">10s (base)<", ">2m<", ">both<", "change of the mean of cost, USD"})
    CHECK_THAT(picture, ContainsSubstring(text));
}

TEST_CASE("study table: Sobol' shares and Morris' effects", "[cli][study][table]") {
  StudyResult result = three_designs();
  result.sensitivity = {{.method = "Sobol", .metric = 0, .rows = {
      {.parameter = "capacity", .low = 0.623, .high = 0.71, .low_interval = Interval{0.5, 0.74}, .high_interval = Interval{0.6, 0.82}},
      {.parameter = "start", .low = -0.012, .high = 0.304, .low_interval = Interval{-0.1, 0.08}, .high_interval = Interval{0.2, 0.41}}}}};
  CHECK(study_table(result, "s.db", {}) == R"(thresholds
3 designs of a fleet, 4 replications each; seed 7. Kept in s.db. Here ± is half
of a 95 % confidence interval.

cost: shares of its variance between the points
parameter  alone, %              in all, %
capacity         62  (50 to 74)         71  (60 to 82)  ████████▌
start            -1  (-10 to 8)         30  (20 to 41)  ███▋
Alone: the share of the variance that goes, in the mean, once this parameter is
known. In all: the share that stays while all others are known; it adds what the
parameter does together with others, so these shares may sum to more than 100 %.
Intervals are of 95 %; estimates may lie below 0 or above 100 % by chance.
capacity moves cost most.

The designs one by one: fleetsim study export s.db
)");
  result.sensitivity = {{.method = "Morris", .metric = 0, .rows = {
      {.parameter = "capacity", .low = 812, .high = 812, .high_interval = Interval{790, 834}, .spread = 35.35533905932738},
      {.parameter = "start", .low = -12, .high = 20, .high_interval = Interval{10, 30}, .spread = 21.21320343559643}}}};
  CHECK(study_table(result, "s.db", {}) == R"(thresholds
3 designs of a fleet, 4 replications each; seed 7. Kept in s.db. Here ± is half
of a 95 % confidence interval.

cost, USD: how far each parameter moves the mean
parameter  effect        spread
capacity      812  ± 22      35  ████████████
start          20  ± 10      21  ▎
Effect: the mean change, signs apart, as a parameter goes over its whole range
from points all over the others' ranges. Spread: its standard deviation between
those points; as large as the effect, it means that the effect bends or depends
on other parameters.
capacity moves cost most.

The designs one by one: fleetsim study export s.db
)");
}

TEST_CASE("study table: whether the choice flips is the headline", "[cli][study][table]") {
  StudyResult result = three_designs();
  for (StudyDesignResult& design : result.designs) design.settings = {{"design", design.settings[0].value}, {"world", "here"}};
  const auto world = [](const std::string& name, std::size_t best, bool decided) {
    return WorldResult{.world = name, .best = best, .second = 1 - best, .gap = 10, .gap_interval = Interval{9, 11}, .decided = decided};
  };
  result.worlds = {world("calm", 0, true), world("rough", 1, true)};
  CHECK_THAT(study_table(result, "s.db", {}), ContainsSubstring("\nThe choice flips: 65% is best in 1 world, 70% is best in 1 world.\n"));
  result.worlds = {world("calm", 0, true), world("rough", 0, true)};
  CHECK_THAT(study_table(result, "s.db", {}), ContainsSubstring("\nThe choice does not flip: 65% is best in 2 of 2 worlds.\n"));
  result.worlds = {world("calm", 0, true), world("rough", 0, false)};
  CHECK_THAT(study_table(result, "s.db", {}), ContainsSubstring("\nThe choice may flip: 65% is best in 1 of 2 worlds, 1 is not decided.\n"));
}

TEST_CASE("study table: of many designs those are listed that matter, and where the others are is told", "[cli][study][table]") {
  StudyResult result = three_designs();
  const StudyDesignResult first = result.designs.front();
  result.designs.clear();
  for (int d = 0; d < 300; ++d) {
    result.designs.push_back(design_of(std::to_string(d) + "%", "1 requests/s", {1000.0 - d, 1000.0 - d}, {0.1, 0.1}));
    result.designs.back().meets_all = true;
  }
  const std::string text = study_table(result, "s.db", {});
  // The first, and the 20 cheapest, which are the last.
  CHECK_THAT(text, ContainsSubstring("Listed are 21 of the 300 designs: the first, the 20 with the least cost."));
  CHECK_THAT(text, ContainsSubstring("fleetsim study export s.db"));
  CHECK_THAT(text, ContainsSubstring("\n280%, 1 requests/s") && !ContainsSubstring("\n279%, 1 requests/s"));
}

TEST_CASE("study export: parameters are numbers in base units, with their units", "[cli][study][table]") {
  StudyResult result = three_designs();
  CHECK_THAT(study_csv(result), Catch::Matchers::StartsWith("design,replications,first,first_unit,rate,rate_unit,cost_unit,cost_n,") &&
                                    ContainsSubstring("\n\"first 65%, rate 1,500 requests/s\",4,0.65,1,1500,requests/s,USD,4,100,"));
  const auto json = nlohmann::json::parse(study_json(result));
  CHECK(json.at("units") == nlohmann::json{{"first", "1"}, {"rate", "requests/s"}});
  CHECK(json.at("designs").at(0).at("settings") == nlohmann::json{{"first", 0.65}, {"rate", 1500.0}});
  // One value that is no number makes a parameter of texts.
  result.designs[1].settings[0].value = "as it comes";
  CHECK_THAT(study_csv(result), Catch::Matchers::StartsWith("design,replications,first,rate,rate_unit,") &&
                                    ContainsSubstring(",4,65%,1500,requests/s,USD,4,"));
}

TEST_CASE("study export: a parameter's text becomes a number of its unit", "[cli][study][table]") {
  const auto text = [](const std::string& value) {
    const std::optional<Amount> amount = amount_of(value);
    return amount ? fmt::format("{} {}", amount->value, amount->unit) : "text";
  };
  CHECK(text("1m35s") == "95 s");
  CHECK(text("9,038 requests/s") == "9038 requests/s");
  CHECK(text("82%") == "0.82 1");
  CHECK(text("20") == "20 1");
  CHECK(text("2 KiB") == "2048 B");
  CHECK(text("8 Mbps") == "1000000 B/s");
  CHECK(text("0.085 USD/h") == "0.085 USD/h");
  CHECK(text("0.01 USD/GB") == "0.01 USD/GB");
  CHECK(text("4100 USD") == "4100 USD");
  CHECK(text("m5.large") == "text");
  CHECK(is_same_value("82%", "0.82"));
  CHECK(is_same_value("9,000 requests/s", "9000 requests/s"));
  CHECK(is_same_value("90s", "1m30s"));
  CHECK_FALSE(is_same_value("90", "90s"));
  CHECK_FALSE(is_same_value("82%", "0.83"));
}

TEST_CASE("study picture: error bars, a key, the objective and the names of the designs", "[cli][study][table]") {
  const std::string picture = study_picture(frontier_of_three());
  for (const char* text : {">frontier<", ">dominated<", ">hollow: not beyond doubt<", ">95 % interval, where known<",
                           ">objective: drops below 2.5%<", ">first 65%, rate 1,500 requests/s<"})
    CHECK_THAT(picture, ContainsSubstring(text));
  StudyResult long_title = frontier_of_three();
  long_title.name = std::string(60, 'a') + " " + std::string(60, 'b');
  CHECK_THAT(study_picture(long_title), ContainsSubstring(std::string(60, 'b') + "<"));
}

}  // namespace fleetsim::test
