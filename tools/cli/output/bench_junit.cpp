#include <utility>

#include <fmt/format.h>

#include "tools/cli/output/bench.hpp"

namespace fleetsim::cli::bench {

namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    // U+FFFE and U+FFFF are not allowed in XML either.
    const std::string_view three = text.substr(at, 3);
    if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF") {
      result += '?';
      at += 2;
      continue;
    }
    const char c = text[at];
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\n': result += "&#10;"; break;
      case '\t': result += "&#9;"; break;
      // Other control characters are not allowed in XML, in any form.
      default: result += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return result;
}

struct TestCase {
  std::string of, name;
  std::string failure;  ///< empty: passed, or skipped
  std::string skipped;  ///< why; empty: it is judged
  double seconds = 0;
};

std::string reason(const Verdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::same:
    case Outcome::within_tolerance: return {};
    case Outcome::settings_differ: return settings_in_words(verdict);
    case Outcome::not_recorded: return "the baseline does not have this case";
    case Outcome::not_deterministic: return "two rounds with one seed differ";
    case Outcome::moved: break;
  }
  std::string text;
  for (const MovedMetric& metric : verdict.moved) {
    if (metric.within) continue;
    text += fmt::format("{}{}: {} -> {}", text.empty() ? "" : "\n", metric.name,
                        metric.was ? fmt::format("{}", *metric.was) : "none",
                        metric.is ? fmt::format("{}", *metric.is) : "none");
  }
  return text.empty() ? "the events differ, and no metric's mean" : text;
}

std::string reason(const Cost& cost, std::string_view what) {
  if (!cost.regressed) return {};
  return fmt::format("{:.4g} {}, {:+.1f} % against {:.4g}", cost.is, what, 100 * cost.change().value_or(0),
                     cost.was.value_or(0));
}

/// Empty if it is judged.
std::string why_unjudged(const Cost& cost, std::string_view what) {
  if (!cost.unjudged) return {};
  switch (*cost.unjudged) {
    case Unjudged::not_recorded: return fmt::format("the baseline has no {} of this case", what);
    case Unjudged::other_settings: return "the baseline is of another seed or number of replications";
    case Unjudged::other_way_of_counting: return "the baseline's were counted in another way";
    case Unjudged::other_build: return "the baseline is of another build";
    case Unjudged::other_processor: return "the baseline is of another processor";
  }
  return {};
}

std::string properties(const Report& report) {
  std::string text = "    <properties>\n";
  const std::pair<const char*, const std::string&> all[] = {{"baseline", report.baseline},
                                                            {"build", report.build},
                                                            {"processor", report.processor},
                                                            {"baseline_build", report.baseline_build},
                                                            {"baseline_processor", report.baseline_processor}};
  for (const auto& [name, value] : all) {
    text += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, escaped(value));
  }
  return text + "    </properties>\n";
}

}  // namespace

std::string to_junit(const Report& report) {
  std::vector<TestCase> cases;
  for (const Verdict& verdict : report.verdicts) {
    cases.push_back({verdict.name, "result", reason(verdict), {}, verdict.seconds});
    if (verdict.speed) {
      cases.push_back({verdict.name, "speed", reason(*verdict.speed, "calibration loops a replication"),
                       why_unjudged(*verdict.speed, "speed")});
    }
    if (verdict.instructions) {
      cases.push_back({verdict.name, "instructions", reason(*verdict.instructions, "instructions a replication"),
                       why_unjudged(*verdict.instructions, "instructions")});
    }
  }
  for (const std::string& name : report.left_over)
    cases.push_back({name, "result", "the suite no longer has this case", {}});
  std::size_t failures = 0, skipped = 0;
  double seconds = 0;
  std::string text;
  for (const TestCase& test : cases) {
    seconds += test.seconds;
    text += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", escaped(test.of),
                        escaped(test.name), test.seconds);
    if (report.renewed || (test.failure.empty() && test.skipped.empty())) {
      text += "/>\n";
      continue;
    }
    if (!test.skipped.empty()) {
      ++skipped;
      text += fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n", escaped(test.skipped));
      continue;
    }
    ++failures;
    const std::string first = test.failure.substr(0, test.failure.find('\n'));
    text += fmt::format(">\n      <failure type=\"regression\" message=\"{}\">{}</failure>\n    </testcase>\n", escaped(first),
                        escaped(test.failure));
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "  <testsuite name=\"{}\" package=\"\" id=\"0\" timestamp=\"{}\" hostname=\"localhost\" tests=\"{}\" "
      "failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3f}\">\n{}{}"
      "    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n",
      escaped(report.suite), report.ended_at, cases.size(), failures, skipped, seconds, properties(report), text);
}

}  // namespace fleetsim::cli::bench
