#include "architecture/layering.hpp"

#include "support/catch.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

using fleetsim::test::check_layering;
using fleetsim::test::LayeringReport;
using fleetsim::test::TemporaryFolder;

namespace {

/// A small tree that keeps every rule; the tests plant one more file in it.
void write_clean_tree(const TemporaryFolder& tree) {
  tree.write("include/fleetsim/units.hpp", "#include <cstdint>\n#include <fmt/format.h>\n");
  tree.write("include/fleetsim/ids.hpp", "#include \"fleetsim/units.hpp\"\n");
  tree.write("include/fleetsim/sim/simulation.hpp", "#include \"fleetsim/units.hpp\"\n");
  tree.write("include/fleetsim/models/fleet.hpp", "#include \"fleetsim/ids.hpp\"\n");
  tree.write("include/fleetsim/models/fleet/metric.hpp", "#include \"fleetsim/models/fleet.hpp\"\n");
  tree.write("include/fleetsim/models/billing.hpp", "#include \"fleetsim/ids.hpp\"\n");
  tree.write("include/fleetsim/scenario.hpp", "#include \"fleetsim/models/fleet.hpp\"\n");
  tree.write("sim/event_list.hpp", "");
  tree.write("sim/config/yaml_document.cpp", "#include <yaml-cpp/yaml.h>\n");
  tree.write("models/fleet/fleet.cpp", "#include \"fleetsim/models/fleet.hpp\"\n#include \"state.hpp\"\n");
  tree.write("models/fleet/state.hpp", "#include \"fleetsim/models/fleet/metric.hpp\"\n");
  tree.write("models/scenario/world.cpp",
             "#include \"fleetsim/models/billing.hpp\"\n#include \"fleetsim/models/fleet.hpp\"\n");
  tree.write("tools/cli/main.cpp", "#include <CLI/CLI.hpp>\n#include \"fleetsim/scenario.hpp\"\n");
  tree.write("tests/support/catch.hpp", "#include <catch2/catch.hpp>\n");
  tree.write("tests/models/fleet/fleet_test.cpp", "#include \"support/catch.hpp\"\n");
}

struct Planted {
  std::string file;
  std::string text;
  std::string violation;
};

}  // namespace

TEST_CASE("layering: every include line of the project keeps to the layers", "[architecture][property]") {
  const LayeringReport report = check_layering(fleetsim::test::source_dir);
  for (const std::string& violation : report.violations) FAIL_CHECK(violation);
  CHECK(report.files > 10);  // the tree was found
  CHECK(report.includes > report.files);
}

TEST_CASE("layering: a tree that keeps the rules has no violation", "[architecture][table]") {
  const TemporaryFolder tree;
  write_clean_tree(tree);
  const LayeringReport report = check_layering(tree.path());
  CHECK(report.violations == std::vector<std::string>{});
  CHECK(report.files == 15);
  CHECK(report.includes == 18);
}

TEST_CASE("layering: a planted violation is found, with its file and line", "[architecture][table]") {
  const Planted planted = GENERATE(values<Planted>({
      {"sim/clock.cpp", "\n#include \"fleetsim/ids.hpp\"\n",
       "sim/clock.cpp:2: the kernel includes include/fleetsim/ids.hpp of a shared header, a layer below"},
      {"include/fleetsim/sim/clock.hpp", "#include \"fleetsim/models/fleet.hpp\"\n",
       "include/fleetsim/sim/clock.hpp:1: the kernel includes include/fleetsim/models/fleet.hpp of the model fleet, "
       "a layer below"},
      {"models/billing/billing.cpp", "#include \"fleetsim/models/fleet/metric.hpp\"\n",
       "models/billing/billing.cpp:1: the model billing includes include/fleetsim/models/fleet/metric.hpp of another "
       "model; declare a port instead"},
      {"models/billing/billing.cpp", "  #  include \"../fleet/state.hpp\"\n",
       "models/billing/billing.cpp:1: the model billing includes models/fleet/state.hpp of another model; declare a "
       "port instead"},
      {"models/billing/billing.cpp", "#include \"fleetsim/scenario.hpp\"\n",
       "models/billing/billing.cpp:1: the model billing includes include/fleetsim/scenario.hpp of models/scenario, a "
       "layer below"},
      {"models/scenario/loader.cpp", "#include \"tools/cli/main.cpp\"\n",
       "models/scenario/loader.cpp:1: models/scenario includes tools/cli/main.cpp of tools, a layer below"},
      {"tools/cli/run.cpp", "#include \"support/catch.hpp\"\n",
       "tools/cli/run.cpp:1: tools includes tests/support/catch.hpp of the tests, a layer below"},
      {"include/fleetsim/sim/clock.hpp", "#include \"sim/event_list.hpp\"\n",
       "include/fleetsim/sim/clock.hpp:1: the private sim/event_list.hpp in a public header"},
      {"include/fleetsim/sim/clock.hpp", "#include <boost/graph/adjacency_list.hpp>\n",
       "include/fleetsim/sim/clock.hpp:1: <boost/graph/adjacency_list.hpp> in a public header, which includes the "
       "standard library and fmt only"},
      {"sim/config/section.cpp", "#include <yaml-cpp/yaml.h>\n",
       "sim/config/section.cpp:1: <yaml-cpp/yaml.h> is included in sim/config/yaml_document.cpp only"},
      {"models/scenario/loader.cpp", "#include <CLI/CLI.hpp>\n",
       "models/scenario/loader.cpp:1: <CLI/CLI.hpp> is included in tools/cli/ only"},
      {"tests/sim/clock_test.cpp", "#include <catch2/catch.hpp>\n",
       "tests/sim/clock_test.cpp:1: <catch2/catch.hpp> is included in tests/support/catch.hpp only"},
      {"tests/sim/clock_test.cpp", "#include <rapidcheck.h>\n",
       "tests/sim/clock_test.cpp:1: <rapidcheck.h> is included in tests/support/property.hpp only"},
      {"sim/clock.cpp", "#include \"nowhere.hpp\"\n", "sim/clock.cpp:1: \"nowhere.hpp\" is no file of the project"},
  }));
  const TemporaryFolder tree;
  write_clean_tree(tree);
  tree.write(planted.file, planted.text);
  CHECK(check_layering(tree.path()).violations == std::vector{planted.violation});
}

TEST_CASE("layering: all violations are listed, in the order of the files", "[architecture][table]") {
  const TemporaryFolder tree;
  write_clean_tree(tree);
  tree.write("sim/b.cpp", "#include <CLI/CLI.hpp>\n#include <catch2/catch.hpp>\n");
  tree.write("models/a/a.cpp", "#include <CLI/CLI.hpp>\n// #include <CLI/CLI.hpp>\n");
  CHECK(check_layering(tree.path()).violations ==
        std::vector<std::string>{"models/a/a.cpp:1: <CLI/CLI.hpp> is included in tools/cli/ only",
                                 "sim/b.cpp:1: <CLI/CLI.hpp> is included in tools/cli/ only",
                                 "sim/b.cpp:2: <catch2/catch.hpp> is included in tests/support/catch.hpp only"});
}
