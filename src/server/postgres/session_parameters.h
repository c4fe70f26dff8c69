// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's own parameters of a session: SET, SHOW and RESET of names that Snowflake does not
// know.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time_zone.h"
#include "server/postgres/message_writer.h"
#include "server/postgres/sqlstate.h"
#include "server/postgres/type_map.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

/// The values of one session, with PostgreSQL's rules of when they are undone. Names are compared
/// without case. Used by one thread.
class SessionParameters {
 public:
  /// `session` outlives it. `version`: Tarn's.
  SessionParameters(warehouse::Session& session, std::string_view version, std::string_view user);

  /// Whether SET and SHOW of this name are PostgreSQL's: it is in the table, or has a dot.
  static bool Knows(std::string_view name);

  /// 42704 for an unknown name, 22023 for a bad value, 55P02 for one that cannot be changed.
  /// `local`: until the transaction ends.
  warehouse::StatementResult<> Set(std::string_view name, std::string_view value, bool local);
  warehouse::StatementResult<> Reset(std::string_view name);
  void ResetAll();
  warehouse::StatementResult<std::string> Show(std::string_view name) const;
  /// The name as PostgreSQL writes it.
  static std::string CanonicalName(std::string_view name);
  /// Name, value, description, by name.
  std::vector<std::vector<std::string>> ShowAll() const;
  /// What RESET returns to from here on: the startup packet's values are the session's defaults.
  void KeepAsDefaults() { defaults_ = values_; }

  // The transaction's turns. Begin keeps what Rollback returns to; savepoints are copies.
  using Values = std::map<std::string, std::string, std::less<>>;
  void Begin() { in_transaction_ = true; }
  void Commit();
  void Rollback();
  const Values& values() const { return values_; }
  void Restore(const Values& values);

  /// ParameterStatus of what has changed since it was last told; the first time everything.
  void Report(MessageWriter& out);

  // What the protocol itself acts on.
  std::shared_ptr<const TimeZone> zone();
  TypeChoices type_choices() const;
  warehouse::Dialect dialect() const;
  bool is_on(std::string_view name) const;
  /// 0 = none.
  std::chrono::milliseconds timeout(std::string_view name) const;
  std::string_view value(std::string_view name) const;

 private:
  warehouse::StatementResult<> Apply(std::string_view name, const std::string& value);
  void Touch();
  void UseSchema(const std::string& schema);
  void FollowSession();

  warehouse::Session& session_;
  Values values_, defaults_;
  bool in_transaction_ = false;
  std::optional<Values> saved_;  ///< what a rollback returns to, once something has been set
  Values locals_;                ///< what the end of the transaction returns to
  Values reported_;
  bool changed_ = true;  ///< something may have to be reported
  std::string zone_name_;
  std::shared_ptr<const TimeZone> zone_;
};

}  // namespace tarn::server::postgres
