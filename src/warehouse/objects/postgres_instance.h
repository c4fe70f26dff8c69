// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "warehouse/objects/object_kind.h"
#include "warehouse/objects/stage.h"

namespace tarn::warehouse {

/// A managed PostgreSQL server as SQL sees it; provision/instances.h runs it under the same name.
struct PostgresInstance {
  static constexpr ObjectKind kKind = ObjectKind::kPostgresInstance;
  std::string state = "CREATING";
  std::string compute_family;
  int64_t storage_size_gb = 10;
  std::string authentication_authority = "POSTGRES";
  std::string postgres_version;
  Options settings;
  std::string type = "PRIMARY";
  std::string origin;
  std::string host;
  int64_t port = 5432;
  bool high_availability = false;
  std::optional<ObjectId> network_policy;
  std::optional<ObjectId> storage_integration;
  std::string maintenance_window_start;
  std::string operations;  ///< JSON of what is going on; "": nothing
  int64_t retention_days = 10;
  std::string certificate;
  bool operator==(const PostgresInstance&) const = default;
};

template <>
struct Fields<PostgresInstance> {
  using P = PostgresInstance;
  static constexpr auto kAll =
      std::tuple{Field{"state", &P::state},
                 Field{"compute_family", &P::compute_family},
                 Field{"storage_size_gb", &P::storage_size_gb},
                 Field{"authentication_authority", &P::authentication_authority},
                 Field{"postgres_version", &P::postgres_version},
                 Field{"settings", &P::settings},
                 Field{"type", &P::type},
                 Field{"origin", &P::origin},
                 Field{"host", &P::host},
                 Field{"port", &P::port},
                 Field{"high_availability", &P::high_availability},
                 Field{"network_policy_id", &P::network_policy},
                 Field{"storage_integration_id", &P::storage_integration},
                 Field{"maintenance_window_start", &P::maintenance_window_start},
                 Field{"operations", &P::operations},
                 Field{"retention_days", &P::retention_days},
                 Field{"certificate", &P::certificate}};
};

}  // namespace tarn::warehouse
