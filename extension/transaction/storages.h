// SPDX-License-Identifier: Apache-2.0
// The rows that this transaction wrote into one storage (relfilenumber): packed here, streamed to
// the engine, and accounted for by command and subtransaction.
#pragma once

#include "boundary/postgres_headers.h"

#include <memory>
#include <string>
#include <vector>

#include "lake/wire.h"
#include "values/row_packer.h"

namespace tarn::extension {

/// Rows [first, first + rows) that one command of one subtransaction inserted.
struct Segment {
  int64_t first = 0, rows = 0;
  CommandId cid = 0;
  SubTransactionId subtransaction = InvalidSubTransactionId;
  bool dead = false;  ///< rolled back
};

/// The Iceberg type (TypeText) that values of an attribute were packed as.
struct AttributeType {
  AttrNumber attnum = 0;
  std::string type;
  bool operator==(const AttributeType&) const = default;
};

/// Which rows there are. No I/O.
class Segments {
 public:
  /// Notes one more row; returns its ordinal.
  int64_t Add(CommandId cid, SubTransactionId subtransaction);
  int64_t rows() const { return next_; }

  /// Live rows with cid < curcid (all live ones for `any_command`), as ascending ranges that do not
  /// touch.
  std::vector<lake::RowRange> Visible(CommandId curcid, bool any_command) const;
  int64_t CountVisible(CommandId curcid, bool any_command) const;
  bool IsVisible(int64_t ordinal, CommandId curcid, bool any_command) const;
  bool has_live_rows() const { return HasLiveRowsBefore(next_); }
  bool HasLiveRowsBefore(int64_t ordinal) const;

  void SubtransactionCommitted(SubTransactionId child, SubTransactionId parent);
  void SubtransactionAborted(SubTransactionId child);
  void KillAll();

 private:
  std::vector<Segment> segments_;
  int64_t next_ = 0;
};

/// Backend only. Throws LakeError, PostgresError.
class WriteStorage {
 public:
  WriteStorage(uint64_t key, Oid table_oid, std::string table_name)
      : key_(key), table_oid_(table_oid), table_name_(std::move(table_name)) {}

  uint64_t key() const { return key_; }
  Oid table_oid() const { return table_oid_; }
  const std::string& table_name() const { return table_name_; }
  Segments& segments() { return segments_; }

  /// True if the packer's columns are still those of the relation.
  bool FitsRelation(Relation relation) const;
  /// Rows to come have the relation's present columns.
  void SetColumns(Relation relation, std::vector<Field> fields);

  /// The next rows ask for the columns anew, since their ids may be others.
  void ForgetColumns();

  int64_t Insert(TupleTableSlot* slot, CommandId cid);
  /// All rows go, in whatever subtransaction; the engine need not keep them. More may be inserted.
  void DiscardRows();
  /// Sends what is packed. REQUIRES: a place for the transaction's first message about this
  /// storage.
  void SendPacked(const lake::TransactionKey& transaction, const lake::TablePlace& place);
  bool has_packed_rows() const { return packer_ != nullptr && packer_->rows() > 0; }
  bool packed_enough() const;

  /// The types that rows of `ranges` were packed as, by attribute; an attribute may have several.
  std::vector<AttributeType> TypesOf(const std::vector<lake::RowRange>& ranges) const;

  /// Throws if rows that are still alive were sent to an engine that is gone. Without such, the
  /// next one is told of the storage anew.
  void CheckNotLost();

 private:
  uint64_t key_;
  Oid table_oid_;
  std::string table_name_;
  Segments segments_;
  std::unique_ptr<RowPacker> packer_;
  std::vector<Field> fields_;
  struct ColumnKey {
    Oid type;
    int32 typmod;
    bool dropped;
    std::string stored;  ///< TypeText: composite types change while the column's type does not
    bool operator==(const ColumnKey&) const = default;
  };
  static std::vector<ColumnKey> ColumnsOf(TupleDesc descriptor);
  std::vector<ColumnKey> columns_;
  /// The columns of the rows from `first` on, to the next.
  struct PackedAs {
    int64_t first = 0;
    std::vector<AttributeType> types;
  };
  std::vector<PackedAs> packed_as_;
  mutable TupleDesc verified_descriptor_ = nullptr;
  mutable uint64_t verified_at_ = 0;

  int64_t packed_first_ = 0;  ///< ordinal of the packer's first row
  bool begun_ = false;        ///< a BeginWrite was sent
  bool begin_again_ = true;   ///< the columns changed since
  uint64_t connection_ = 0;   ///< that it was sent over
};

}  // namespace tarn::extension
