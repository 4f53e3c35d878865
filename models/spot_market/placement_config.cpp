#include "models/spot_market/readers.hpp"

namespace fleetsim::spot_market {

PlacementQuestionSettings read_placement_question(config::Section& in) {
  PlacementQuestionSettings question;
  question.where = in.where();
  in.exactly_one_of({"instances", "vcpus", "memory"});
  in.optional("instances", question.instances).positive().doc("so many instances of any of the types");
  in.optional("vcpus", question.vcpus).positive().doc("instances with so many vCPUs together");
  in.optional("memory", question.memory).at_least(1_MiB).doc("instances with so much memory together");
  in.required("instance_types", question.instance_types)
      .at_least_count(1)
      .doc("that would do; with fewer than three the score is at most 3");
  in.optional("regions", question.regions).default_is("all of the scenario").doc("that would do");
  in.optional("single_availability_zone", question.single_availability_zone)
      .doc("true: zones are scored, each alone; false: Regions, all their zones together");
  return question;
}

}  // namespace fleetsim::spot_market
