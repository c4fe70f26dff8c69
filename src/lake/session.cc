// SPDX-License-Identifier: Apache-2.0
#include "lake/session.h"

#include <algorithm>
#include <cstring>
#include <exception>

#include "base/clock.h"
#include "base/logging.h"
#include "lake/compaction.h"
#include "lake/maintenance.h"
#include "lake/postgres_writer.h"
#include "lake/table_description.h"
#include "table/ownership.h"

namespace tarn::lake {
namespace {

/// A parsed payload; a malformed one ends the connection.
// NOLINTBEGIN(bugprone-macro-parentheses): a name takes no parentheses
#define TARN_PARSE(Message, name, frame) \
  TARN_ASSIGN(auto name, ParsePayload<Message>((frame).payload()))
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace

void Session::Run() {
  Result<> result;
  try {
    result = Loop();
  } catch (const std::exception& exception) {
    // Memory has run out: this connection ends, the others go on.
    result = Fail(ErrorKind::kResourceExhausted, "{}", exception.what());
  }
  if (!result && result.error().kind != ErrorKind::kUnavailable) {
    spdlog::warn("connection of process {} closed: {}", peer_.backend_pid, result.error().message);
  }
  channel_.Shutdown();
  // While it is registered nobody settles its transaction: files may be on their way until here.
  transaction_.reset();
  if (session_ != 0) registry_.Remove(session_);
}

Result<> Session::Loop() {
  TARN_ASSIGN(const bool greeted, Greet());
  if (!greeted) return {};
  for (;;) {
    TARN_ASSIGN(const std::optional<Frame> frame, channel_.Read());
    if (!frame) return {};
    TARN_TRY(Dispatch(*frame));
  }
}

Result<bool> Session::Greet() {
  TARN_ASSIGN(const std::optional<Frame> frame, channel_.Read());
  if (!frame) return false;
  if (frame->type == MessageType::kCancel) {
    TARN_PARSE(lake::Cancel, cancel, *frame);
    registry_.Cancel(cancel.session, cancel.cancel_key, cancel.request);
    return false;
  }
  if (frame->type != MessageType::kHello) {
    return Fail(ErrorKind::kInvalidArgument, "message {} before hello",
                static_cast<int>(frame->type));
  }
  TARN_PARSE(Hello, hello, *frame);
  if (hello.protocol_version != kProtocolVersion) {
    TARN_TRY(AnswerError({ErrorKind::kUnsupported,
                          "the lake engine speaks another protocol version",
                          {},
                          "Restart the server after updating the extension."}));
    return false;
  }
  peer_ = {hello.database_oid, hello.backend_pid, hello.system_identifier, hello.timeline};
  const SessionRegistry::Ticket ticket = registry_.Add(&request_, &channel_);
  session_ = ticket.session;
  TARN_TRY(channel_.WriteMessage(MessageType::kHelloOk, HelloOk{.session = ticket.session,
                                                                .cancel_key = ticket.cancel_key,
                                                                .node = lake_.journal->node()}));
  return true;
}

Result<> Session::Dispatch(const Frame& frame) {
  switch (frame.type) {
    case MessageType::kBeginWrite:
    case MessageType::kAppend:
    case MessageType::kDiscardWrites:
    case MessageType::kFinish:
    case MessageType::kScanOpen:
    case MessageType::kScanClose:
      return DispatchUnanswered(frame);
    default:
      break;
  }
  request_.Begin();
  const Result<> result = DispatchRequest(frame);
  request_.End();
  return result;
}

Result<> Session::DispatchUnanswered(const Frame& frame) {
  switch (frame.type) {
    case MessageType::kBeginWrite: {
      TARN_PARSE(BeginWrite, message, frame);
      TransactionOf(message.transaction).BeginWrite(std::move(message));
      return {};
    }
    case MessageType::kAppend:
      return OnAppend(frame);
    case MessageType::kDiscardWrites: {
      TARN_PARSE(DiscardWrites, message, frame);
      if (transaction_) transaction_->DiscardWrites(message.storage);
      return {};
    }
    case MessageType::kFinish: {
      TARN_PARSE(lake::Finish, message, frame);
      OnFinish(message);
      return {};
    }
    case MessageType::kScanOpen: {
      TARN_PARSE(ScanOpen, message, frame);
      return OnScanOpen(message);
    }
    default: {
      TARN_PARSE(ScanClose, message, frame);
      scans_.Close(message.scan);
      return {};
    }
  }
}

Result<> Session::DispatchRequest(const Frame& frame) {
  switch (frame.type) {
    case MessageType::kScanNext: {
      TARN_PARSE(ScanNext, message, frame);
      return OnScanNext(message);
    }
    case MessageType::kPrepare: {
      TARN_PARSE(lake::Prepare, message, frame);
      return Answer(TransactionOf(message.transaction).Prepare(message));
    }
    case MessageType::kCommit: {
      TARN_PARSE(lake::Commit, message, frame);
      return Answer(MessageType::kCommitOk, TransactionOf(message.transaction).Commit(message));
    }
    case MessageType::kRewrite: {
      TARN_PARSE(lake::Rewrite, message, frame);
      return Answer(MessageType::kRewritten, TransactionOf(message.transaction).Rewrite(message));
    }
    case MessageType::kTableSize: {
      TARN_PARSE(TableSizeRequest, message, frame);
      return Answer(MessageType::kTableSizeOk, TableSize(message));
    }
    case MessageType::kScanExplain: {
      TARN_PARSE(ScanOpen, message, frame);
      return Answer(MessageType::kScanExplained, Explain(message));
    }
    case MessageType::kCheckLocation: {
      TARN_PARSE(lake::CheckLocation, message, frame);
      return Answer(CheckLocation(message));
    }
    case MessageType::kAdoptTable: {
      TARN_PARSE(AdoptTable, message, frame);
      return Answer(Adopt(message));
    }
    case MessageType::kPing:
      return Answer(Result<>());
    case MessageType::kUpdate: {
      TARN_PARSE(lake::Update, message, frame);
      return Answer(MessageType::kUpdateOk, TransactionOf(message.transaction).Update(message));
    }
    case MessageType::kSettleUpdates: {
      TARN_PARSE(lake::SettleUpdates, message, frame);
      return Answer(TransactionOf(message.transaction).SettleUpdates(message));
    }
    case MessageType::kDescribeTable: {
      TARN_PARSE(lake::DescribeTable, message, frame);
      return Answer(MessageType::kTableDescribed, lake::Describe(lake_, message));
    }
    default:
      return DispatchMaintenance(frame);
  }
}

Result<> Session::DispatchMaintenance(const Frame& frame) {
  switch (frame.type) {
    case MessageType::kListTransactions:
      return Answer(MessageType::kTransactions, ListOpenTransactions());
    case MessageType::kMaintain: {
      TARN_PARSE(Maintain, message, frame);
      lake_.fates->Hear(message);
      lake_.maintenance->Begin(
          {.files_ms = message.safe_age_ms,
           .metadata_ms = std::min(message.safe_age_ms, lake_.limits.metadata_safe_age_ms)});
      return Answer(Result<>());
    }
    case MessageType::kMemoryUsage:
      return Answer(MessageType::kMemoryUsed, UsedMemory());
    case MessageType::kCompactionsDue: {
      TARN_PARSE(CompactionsDue, message, frame);
      for (const uint32_t gone : message.gone) lake_.compaction->ForgetDatabase(gone);
      const DueDatabases due{lake_.compaction->Due(message.database_oid, message.nap_ms, NowMs())};
      return Answer(MessageType::kDueDatabases, Result<DueDatabases>(due));
    }
    case MessageType::kFindRewrites: {
      TARN_PARSE(FindRewrites, message, frame);
      return Answer(MessageType::kFoundRewrites,
                    Result<FoundRewrites>(FindWorthwhile(lake_, peer_.database_oid, message)));
    }
    case MessageType::kCompactionStates:
      return Answer(
          MessageType::kCompactionsStated,
          Result<CompactionStates>(CompactionStates{lake_.compaction->States(peer_.database_oid)}));
    default:
      return Fail(ErrorKind::kInvalidArgument, "unknown message {}", static_cast<int>(frame.type));
  }
}

Result<Transactions> Session::ListOpenTransactions() {
  Transactions answer;
  for (const table::JournalEntry& entry : lake_.journal->Entries()) {
    const Uuid& uuid = entry.writer.id;
    if (entry.committed_ms && !lake_.fates->NeedsVerdict(uuid)) continue;
    TARN_ASSIGN(const TransactionKey key, KeyOf(entry.writer));
    answer.transactions.push_back({key, registry_.IsConnected(uuid)});
  }
  return answer;
}

LakeTransaction& Session::TransactionOf(const TransactionKey& key) {
  if (!transaction_ || transaction_->key().uuid != key.uuid) {
    // One whose end was not told waits for the launcher's verdict.
    transaction_.reset();
    transaction_.emplace(lake_, peer_, request_, key);
    registry_.SetTransaction(session_, key.uuid);
  }
  return *transaction_;
}

Result<> Session::OnAppend(const Frame& frame) {
  size_t batch_begin = 0;
  TARN_ASSIGN(const auto message, ParsePayload<Append>(frame.payload(), &batch_begin));
  if (batch_begin > frame.payload().size()) return MalformedPayload("append");
  // Without a transaction the client goes on after an end that it does not know of; Prepare tells.
  if (transaction_) {
    transaction_->Append(message, frame.owner, frame.payload().subspan(batch_begin));
  }
  return {};
}

void Session::OnFinish(const lake::Finish& message) {
  if (!transaction_ || transaction_->key().uuid != message.transaction) return;
  transaction_->Finish(message.outcome, message.commit_lsn);
  transaction_.reset();
  registry_.SetTransaction(session_, std::nullopt);
}

Result<> Session::OnScanOpen(const ScanOpen& message) {
  std::optional<Result<engine::PendingRows>> pending;
  if (message.pending_storage != 0 && !message.pending.empty()) {
    if (transaction_) {
      pending = transaction_->RowsForScan(message.pending_storage, message.pending);
    } else {
      pending =
          Fail(ErrorKind::kUnavailable, "the transaction's rows were lost with the lake engine");
    }
  }
  scans_.Open(message.scan, OpenedScan::Open(lake_, message, std::move(pending)));
  return {};
}

Result<> Session::OnScanNext(const ScanNext& message) {
  const Result<> result = scans_.Next(message.scan, batch_);
  if (!result) return AnswerError(result.error());
  const ScanBatch answer{.scan = message.scan, .done = batch_.empty()};
  head_.clear();
  BeginFrame(head_, MessageType::kScanBatch, answer);
  const size_t payload_size = head_.size() - kFrameHeaderBytes + batch_.size();
  if (const auto fits = CheckPayloadSize(payload_size); !fits) {
    // A scan that lost a batch must not go on.
    scans_.Close(message.scan);
    return AnswerError(fits.error());
  }
  const auto payload_bytes = static_cast<uint32_t>(payload_size);
  std::memcpy(head_.data(), &payload_bytes, sizeof payload_bytes);
  TARN_TRY(channel_.Write(head_, batch_));
  if (answer.done) {
    batch_ = {};
  } else {
    scans_.Prefetch(message.scan, batch_.size());
  }
  return {};
}

Result<TableSizeOk> Session::TableSize(const TableSizeRequest& message) {
  TARN_ASSIGN(const iceberg::LoadedTable table, lake_.tables->Load(message.metadata_location));
  TARN_ASSIGN(const iceberg::TableSize size,
              iceberg::EstimateSize(table::MakeCommitContext(lake_, {}), *table.metadata));
  return TableSizeOk{.rows = size.rows, .files = size.files, .bytes = size.bytes};
}

Result<ScanExplained> Session::Explain(const ScanOpen& message) {
  TARN_ASSIGN(const auto plan, PlanOf(lake_, message));
  if (!plan) return ScanExplained{};
  return ScanExplained{.total_files = plan->total_files,
                       .skipped_files = plan->skipped_files,
                       .total_manifests = plan->total_manifests,
                       .skipped_manifests = plan->skipped_manifests,
                       .total_rows = plan->total_rows,
                       .planned_rows = plan->planned_rows,
                       .planned_bytes = plan->planned_bytes};
}

Result<> Session::CheckLocation(const lake::CheckLocation& message) {
  const auto head = lake_.storage->Head(table::OwnerFileLocation(message.location));
  if (!head && head.error().kind != ErrorKind::kNotFound) return std::unexpected(head.error());
  return {};
}

Result<> Session::Adopt(const AdoptTable& message) {
  const table::Owner owner{.table_uuid = message.place.table_uuid,
                           .node = lake_.journal->node(),
                           .holder = HolderOf(peer_.database_oid),
                           .writer = {},
                           .about = AboutPeer(peer_)};
  return table::AdoptLocation(*lake_.storage, message.place.location, owner);
}

Result<MemoryUsed> Session::UsedMemory() {
  MemoryUsed answer;
  MemoryConsumer all{.name = "all",
                     .used_bytes = lake_.memory->used_bytes(),
                     .peak_bytes = lake_.memory->peak_bytes(),
                     .share_bytes = lake_.memory->limit_bytes()};
  for (const MemoryUsage& usage : lake_.memory->Usage()) {
    all.refusals += usage.refusals;
    answer.consumers.push_back({.name = usage.consumer,
                                .used_bytes = usage.used_bytes,
                                .peak_bytes = usage.peak_bytes,
                                .share_bytes = usage.share_bytes,
                                .refusals = usage.refusals});
  }
  answer.consumers.push_back(std::move(all));
  return answer;
}

template <typename M>
Result<> Session::Answer(MessageType type, const Result<M>& message) {
  if (!message) return AnswerError(message.error());
  auto written = channel_.WriteMessage(type, *message);
  // Nothing was sent of an answer that is too large.
  if (!written && written.error().kind == ErrorKind::kResourceExhausted) {
    return AnswerError(written.error());
  }
  return written;
}

Result<> Session::Answer(const Result<>& result) {
  if (!result) return AnswerError(result.error());
  std::vector<uint8_t> frame;
  AppendFrameHeader(frame, MessageType::kOk);
  return channel_.Write(frame);
}

Result<> Session::AnswerError(const Error& error) {
  return channel_.WriteMessage(MessageType::kError, ErrorAnswer{.kind = error.kind,
                                                                .message = error.message,
                                                                .detail = error.detail,
                                                                .hint = error.hint});
}

}  // namespace tarn::lake
