// SPDX-License-Identifier: Apache-2.0
#include "warehouse/managed_tables/counted_values.h"

#include "sql/syntax/print.h"
#include "warehouse/catalogue/alter.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/stored_value.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/objects/sequence.h"

namespace tarn::warehouse {
namespace {

constexpr std::string_view kNextValue = ".NEXTVAL";

StatementResult<int64_t> TakeIdentityValues(Transaction& transaction, ObjectId table,
                                            const Column& column, int64_t count) {
  STATEMENT_ASSIGN(const auto known,
                   SelectOne<int64_t>(transaction.connection(),
                                      "SELECT next_value FROM identity_value WHERE table_id = ? "
                                      "AND field_id = ?",
                                      table, int64_t{column.field_id}));
  const int64_t first = known.value_or(column.identity->start);
  int64_t span = 0;
  int64_t next = 0;
  if (__builtin_mul_overflow(count, column.identity->increment, &span) ||
      __builtin_add_overflow(first, span, &next)) {
    return CompilationError("100097", "22003", "Sequence value is out of range.");
  }
  STATEMENT_TRY(Execute(transaction.connection(),
                        "INSERT INTO identity_value (table_id, field_id, next_value) VALUES (?, ?, "
                        "?) ON CONFLICT (table_id, field_id) DO UPDATE SET next_value = "
                        "excluded.next_value",
                        table, int64_t{column.field_id}, next));
  return first;
}

StatementResult<ObjectHead> FindSequence(const Snapshot& snapshot, const SessionState& session,
                                         const std::string& default_sql) {
  const std::string name = default_sql.substr(0, default_sql.size() - kNextValue.size());
  STATEMENT_ASSIGN(const Caller caller, CallerOf(snapshot, session));
  STATEMENT_ASSIGN(const ObjectName parsed, ParseObjectName(name));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(ObjectHead head,
                   Resolve(snapshot, caller, authority, ObjectKind::kSequence, parsed, "NEXTVAL"));
  STATEMENT_TRY(authority.Require(head, kUsage));
  return head;
}

}  // namespace

StatementResult<CountedBlock> TakeCountedValues(Metastore& metastore, const SessionState& session,
                                                ObjectId table, const Column& column,
                                                int64_t count) {
  CountedBlock block;
  STATEMENT_TRY(metastore.CommitQuietly([&](Transaction& transaction) -> StatementResult<> {
    if (column.identity) {
      block.increment = column.identity->increment;
      STATEMENT_ASSIGN(block.first, TakeIdentityValues(transaction, table, column, count));
      return {};
    }
    STATEMENT_ASSIGN(const ObjectHead head,
                     FindSequence(transaction, session, column.default_sql.value_or("")));
    STATEMENT_ASSIGN(const auto sequence, transaction.Find<Sequence>(head.id));
    if (!sequence) return DoesNotExist(ObjectKind::kSequence, head.name);
    block.increment = sequence->increment;
    STATEMENT_ASSIGN(block.first, TakeSequenceValues(transaction, head.id, count));
    return {};
  }));
  return block;
}

StatementResult<std::string> CountedDefault(const Snapshot& snapshot, const Caller& caller,
                                            const ObjectName& sequence) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  STATEMENT_ASSIGN(const ObjectHead head, Resolve(snapshot, caller, authority,
                                                  ObjectKind::kSequence, sequence, "CREATE TABLE"));
  STATEMENT_TRY(authority.Require(head, kUsage));
  STATEMENT_ASSIGN(const auto schema, snapshot.FindHead(head.container));
  if (!schema) return NoSuchObject(head.name);
  STATEMENT_ASSIGN(const auto database, snapshot.FindHead(schema->container));
  if (!database) return NoSuchObject(head.name);
  using sql::syntax::QuoteName;
  return fmt::format("{}.{}.{}{}", QuoteName(database->name), QuoteName(schema->name),
                     QuoteName(head.name), kNextValue);
}

}  // namespace tarn::warehouse
