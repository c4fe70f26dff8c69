// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "iceberg/json/json_text.h"
#include "warehouse/session/file_transfer.h"

namespace tarn::server::snowflake {

/// How a client reaches a stage's files.
enum class TransferStyle : uint8_t {
  kUrls,   ///< one URL for each file, made by us
  kToken,  ///< URLs of its own below an end point, with a token
};

/// The members of an answer's data that say what is to be transferred. `base_url`: ours, as the
/// client reaches us; `token`: of StageFiles.
void WriteTransfer(const warehouse::FileTransfer& transfer, TransferStyle style,
                   const std::string& base_url, const std::string& token, iceberg::JsonText& json);

}  // namespace tarn::server::snowflake
