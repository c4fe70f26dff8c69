// SPDX-License-Identifier: Apache-2.0
// What every command about instances does first: find the data directory and the programs, then
// give up root for the account that the servers run as.
#pragma once

#include <string>

#include "base/result.h"
#include "provision/instances.h"

namespace tarn::cli {

/// Options that all these commands share.
struct WorkplaceOptions {
  std::string data;       ///< --data
  std::string pg_config;  ///< --pg-config, of `instance create`
  bool json = false;      ///< --json
};

struct Workplace {
  provision::Instances instances;
  std::vector<std::string> owners;  ///< system users who may act as the superuser
};

/// REQUIRES: called once, before anything that depends on the identity or the working directory of
/// the process: both are others afterwards.
Result<Workplace> OpenWorkplace(const WorkplaceOptions& options);

}  // namespace tarn::cli
