// SPDX-License-Identifier: Apache-2.0
#include "transaction/pointer.h"

#include <algorithm>

#include "access_method/lake_relation.h"
#include "boundary/guard.h"
#include "transaction/pending.h"
#include "transaction/pointer_table.h"

extern "C" {
#include <access/genam.h>
#include <access/htup_details.h>
#include <access/relscan.h>
#include <access/stratnum.h>
#include <access/subtrans.h>
#include <access/table.h>
#include <access/transam.h>
#include <catalog/indexing.h>
#include <catalog/pg_type.h>
#include <storage/lmgr.h>
#include <storage/predicate.h>
#include <utils/array.h>
#include <utils/builtins.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
#include <utils/memutils.h>
#include <utils/snapmgr.h>
#include <utils/uuid.h>
#include <utils/xid8.h>
}

namespace tarn::extension {
namespace {

/// A row as PostgreSQL's values, in the memory context that was current.
struct RawPointer {
  Datum values[kPointerColumns];
  bool nulls[kPointerColumns];
  ItemPointerData tid;
  RawPointer* next;
};

RawPointer* CopyRow(Relation table, HeapTuple tuple) {
  auto* raw = static_cast<RawPointer*>(palloc0(sizeof(RawPointer)));
  HeapTuple copy = heap_copytuple(tuple);
  heap_deform_tuple(copy, RelationGetDescr(table), raw->values, raw->nulls);
  raw->tid = tuple->t_self;
  return raw;
}

/// A version that the snapshot does not see was written by somebody concurrent, or by somebody who
/// aborted: to a serializable reader of `reader`, a dependency to learn of.
void CheckUnseenWriter(Relation reader, HeapTuple tuple, Snapshot snapshot) {
  const TransactionId writer = HeapTupleHeaderGetXmin(tuple->t_data);
  if (!TransactionIdIsNormal(writer) || TransactionIdPrecedes(writer, TransactionXmin)) return;
  const TransactionId top = SubTransGetTopmostTransaction(writer);
  if (TransactionIdPrecedes(top, TransactionXmin) || TransactionIdDidAbort(top)) return;
  CheckForSerializableConflictOut(reader, top, snapshot);
}

/// The versions of `table_oid` (of all tables: InvalidOid) that an MVCC snapshot sees. Read with
/// SnapshotAny and judged one by one: an MVCC index scan would take predicate locks on pages of
/// this table, which rows of unrelated lake tables share.
RawPointer* FindVisibleRows(Relation table, Oid table_oid, Snapshot snapshot, Relation reader) {
  const Oid index = PointerIndex(table);
  const bool serializable =
      reader != nullptr && CheckForSerializableConflictOutNeeded(reader, snapshot);
  const bool one = OidIsValid(table_oid);
  ScanKeyData key;
  ScanKeyInit(&key, kTableOid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(table_oid));
  const bool by_index = one && OidIsValid(index);
  SysScanDesc scan = systable_beginscan(table, index, by_index, SnapshotAny, one ? 1 : 0, &key);
  RawPointer* first = nullptr;
  while (HeapTuple tuple = systable_getnext(scan)) {
    if (table_tuple_satisfies_snapshot(scan->heap_rel, scan->slot, snapshot)) {
      RawPointer* raw = CopyRow(table, tuple);
      raw->next = first;
      first = raw;
    } else if (serializable) {
      CheckUnseenWriter(reader, tuple, snapshot);
    }
  }
  systable_endscan(scan);
  return first;
}

RawPointer* FindVisibleRow(Oid table_oid, Snapshot snapshot, Relation reader) {
  const Oid oid = RequirePointerTable();
  if (!OidIsValid(oid)) return nullptr;
  Relation table = table_open(oid, AccessShareLock);
  RawPointer* visible = FindVisibleRows(table, table_oid, snapshot, reader);
  table_close(table, AccessShareLock);
  return visible;
}

/// What is committed by now, and all that this transaction did. By a snapshot of this moment: it
/// sees one version of every row, whoever updates them meanwhile. (SnapshotSelf judges each version
/// at another moment: it can find the new one too early and the old one too late.)
RawPointer* FindNewestRows(Oid table_oid) {
  const Oid oid = RequirePointerTable();
  if (!OidIsValid(oid)) return nullptr;
  Relation table = table_open(oid, AccessShareLock);
  Snapshot snapshot = RegisterSnapshot(GetCatalogSnapshot(oid));
  // Registering made a copy, which is nobody else's. Own versions count from their command on.
  snapshot->curcid = ~CommandId{0};
  RawPointer* first = FindVisibleRows(table, table_oid, snapshot, nullptr);
  UnregisterSnapshot(snapshot);
  table_close(table, AccessShareLock);
  return first;
}

/// What FindNewestRows and FindVisibleRow leave behind, freed at the end of the C++ frame.
class ScratchContext {
 public:
  ScratchContext()
      : context_(Pg([] {
          return AllocSetContextCreate(CurrentMemoryContext, "tarn pointer", ALLOCSET_SMALL_SIZES);
        })) {}
  ~ScratchContext() { MemoryContextDelete(context_); }
  ScratchContext(const ScratchContext&) = delete;
  ScratchContext& operator=(const ScratchContext&) = delete;

