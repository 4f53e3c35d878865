/// The command line itself: what needs no scenario.

#include <nlohmann/json.hpp>

#include "cli/program.hpp"
#include "fleetsim/version.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace fleetsim::test {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

TEST_CASE("command line: the version goes to stdout", "[cli][table]") {
  const ProgramRun run = run_program({"--version"});
  CHECK(run.exit_code == 0);
  CHECK(run.out == "fleetsim " + std::string(version) + "\n");
  CHECK(run.err.empty());
}

TEST_CASE("command line: help goes to stdout, fits 80 columns and shows an example, for the program and each verb",
          "[cli][table]") {
  const std::string verb = GENERATE("", "run", "compare", "study", "advise", "validate", "explain", "calibrate", "schema", "reference");
  const ProgramRun run = verb.empty() ? run_program({"--help"}) : run_program({verb, "--help"});
  CHECK(run.exit_code == 0);
  CHECK(run.err.empty());
  CHECK_THAT(run.out, ContainsSubstring("Example:\n  fleetsim " + (verb.empty() ? "run" : verb) + " "));
  std::size_t start = 0;
  for (std::size_t end; (end = run.out.find('\n', start)) != std::string::npos; start = end + 1) {
    CHECK(end - start <= 80);
  }
}

TEST_CASE("command line: without a verb it shows the help on stderr and fails", "[cli][table]") {
  const ProgramRun run = run_program({});
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, ContainsSubstring("Verbs:"));
}

TEST_CASE("command line: a wrong one is told on stderr, with exit code 2", "[cli][table]") {
  struct Case {
    std::vector<std::string> arguments;
    std::string message;
  };
  const Case c = GENERATE(values<Case>({
      {{"rnu", "a.yaml"}, "'rnu' was not expected; a similar name exists: run"},
      {{"run"}, "run needs a file to work on"},
      {{"run", "a.yaml", "b.yaml"}, "'b.yaml' was not expected"},
      {{"run", "a.yaml", "--replication"}, "'--replication' was not expected; a similar name exists: --replications"},
      {{"run", "a.yaml", "--replications", "0"}, "'0' is no whole number from 1 to 1000000"},
      {{"run", "a.yaml", "--replications", "1e3"}, "'1e3' is no whole number"},
      {{"run", "a.yaml", "--seed=-1"}, "'-1' is no whole number from 0 to 18446744073709551615"},
      {{"run", "a.yaml", "--seed", "18446744073709551616"}, "is no whole number"},
      {{"run", "a.yaml", "--jobs", "0"}, "'0' is no whole number from 1 to 1024"},
      {{"run", "a.yaml", "--format", "xml"}, "'xml' is no format; write table, json, csv or html"},
      {{"compare", "a.yaml"}, "compare needs two files or more to work on"},
      {{"compare", "a.yaml", "b.yaml", "--format", "xml"}, "'xml' is no format; write table, json or csv"},
      {{"run", ""}, "the name of the file is empty"},
      {{"calibrate"}, "calibrate needs a file to work on"},
      {{"calibrate", "a.json", "--format", "csv"}, "'csv' is no format; write table or json"},
      {{"calibrate", "a.json", "--needed", "0"}, "'0' is no whole number from 1 to 1000000"},
      {{"run", "a.yaml", "--set", "seed"}, "write it as path=value"},
      {{"run", "a.yaml", "--output"}, "--output needs a value after it"},
  }));
  const ProgramRun run = run_program(c.arguments);
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, StartsWith("fleetsim: error: "));
  CHECK_THAT(run.err, ContainsSubstring(c.message));
  CHECK_THAT(run.err, ContainsSubstring("--help"));
}

TEST_CASE("command line: an answer that can't be written is an error with exit code 3", "[cli][table]") {
  const auto [out, message] = GENERATE(table<Stdout, std::string>({
      {Stdout::full_disk, "standard output: No space left on device"},
      {Stdout::closed, "standard output is closed"},
  }));
  const ProgramRun run = run_program({"--version"}, {.out = out, .environment = {}});
  CHECK(run.exit_code == 3);
  CHECK_THAT(run.err, ContainsSubstring("cannot write the results"));
  CHECK_THAT(run.err, ContainsSubstring(message));
}

TEST_CASE("schema: a volume needs its type, and no size, which an instance store has from its instance", "[cli][table]") {
  const nlohmann::json schema = nlohmann::json::parse(run_program({"schema"}).out);
  const nlohmann::json& machine = schema["$defs"]["whole"]["properties"]["storage"]["properties"]["machines"]["additionalProperties"];
  const nlohmann::json& volume = machine["properties"]["volumes"]["additionalProperties"];
  CHECK(volume["properties"].contains("size"));
  CHECK(volume["required"] == nlohmann::json::array({"type"}));
}

TEST_CASE("command line: a pipe that closes early is one short line and exit code 3", "[cli][table]") {
  const ProgramRun run = run_program({"schema"}, {.out = Stdout::closed_pipe, .environment = {}});
  CHECK(run.exit_code == 3);
  CHECK(run.err == "fleetsim: error: the program that reads the results has ended\n");
}

TEST_CASE("command line: help and -V are what --help and --version are", "[cli][table]") {
  CHECK(run_program({"help"}).out == run_program({"--help"}).out);
  CHECK(run_program({"help", "run"}).out == run_program({"run", "--help"}).out);
  CHECK(run_program({"-V"}).out == run_program({"--version"}).out);
}

TEST_CASE("command line: an output that can't be made is a wrong command line", "[cli][table]") {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "text");
  for (const std::string& output : {folder.path().string(), folder.path().string() + "/none/x", file + "/x"}) {
    CAPTURE(output);
    const ProgramRun run = run_program({"schema", "--output", output});
    CHECK(run.exit_code == 2);
    CHECK_THAT(run.err, ContainsSubstring("cannot write to " + output));
  }
}

}  // namespace fleetsim::test
