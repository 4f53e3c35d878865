/// Selection procedures on normal designs of known means: they keep what they promise.

#include "fleetsim/sim/experiment/selection.hpp"

#include "fleetsim/sim/experiment/frontier.hpp"
#include "fleetsim/sim/random.hpp"
#include "sim/special_functions.hpp"
#include "support/catch.hpp"

using namespace fleetsim;
using namespace fleetsim::experiment;

namespace {

/// Normal designs; observation k of design d is the same whenever it is asked for.
class NormalDesigns {
 public:
  NormalDesigns(std::vector<double> means, std::vector<double> deviations, std::uint64_t experiment, bool common)
      : means_(std::move(means)), deviations_(std::move(deviations)), values_(means_.size()) {
    for (std::size_t d = 0; d < means_.size(); ++d)
      streams_.emplace_back(21, experiment, common ? "test/common" : "test/design/" + std::to_string(d));
  }
  double value(std::size_t d, std::uint64_t k) {
    while (values_[d].size() <= k)
      values_[d].push_back(means_[d] + deviations_[d] * special::normal_quantile(streams_[d].uniform()));
    return values_[d][k];
  }
  Observer observer() {
    return {.designs = means_.size(),
            .bring_to = [](const std::vector<std::uint64_t>&) { return true; },
            .value = [this](std::size_t d, std::uint64_t k) { return value(d, k); }};
  }

 private:
  std::vector<double> means_, deviations_;
  std::vector<Stream> streams_;
  std::vector<std::vector<double>> values_;
};

struct Tried {
  double right = 0;
  double replications = 0;
};

template <class Select>
Tried try_often(int experiments, const std::vector<double>& means, const std::vector<double>& deviations, bool common,
                const Select& select) {
  Tried tried;
  for (int k = 0; k < experiments; ++k) {
    NormalDesigns designs(means, deviations, static_cast<std::uint64_t>(k), common);
    const Selection selection = select(designs.observer());
    CHECK(selection.end == SelectionEnd::decided);
    tried.right += selection.best == 0;
    for (const std::uint64_t count : selection.replications) tried.replications += static_cast<double>(count);
  }
  tried.right /= experiments;
  tried.replications /= experiments;
  return tried;
}

}  // namespace

TEST_CASE("selection: KN is right as often as promised in the least favourable configuration", "[experiment][selection]") {
  // All others lie at the indifference zone's edge. 500 experiments: the share of right ones has a standard error of 1 %.
  const double promised = GENERATE(0.90, 0.95);
  const auto select = [&](const Observer& observer) {
    return select_kn(observer, {.probability = promised, .indifference = 0.5, .first = 10});
  };
  const std::vector<double> slippage{0, 0.5, 0.5, 0.5, 0.5};
  CHECK(try_often(500, slippage, {1, 1, 1, 1, 1}, false, select).right > promised - 0.03);
  CHECK(try_often(500, slippage, {2, 1, 1, 0.5, 0.5}, false, select).right > promised - 0.03);
}

TEST_CASE("selection: common random numbers save KN replications", "[experiment][selection]") {
  const auto select = [](const Observer& observer) {
    return select_kn(observer, {.probability = 0.95, .indifference = 0.5, .first = 10});
  };
  const std::vector<double> means{0, 0.5, 1, 1.5}, deviations{1, 1.1, 1.2, 1.3};
  const Tried apart = try_often(100, means, deviations, false, select);
  const Tried common = try_often(100, means, deviations, true, select);
  CHECK(common.right > 0.92);
  // Of the variance 1 + 1.1^2 of the nearest difference only 0.1^2 is left; ten of each are always run.
  CHECK(common.replications < apart.replications / 2);
}

TEST_CASE("selection: KN at its cap says that nothing is decided, and which designs are left", "[experiment][selection]") {
  NormalDesigns designs({0, 0.02, 5}, {1, 1, 1}, 0, false);
  const Selection selection = select_kn(designs.observer(), {.probability = 0.95, .indifference = 0.3, .first = 10, .at_most = 40});
  CHECK(selection.end == SelectionEnd::budget);
  CHECK(selection.survivors == std::vector<std::size_t>{0, 1});
  CHECK(selection.probability == 0);
}

TEST_CASE("selection: equal constant designs end, with the first", "[experiment][selection]") {
  NormalDesigns designs({3, 3}, {0, 0}, 0, false);
  const Selection selection = select_kn(designs.observer(), {.probability = 0.95, .indifference = 0.1, .first = 5});
  CHECK(selection.end == SelectionEnd::decided);
  CHECK(selection.best == 0);
}

