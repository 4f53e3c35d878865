#include "tools/cli/bench/suite.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "fleetsim/file_kind.hpp"
#include "fleetsim/sim/config/document.hpp"

namespace fleetsim::cli::bench {

namespace {

namespace fs = std::filesystem;

/// A file named in a suite is found relative to the suite; the scenarios of a suite may lie anywhere.
std::string beside(const std::string& suite, const std::string& file) {
  return fs::path(file).is_absolute() ? file : (fs::path(suite).parent_path() / file).lexically_normal().string();
}

Case read_case(const std::string& suite, const std::string& name, config::Section& in) {
  Case c;
  c.name = name;
  in.required("scenario", c.scenario);
  if (!c.scenario.value.empty()) {
    const std::string as_given = std::exchange(c.scenario.value, beside(suite, c.scenario.value));
    if (!fs::is_regular_file(c.scenario.value)) {
      in.error("scenario", fmt::format("scenario: there is no file '{}'", as_given),
               "name a scenario file, relative to the suite");
    }
  }
  in.optional("set", c.sets);
  for (const std::string& set : c.sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      in.error("set", fmt::format("set: '{}' sets nothing", set), "write path=value, such as run.duration=7d");
    }
  }
  std::int64_t seed = 0, replications = 1;
  if (in.optional("seed", seed).not_negative().given()) c.seed = static_cast<std::uint64_t>(seed);
  if (in.optional("replications", replications).between(std::int64_t{1}, std::int64_t{1'000'000}).given()) {
    c.replications = static_cast<std::uint64_t>(replications);
  }
  in.optional_choice<Comparison>("compare", c.compare,
                                 {{"fingerprint", Comparison::fingerprint}, {"metrics", Comparison::metrics}});
  in.when(c.compare == Comparison::metrics, "compare is metrics", [&](config::Section& metrics) {
    metrics.optional("tolerance", c.tolerance).between(Ratio{0}, Ratio{1});
    metrics.named_values("tolerances", "metric", "",
                         [&](const config::Located<std::string>& metric, config::Section& all) {
                           MetricTolerance& own = c.tolerances.emplace_back();
                           own.metric = metric;
                           all.required(metric.value, own.tolerance).between(Ratio{0}, Ratio{1});
                         });
  });
  if (c.compare != Comparison::metrics) c.tolerances.clear();  // of a mere description of what could be there
  return c;
}

}  // namespace

std::optional<Suite> read_suite(const std::string& path, config::Diagnostics& diagnostics) {
  std::optional<config::Document> document = config::Document::read(path, {}, diagnostics);
  if (!document) return std::nullopt;
  config::Section root = document->root();
  Suite suite;
  if (!read_file_kind(root, FileKind::suite)) return std::nullopt;
  root.required("name", suite.name);
  suite.baseline = {fs::path(path).stem().string() + ".baseline.json", {.file = path}};
  root.optional("baseline", suite.baseline);
  suite.baseline.value = beside(path, suite.baseline.value);
  root.optional("rounds", suite.rounds).between(1, 1000);
  // Bounds that a per cent sign left out does not pass: 30 is 3000 %.
  root.optional("slower_allowed", suite.slower_allowed).between(Ratio{0}, Ratio{10});
  root.optional("instructions_allowed", suite.instructions_allowed).between(Ratio{0}, Ratio{1});
  root.required_named("cases", "case", "", [&](const config::Located<std::string>& name, config::Section& in) {
    suite.cases.push_back(read_case(path, name.value, in));
  });
  document->finish();
  if (diagnostics.has_errors()) return std::nullopt;
  return suite;
}

namespace {
std::optional<Baseline> read_recorded(const std::string& path, config::Diagnostics& diagnostics) {
  std::optional<config::Document> document = config::Document::read(path, {}, diagnostics);
  if (!document) return std::nullopt;
  config::Section root = document->root();
  Baseline baseline;
  if (!read_file_kind(root, FileKind::baseline)) return std::nullopt;
  root.required("fleetsim", baseline.version);
  root.optional("build", baseline.build);
  root.optional("processor", baseline.processor);
  root.named("cases", "case", "", [&](const config::Located<std::string>& name, config::Section& in) {
    Recorded recorded;
    std::string seed;
    std::int64_t replications = 1;
    in.required("seed", seed);
    if (seed.find_first_not_of("0123456789") == std::string::npos && seed.size() < 20 && !seed.empty()) {
      recorded.seed = std::stoull(seed);
    } else if (in.has("seed")) {
      in.error("seed", fmt::format("seed: '{}' is no seed", seed), "renew the baseline with --update");
    }
    in.required("replications", replications).between(std::int64_t{1}, std::int64_t{1'000'000});
    recorded.replications = static_cast<std::uint64_t>(replications);
    in.required("fingerprint", recorded.fingerprint);
    double loops = 1;
    if (in.optional("loops", loops).positive().given()) recorded.loops = loops;
    in.optional("instructions", recorded.instructions).not_negative();
    in.optional("counted_by", recorded.counted_by);
    in.list("metrics", recorded.metrics, [](config::Section& item, RecordedMetric& metric) {
      item.required("name", metric.name);
      item.required("unit", metric.unit);
      item.required("mean", metric.mean);
      item.optional("tolerance", metric.tolerance).between(Ratio{0}, Ratio{1});
    });
    baseline.cases.emplace(name.value, std::move(recorded));
  });
  document->finish();
  if (diagnostics.has_errors()) return std::nullopt;
  return baseline;
}
}  // namespace

std::optional<Baseline> read_baseline(const std::string& path, config::Diagnostics& diagnostics) {
  config::Diagnostics found;
  std::optional<Baseline> baseline = read_recorded(path, found);
  if (!baseline) {
    // The program wrote the file: there is nothing to mend in it by hand.
    found.error({.file = path}, "cannot be read as a baseline",
                "if it was one, restore it, or delete it and make it anew with --update");
  }
  for (const config::Diagnostic& one : found.sorted()) {
    if (one.severity == config::Severity::error) diagnostics.error(one.where, one.message, one.help);
    else diagnostics.warning(one.where, one.message, one.help);
  }
  return baseline;
}

}  // namespace fleetsim::cli::bench
