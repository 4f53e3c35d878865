#include "fleetsim/file_kind.hpp"

#include <array>

#include <fmt/format.h>

#include "fleetsim/sim/config/section.hpp"

namespace fleetsim {

namespace {

struct Kind {
  FileKind kind;
  const char* key;
  const char* what;
  const char* use;
};
constexpr std::array<Kind, 4> kinds{{{FileKind::scenario, "fleetsim", "a scenario", "fleetsim run, compare, explain, advise and validate take it"},
                                     {FileKind::study, "fleetsim_study", "a study", "fleetsim study answers it"},
                                     {FileKind::suite, "fleetsim_suite", "a suite of benchmarks", "fleetsim bench runs it"},
                                     {FileKind::baseline, "fleetsim_baseline", "a baseline of benchmarks",
                                      "fleetsim bench reads it beside its suite"}}};

}  // namespace

bool read_file_kind(config::Section& root, FileKind kind) {
  const Kind& wanted = kinds[static_cast<std::size_t>(kind)];
  if (!root.describing() && !root.has(wanted.key)) {
    for (const Kind& other : kinds) {
      if (!root.has(other.key) || (other.kind == FileKind::scenario && kind == FileKind::baseline)) continue;
      root.error(other.key, fmt::format("this is {}, not {}", other.what, wanted.what), other.use);
      return false;
    }
  }
  int format = 1;
  auto version = root.required(wanted.key, format).doc("version of the format of this file");
  if (root.describing()) {
    version.between(1, 1);
  } else if (format != 1) {
    root.error(wanted.key, fmt::format("{}: {} is not a version of the format", wanted.key, format), "this program reads version 1");
  }
  return true;
}

}  // namespace fleetsim
