#include <unistd.h>

#include <fmt/format.h>

#include "fleetsim/models/catalog.hpp"
#include "fleetsim/models/spot_market/calibration.hpp"
#include "tools/cli/commands/commands.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/output/calibration.hpp"

namespace fleetsim::cli {
namespace {

/// "us-east-1a/p3.2xlarge=trace.json", or a file alone.
calibration::Input parse_input(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) return {.pool = {}, .file = {text, text}};
  const std::string file = text.substr(equals + 1);
  return {.pool = text.substr(0, equals), .file = {file, file}};
}

/// The name that the price list has for a product of the price history.
std::string os_of(const std::string& product) {
  if (product == "Windows") return "windows";
  if (product == "Red Hat Enterprise Linux") return "rhel";
  return product == "SUSE Linux" ? "suse" : "linux";
}

}  // namespace

ExitCode calibrate_market(const CalibrateArguments& arguments, const CommonArguments& common) {
  const TextStyle error_style = common.style(STDERR_FILENO);
  const Catalog catalog;
  calibration::Request request;
  for (const std::string& input : arguments.inputs) request.inputs.push_back(parse_input(input));
  request.pools = arguments.pools;
  request.product = arguments.product;
  request.needed = arguments.needed;
  request.on_demand_price = [&](const std::string& region, const std::string& type, const std::string& product) {
    return catalog.price({region, type, os_of(product)}, Purchase::on_demand);
  };

  config::Diagnostics diagnostics;
  const std::optional<calibration::Report> report = calibration::calibrate(request, diagnostics);
  print_diagnostics(diagnostics.sorted(), error_style, !common.quiet);
  std::vector<std::string> files;
  for (const calibration::Input& input : request.inputs) files.push_back(input.file.path);
  const std::string reason = obstacle(common.output, files);
  if (!reason.empty()) print_error(reason, error_style);
  if (!report) {
    if (!common.quiet) say(fmt::format("{}; nothing was calibrated\n", count_errors(diagnostics.sorted())));
    return ExitCode::wrong_input;
  }
  if (!reason.empty()) return ExitCode::wrong_input;

  const auto world = arguments.independent ? calibration::World::independent : calibration::World::latent;
  if (common.output) write(common.output, to_yaml(*report, world));
  // With the settings on stdout, a report beside them would spoil them.
  const bool settings_on_stdout = common.output && *common.output == "-";
  if (settings_on_stdout || (common.quiet && common.output && arguments.format != Format::json)) return ExitCode::done;
  write(std::nullopt,
        arguments.format == Format::json ? to_json(*report) : to_table(*report, common.style(STDOUT_FILENO)));
  return ExitCode::done;
}

}  // namespace fleetsim::cli
