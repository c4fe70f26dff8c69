// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "warehouse/objects/object_kind.h"

namespace tarn::warehouse {

struct NetworkRule {
  static constexpr ObjectKind kKind = ObjectKind::kNetworkRule;
  std::string type = "IPV4";
  std::string mode = "INGRESS";
  std::vector<std::string> values;
  bool operator==(const NetworkRule&) const = default;
};

template <>
struct Fields<NetworkRule> {
  static constexpr auto kAll =
      std::tuple{Field{"type", &NetworkRule::type}, Field{"mode", &NetworkRule::mode},
                 Field{"value_list", &NetworkRule::values}};
};

/// What is blocked wins.
struct NetworkPolicy {
  static constexpr ObjectKind kKind = ObjectKind::kNetworkPolicy;
  std::vector<ObjectId> allowed_rules, blocked_rules;
  std::vector<std::string> allowed_ips, blocked_ips;
  bool operator==(const NetworkPolicy&) const = default;
};

template <>
struct Fields<NetworkPolicy> {
  static constexpr auto kAll = std::tuple{Field{"allowed_rules", &NetworkPolicy::allowed_rules},
                                          Field{"blocked_rules", &NetworkPolicy::blocked_rules},
                                          Field{"allowed_ips", &NetworkPolicy::allowed_ips},
                                          Field{"blocked_ips", &NetworkPolicy::blocked_ips}};
};

}  // namespace tarn::warehouse
