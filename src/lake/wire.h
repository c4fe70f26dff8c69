// SPDX-License-Identifier: Apache-2.0
// The protocol between a PostgreSQL backend and its lake engine, over a Unix socket. With
// wire_maintenance.h and wire_update.h the only headers of `lake` that the extension includes.
// docs/internals/wire-protocol.md tells the conversation.
//
// A frame is: u32 payload bytes, u16 message type, u16 zero, payload. Frames are little-endian.
// Where a message carries a batch, it follows the other fields, at the next multiple of 8 from the
// start of the payload (base/batch.h has its encoding), and takes the rest of the payload.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "base/filter.h"
#include "base/result.h"
#include "base/uuid.h"
#include "lake/wire_archive.h"

namespace tarn::lake {

inline constexpr uint32_t kProtocolVersion = 3;
inline constexpr uint32_t kMaxPayloadBytes = 1U << 30;
inline constexpr size_t kFrameHeaderBytes = 8;
/// Row numbers with this bit are ordinals of the transaction's own rows (engine/engine.h).
inline constexpr int64_t kPendingRowNumberBit = int64_t{1} << 46;

/// "→ X" names the answer; a message without one is not answered. When an unanswered one fails, the
/// error is kept and becomes the answer to the next answered message about the same scan or
/// transaction.
enum class MessageType : uint16_t {
  kHello = 1,   ///< → kHelloOk; first on every connection
  kCancel = 2,  ///< first and only message of a connection of its own; closed without an answer
  kBeginWrite = 3,
  kAppend = 4,  ///< + batch
  kDiscardWrites = 5,
  kPrepare = 6,  ///< → kOk
  kCommit = 7,   ///< → kCommitOk
  kFinish = 8,
  kScanOpen = 9,
  kScanNext = 10,  ///< → kScanBatch
  kScanClose = 11,
  kTableSize = 12,         ///< → kTableSizeOk
  kScanExplain = 13,       ///< payload of kScanOpen → kScanExplained
  kCheckLocation = 14,     ///< → kOk
  kAdoptTable = 15,        ///< → kOk
  kPing = 16,              ///< → kOk
  kListTransactions = 20,  ///< → kTransactions
  kMaintain = 21,          ///< → kOk, before anything was done
  kMemoryUsage = 40,       ///< → kMemoryUsed (lake/wire_maintenance.h)
  // wire_update.h
  kUpdate = 30,            ///< → kUpdateOk
  kSettleUpdates = 31,     ///< → kOk
  kDescribeTable = 32,     ///< → kTableDescribed
  kCompactionsDue = 41,    ///< → kDueDatabases
  kFindRewrites = 42,      ///< → kFoundRewrites
  kRewrite = 43,           ///< → kRewritten
  kCompactionStates = 44,  ///< → kCompactionsStated

