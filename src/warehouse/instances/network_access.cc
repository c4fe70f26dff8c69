// SPDX-License-Identifier: Apache-2.0
#include "warehouse/instances/network_access.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <optional>

#include "warehouse/catalogue/allowed_locations.h"

namespace tarn::warehouse {
namespace {

constexpr int kBitsOfVersion4 = 32, kBitsOfVersion6 = 128;
/// No bucket has such a name.
constexpr const char* kNowhere = "s3://integration-allows-nothing/";

/// As pg_hba.conf takes it: always with a mask.
std::string WithMask(const std::string& value, bool version_6) {
  if (value.find('/') != std::string::npos) return value;
  return fmt::format("{}/{}", value, version_6 ? kBitsOfVersion6 : kBitsOfVersion4);
}

/// Absent: one of them is no range, and the server would refuse all of pg_hba.conf.
Result<std::optional<std::vector<std::string>>> RangesOf(const Snapshot& snapshot,
                                                         const std::vector<ObjectId>& rules) {
  std::vector<std::string> ranges;
  for (const ObjectId id : rules) {
    TARN_ASSIGN(const auto rule, snapshot.Find<NetworkRule>(id));
    if (!rule || rule->mode != "POSTGRES_INGRESS") continue;
    const bool version_6 = rule->type == "IPV6";
    if (!version_6 && rule->type != "IPV4") continue;
    for (const std::string& value : rule->values) {
      if (!IsAddressRange(value, version_6)) return std::optional<std::vector<std::string>>();
      ranges.push_back(WithMask(value, version_6));
    }
  }
  return std::optional(std::move(ranges));
}

}  // namespace

bool IsAddressRange(std::string_view text, bool version_6) {
  // It becomes a part of pg_hba.conf: nothing but what addresses are made of, and no zero byte,
  // where inet_pton would stop.
  if (text.find_first_not_of("0123456789abcdefABCDEF:./") != std::string_view::npos) return false;
  const size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(version_6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) != 1) return false;
  if (slash == std::string_view::npos) return true;
  const std::string_view mask = text.substr(slash + 1);
  int bits = 0;
  const auto parsed = std::from_chars(mask.data(), mask.data() + mask.size(), bits);
  return parsed.ec == std::errc() && parsed.ptr == mask.data() + mask.size() && bits >= 0 &&
         bits <= (version_6 ? kBitsOfVersion6 : kBitsOfVersion4);
}

Result<provision::NetworkAccess> AccessOf(const Snapshot& snapshot,
                                          const PostgresInstance& instance) {
  provision::NetworkAccess access;
  if (!instance.network_policy) return access;
  TARN_ASSIGN(const auto policy, snapshot.Find<NetworkPolicy>(*instance.network_policy));
  if (!policy) return access;
  TARN_ASSIGN(auto allowed, RangesOf(snapshot, policy->allowed_rules));
  TARN_ASSIGN(auto blocked, RangesOf(snapshot, policy->blocked_rules));
  if (!allowed || !blocked) return access;
  access.allowed = *std::move(allowed);
  access.blocked = *std::move(blocked);
  return access;
}

Result<std::vector<std::string>> TableLocationsOf(const Snapshot& snapshot,
                                                  const PostgresInstance& instance) {
  std::vector<std::string> locations;
  if (!instance.storage_integration) return locations;
  TARN_ASSIGN(const auto integration,
              snapshot.Find<StorageIntegration>(*instance.storage_integration));
  const std::vector<std::string> nowhere = {kNowhere};
  if (!integration || !integration->enabled) return nowhere;
  bool everywhere = false;
  for (const std::string& location : integration->allowed_locations) {
    if (location == "*") {
      everywhere = true;
      continue;
    }
    // A server takes the whole list or none of it, and would then keep the one before.
    auto normal = NormalizeBucketLocation(location);
    if (!normal || normal->find(',') != std::string::npos) return nowhere;
    locations.push_back(*std::move(normal));
  }
  if (everywhere) return std::vector<std::string>();
  return locations.empty() ? nowhere : locations;
}

}  // namespace tarn::warehouse
