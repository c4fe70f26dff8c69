// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/dashboard/questions.h"
#include "server/dashboard/sign_ins.h"
#include "server/dashboard/source_table.h"
#include "warehouse/metastore/metastore.h"
#include "warehouse/session.h"

namespace tarn::server::dashboard {

using TextRow = std::vector<std::optional<std::string>>;

/// Which state of a relation was seen. A plain value.
struct TableVersion {
  warehouse::ObjectId id;
  /// Changes with every snapshot of the table. A view shows other tables: its mark changes with
  /// anything in the account, which may be one of theirs.
  std::string mark;
  int64_t published_ms = 0;  ///< when it became the newest; 0 for views
};

/// Absent: it is gone.
Result<std::optional<TableVersion>> VersionOf(const warehouse::Snapshot& snapshot,
                                              warehouse::ObjectId id);

/// Reads one table on behalf of who is signed in, in a session of its own, as any other client's
/// would. Used by one thread.
class TableReader {
 public:
  struct Access {
    warehouse::SessionFactory* sessions;
    warehouse::Metastore* metastore;
  };
  /// The table by its name as in SQL. Fails as a SELECT of it would, and as DescribeSource does.
  static warehouse::StatementResult<TableReader> Open(const Access& access, const SignIn& signed_in,
                                                      const std::string& address,
                                                      const std::string& table);

  const SourceTable& table() const { return table_; }
  /// Of before the first question: what is answered may be newer, never older.
  const TableVersion& version() const { return version_; }

  warehouse::StatementResult<std::vector<TextRow>> Ask(const Question& question);

 private:
  TableReader() = default;

  std::unique_ptr<warehouse::Session> session_;
  SourceTable table_;
  TableVersion version_;
};

}  // namespace tarn::server::dashboard
