// SPDX-License-Identifier: Apache-2.0
// Messages of the output plugin pgoutput (PostgreSQL, "Logical Replication Message Formats",
// protocol versions 1 to 4). Views point into the bytes that were decoded.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "capture/lsn.h"
#include "capture/source_table.h"

namespace tarn::capture::pgoutput {

using TransactionId = StrongId<uint32_t, struct TransactionIdTag>;

/// Microseconds since 1970, of the source's clock.
using CommitTime = StrongId<int64_t, struct CommitTimeTag>;

enum class ValueFormat : char { kNull = 'n', kUnchanged = 'u', kText = 't', kBinary = 'b' };

struct TupleValue {
  ValueFormat format = ValueFormat::kNull;
  std::string_view bytes;
};
/// By column of the Relation.
using Tuple = std::vector<TupleValue>;

struct Begin {
  Lsn commit_lsn;  ///< where the commit record begins
  CommitTime time;
  TransactionId transaction;
};
struct Commit {
  Lsn commit_lsn;
  Lsn end_lsn;  ///< behind the commit record
  CommitTime time;
};
struct RelationColumn {
  bool in_key = false;
  std::string_view name;
  TypeOid type;
  int32_t modifier = -1;
};
struct Relation {
  RelationOid oid;
  std::string_view schema, name;  ///< schema "" in the stream means pg_catalog, which is given here
  ReplicaIdentity identity = ReplicaIdentity::kDefault;
  std::vector<RelationColumn> columns;
};
struct TypeName {
  TypeOid oid;
  std::string_view schema, name;
};
struct Insert {
  RelationOid relation;
  Tuple row;
};
struct Update {
  RelationOid relation;
  /// What came of the old row: nothing where the key stays the same under kDefault; `old_is_key`:
  /// only key columns have values.
  std::optional<Tuple> old_row;
  bool old_is_key = false;
  Tuple row;
};
struct Delete {
  RelationOid relation;
  bool old_is_key = false;
  Tuple old_row;
};
struct Truncate {
  bool cascade = false, restart_identity = false;
  std::vector<RelationOid> relations;
};
struct Origin {
  Lsn lsn;
  std::string_view name;
};
/// pg_logical_emit_message.
struct LogicalMessage {
  bool transactional = false;
  Lsn lsn;
  std::string_view prefix, content;
};
struct StreamStart {
  TransactionId transaction;
  bool first_segment = false;
};
struct StreamStop {};
struct StreamCommit {
  TransactionId transaction;
  Lsn commit_lsn, end_lsn;
  CommitTime time;
};
struct StreamAbort {
  TransactionId transaction, subtransaction;
};

/// A message, and, within a streamed transaction, the (sub)transaction that it belongs to.
struct Message {
  std::optional<TransactionId> streamed_by;
  std::variant<Begin, Commit, Relation, TypeName, Insert, Update, Delete, Truncate, Origin,
               LogicalMessage, StreamStart, StreamStop, StreamCommit, StreamAbort>
      body;
};

/// Decodes one message after the other: it remembers whether a streamed transaction is open, since
/// messages look otherwise then. Corruption for anything that is no whole message. Used by one
/// thread.
class Decoder {
 public:
  Result<Message> Decode(std::string_view bytes);

 private:
  bool streaming_ = false;
};

}  // namespace tarn::capture::pgoutput
