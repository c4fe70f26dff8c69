// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

enum class WarehouseState : uint8_t { kStarted, kSuspended };

template <>
struct EnumNames<WarehouseState> {
  static constexpr std::array kAll = {
      EnumName<WarehouseState>{WarehouseState::kStarted, "STARTED"},
      EnumName<WarehouseState>{WarehouseState::kSuspended, "SUSPENDED"}};
};

/// A class of resources. Sizes and types in the spelling that SHOW WAREHOUSES prints ("X-Small",
/// "STANDARD"); what runs and waits is known to the process, not here.
struct VirtualWarehouse {
  static constexpr ObjectKind kKind = ObjectKind::kWarehouse;
  WarehouseState state = WarehouseState::kStarted;
  std::string type = "STANDARD";
  std::string size = "X-Small";
  int64_t min_cluster_count = 1;
  int64_t max_cluster_count = 1;
  std::string scaling_policy = "STANDARD";
  std::optional<int64_t> auto_suspend_seconds = 600;  ///< absent: never
  bool auto_resume = true;
  std::optional<int64_t> resumed_ms;
  std::string resource_monitor = "null";
  bool enable_query_acceleration = false;
  int64_t query_acceleration_max_scale_factor = 8;
  std::string resource_constraint;
  std::string generation = "1";
  bool operator==(const VirtualWarehouse&) const = default;
};

template <>
struct Fields<VirtualWarehouse> {
  using W = VirtualWarehouse;
  static constexpr auto kAll = std::tuple{
      Field{"state", &W::state},
      Field{"type", &W::type},
      Field{"size", &W::size},
      Field{"min_cluster_count", &W::min_cluster_count},
      Field{"max_cluster_count", &W::max_cluster_count},
      Field{"scaling_policy", &W::scaling_policy},
      Field{"auto_suspend_seconds", &W::auto_suspend_seconds},
      Field{"auto_resume", &W::auto_resume},
      Field{"resumed_ms", &W::resumed_ms},
      Field{"resource_monitor", &W::resource_monitor},
      Field{"enable_query_acceleration", &W::enable_query_acceleration},
      Field{"query_acceleration_max_scale_factor", &W::query_acceleration_max_scale_factor},
      Field{"resource_constraint", &W::resource_constraint},
      Field{"generation", &W::generation}};
};

}  // namespace tarn::warehouse
