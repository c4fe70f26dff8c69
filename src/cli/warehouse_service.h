// SPDX-License-Identifier: Apache-2.0
// The warehouse as the product's commands see it: started beside the instances, shown, connected
// to.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "provision/instances.h"
#include "provision/service.h"
#include "server/listen_settings.h"

namespace tarn::cli {

inline constexpr const char* kWarehouseService = "warehouse";
inline constexpr const char* kWarehouseUser = "admin";

/// What was asked for beyond what is remembered.
struct ListenOptions {
  std::optional<std::string> host;
  /// 0: the remembered one if it is free, else one that is.
  std::optional<int> port, http_port;
};

Result<server::ListenSettings> ChooseListenSettings(const provision::DataDirectory& directory,
                                                    const ListenOptions& options);

/// `instances` outlives the service.
provision::Service MakeWarehouseService(provision::Instances& instances,
                                        const server::ListenSettings& listen);

struct WarehouseStatus {
  std::string state;  ///< "running", "starting", "stopped"
  std::optional<pid_t> pid;
  server::ListenSettings listen;
  std::string password_file;

  nlohmann::ordered_json AsJson() const;
  std::string HttpUrl() const;
  std::string DashboardUrl() const;
};
Result<WarehouseStatus> FindWarehouse(const provision::DataDirectory& directory);

}  // namespace tarn::cli