TEST_CASE("selection: a stop is handed on", "[experiment][selection]") {
  NormalDesigns designs({0, 1}, {1, 1}, 0, false);
  Observer observer = designs.observer();
  observer.bring_to = [](const std::vector<std::uint64_t>&) { return false; };
  CHECK(select_kn(observer, {.indifference = 1}).end == SelectionEnd::interrupted);
  CHECK(select_ocba(observer, {}).end == SelectionEnd::interrupted);
}

TEST_CASE("selection: OCBA spends on the designs that are hard to tell apart", "[experiment][selection]") {
  NormalDesigns designs({0, 0.2, 4, 4, 4, 4}, {1, 1, 1, 1, 1, 1}, 3, false);
  const Selection selection = select_ocba(designs.observer(), {.probability = 0.95, .first = 10});
  CHECK(selection.end == SelectionEnd::decided);
  CHECK(selection.best == 0);
  CHECK(selection.probability >= 0.95);
  for (std::size_t d = 2; d < 6; ++d) CHECK(selection.replications[d] < selection.replications[1] / 2);
}

TEST_CASE("selection: OCBA is mostly right where the designs are a standard deviation apart", "[experiment][selection]") {
  const auto select = [](const Observer& observer) { return select_ocba(observer, {.probability = 0.95, .first = 10}); };
  // It promises nothing for samples this small; its paper's own experiments come to more than 90 %.
  CHECK(try_often(200, {0, 1, 1, 1, 1}, {1, 1, 1, 1, 1}, false, select).right > 0.9);
}

TEST_CASE("selection: feasible and infeasible designs are told apart as often as promised", "[experiment][selection]") {
  // Means at the tolerance's edges, the least favourable ones.
  const std::vector<double> means{-0.25, 0.25, -0.25, 0.25};
  int right = 0;
  constexpr int experiments = 400;
  for (int k = 0; k < experiments; ++k) {
    NormalDesigns designs(means, {1, 1, 1, 1}, static_cast<std::uint64_t>(k), false);
    const FeasibilityResult result = check_feasibility(
        4, [](const std::vector<std::uint64_t>&) { return true; },
        [&](std::size_t d, std::size_t, std::uint64_t i) { return designs.value(d, i); },
        {.probability = 0.9, .tolerances = {0.25}, .first = 10});
    CHECK(result.end == SelectionEnd::decided);
    right += result.designs == std::vector<Feasibility>{Feasibility::feasible, Feasibility::infeasible, Feasibility::feasible,
                                                        Feasibility::infeasible};
  }
  // The standard error of a share of 0.9 in 400 is 1.5 %.
  CHECK(right > experiments * (0.9 - 0.045));
}

namespace {

/// The share of experiments in which a design is called feasible whose replications miss with this probability, where 5 % may.
double called_feasible(double misses, std::uint64_t at_most) {
  constexpr int experiments = 400;
  int feasible = 0;
  for (std::uint64_t k = 0; k < experiments; ++k) {
    Stream stream(3, k, "test/misses");
    std::vector<double> excess;
    while (excess.size() < at_most) excess.push_back(stream.uniform() < misses ? 0.95 : -0.05);
    const FeasibilityResult result = check_feasibility(
        1, [](const std::vector<std::uint64_t>&) { return true; },
        [&](std::size_t, std::size_t, std::uint64_t i) { return excess[i]; },
        {.probability = 0.975, .tolerances = {0.02}, .least_variances = {0.05 * 0.95}, .first = 10, .at_most = at_most});
    feasible += result.designs.front() == Feasibility::feasible;
  }
  return static_cast<double>(feasible) / experiments;
}

}  // namespace

