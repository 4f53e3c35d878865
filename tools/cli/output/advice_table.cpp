#include <cmath>

#include <fmt/format.h>

#include "fleetsim/text.hpp"
#include "tools/cli/output/advice.hpp"
#include "tools/cli/output/layout.hpp"
#include "tools/cli/output/number.hpp"
#include "tools/cli/output/storage_table.hpp"

namespace fleetsim::cli {
namespace {

std::string usd(double value) { return grouped(value, 2); }

std::string in_words(AdviceVerdict verdict) {
  switch (verdict) {
    case AdviceVerdict::chosen: return "chosen";
    case AdviceVerdict::enough: return "enough";
    case AdviceVerdict::too_little: return "too little";
    case AdviceVerdict::undecided: return "undecided";
    case AdviceVerdict::ruled_out: return "ruled out";
  }
  return "";
}

std::string painted(AdviceVerdict verdict, const std::string& text, const TextStyle& style) {
  switch (verdict) {
    case AdviceVerdict::chosen: return style.green(text);
    case AdviceVerdict::undecided: return style.yellow(text);
    case AdviceVerdict::too_little: return style.red(text);
    default: return text;
  }
}

/// What is wrong with a machine that is not enough: "load oltp gets 15,000 of 50,000 IOPS, …", else the reason.
std::string in_words(const Alternative& found, double held_back_max) {
  const AdvisedLoad* worst = nullptr;
  for (const AdvisedLoad& load : found.loads) {
    if (worst == nullptr || load.held_back.mean > worst->held_back.mean) worst = &load;
  }
  if (worst == nullptr || worst->held_back.mean <= held_back_max) return found.reason;
  std::string words = fmt::format("load {} gets {} of {} IOPS and {:.3g} % of its I/Os are held back", worst->name,
                                  grouped(worst->done_iops, 0), grouped(worst->offered_iops, 0),
                                  worst->held_back.mean * 100);
  if (worst->limit != "none") words += ", most by " + limit_in_words(worst->limit);
  return words;
}

std::string headline(const MachineAdvice& advice, double held_back_max) {
  const Alternative& today = advice.today;
  std::string words = fmt::format("Machine {} costs {} USD a month today", advice.machine, usd(*today.monthly_usd));
  const bool enough = today.verdict == AdviceVerdict::enough || today.verdict == AdviceVerdict::chosen;
  if (enough) {
    words += " and is enough";
  } else {
    words += fmt::format(" and is {}: {}", today.verdict == AdviceVerdict::undecided ? "not decided" : "not enough",
                         in_words(today, held_back_max));
  }
  words += ". ";
  if (!advice.chosen) return words + "Nothing that was tried is enough.";
  if (advice.chosen->change.empty()) return words + "Nothing that was tried is enough and cheaper.";
  const double more = *advice.chosen->monthly_usd - *today.monthly_usd;
  words += fmt::format("The cheapest that is enough is {}: {} USD a month, ", advice.chosen->change,
                       usd(*advice.chosen->monthly_usd));
  if (std::abs(more) < 0.005) return words + "the same.";
  return words + fmt::format("{} {}.", usd(std::abs(more)), more > 0 ? "more" : "less");
}

class AdviceTable {
 public:
  AdviceTable(const Advice& advice, const TextStyle& style) : advice_(advice), style_(style) {}

  std::string text() {
    text_ += style_.bold(advice_.scenario) + "\n";
    for (const MachineAdvice& machine : advice_.machines) text_ += wrapped(headline(machine, advice_.held_back_max)) + "\n";
    std::string words = fmt::format(
        "Enough is what holds back at most {:.4g} % of each load's I/Os{}. {}; every alternative ran with the same random "
        "numbers. {} settings and types were looked at, {} simulated.",
        advice_.held_back_max * 100,
        advice_.latency_max ? fmt::format(" and takes at most {} for one in the mean", to_text(*advice_.latency_max)) : "",
        run_in_words(advice_.replications, advice_.duration, advice_.warm_up, advice_.seed),
        grouped(static_cast<double>(advice_.considered), 0), grouped(static_cast<double>(advice_.simulated), 0));
    text_ += "\n" + wrapped(words) + "\n";
    for (const MachineAdvice& machine : advice_.machines) machine_section(machine);
    return std::move(text_);
  }

 private:
  static constexpr std::size_t cost_width = 12, more_width = 12, verdict_width = 10;
  static constexpr std::size_t margin = cost_width + more_width + verdict_width + 4;

  void machine_section(const MachineAdvice& machine) {
    text_ += "\n" + style_.bold("Machine " + machine.machine) + "\n";
    text_ += fmt::format("{:>{}}{:>{}}  {:<{}}  {}\n", "USD a month", cost_width, "to today", more_width, "verdict",
                         verdict_width, "change and reason");
    const double today = *machine.today.monthly_usd;
    std::string own = "today: instance " + machine.today.instance_type;
    for (const std::string& volume : machine.today.volumes) own += "; volume " + volume;
    row(machine.today, today, own);
    if (machine.chosen && !machine.chosen->change.empty()) row(*machine.chosen, today, machine.chosen->change);
    for (const Alternative& other : machine.others) row(other, today, other.change);
    for (const std::string& note : machine.notes) text_ += "\n" + wrapped(note) + "\n";
  }

  void row(const Alternative& found, double today, const std::string& change) {
    const std::string cost = found.monthly_usd ? usd(*found.monthly_usd) : "-";
    std::string more = "-";
    if (found.monthly_usd && !found.change.empty()) {
      more = (*found.monthly_usd >= today ? "+" : "") + usd(*found.monthly_usd - today);
    }
    const std::string verdict = in_words(found.verdict);
    text_ += fmt::format("{:>{}}{:>{}}  {}{}  {}\n", cost, cost_width, more, more_width,
                         painted(found.verdict, verdict, style_), std::string(verdict_width - verdict.size(), ' '),
                         wrapped(change, margin, margin));
    text_ += std::string(margin, ' ') + style_.dim(wrapped(found.reason, margin, margin)) + "\n";
  }

  const Advice& advice_;
  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string advice_table(const Advice& advice, const TextStyle& style) { return AdviceTable(advice, style).text(); }

}  // namespace fleetsim::cli
