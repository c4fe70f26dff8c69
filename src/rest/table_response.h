// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "iceberg/commit/commit.h"
#include "iceberg/json/json_text.h"
#include "rest/call.h"

namespace tarn::rest {

enum class ShownSnapshots : uint8_t { kAll, kReferenced };

/// Names the state of a table and how much of it is shown; the same for a load and for the commit
/// that made the state.
std::string EtagOf(const std::string& metadata_location, ShownSnapshots shown);

/// The parameter `snapshots`.
Reply<ShownSnapshots> AskedSnapshots(const Call& call);

/// "LoadTableResult" with configuration and credentials. Without a metadata location: a table that
/// is only staged.
Reply<Response> TableResponse(const Service& service, const Call& call,
                              const iceberg::LoadedTable& table, ShownSnapshots shown);

/// What "CommitTableResponse" has.
Reply<Response> CommitResponse(const iceberg::LoadedTable& table);

/// "LoadCredentialsResponse" for files below a location.
Response CredentialsResponse(const Service& service, const std::string& location);

/// "storage-credentials" as a member: left out where there are none, since an empty list would hide
/// the client's own.
void WriteCredentials(const Service& service, const std::string& location, iceberg::JsonText& json);

}  // namespace tarn::rest
