// SPDX-License-Identifier: Apache-2.0
// The replication of one source database into a destination.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/capture_mode.h"
#include "capture/capture_status.h"
#include "capture/destination.h"
#include "capture/lsn.h"
#include "capture/source/connection_settings.h"
#include "capture/source_table.h"

namespace tarn::capture {

struct CaptureOptions {
  ConnectionSettings source;
  std::string publication;
  std::string slot;
  CaptureMode mode = CaptureMode::kConnector;
  /// From the first change that waits to the commit that has it, where the machine keeps up.
  std::chrono::milliseconds flush_interval{1000};
  /// Of what waits to be committed: more is committed at once.
  int64_t flush_bytes = int64_t{64} << 20;
  int32_t copy_workers = 2;  ///< per table
  /// How often the source is asked what it did to its tables and the stream does not tell.
  std::chrono::milliseconds look_interval{1000};
  /// Of the source's log that the slot holds back, from which on it is told; 0: never.
  int64_t slot_bytes_alert = int64_t{10} << 30;
};

/// One table to be replicated. Masks are names of columns, verbatim; unknown ones do not matter,
/// and columns of the primary key are always there. Both empty: all columns.
struct TableRequest {
  SourceName name;
  std::vector<std::string> included_columns;
  std::vector<std::string> excluded_columns;
};

/// Runs in threads of its own until it is destroyed. Connections that are lost are tried again for
/// ever, with waits that double up to a minute; how tables fare goes to Destination::Report. A
/// table that fails stops, and no other with it. Thread-safe.
class Capture {
 public:
  /// Returns at once. `destination` outlives it. `tables` are replicated already, or were asked for
  /// before: what is in the destination decides where each goes on.
  static std::unique_ptr<Capture> Start(CaptureOptions options, Destination& destination,
                                        std::vector<TableRequest> tables);
  /// Commits nothing more; what was not committed comes again after the next start.
  virtual ~Capture() = default;

  virtual void AddTables(std::vector<TableRequest> tables) = 0;
  /// The destination's tables stay. Returns when nothing more is written to them.
  virtual void RemoveTables(std::vector<SourceName> tables) = 0;
  virtual CaptureStatus status() const = 0;
  /// Everything that the source had committed when this was called is in the destination, and every
  /// table has its first copy, as far as tables have not failed: also what the stream does not
  /// tell. Unavailable after `patience`.
  virtual Result<> CatchUp(std::chrono::milliseconds patience) = 0;
};

/// That this source can be captured: reachable, log level, rights, publication. What is wrong comes
/// with detail and hint.
Result<> CheckSource(const ConnectionSettings& source, const std::string& publication);

/// "sf_db_conn_rs_kbmd_psqlds1": the connector's name for the slot of a data source.
std::string ConnectorSlotName(std::string_view data_source);

}  // namespace tarn::capture
