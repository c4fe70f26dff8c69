// SPDX-License-Identifier: Apache-2.0
// Instances as people and programs read them.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "provision/instances.h"

namespace tarn::cli {

nlohmann::ordered_json InstanceAsJson(const provision::InstanceStatus& status);
nlohmann::ordered_json InstancesAsJson(const std::vector<provision::InstanceStatus>& all);
void PrintInstances(const std::vector<provision::InstanceStatus>& all);

}  // namespace tarn::cli
