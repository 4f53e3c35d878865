#include "tools/cli/commands/share.hpp"

#include <charconv>

#include <fmt/format.h>

namespace fleetsim::cli {

namespace {

constexpr std::uint32_t shares_max = 1'000'000;

std::optional<std::uint32_t> number_of(const std::string& text) {
  std::uint32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<experiment::Share> parse_share(const std::string& text, std::string& problem) {
  const std::size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const auto number = number_of(text.substr(0, slash));
    const auto count = number_of(text.substr(slash + 1));
    if (number && count && *number >= 1 && *number <= *count && *count <= shares_max) return experiment::Share{*number, *count};
  }
  problem = fmt::format("'{}' is no share; write K/N with K from 1 to N, such as 3/7", text);
  return std::nullopt;
}

std::optional<experiment::Share> share_of_environment(const std::function<std::string(const char*)>& variable,
                                                      std::string& problem) {
  struct Scheduler {
    const char* index;
    const char* first;  // null: counted from 0
    const char* step;   // null: 1
    const char* count;
  };
  constexpr Scheduler schedulers[] = {
      {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP", "SLURM_ARRAY_TASK_COUNT"},
      {"AWS_BATCH_JOB_ARRAY_INDEX", nullptr, nullptr, "AWS_BATCH_JOB_ARRAY_SIZE"},
      {"JOB_COMPLETION_INDEX", nullptr, nullptr, "JOB_COMPLETIONS"}};
  for (const Scheduler& scheduler : schedulers) {
    const std::string text = variable(scheduler.index);
    if (text.empty()) continue;
    const auto index = number_of(text);
    const auto count = number_of(variable(scheduler.count));
    const auto first = scheduler.first != nullptr ? number_of(variable(scheduler.first)) : std::optional<std::uint32_t>{0};
    const auto step = scheduler.step != nullptr ? number_of(variable(scheduler.step)).value_or(1) : 1;
    if (!count) {
      problem = fmt::format("{} is set and {} is not, so the share is not known; set it, or give --shard K/N", scheduler.index,
                            scheduler.count);
      return std::nullopt;
    }
    if (index && first && step > 0 && *index >= *first && (*index - *first) / step < *count && *count <= shares_max)
      return experiment::Share{(*index - *first) / step + 1, *count};
    problem = fmt::format("{}={} is no task of {}; give --shard K/N", scheduler.index, text, *count);
    return std::nullopt;
  }
  return experiment::Share{};
}

}  // namespace fleetsim::cli
