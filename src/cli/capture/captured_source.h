// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL database that is to be captured, as `tarn capture` finds it and makes it ready.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capture/source/connection_settings.h"
#include "capture/source/source_connection.h"
#include "capture/source_table.h"

namespace tarn::cli {

struct OpenedSource {
  /// Says everything that the connection depended on, also what came from the environment, from
  /// ~/.pgpass and from defaults: the warehouse is another process of another user.
  capture::ConnectionSettings settings;
  std::unique_ptr<capture::SourceConnection> connection;
  std::string database;
};
/// InvalidArgument names nothing of a URL but its keywords.
Result<OpenedSource> OpenSource(std::string_view url);

/// `tables`: "orders" or "shop.orders", verbatim, where the former is of schema public or the only
/// one of its name; empty: every ordinary table that has a key and may be read. NotFound, and
/// InvalidArgument for tables that cannot be captured, with what to do. `skipped` tells of others.
Result<std::vector<capture::SourceName>> ChooseTables(capture::SourceConnection& source,
                                                      const std::vector<std::string>& tables,
                                                      std::vector<std::string>& skipped);

/// The publication sends all changes of all these tables: it is made, or extended. Whether it was
/// made. PermissionDenied comes with the statement that somebody else has to run.
Result<bool> EnsurePublication(capture::SourceConnection& source, const std::string& publication,
                               const std::vector<capture::SourceName>& tables);

/// Drops the slot once nobody reads it, for which it waits a while, and the publication where it is
/// not "". What is not there is no error.
Result<> RemoveTraces(capture::SourceConnection& source, const std::string& slot,
                      const std::string& publication);

}  // namespace tarn::cli
