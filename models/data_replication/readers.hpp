#pragma once
/// The parts of the reader of `protection`.

#include "fleetsim/models/data_replication/settings.hpp"

namespace fleetsim {

struct PlaceKeys {
  bool region = false, zone = false, account = false;
};
PlaceSettings read_place(config::Section& in, PlaceKeys keys, std::string_view default_place);

using ReadStore = StoreSettings (*)(const LocatedName& name, config::Section& in);

/// `databases`: each a store, with the replicas and the backups that the service makes of it.
void read_databases(config::Section& in, ProtectionSettings& settings, ReadStore read_store);
/// `policies`.
void read_policies(config::Section& in, ProtectionSettings& settings);
/// `streams`, `mirrors` and `elastic_disaster_recovery`.
void read_replicas(config::Section& in, ProtectionSettings& settings);

RetentionConfig read_retention(config::Section& in, std::string_view doc);
TransferRate read_rate(config::Section& in, TransferRate rate, std::string_view doc);

}  // namespace fleetsim