  kOk = 100,
  kError = 101,
  kHelloOk = 102,
  kCommitOk = 103,
  kScanBatch = 104,  ///< + batch unless `done`
  kTableSizeOk = 105,
  kScanExplained = 106,
  kTransactions = 107,
  kMemoryUsed = 140,
  kUpdateOk = 130,
  kTableDescribed = 132,
  kDueDatabases = 141,
  kFoundRewrites = 142,
  kRewritten = 143,
  kCompactionsStated = 144,
};

/// The answer that a message gets when all goes well; kError for one that gets none.
constexpr MessageType AnswerTo(MessageType request) {
  switch (request) {
    case MessageType::kHello:
      return MessageType::kHelloOk;
    case MessageType::kPrepare:
    case MessageType::kCheckLocation:
    case MessageType::kAdoptTable:
    case MessageType::kPing:
    case MessageType::kMaintain:
    case MessageType::kSettleUpdates:
      return MessageType::kOk;
    case MessageType::kCommit:
      return MessageType::kCommitOk;
    case MessageType::kScanNext:
      return MessageType::kScanBatch;
    case MessageType::kTableSize:
      return MessageType::kTableSizeOk;
    case MessageType::kScanExplain:
      return MessageType::kScanExplained;
    case MessageType::kListTransactions:
      return MessageType::kTransactions;
    case MessageType::kMemoryUsage:
      return MessageType::kMemoryUsed;
    case MessageType::kUpdate:
      return MessageType::kUpdateOk;
    case MessageType::kDescribeTable:
      return MessageType::kTableDescribed;
    case MessageType::kCompactionsDue:
      return MessageType::kDueDatabases;
    case MessageType::kFindRewrites:
      return MessageType::kFoundRewrites;
    case MessageType::kRewrite:
      return MessageType::kRewritten;
    case MessageType::kCompactionStates:
      return MessageType::kCompactionsStated;
    default:
      return MessageType::kError;
  }
}

struct FrameHeader {
  uint32_t payload_bytes = 0;
  MessageType type{};
};

struct Hello {
  uint32_t protocol_version = kProtocolVersion;
  uint32_t database_oid = 0;  ///< 0: the launcher
  int32_t backend_pid = 0;
  uint64_t system_identifier = 0;
  uint32_t timeline = 0;
  template <typename A>
  void Visit(A& a) {
    a(protocol_version), a(database_oid), a(backend_pid), a(system_identifier), a(timeline);
  }
};

struct HelloOk {
  uint32_t protocol_version = kProtocolVersion;
  uint64_t session = 0;
  uint64_t cancel_key = 0;
  Uuid
      node;  ///< who this engine is (the journal's node file): tables of another node are read-only
  template <typename A>
  void Visit(A& a) {
    a(protocol_version), a(session), a(cancel_key), a(node);
  }
};

struct Cancel {
  uint64_t session = 0;
  uint64_t cancel_key = 0;
  uint64_t request = 0;  ///< the session's answered messages are numbered from 1, Hello not counted
  template <typename A>
  void Visit(A& a) {
    a(session), a(cancel_key), a(request);
  }
};

struct ErrorAnswer {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message, detail, hint;
  template <typename A>
  void Visit(A& a) {
    a(kind), a(message), a(detail), a(hint);
  }
};

/// A transaction of PostgreSQL: the UUID in the names of its files, and the 64-bit id that proves
/// its fate.
struct TransactionKey {
  Uuid uuid;
  uint64_t full_xid = 0;
  uint32_t database_oid = 0;
  template <typename A>
  void Visit(A& a) {
    a(uuid), a(full_xid), a(database_oid);
  }
};

/// Where a table lives. `create`: this transaction creates it; the engine claims `location`, or a
/// variant of it
/// (`<location>-<8 hex digits>`) when that is taken, and uses the claimed one throughout the
/// transaction.
struct TablePlace {
  uint32_t table_oid = 0;
  Uuid table_uuid;
  std::string location;  ///< no trailing slash
  bool create = false;
  template <typename A>
  void Visit(A& a) {
    a(table_oid), a(table_uuid), a(location), a(create);
  }
};

/// Opens a stream of rows, or continues one with another set of columns (after ADD COLUMN …).
/// `storage` names it within the connection's current transaction: tablespace OID << 32 |
/// relfilenumber.
struct BeginWrite {
  TransactionKey transaction;
  uint64_t storage = 0;
  TablePlace place;
  std::vector<Field> fields;
  template <typename A>
  void Visit(A& a) {
    a(transaction), a(storage), a(place), a(fields);
  }
};

/// Rows [first_ordinal, first_ordinal + rows) of a storage, contiguous. The first of a storage may
/// start above 0: rows before it were lost with another connection, and are dead. Columns as in the
/// last BeginWrite.
struct Append {
  uint64_t storage = 0;
  int64_t first_ordinal = 0;
  template <typename A>
  void Visit(A& a) {
    a(storage), a(first_ordinal);
  }
};

/// The storage is gone (its relation was dropped or truncated in the transaction that made it).
struct DiscardWrites {
  uint64_t storage = 0;
  template <typename A>
  void Visit(A& a) {
    a(storage);
  }
};

struct RowRange {
  int64_t begin = 0, end = 0;
  template <typename A>
  void Visit(A& a) {
    a(begin), a(end);
  }
};

/// A value for rows that were written before a column existed: one row of one column, encoded by
/// EncodeBatch.
struct ColumnDefault {
  FieldId field;
  std::vector<uint8_t> batch;
  template <typename A>
  void Visit(A& a) {
    a(field), a(batch);
  }
};

/// What a transaction did to one table, for step 1 of the commit.
struct PrepareTable {
  TablePlace place;
  std::string base_metadata_location;  ///< as far as known; "" with place.create
  std::vector<Field> fields;           ///< all columns after the transaction
  int32_t last_column_id = 0;
  uint64_t storage = 0;                 ///< 0: no rows
  std::vector<RowRange> live;           ///< rows of the storage to keep; others were rolled back
  bool replace_all = false;             ///< the base's files leave the table (TRUNCATE, rewrite)
  std::vector<ColumnDefault> defaults;  ///< for rows, committed or pending, that lack the column
  bool materialize_defaults =
      false;                   ///< rewrite the base's files with `defaults`; needs the table locked
  int32_t format_version = 0;  ///< at least; 0: the default's, or what the table has
  template <typename A>
  void Visit(A& a) {
    a(place), a(base_metadata_location), a(fields), a(last_column_id), a(storage), a(live),
        a(replace_all), a(defaults), a(materialize_defaults), a(format_version);
  }
};

struct DroppedTable {
  TablePlace place;
  std::string metadata_location;
  template <typename A>
  void Visit(A& a) {
    a(place), a(metadata_location);
  }
};

/// Step 1, without locks: data files and manifests are written durably, drops are journalled.
struct Prepare {
  TransactionKey transaction;
  std::vector<PrepareTable> tables;
  std::vector<DroppedTable> dropped;
  template <typename A>
  void Visit(A& a) {
    a(transaction), a(tables), a(dropped);
  }
};

struct CommitTable {
  uint32_t table_oid = 0;
  std::string
      base_metadata_location;  ///< newest committed, read under the pointer's lock; "" = create
  template <typename A>
  void Visit(A& a) {
    a(table_oid), a(base_metadata_location);
  }
};

/// Step 3, under the locks of all named tables, which were all prepared: manifest lists and
/// metadata files.
struct Commit {
  TransactionKey transaction;
  std::vector<CommitTable> tables;
  template <typename A>
  void Visit(A& a) {
    a(transaction), a(tables);
  }
};

struct CommittedTable {
  uint32_t table_oid = 0;
  std::string location;                ///< the claimed one
  std::string metadata_location;       ///< equal to the base's if nothing changed
  std::optional<int64_t> snapshot_id;  ///< that is current
  int64_t sequence_number = 0;         ///< the last one
  template <typename A>
  void Visit(A& a) {
    a(table_oid), a(location), a(metadata_location), a(snapshot_id), a(sequence_number);
  }
};

struct CommitOk {
  std::vector<CommittedTable> tables;
  template <typename A>
  void Visit(A& a) {
    a(tables);
  }
};

enum class Outcome : uint8_t { kCommitted = 1, kAborted = 2, kPrepared = 3 };

/// The connection's transaction is over. kPrepared: its files are left to the launcher's verdict.
struct Finish {
  Uuid transaction;
  Outcome outcome = Outcome::kAborted;
  /// kCommitted: the end of the commit record. The commit is proven when PostgreSQL's log is on
  /// disk up to here.
  uint64_t commit_lsn = 0;
  template <typename A>
  void Visit(A& a) {
    a(transaction), a(outcome), a(commit_lsn);
  }
};

struct ScanColumnRequest {
  Field field;
  std::vector<uint8_t> default_batch;  ///< as ColumnDefault::batch; empty = null
  template <typename A>
  void Visit(A& a) {
    a(field), a(default_batch);
  }
};

struct ScanOpen {
  uint32_t scan = 0;              ///< chosen by the client, unique among its open scans
  std::string metadata_location;  ///< "": no committed rows
  uint64_t pending_storage = 0;   ///< 0: no own rows
  std::vector<RowRange> pending;  ///< visible ordinals
  std::vector<ScanColumnRequest> columns;
  std::optional<Filter> filter;
  std::vector<ScanColumnRequest> filter_columns;  ///< fields of `filter` that are not in `columns`
  std::optional<int64_t> limit;
  std::optional<int64_t> row_begin, row_end;
  bool row_numbers = false;  ///< adds a last column, kLong
  template <typename A>
  void Visit(A& a) {
    a(scan), a(metadata_location), a(pending_storage), a(pending), a(columns), a(filter),
        a(filter_columns), a(limit), a(row_begin), a(row_end), a(row_numbers);
  }
};

struct ScanNext {
  uint32_t scan = 0;
  template <typename A>
  void Visit(A& a) {
    a(scan);
  }
};
using ScanClose = ScanNext;

struct ScanBatch {
  uint32_t scan = 0;
  bool done = false;
  template <typename A>
  void Visit(A& a) {
    a(scan), a(done);
  }
};

struct TableSizeRequest {
  std::string metadata_location;
  template <typename A>
  void Visit(A& a) {
    a(metadata_location);
  }
};

struct TableSizeOk {
  int64_t rows = 0, files = 0, bytes = 0;
  template <typename A>
  void Visit(A& a) {
    a(rows), a(files), a(bytes);
  }
};

struct ScanExplained {
  int64_t total_files = 0, skipped_files = 0, total_manifests = 0, skipped_manifests = 0;
  int64_t total_rows = 0, planned_rows = 0, planned_bytes = 0;
  template <typename A>
  void Visit(A& a) {
    a(total_files), a(skipped_files), a(total_manifests), a(skipped_manifests), a(total_rows),
        a(planned_rows), a(planned_bytes);
  }
};

struct CheckLocation {
  std::string location;
  template <typename A>
  void Visit(A& a) {
    a(location);
  }
};

struct AdoptTable {
  TablePlace place;
  template <typename A>
  void Visit(A& a) {
    a(place);
  }
};

/// A journalled transaction whose end the launcher must find out.
struct OpenTransaction {
  TransactionKey key;
  bool connected = false;  ///< its backend is still there
  template <typename A>
  void Visit(A& a) {
    a(key), a(connected);
  }
};

struct Transactions {
  std::vector<OpenTransaction> transactions;
  template <typename A>
  void Visit(A& a) {
    a(transactions);
  }
};

/// A round of the launcher. The engine works at it in a thread of its own: it settles transactions
/// whose end is proven, and deletes what is due: files of drops and of expired snapshots whose
/// transaction committed, that no snapshot, slot or standby can see any more, past the safe age.
struct Maintain {
  struct Verdict {
    Uuid transaction;
    Outcome outcome = Outcome::kAborted;  ///< kCommitted: durably; kPrepared: undecided
    template <typename A>
    void Visit(A& a) {
      a(transaction), a(outcome);
    }
  };
  std::vector<Verdict> verdicts;
  uint64_t flushed_lsn = 0;  ///< PostgreSQL's log is on disk up to here
  uint64_t next_xid = 0;     ///< read after `flushed_lsn` and the verdicts
  uint64_t horizon_xid = 0;  ///< oldest that somebody may see as running
  int64_t safe_age_ms = 0;
  template <typename A>
  void Visit(A& a) {
    a(verdicts), a(flushed_lsn), a(next_xid), a(horizon_xid), a(safe_age_ms);
  }
};

/// Appends a frame with `message` as payload.
template <typename M>
void AppendFrame(std::vector<uint8_t>& out, MessageType type, const M& message);

/// Appends a frame's header and message, padded so that a batch can be appended by EncodeBatch
/// directly behind it; FinishFrame then sets the length. `frame_start` must be a multiple of 8. A
/// payload that a frame can't hold gets a length that nobody takes: CheckFrames before it is sent.
template <typename M>
void BeginFrame(std::vector<uint8_t>& out, MessageType type, const M& message);
void FinishFrame(std::vector<uint8_t>& out, size_t frame_start);

/// ResourceExhausted unless `frames` are whole frames within kMaxPayloadBytes each.
Result<> CheckFrames(std::span<const uint8_t> frames);
/// The same for one payload.
Result<> CheckPayloadSize(size_t payload_bytes);

/// InvalidArgument for an unknown type, a non-zero reserved field or more than kMaxPayloadBytes.
Result<FrameHeader> ParseFrameHeader(std::span<const uint8_t, kFrameHeaderBytes> bytes);

/// The message at the start of a payload; Corruption if it is malformed. `batch_begin`, where asked
/// for, gets the position of the batch.
template <typename M>
Result<M> ParsePayload(std::span<const uint8_t> payload, size_t* batch_begin = nullptr);

// ---- implementation of the templates ----

void AppendFrameHeader(std::vector<uint8_t>& out, MessageType type);
std::unexpected<Error> MalformedPayload(const char* message_name);

template <typename M>
void BeginFrame(std::vector<uint8_t>& out, MessageType type, const M& message) {
  AppendFrameHeader(out, type);
  WireWriter writer(out);
  writer(message);
  while (out.size() % 8 != 0) out.push_back(0);
}

template <typename M>
void AppendFrame(std::vector<uint8_t>& out, MessageType type, const M& message) {
  const size_t start = out.size();
  AppendFrameHeader(out, type);
  WireWriter writer(out);
  writer(message);
  FinishFrame(out, start);
}

template <typename M>
Result<M> ParsePayload(std::span<const uint8_t> payload, size_t* batch_begin) {
  M message;
  WireReader reader(payload);
  reader(message);
  if (reader.failed()) return MalformedPayload("message");
  if (batch_begin != nullptr) *batch_begin = (reader.position() + 7) / 8 * 8;
  return message;
}

}  // namespace tarn::lake