TEST_CASE("selection: a share of the replications is not taken for met because ten of them met it", "[experiment][selection]") {
  // Ten replications without a miss come in 60, 35 and 11 of 100 experiments. 2.5 % are promised, whose share in 400 has the
  // standard error 0.8 %.
  CHECK(called_feasible(0.07, 20'000) < 0.025 + 4 * 0.008);
  CHECK(called_feasible(0.10, 20'000) < 0.025 + 4 * 0.008);
  CHECK(called_feasible(0.20, 20'000) < 0.025 + 4 * 0.008);
  CHECK(called_feasible(0.03, 20'000) > 0.975 - 4 * 0.008);
}

TEST_CASE("selection: rare events that the first replications did not meet do not decide", "[experiment][selection]") {
  // An event in one of 20 replications makes the second design dearer by four indifference zones in the mean. Ten
  // replications have met none in 0.95^10 = 60 % of the experiments, 160 in 0.03 %.
  int right = 0;
  constexpr int experiments = 400;
  for (std::uint64_t k = 0; k < experiments; ++k) {
    Stream stream(3, k, "test/rare");
    std::vector<double> rare;
    while (rare.size() < 5000) rare.push_back(stream.uniform() < 0.05 ? 80 : 0);
    const Observer observer{.designs = 2,
                            .bring_to = [](const std::vector<std::uint64_t>&) { return true; },
                            // Without the event the second is the cheaper one.
                            .value = [&](std::size_t d, std::uint64_t i) { return d == 0 ? 0.5 : rare[i]; }};
    right += select_kn(observer, {.probability = 0.95, .indifference = 1, .first = 10, .at_most = 5000}).best == 0;
  }
  CHECK(right > experiments * (0.95 - 4 * 0.011));
}

TEST_CASE("selection: a mean far from its bound is told at once, however small the tolerance", "[experiment][selection]") {
  // Ten standard deviations away; Student's interval of ten values at 1 - 2.5 % / 8 looks reaches 1.3 of them.
  NormalDesigns designs({-10, 10}, {1, 1}, 0, false);
  const FeasibilityResult result = check_feasibility(
      2, [](const std::vector<std::uint64_t>&) { return true; },
      [&](std::size_t d, std::size_t, std::uint64_t k) { return designs.value(d, k); }, {.tolerances = {1e-3}, .first = 10, .at_most = 1000});
  CHECK(result.designs == std::vector<Feasibility>{Feasibility::feasible, Feasibility::infeasible});
  CHECK(result.replications == std::vector<std::uint64_t>{10, 10});
}

TEST_CASE("selection: one broken constraint makes a design infeasible, none makes all feasible", "[experiment][selection]") {
  const auto always = [](const std::vector<std::uint64_t>&) { return true; };
  const FeasibilityResult two = check_feasibility(
      1, always, [](std::size_t, std::size_t c, std::uint64_t) { return c == 0 ? -1.0 : 1.0; }, {.tolerances = {0.1, 0.1}});
  CHECK(two.designs == std::vector<Feasibility>{Feasibility::infeasible});
  const FeasibilityResult none = check_feasibility(2, always, [](std::size_t, std::size_t, std::uint64_t) { return 0.0; }, {});
  CHECK(none.designs == std::vector<Feasibility>(2, Feasibility::feasible));
}

TEST_CASE("frontier: a design is dominated by one that is as good in all and better in one", "[experiment][table]") {
  const double absent = std::nan("");
  const auto dominated = dominated_by({{1, 5}, {2, 3}, {2, 4}, {1, 5}, {absent, 0}, {9, 9}});
  CHECK_FALSE(dominated[0]);
  CHECK_FALSE(dominated[1]);
  CHECK(dominated[2] == 1U);
  CHECK_FALSE(dominated[3]);  // equal to the first
  CHECK_FALSE(dominated[4]);
  CHECK(dominated[5] == 0U);
}

TEST_CASE("frontier: among many designs it is what comparing all with all finds", "[experiment][property]") {
  Stream stream(1, 0, "test/frontier");
  // Few values an axis, so that many are equal in one of them or in all.
  std::vector<std::vector<double>> means;
  for (int d = 0; d < 300; ++d) {
    means.emplace_back();
    for (int m = 0; m < 3; ++m) means.back().push_back(static_cast<double>(stream.below(12)));
  }
  const auto dominates = [&](std::size_t a, std::size_t b) {
    bool as_good = true;
    for (std::size_t m = 0; m < 3; ++m) as_good = as_good && means[a][m] <= means[b][m];
    return as_good && means[a] != means[b];
  };
  const auto dominated = dominated_by(means);
  std::size_t on_frontier = 0;
  for (std::size_t d = 0; d < means.size(); ++d) {
    bool any = false;
    for (std::size_t other = 0; other < means.size(); ++other) any = any || dominates(other, d);
    CHECK(dominated[d].has_value() == any);
    on_frontier += !any;
    if (dominated[d]) {
      CHECK(dominates(*dominated[d], d));
      CHECK_FALSE(dominated[*dominated[d]]);
    }
  }
  CHECK((on_frontier > 1 && on_frontier < 150));
}
