// SPDX-License-Identifier: Apache-2.0
#include "capture/source/pgoutput.h"

#include "capture/source/wire_reader.h"

namespace tarn::capture::pgoutput {
namespace {

// PostgreSQL counts from 2000-01-01.
constexpr int64_t kPostgresEpochMicros = 946'684'800'000'000;

constexpr uint8_t kColumnInKey = 1;
constexpr uint8_t kTruncateCascade = 1, kTruncateRestartIdentity = 2;
constexpr uint8_t kMessageTransactional = 1;

std::unexpected<Error> Malformed(char kind) {
  return Fail(ErrorKind::kCorruption, "malformed replication message of kind \"{}\"", kind);
}

Lsn TakeLsn(WireReader& in) { return Lsn(in.Take<uint64_t>()); }
TransactionId TakeTransaction(WireReader& in) { return TransactionId(in.Take<uint32_t>()); }
RelationOid TakeRelation(WireReader& in) { return RelationOid(in.Take<uint32_t>()); }

CommitTime TakeTime(WireReader& in) {
  const auto since_2000 = in.Take<int64_t>();
  int64_t time = 0;
  // Beyond what can be said is as good as the end of time.
  if (__builtin_add_overflow(since_2000, kPostgresEpochMicros, &time)) time = INT64_MAX;
  return CommitTime(time);
}

/// A name of a schema: pg_catalog's is left out of the stream.
std::string_view TakeSchema(WireReader& in) {
  const std::string_view schema = in.TakeText();
  return schema.empty() && !in.failed() ? "pg_catalog" : schema;
}

bool TakeTuple(WireReader& in, Tuple& tuple) {
  const auto columns = in.Take<uint16_t>();
  // Every value has a byte at least.
  if (in.failed() || in.left() < columns) return false;
  tuple.resize(columns);
  for (TupleValue& value : tuple) {
    value.format = static_cast<ValueFormat>(in.Take<char>());
    switch (value.format) {
      case ValueFormat::kNull:
      case ValueFormat::kUnchanged:
        break;
      case ValueFormat::kText:
      case ValueFormat::kBinary: {
        const auto length = in.Take<int32_t>();
        if (length < 0) return false;
        value.bytes = in.TakeBytes(static_cast<size_t>(length));
        break;
      }
      default:
        return false;
    }
  }
  return !in.failed();
}

Begin TakeBegin(WireReader& in) {
  Begin begin;
  begin.commit_lsn = TakeLsn(in);
  begin.time = TakeTime(in);
  begin.transaction = TakeTransaction(in);
  return begin;
}

std::optional<Commit> TakeCommit(WireReader& in) {
  Commit commit;
  const auto flags = in.Take<uint8_t>();
  commit.commit_lsn = TakeLsn(in);
  commit.end_lsn = TakeLsn(in);
  commit.time = TakeTime(in);
  if (flags != 0) return std::nullopt;
  return commit;
}

std::optional<Relation> TakeRelationMessage(WireReader& in) {
  Relation relation;
  relation.oid = TakeRelation(in);
  relation.schema = TakeSchema(in);
  relation.name = in.TakeText();
  relation.identity = static_cast<ReplicaIdentity>(in.Take<char>());
  switch (relation.identity) {
    case ReplicaIdentity::kDefault:
    case ReplicaIdentity::kNothing:
    case ReplicaIdentity::kFull:
    case ReplicaIdentity::kIndex:
      break;
    default:
      return std::nullopt;
  }
  const auto columns = in.Take<uint16_t>();
  if (in.failed() || in.left() < columns) return std::nullopt;
  relation.columns.resize(columns);
  for (RelationColumn& column : relation.columns) {
    column.in_key = (in.Take<uint8_t>() & kColumnInKey) != 0;
    column.name = in.TakeText();
    column.type = TypeOid(in.Take<uint32_t>());
    column.modifier = in.Take<int32_t>();
  }
  return relation;
}

TypeName TakeTypeName(WireReader& in) {
  TypeName type;
  type.oid = TypeOid(in.Take<uint32_t>());
  type.schema = TakeSchema(in);
  type.name = in.TakeText();
  return type;
}

std::optional<Insert> TakeInsert(WireReader& in) {
  Insert insert;
  insert.relation = TakeRelation(in);
  if (in.Take<char>() != 'N' || !TakeTuple(in, insert.row)) return std::nullopt;
  return insert;
}

std::optional<Update> TakeUpdate(WireReader& in) {
  Update update;
  update.relation = TakeRelation(in);
  char part = in.Take<char>();
  if (part == 'K' || part == 'O') {
    update.old_is_key = part == 'K';
    if (!TakeTuple(in, update.old_row.emplace())) return std::nullopt;
    part = in.Take<char>();
  }
  if (part != 'N' || !TakeTuple(in, update.row)) return std::nullopt;
  return update;
}

std::optional<Delete> TakeDelete(WireReader& in) {
  Delete removal;
  removal.relation = TakeRelation(in);
  const char part = in.Take<char>();
  removal.old_is_key = part == 'K';
  if ((part != 'K' && part != 'O') || !TakeTuple(in, removal.old_row)) return std::nullopt;
  return removal;
}

std::optional<Truncate> TakeTruncate(WireReader& in) {
  Truncate truncate;
  const auto count = in.Take<uint32_t>();
  const auto flags = in.Take<uint8_t>();
  truncate.cascade = (flags & kTruncateCascade) != 0;
  truncate.restart_identity = (flags & kTruncateRestartIdentity) != 0;
  if (in.failed() || in.left() != uint64_t{count} * sizeof(uint32_t)) return std::nullopt;
  truncate.relations.reserve(count);
  for (uint32_t i = 0; i < count; ++i) truncate.relations.push_back(TakeRelation(in));
  return truncate;
}

Origin TakeOrigin(WireReader& in) {
  Origin origin;
  origin.lsn = TakeLsn(in);
  origin.name = in.TakeText();
  return origin;
}

std::optional<LogicalMessage> TakeLogicalMessage(WireReader& in) {
  LogicalMessage message;
  const auto flags = in.Take<uint8_t>();
  message.transactional = (flags & kMessageTransactional) != 0;
  message.lsn = TakeLsn(in);
  message.prefix = in.TakeText();
  const auto length = in.Take<int32_t>();
  if (length < 0) return std::nullopt;
  message.content = in.TakeBytes(static_cast<size_t>(length));
  return message;
}

std::optional<StreamStart> TakeStreamStart(WireReader& in) {
  StreamStart start;
  start.transaction = TakeTransaction(in);
  const auto first = in.Take<uint8_t>();
  if (first > 1) return std::nullopt;
  start.first_segment = first == 1;
  return start;
}

std::optional<StreamCommit> TakeStreamCommit(WireReader& in) {
  const TransactionId transaction = TakeTransaction(in);
  const auto commit = TakeCommit(in);
  if (!commit) return std::nullopt;
  return StreamCommit{transaction, commit->commit_lsn, commit->end_lsn, commit->time};
}

StreamAbort TakeStreamAbort(WireReader& in) {
  StreamAbort abort;
  abort.transaction = TakeTransaction(in);
  abort.subtransaction = TakeTransaction(in);
  // Version 4 with parallel streaming adds where and when it was aborted.
  if (in.left() > 0) (void)in.TakeBytes(sizeof(uint64_t) + sizeof(int64_t));
  return abort;
}

/// Messages that carry a transaction while one is streamed.
bool HasTransaction(char kind) {
  return std::string_view("RYIUDTM").find(kind) != std::string_view::npos;
}

/// Messages that may stand between Stream Start and Stream Stop.
bool MayBeStreamed(char kind) { return HasTransaction(kind) || kind == 'O' || kind == 'E'; }

/// Of transactions that are prepared first. Slots that capture makes do not decode these.
bool IsTwoPhase(char kind) {
  return std::string_view("bPKrp").find(kind) != std::string_view::npos;
}

/// Puts what was taken into the message; false: it is malformed.
template <typename Body>
bool Put(Message& message, Body&& body) {
  message.body = std::forward<Body>(body);
  return true;
}
template <typename Body>
bool Put(Message& message, std::optional<Body>&& body) {
  if (!body) return false;
  message.body = *std::move(body);
  return true;
}

bool TakeBody(char kind, WireReader& in, Message& message) {
  switch (kind) {
    case 'I':
      return Put(message, TakeInsert(in));
    case 'U':
      return Put(message, TakeUpdate(in));
    case 'D':
      return Put(message, TakeDelete(in));
    case 'B':
      return Put(message, TakeBegin(in));
    case 'C':
      return Put(message, TakeCommit(in));
    case 'R':
      return Put(message, TakeRelationMessage(in));
    case 'Y':
      return Put(message, TakeTypeName(in));
    case 'T':
      return Put(message, TakeTruncate(in));
    case 'O':
      return Put(message, TakeOrigin(in));
    case 'M':
      return Put(message, TakeLogicalMessage(in));
    case 'S':
      return Put(message, TakeStreamStart(in));
    case 'E':
      return Put(message, StreamStop());
    case 'c':
      return Put(message, TakeStreamCommit(in));
    case 'A':
      return Put(message, TakeStreamAbort(in));
    default:
      return false;
  }
}

}  // namespace

Result<Message> Decoder::Decode(std::string_view bytes) {
  WireReader in(bytes);
  const char kind = in.Take<char>();
  if (in.failed()) return Fail(ErrorKind::kCorruption, "empty replication message");
  if (IsTwoPhase(kind)) {
    Error error{
        ErrorKind::kUnsupported, "the replication slot decodes prepared transactions", {}, {}};
    return std::unexpected(
        std::move(error).WithHint("Drop the slot: a new one is made without two_phase."));
  }
  if (streaming_ != MayBeStreamed(kind) && (streaming_ || kind == 'E')) return Malformed(kind);
  Message message;
  if (streaming_ && HasTransaction(kind)) message.streamed_by = TakeTransaction(in);
  if (!TakeBody(kind, in, message) || !in.finished()) return Malformed(kind);
  if (kind == 'S') streaming_ = true;
  if (kind == 'E') streaming_ = false;
  return message;
}

}  // namespace tarn::capture::pgoutput
