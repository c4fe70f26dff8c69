// SPDX-License-Identifier: Apache-2.0
#include "scan/lake_scan.h"

extern "C" {
#include <access/htup_details.h>
#include <pgstat.h>
#include <utils/memutils.h>
#include <utils/snapmgr.h>
}

#include <algorithm>
#include <utility>

#include "boundary/guard.h"
#include "process/engine_client.h"
#include "scan/scan_columns.h"
#include "transaction/parallel_workers.h"
#include "transaction/pending.h"
#include "transaction/pointer.h"
#include "values/row_unpacker.h"

namespace tarn::extension {
namespace {

/// What a scan that came to its end may keep, for being started again (inner sides of joins).
constexpr size_t kKeptResultBytes = 16 * 1024;

uint32_t g_last_scan = 0;

class EngineScan;

/// Lives in the memory context that the scan was opened in, and destroys the scan with it.
struct ContextLink {
  MemoryContextCallback callback;
  EngineScan* scan;
};

std::vector<AttributeType> StoredTypes(const Pointer& pointer) {
  std::vector<AttributeType> types;
  for (const AttributeIds& attribute : pointer.field_ids) {
    types.push_back({.attnum = attribute.attnum, .type = attribute.type});
  }
  return types;
}

/// All but own rows, whose types are `own_types`. `attnums` gets the attributes of the request's
/// columns.
lake::ScanOpen MakeRequest(Relation relation, TupleDesc descriptor, const LakeScanOptions& options,
                           const std::optional<Pointer>& pointer,
                           std::vector<AttributeType> own_types, std::vector<AttrNumber>& attnums) {
  ScanFields fields(relation, descriptor);
  fields.RequireTypes(std::move(own_types));
  if (pointer) fields.RequireTypes(StoredTypes(*pointer));
  lake::ScanOpen request;
  for (const AttrNumber attnum : options.attnums) {
    auto column = fields.Find(attnum);
    if (!column) continue;
    attnums.push_back(attnum);
    request.columns.push_back(std::move(*column));
  }
  if (options.filter) {
    request.filter = options.filter;
    request.filter_columns = fields.FilterColumns(*options.filter, request.columns);
  }
  request.limit = options.limit;
  request.row_begin = options.row_begin;
  request.row_end = options.row_end;
  request.row_numbers = options.tids;
  if (pointer) request.metadata_location = pointer->metadata_location;
  return request;
}

class EngineScan final : public LakeScan {
 public:
  EngineScan(Relation relation, Snapshot snapshot, LakeScanOptions options)
      : relation_(relation),
        table_oid_(RelationGetRelid(relation)),
        curcid_(snapshot->curcid),
        any_command_(snapshot->snapshot_type != SNAPSHOT_MVCC &&
                     snapshot->snapshot_type != SNAPSHOT_HISTORIC_MVCC),
        options_(std::move(options)) {
    Pg([&] { CheckReadInWorker(relation); });
    if (options_.committed) pointer_ = ReadPointerForScan(relation, snapshot);
    LinkToContext();
  }

  ~EngineScan() override {
    CloseOnEngine();
    link_->scan = nullptr;
  }

  bool Next(TupleTableSlot* slot) override {
    while (row_ >= rows_) {
      ExecClearTuple(slot);
      if (!FetchBatch(slot)) return false;
    }
    // What ExecClearTuple and ExecStoreVirtualTuple come to, without the calls for each row.
    if (TTS_SHOULDFREE(slot)) ExecClearTuple(slot);
    const int attributes = slot->tts_tupleDescriptor->natts;
    if (sparse_ && !(nulls_set_ && options_.own_slot)) {
      std::memset(slot->tts_isnull, true, static_cast<size_t>(attributes));
      nulls_set_ = true;
    }
    if (has_columns_) unpacker_->Unpack(row_, slot);
    if (options_.tids) slot->tts_tid = TidFromRowNumber(row_numbers_[row_]);
    slot->tts_tableOid = table_oid_;
    slot->tts_nvalid = static_cast<AttrNumber>(attributes);
    slot->tts_flags &= static_cast<uint16>(~TTS_FLAG_EMPTY);
    ++row_;
    return true;
  }

  void Rewind() override {
    row_ = 0;
    if (done_ && result_is_here_) return;
    CloseOnEngine();
    rows_ = 0;
    batches_ = 0;
    done_ = false;
    result_is_here_ = true;
  }

