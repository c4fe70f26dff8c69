// SPDX-License-Identifier: Apache-2.0
// An ordinary connection to a source: catalogs, copies.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capture/source/connection_settings.h"
#include "capture/source_table.h"

struct pg_conn;
struct pg_cancel;

namespace tarn::capture {

/// Values in text form; absent: NULL.
using SourceRow = std::vector<std::optional<std::string>>;

/// With an empty search_path and the output settings on which text forms depend pinned (TimeZone
/// UTC, DateStyle ISO, IntervalStyle postgres, extra_float_digits 3, bytea_output hex,
/// client_encoding UTF8), keepalives on, timeouts and row_security off: a policy that would hide
/// rows is an error. Used by one thread, except Cancel.
class SourceConnection {
 public:
  /// Unavailable where the server does not answer, PermissionDenied for what it refuses.
  static Result<std::unique_ptr<SourceConnection>> Open(const ConnectionSettings& settings);
  ~SourceConnection();
  SourceConnection(const SourceConnection&) = delete;
  SourceConnection& operator=(const SourceConnection&) = delete;

  /// One statement. What the server refuses has its message, detail, hint and SQLSTATE.
  Result<std::vector<SourceRow>> Run(const std::string& statement,
                                     std::span<const std::string> parameters = {});
  /// Every statement of `look` sees the state at the first one's beginning: what is asked for in
  /// parts is of one moment. REQUIRES: no transaction is open.
  Result<> AtOneMoment(const std::function<Result<>()>& look);
  /// COPY … TO STDOUT (FORMAT binary): `take` gets the stream in pieces of any size. Its failure
  /// ends the copy.
  Result<> CopyOut(const std::string& statement,
                   const std::function<Result<>(std::string_view)>& take);
  /// Ends what runs now. From any thread.
  void Cancel();
  int server_version() const;  ///< 170004

 private:
  SourceConnection(pg_conn* connection, pg_cancel* cancel)
      : connection_(connection), cancel_(cancel) {}

  pg_conn* connection_;  ///< owned
  pg_cancel* cancel_;    ///< owned; may be used while the connection is
};

/// A name as an identifier of SQL, always in quotes; a value as a literal. The only places that do.
std::string QuotedName(std::string_view name);
std::string QuotedName(const SourceName& name);
std::string QuotedLiteral(std::string_view text);

}  // namespace tarn::capture
