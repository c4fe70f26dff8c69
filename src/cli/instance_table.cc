// SPDX-License-Identifier: Apache-2.0
#include "cli/instance_table.h"

#include "provision/server_config.h"

namespace tarn::cli {

using nlohmann::ordered_json;
using provision::InstanceStatus;

ordered_json InstanceAsJson(const InstanceStatus& status) {
  ordered_json document = {
      {"name", status.record.name},         {"state", ToString(status.state)},
      {"host", status.record.address.host}, {"port", status.record.address.port},
      {"database", provision::kDatabase},   {"pid", nullptr}};
  if (status.pid) document["pid"] = *status.pid;
  return document;
}

ordered_json InstancesAsJson(const std::vector<InstanceStatus>& all) {
  ordered_json document = ordered_json::array();
  for (const InstanceStatus& status : all) document.push_back(InstanceAsJson(status));
  return document;
}

void PrintInstances(const std::vector<InstanceStatus>& all) {
  fmt::print("{:24} {:12} {:16} {}\n", "NAME", "STATE", "HOST", "PORT");
  for (const InstanceStatus& status : all) {
    fmt::print("{:24} {:12} {:16} {}\n", status.record.name, ToString(status.state),
               status.record.address.host, status.record.address.port);
  }
}

}  // namespace tarn::cli