 private:
  void LinkToContext() {
    EngineScan* self = this;
    link_ = Pg([self] {
      auto* link = static_cast<ContextLink*>(palloc0(sizeof(ContextLink)));
      link->scan = self;
      link->callback.arg = link;
      link->callback.func = [](void* argument) {
        delete static_cast<ContextLink*>(argument)->scan;
      };
      MemoryContextRegisterResetCallback(CurrentMemoryContext, &link->callback);
      return link;
    });
  }

  /// In terms of the slot's row type: in a rewrite it is the one before ALTER TABLE.
  void Prepare(TupleDesc descriptor) {
    PendingScan pending;
    if (options_.pending) pending = PendingRowsForScan(relation_, curcid_, any_command_);
    std::vector<AttrNumber> attnums;
    request_ =
        MakeRequest(relation_, descriptor, options_, pointer_, std::move(pending.types), attnums);
    types_.clear();
    for (const lake::ScanColumnRequest& column : request_.columns) {
      types_.push_back(column.field.type);
    }
    if (options_.tids) types_.push_back(Type::Primitive(TypeKind::kLong));
    sparse_ = attnums.size() < static_cast<size_t>(descriptor->natts);
    has_columns_ = !attnums.empty();
    unpacker_ = RowUnpacker::Make(descriptor, attnums);
    request_.pending_storage = pending.storage;
    request_.pending = ClipToAsked(std::move(pending.visible));
    prepared_ = true;
    Pg([this] { pgstat_count_heap_scan(relation_); });
  }

  /// Own rows by ordinal, where only some are wanted.
  std::vector<lake::RowRange> ClipToAsked(std::vector<lake::RowRange> ranges) const {
    for (lake::RowRange& range : ranges) {
      range.begin = std::max(range.begin, options_.pending_begin.value_or(0));
      range.end = std::min(range.end, options_.pending_end.value_or(range.end));
    }
    std::erase_if(ranges, [](const lake::RowRange& range) { return range.begin >= range.end; });
    return ranges;
  }

  /// False: no rows can come; nothing is asked.
  bool HasSources() const {
    return !request_.metadata_location.empty() ||
           (request_.pending_storage != 0 && !request_.pending.empty());
  }

  bool FetchBatch(TupleTableSlot* slot) {
    if (done_) return false;
    if (!prepared_) Prepare(slot->tts_tupleDescriptor);
    if (!HasSources()) {
      done_ = true;
      return false;
    }
    // Batches may be there whenever they are asked for: then nothing else here waits.
    Pg([] { CHECK_FOR_INTERRUPTS(); });
    EngineClient& client = EngineClient::Get();
    if (!open_) {
      client.Connect();
      connection_number_ = client.connection_number();
      request_.scan = ++g_last_scan;
    } else if (client.connection_number() != connection_number_) {
      FailLost();
    }
    try {
      return TakeBatch(AskForBatch(client));
    } catch (const LakeError&) {
      // The engine was replaced meanwhile: the new one does not know the scan.
      if (client.connection_number() != connection_number_) FailLost();
      throw;
    }
  }

  Reply AskForBatch(EngineClient& client) {
    if (auto reply = client.TakeAhead(request_.scan)) return std::move(*reply);
    std::vector<uint8_t> frames;
    if (!open_) lake::AppendFrame(frames, lake::MessageType::kScanOpen, request_);
    AppendNext(frames);
    open_ = true;
    return client.Call(frames, lake::MessageType::kScanBatch);
  }

  void AppendNext(std::vector<uint8_t>& frames) const {
    lake::AppendFrame(frames, lake::MessageType::kScanNext, lake::ScanNext{.scan = request_.scan});
  }

  /// From the third batch on a scan is taken to go on to its end.
  void AskForNextBatchAhead() {
    if (batches_ < 3) return;
    std::vector<uint8_t> frame;
    AppendNext(frame);
    EngineClient::Get().AskAhead(request_.scan, frame);
  }

  [[noreturn]] void FailLost() {
    open_ = false;
    throw LakeError(Error{ErrorKind::kUnavailable,
                          "lost the connection to the lake engine during a scan",
                          {},
                          "Repeat the statement."});
  }