  template <typename F>
  auto Run(F&& f) {
    MemoryContext context = context_;
    MemoryContext caller = CurrentMemoryContext;
    // Errors are copied into the caller's context: Pg runs outside the switch.
    return Pg([&] {
      MemoryContextSwitchTo(context);
      auto result = f();
      MemoryContextSwitchTo(caller);
      return result;
    });
  }

 private:
  MemoryContext context_;
};

struct TextView {
  const char* data;
  size_t size;
};

TextView ReadText(Datum value) {
  text* detoasted = DatumGetTextPP(value);
  return {VARDATA_ANY(detoasted), static_cast<size_t>(VARSIZE_ANY_EXHDR(detoasted))};
}

Uuid ToUuid(Datum value) {
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), DatumGetUUIDP(value)->data, uuid.bytes.size());
  return uuid;
}

struct Elements {
  Datum* values;
  int count;
};

Elements ReadArray(Datum value, Oid element_type, int16 length, bool by_value, char align) {
  Elements elements{};
  deconstruct_array(DatumGetArrayTypeP(value), element_type, length, by_value, align,
                    &elements.values, nullptr, &elements.count);
  return elements;
}

std::string ReadString(ScratchContext& scratch, Datum value) {
  const TextView view = scratch.Run([&] { return ReadText(value); });
  return {view.data, view.size};
}

