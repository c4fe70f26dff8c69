// SPDX-License-Identifier: Apache-2.0
#include "transaction/storages.h"

#include <algorithm>

#include "boundary/guard.h"
#include "definition/table_fields.h"
#include "process/engine_client.h"
#include "values/column_mapping.h"

extern "C" {
#include <utils/inval.h>
}

namespace tarn::extension {
namespace {

/// Large enough that a message's cost vanishes, small enough that the engine works while the
/// backend packs.
constexpr size_t kPackedBytes = 256 * 1024;
constexpr int64_t kPackedRows = 64 * 1024;

// Counts invalidations of any relation: while it stands still, a descriptor seen before is the
// same.
uint64_t g_relcache_changes = 1;

void CountChange(Datum /*argument*/, Oid /*relation*/) { ++g_relcache_changes; }

void WatchRelcache() {
  static bool watching = false;
  if (!watching) {
    Pg([] { CacheRegisterRelcacheCallback(CountChange, 0); });
    watching = true;
  }
}

}  // namespace

int64_t Segments::Add(CommandId cid, SubTransactionId subtransaction) {
  if (!segments_.empty()) {
    Segment& last = segments_.back();
    if (last.cid == cid && last.subtransaction == subtransaction && !last.dead) {
      ++last.rows;
      return next_++;
    }
  }
  segments_.push_back({.first = next_, .rows = 1, .cid = cid, .subtransaction = subtransaction});
  return next_++;
}

std::vector<lake::RowRange> Segments::Visible(CommandId curcid, bool any_command) const {
  std::vector<lake::RowRange> ranges;
  for (const Segment& segment : segments_) {
    if (segment.dead || (!any_command && segment.cid >= curcid)) continue;
    if (!ranges.empty() && ranges.back().end == segment.first) {
      ranges.back().end += segment.rows;
    } else {
      ranges.push_back({.begin = segment.first, .end = segment.first + segment.rows});
    }
  }
  return ranges;
}

int64_t Segments::CountVisible(CommandId curcid, bool any_command) const {
  int64_t rows = 0;
  for (const Segment& segment : segments_) {
    if (!segment.dead && (any_command || segment.cid < curcid)) rows += segment.rows;
  }
  return rows;
}

bool Segments::IsVisible(int64_t ordinal, CommandId curcid, bool any_command) const {
  const auto after = std::ranges::upper_bound(segments_, ordinal, {}, &Segment::first);
  if (after == segments_.begin()) return false;
  const Segment& segment = *std::prev(after);
  return ordinal < segment.first + segment.rows && !segment.dead &&
         (any_command || segment.cid < curcid);
}

bool Segments::HasLiveRowsBefore(int64_t ordinal) const {
  return std::ranges::any_of(segments_, [ordinal](const Segment& segment) {
    return !segment.dead && segment.first < ordinal;
  });
}

// Subtransactions nest and their ids grow: what a subtransaction and its descendants wrote is at
// the end.
void Segments::SubtransactionCommitted(SubTransactionId child, SubTransactionId parent) {
  for (auto segment = segments_.rbegin();
       segment != segments_.rend() && segment->subtransaction >= child; ++segment) {
    segment->subtransaction = parent;
  }
}

void Segments::SubtransactionAborted(SubTransactionId child) {
  for (auto segment = segments_.rbegin();
       segment != segments_.rend() && segment->subtransaction >= child; ++segment) {
    segment->dead = true;
  }
}

void Segments::KillAll() {
  for (Segment& segment : segments_) segment.dead = true;
}

std::vector<WriteStorage::ColumnKey> WriteStorage::ColumnsOf(TupleDesc descriptor) {
  std::vector<ColumnKey> columns;
  columns.reserve(static_cast<size_t>(descriptor->natts));
  for (int i = 0; i < descriptor->natts; ++i) {
    const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, i);
    columns.push_back({.type = attribute.atttypid,
                       .typmod = attribute.atttypmod,
                       .dropped = attribute.attisdropped,
                       .stored = attribute.attisdropped ? std::string()
                                                        : TypeText(MapAttribute(attribute).type)});
  }
  return columns;
}