  bool TakeBatch(Reply reply) {
    size_t batch_begin = 0;
    EngineClient& client = EngineClient::Get();
    const auto answer = client.Parse<lake::ScanBatch>(reply, &batch_begin);
    if (answer.scan != request_.scan || batch_begin > reply.payload.size()) {
      client.Close();
      throw LakeError(Error{ErrorKind::kInternal,
                            fmt::format("the lake engine sent a batch of scan {} instead of {}",
                                        answer.scan, request_.scan),
                            {},
                            {}});
    }
    if (answer.done) {
      EndRows();
      return false;
    }
    row_ = 0;
    rows_ = 0;
    reply_ = std::move(reply);
    auto decoded = DecodeBatch(std::span(reply_.payload).subspan(batch_begin), types_);
    if (!decoded) client.Close();
    view_ = Check(std::move(decoded));
    unpacker_->SetBatch(&view_);
    if (options_.tids) {
      row_numbers_ = reinterpret_cast<const int64_t*>(view_.columns.back().values);
    }
    rows_ = view_.rows;
    ++batches_;
    AskForNextBatchAhead();
    Pg([this] {
      if (pgstat_should_count_relation(relation_)) {
        relation_->pgstat_info->counts.tuples_returned += rows_;
      }
    });
    return true;
  }

  /// A small result of one batch stays for a Rewind. Others go: a scan of many partitions ends
  /// theirs long before its own.
  void EndRows() {
    done_ = true;
    CloseOnEngine();
    if (batches_ <= 1 && reply_.payload.size() <= kKeptResultBytes) return;
    result_is_here_ = false;
    rows_ = 0;
    row_ = 0;
    view_ = BatchView();
    row_numbers_ = nullptr;
    unpacker_.reset();
    reply_ = Reply();
    prepared_ = false;
  }

  void CloseOnEngine() noexcept {
    if (!open_) return;
    open_ = false;
    EngineClient& client = EngineClient::Get();
    if (!client.connected() || client.connection_number() != connection_number_) return;
    client.ForgetAhead(request_.scan);
    try {
      std::vector<uint8_t> frame;
      lake::AppendFrame(frame, lake::MessageType::kScanClose,
                        lake::ScanClose{.scan = request_.scan});
      client.SendQuietly(frame);
    } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): nothing is lost
      // The engine forgets its scans with the connection.
    }
  }

  Relation relation_;
  Oid table_oid_;
  CommandId curcid_;
  bool any_command_;
  LakeScanOptions options_;
  std::optional<Pointer> pointer_;
  ContextLink* link_ = nullptr;

  bool prepared_ = false;
  bool sparse_ = false;  ///< the slot has attributes that are not read
  bool has_columns_ = false;
  bool nulls_set_ = false;  ///< those attributes are null in the slot
  lake::ScanOpen request_;
  std::vector<Type> types_;
  std::unique_ptr<RowUnpacker> unpacker_;

  bool open_ = false;  ///< the engine may know the scan
  bool done_ = false;
  bool result_is_here_ = true;  ///< once done: all of it
  uint64_t connection_number_ = 0;
  int64_t batches_ = 0;
  Reply reply_;  ///< owns the batch
  BatchView view_;
  const int64_t* row_numbers_ = nullptr;
  int64_t row_ = 0;
  int64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<LakeScan> LakeScan::Open(Relation relation, Snapshot snapshot,
                                         LakeScanOptions options) {
  return std::make_unique<EngineScan>(relation, snapshot, std::move(options));
}

lake::ScanExplained ExplainLakeScan(Relation relation, Snapshot snapshot,
                                    const LakeScanOptions& options) {
  const auto pointer = ReadPointerForScan(relation, snapshot);
  if (!pointer || pointer->metadata_location.empty()) return {};
  std::vector<AttrNumber> attnums;
  lake::ScanOpen request =
      MakeRequest(relation, RelationGetDescr(relation), options, pointer, {}, attnums);
  request.scan = ++g_last_scan;
  return EngineClient::Get().Ask<lake::ScanExplained>(lake::MessageType::kScanExplain, request);
}

ItemPointerData TidFromRowNumber(int64_t row_number) {
  ItemPointerData tid;
  ItemPointerSet(&tid, static_cast<BlockNumber>(row_number >> 15),
                 static_cast<OffsetNumber>((row_number & 0x7fff) + 1));
  return tid;
}

int64_t RowNumberFromTid(const ItemPointerData& tid) {
  return int64_t{ItemPointerGetBlockNumberNoCheck(&tid)} << 15 |
         ((ItemPointerGetOffsetNumberNoCheck(&tid) - 1) & 0x7fff);
}

}  // namespace tarn::extension