std::vector<AttributeIds> ReadFieldIds(ScratchContext& scratch, Datum ids_value,
                                       Datum types_value) {
  const Elements ids =
      scratch.Run([&] { return ReadArray(ids_value, INT4OID, sizeof(int32), true, TYPALIGN_INT); });
  const Elements types =
      scratch.Run([&] { return ReadArray(types_value, TEXTOID, -1, false, TYPALIGN_INT); });
  std::vector<AttributeIds> attributes;
  for (int i = 0; i + 1 < ids.count;) {
    AttributeIds attribute;
    attribute.attnum = static_cast<AttrNumber>(DatumGetInt32(ids.values[i]));
    const int count = DatumGetInt32(ids.values[i + 1]);
    i += 2;
    for (int end = i + count; i < end && i < ids.count; ++i)
      attribute.ids.push_back(DatumGetInt32(ids.values[i]));
    if (static_cast<int>(attributes.size()) < types.count) {
      attribute.type = ReadString(scratch, types.values[attributes.size()]);
    }
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

Pointer ToPointer(ScratchContext& scratch, const RawPointer& raw) {
  const auto value = [&](PointerColumn column) { return raw.values[column - 1]; };
  Pointer pointer;
  pointer.table_oid = DatumGetObjectId(value(kTableOid));
  pointer.table_uuid = ToUuid(value(kTableUuid));
  pointer.location = ReadString(scratch, value(kLocation));
  pointer.metadata_location = ReadString(scratch, value(kMetadataLocation));
  if (!raw.nulls[kPreviousMetadataLocation - 1]) {
    pointer.previous_metadata_location = ReadString(scratch, value(kPreviousMetadataLocation));
  }
  pointer.database_oid = DatumGetObjectId(value(kDatabaseOid));
  pointer.node = ToUuid(value(kNode));
  pointer.relfilenumber = DatumGetObjectId(value(kRelfilenumber));
  const Elements carried = scratch.Run([&] {
    return ReadArray(value(kCarriedRelfilenumbers), OIDOID, sizeof(Oid), true, TYPALIGN_INT);
  });
  for (int i = 0; i < carried.count; ++i) {
    pointer.carried_relfilenumbers.push_back(DatumGetObjectId(carried.values[i]));
  }
  pointer.field_ids = ReadFieldIds(scratch, value(kFieldIds), value(kFieldTypes));
  pointer.last_column_id = DatumGetInt32(value(kLastColumnId));
  if (!raw.nulls[kSnapshotId - 1]) pointer.snapshot_id = DatumGetInt64(value(kSnapshotId));
  pointer.sequence_number = DatumGetInt64(value(kSequenceNumber));
  pointer.committed_xid = U64FromFullTransactionId(DatumGetFullTransactionId(value(kCommittedXid)));
  pointer.tid = raw.tid;
  return pointer;
}

// ---- writing ----

Datum MakeText(const std::string& text) {
  return PointerGetDatum(cstring_to_text_with_len(text.data(), text.size()));
}

Datum MakeUuid(const Uuid& uuid) {
  auto* copy = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
  std::memcpy(copy->data, uuid.bytes.data(), uuid.bytes.size());
  return UUIDPGetDatum(copy);
}

Datum MakeFieldIds(const Pointer& pointer) {
  int count = 0;
  for (const AttributeIds& attribute : pointer.field_ids)
    count += 2 + static_cast<int>(attribute.ids.size());
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * static_cast<size_t>(Max(count, 1))));
  int at = 0;
  for (const AttributeIds& attribute : pointer.field_ids) {
    values[at++] = Int32GetDatum(attribute.attnum);
    values[at++] = Int32GetDatum(static_cast<int32>(attribute.ids.size()));
    for (const int32_t id : attribute.ids) values[at++] = Int32GetDatum(id);
  }
  return PointerGetDatum(
      construct_array(values, count, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

Datum MakeFieldTypes(const Pointer& pointer) {
  auto* values = static_cast<Datum*>(palloc(sizeof(Datum) * (pointer.field_ids.size() + 1)));
  int count = 0;
  for (const AttributeIds& attribute : pointer.field_ids)
    values[count++] = MakeText(attribute.type);
  return PointerGetDatum(construct_array(values, count, TEXTOID, -1, false, TYPALIGN_INT));
}

Datum MakeCarried(const Pointer& pointer) {
  auto* values =
      static_cast<Datum*>(palloc(sizeof(Datum) * (pointer.carried_relfilenumbers.size() + 1)));
  int count = 0;
  for (const RelFileNumber number : pointer.carried_relfilenumbers)
    values[count++] = ObjectIdGetDatum(number);
  return PointerGetDatum(construct_array(values, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT));
}

HeapTuple MakeTuple(Relation table, const Pointer& pointer) {
  Datum values[kPointerColumns];
  bool nulls[kPointerColumns] = {};
  const auto set = [&](PointerColumn column, Datum value) { values[column - 1] = value; };
  set(kTableOid, ObjectIdGetDatum(pointer.table_oid));
  set(kTableUuid, MakeUuid(pointer.table_uuid));
  set(kLocation, MakeText(pointer.location));
  set(kMetadataLocation, MakeText(pointer.metadata_location));
  set(kPreviousMetadataLocation, MakeText(pointer.previous_metadata_location));
  nulls[kPreviousMetadataLocation - 1] = pointer.previous_metadata_location.empty();
  set(kDatabaseOid, ObjectIdGetDatum(pointer.database_oid));
  set(kNode, MakeUuid(pointer.node));
  set(kRelfilenumber, ObjectIdGetDatum(pointer.relfilenumber));
  set(kCarriedRelfilenumbers, MakeCarried(pointer));
  set(kFieldIds, MakeFieldIds(pointer));
  set(kFieldTypes, MakeFieldTypes(pointer));
  set(kLastColumnId, Int32GetDatum(pointer.last_column_id));
  nulls[kSnapshotId - 1] = !pointer.snapshot_id;
  if (pointer.snapshot_id) set(kSnapshotId, Int64GetDatum(*pointer.snapshot_id));
  set(kSequenceNumber, Int64GetDatum(pointer.sequence_number));
  set(kCommittedXid, FullTransactionIdGetDatum(FullTransactionIdFromU64(pointer.committed_xid)));
  return heap_form_tuple(RelationGetDescr(table), values, nulls);
}

/// True for a table that another transaction made, or turned into a lake table: that one wrote a
/// row.
bool MustHavePointer(Relation relation) {
  return IsLakeRelation(relation) && relation->rd_createSubid == InvalidSubTransactionId &&
         relation->rd_firstRelfilelocatorSubid == InvalidSubTransactionId;
}

Relation OpenForWriting() {
  const Oid oid = RequirePointerTable();
  if (!OidIsValid(oid)) {
    ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                    errmsg("extension \"tarn\" is not installed in this database"),
                    errhint("Run CREATE EXTENSION tarn.")));
  }
  return table_open(oid, RowExclusiveLock);
}

}  // namespace

void Pointer::MoveTo(std::string metadata_file, std::optional<int64_t> snapshot,
                     int64_t last_sequence, uint64_t xid) {
  previous_metadata_location = std::move(metadata_location);
  metadata_location = std::move(metadata_file);
  snapshot_id = snapshot;
  sequence_number = last_sequence;
  committed_xid = xid;
}

const AttributeIds* Pointer::FindAttribute(AttrNumber attnum) const {
  const auto found = std::ranges::find(field_ids, attnum, &AttributeIds::attnum);
  return found == field_ids.end() ? nullptr : &*found;
}

