// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/bound/expression.h"
#include "sql/syntax/statement.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

class SessionTransaction;
class StatementRun;

/// Values of `:name` and `:row.column`, by their canonical names; of two the first counts.
using NamedValues = std::vector<std::pair<std::string, sql::bound::Expression>>;

/// Runs statements inside of another one: of a block, of EXECUTE IMMEDIATE. Of one session, used by
/// the thread that runs the outer statement, whose cancel reaches them.
class NestedStatements {
 public:
  virtual ~NestedStatements() = default;
  /// Of the session at this moment: statements within begin and end it. Null: none is open.
  virtual const SessionTransaction* open_transaction() const = 0;
  /// That all of them are part of.
  virtual const std::shared_ptr<StatementRun>& outer_run() const = 0;
  /// `text` is what the tree's spans are of. It must outlive the stream, as must `tree`.
  virtual StatementResult<std::unique_ptr<ResultStream>> RunNested(
      const sql::syntax::Statement& tree, std::string_view text, const NamedValues& named,
      const std::vector<sql::bound::Expression>& parameters) = 0;
};

}  // namespace tarn::warehouse