bool WriteStorage::FitsRelation(Relation relation) const {
  if (packer_ == nullptr) return false;
  TupleDesc descriptor = RelationGetDescr(relation);
  if (descriptor == verified_descriptor_ && verified_at_ == g_relcache_changes) return true;
  if (ColumnsOf(descriptor) != columns_) return false;
  verified_descriptor_ = descriptor;
  verified_at_ = g_relcache_changes;
  return true;
}

void WriteStorage::SetColumns(Relation relation, std::vector<Field> fields) {
  WatchRelcache();
  TupleDesc descriptor = RelationGetDescr(relation);
  packer_ = RowPacker::Make(descriptor);
  columns_ = ColumnsOf(descriptor);
  fields_ = std::move(fields);
  PackedAs packed{.first = segments_.rows(), .types = {}};
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].dropped) continue;
    packed.types.push_back({.attnum = static_cast<AttrNumber>(i + 1), .type = columns_[i].stored});
  }
  packed_as_.push_back(std::move(packed));
  begin_again_ = true;
  packed_first_ = segments_.rows();
  verified_descriptor_ = descriptor;
  verified_at_ = g_relcache_changes;
}

void WriteStorage::ForgetColumns() {
  columns_.clear();
  verified_descriptor_ = nullptr;
}

std::vector<AttributeType> WriteStorage::TypesOf(const std::vector<lake::RowRange>& ranges) const {
  std::vector<AttributeType> types;
  for (size_t i = 0; i < packed_as_.size(); ++i) {
    const int64_t begin = packed_as_[i].first;
    const int64_t end = i + 1 < packed_as_.size() ? packed_as_[i + 1].first : segments_.rows();
    const bool wanted = std::ranges::any_of(ranges, [&](const lake::RowRange& range) {
      return std::max(range.begin, begin) < std::min(range.end, end);
    });
    if (!wanted) continue;
    for (const AttributeType& type : packed_as_[i].types) {
      if (std::ranges::find(types, type) == types.end()) types.push_back(type);
    }
  }
  return types;
}

int64_t WriteStorage::Insert(TupleTableSlot* slot, CommandId cid) {
  if (packer_->rows() == 0) packed_first_ = segments_.rows();
  packer_->Append(slot);
  return segments_.Add(cid, GetCurrentSubTransactionId());
}

void WriteStorage::DiscardRows() {
  segments_.KillAll();
  if (packer_ != nullptr) packer_->Clear();
  if (!begun_) return;
  begun_ = false;
  begin_again_ = true;
  EngineClient& client = EngineClient::Get();
  if (client.connected() && client.connection_number() == connection_) {
    client.SendMessage(lake::MessageType::kDiscardWrites, lake::DiscardWrites{.storage = key_});
  }
}

bool WriteStorage::packed_enough() const {
  return packer_->bytes() >= kPackedBytes || packer_->rows() >= kPackedRows;
}

void WriteStorage::CheckNotLost() {
  if (!begun_) return;
  EngineClient::Get().Connect();
  if (EngineClient::Get().connection_number() == connection_) return;
  if (!segments_.HasLiveRowsBefore(has_packed_rows() ? packed_first_ : segments_.rows())) {
    begun_ = false;
    begin_again_ = true;
    return;
  }
  throw LakeError(
      Error{ErrorKind::kUnavailable,
            fmt::format("the rows that this transaction wrote to \"{}\" are lost", table_name_),
            "The lake engine was restarted while the transaction was in progress.",
            "Roll back and retry the transaction."});
}

void WriteStorage::SendPacked(const lake::TransactionKey& transaction,
                              const lake::TablePlace& place) {
  if (!has_packed_rows()) return;
  EngineClient& client = EngineClient::Get();
  client.Connect();
  CheckNotLost();
  if (packer_->rows() == 0) return;
  if (begin_again_) {
    client.SendMessage(
        lake::MessageType::kBeginWrite,
        lake::BeginWrite{
            .transaction = transaction, .storage = key_, .place = place, .fields = fields_});
    begin_again_ = false;
    begun_ = true;
    connection_ = client.connection_number();
  }
  std::vector<uint8_t> frame;
  lake::BeginFrame(frame, lake::MessageType::kAppend,
                   lake::Append{.storage = key_, .first_ordinal = packed_first_});
  EncodeBatch(packer_->view(), frame);
  lake::FinishFrame(frame, 0);
  packer_->Clear();
  client.Send(frame);
}

}  // namespace tarn::extension