Oid PointerTableOid() {
  return Pg([] { return RequirePointerTable(); });
}

std::optional<Pointer> ReadPointer(Oid table_oid, Snapshot snapshot) {
  if (!IsMVCCSnapshot(snapshot)) return ReadNewestPointer(table_oid);
  ScratchContext scratch;
  const RawPointer* raw = scratch.Run([&] { return FindVisibleRow(table_oid, snapshot, nullptr); });
  if (raw == nullptr) return std::nullopt;
  return ToPointer(scratch, *raw);
}

std::optional<Pointer> ReadNewestPointer(Oid table_oid) {
  ScratchContext scratch;
  const RawPointer* raw = scratch.Run([&] { return FindNewestRows(table_oid); });
  if (raw == nullptr) return std::nullopt;
  return ToPointer(scratch, *raw);
}

std::optional<Pointer> ReadBasePointer(Oid table_oid) {
  auto pointer = ReadNewestPointer(table_oid);
  if (!pointer) {
    const bool missing = Pg([&] {
      Relation relation = RelationIdGetRelation(table_oid);
      if (relation == nullptr) return false;
      const bool must_have = MustHavePointer(relation);
      RelationClose(relation);
      return must_have;
    });
    if (missing) ThrowMissingPointer(Pg([&] { return get_rel_name(table_oid); }));
  }
  return pointer;
}

std::vector<Pointer> ReadAllPointers() {
  ScratchContext scratch;
  std::vector<Pointer> pointers;
  for (const RawPointer* raw = scratch.Run([&] { return FindNewestRows(InvalidOid); });
       raw != nullptr; raw = raw->next) {
    pointers.push_back(ToPointer(scratch, *raw));
  }
  return pointers;
}

bool IsOwnPointer(const Pointer& pointer, const Uuid& node) {
  return pointer.database_oid == MyDatabaseId && pointer.node == node;
}

void LockPointer(Oid table_oid) {
  Pg([&] {
    const Oid table = RequirePointerTable();
    if (OidIsValid(table)) LockDatabaseObject(table, table_oid, 0, ExclusiveLock);
  });
}

void InsertPointer(const Pointer& pointer) {
  ScratchContext scratch;
  scratch.Run([&] {
    Relation table = OpenForWriting();
    CatalogTupleInsert(table, MakeTuple(table, pointer));
    table_close(table, RowExclusiveLock);
    return true;
  });
}

void UpdatePointer(const Pointer& pointer) {
  ScratchContext scratch;
  scratch.Run([&] {
    Relation table = OpenForWriting();
    ItemPointerData tid = pointer.tid;
    CatalogTupleUpdate(table, &tid, MakeTuple(table, pointer));
    table_close(table, RowExclusiveLock);
    return true;
  });
}

void DeletePointer(const Pointer& pointer) {
  Pg([&] {
    Relation table = OpenForWriting();
    ItemPointerData tid = pointer.tid;
    CatalogTupleDelete(table, &tid);
    table_close(table, RowExclusiveLock);
  });
}

void ThrowMissingPointer(const std::string& table_name) {
  throw LakeError(
      Error{ErrorKind::kCorruption,
            fmt::format("the pointer row of lake table \"{}\" is missing", table_name),
            "Without it nothing is known of the table's rows; it is not empty.",
            "Restore the database from a backup. The table's files are at its location still."});
}

std::optional<Pointer> ReadPointerForScan(Relation relation, Snapshot snapshot) {
  const Oid table_oid = RelationGetRelid(relation);
  const RelFileNumber present = CommittedStorage(relation->rd_locator.relNumber);
  std::optional<Pointer> pointer;
  const bool by_snapshot = IsMVCCSnapshot(snapshot);
  if (by_snapshot) {
    ScratchContext scratch;
    const RawPointer* raw = scratch.Run([&] {
      PredicateLockRelation(relation, snapshot);
      return FindVisibleRow(table_oid, snapshot, relation);
    });
    if (raw != nullptr) pointer = ToPointer(scratch, *raw);
    if (pointer && pointer->relfilenumber == present) return pointer;
  }
  const auto newest = ReadNewestPointer(table_oid);
  // The table may be younger than the snapshot, or as young as this transaction.
  if (!newest && MustHavePointer(relation)) ThrowMissingPointer(RelationGetRelationName(relation));
  if (!by_snapshot) pointer = newest;
  if (!pointer || pointer->relfilenumber == present) return pointer;
  const bool carried = newest && newest->relfilenumber == present &&
                       std::ranges::find(newest->carried_relfilenumbers, pointer->relfilenumber) !=
                           newest->carried_relfilenumbers.end();
  return carried ? pointer : std::nullopt;
}

}  // namespace tarn::extension
