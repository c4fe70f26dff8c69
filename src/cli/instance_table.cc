// SPDX-License-Identifier: Apache-2.0
#include "cli/instance_table.h"

#include "provision/engine_memory.h"
#include "provision/server_config.h"

namespace tarn::cli {
namespace {

std::optional<int64_t> EngineMemoryOf(const provision::InstanceStatus& status) {
  return status.pid ? provision::EngineMemoryBytes(*status.pid) : std::nullopt;
}

}  // namespace

using nlohmann::ordered_json;
using provision::InstanceStatus;

ordered_json InstanceAsJson(const InstanceStatus& status) {
  ordered_json document = {
      {"name", status.record.name},         {"state", ToString(status.state)},
      {"host", status.record.address.host}, {"port", status.record.address.port},
      {"database", provision::kDatabase},   {"pid", nullptr},
      {"engine_memory_bytes", nullptr}};
  if (status.pid) document["pid"] = *status.pid;
  if (const auto memory = EngineMemoryOf(status)) document["engine_memory_bytes"] = *memory;
  return document;
}

ordered_json InstancesAsJson(const std::vector<InstanceStatus>& all) {
  ordered_json document = ordered_json::array();
  for (const InstanceStatus& status : all) document.push_back(InstanceAsJson(status));
  return document;
}

void PrintInstances(const std::vector<InstanceStatus>& all) {
  fmt::print("{:24} {:12} {:16} {:6} {}\n", "NAME", "STATE", "HOST", "PORT", "ENGINE MB");
  for (const InstanceStatus& status : all) {
    const auto memory = EngineMemoryOf(status);
    fmt::print("{:24} {:12} {:16} {:<6} {}\n", status.record.name, ToString(status.state),
               status.record.address.host, status.record.address.port,
               memory ? std::to_string(*memory >> 20) : "-");
  }
}

}  // namespace tarn::cli
