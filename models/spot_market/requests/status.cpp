#include "fleetsim/models/spot_market/requests.hpp"

namespace fleetsim {

std::string_view to_name(SpotRequestStatus status) {
  switch (status) {
    case SpotRequestStatus::pending_evaluation: return "pending-evaluation";
    case SpotRequestStatus::not_scheduled_yet: return "not-scheduled-yet";
    case SpotRequestStatus::capacity_not_available: return "capacity-not-available";
    case SpotRequestStatus::price_too_low: return "price-too-low";
    case SpotRequestStatus::launch_group_constraint: return "launch-group-constraint";
    case SpotRequestStatus::schedule_expired: return "schedule-expired";
    case SpotRequestStatus::canceled_before_fulfillment: return "canceled-before-fulfillment";
    case SpotRequestStatus::pending_fulfillment: return "pending-fulfillment";
    case SpotRequestStatus::fulfilled: return "fulfilled";
    case SpotRequestStatus::marked_for_stop: return "marked-for-stop";
    case SpotRequestStatus::marked_for_termination: return "marked-for-termination";
    case SpotRequestStatus::instance_terminated_by_price: return "instance-terminated-by-price";
    case SpotRequestStatus::instance_terminated_no_capacity: return "instance-terminated-no-capacity";
    case SpotRequestStatus::instance_terminated_by_user: return "instance-terminated-by-user";
    case SpotRequestStatus::instance_terminated_launch_group_constraint:
      return "instance-terminated-launch-group-constraint";
    case SpotRequestStatus::instance_stopped_by_price: return "instance-stopped-by-price";
    case SpotRequestStatus::instance_stopped_no_capacity: return "instance-stopped-no-capacity";
    case SpotRequestStatus::instance_stopped_by_user: return "instance-stopped-by-user";
    case SpotRequestStatus::request_canceled_and_instance_running: return "request-canceled-and-instance-running";
  }
  return "";
}

}  // namespace fleetsim
