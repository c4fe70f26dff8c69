// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "provision/data_directory.h"

namespace tarn::server {

/// Where the warehouse of a data directory listens, from one start to the next.
struct ListenSettings {
  std::string host = "127.0.0.1";
  int port = 7432;
  int http_port = 7480;
  bool operator==(const ListenSettings&) const = default;
};

/// Absent where nothing was kept yet. Corruption for a file that cannot be read.
Result<std::optional<ListenSettings>> LoadListenSettings(const provision::DataDirectory& directory);
Result<> SaveListenSettings(const provision::DataDirectory& directory,
                            const ListenSettings& settings);

}  // namespace tarn::server
