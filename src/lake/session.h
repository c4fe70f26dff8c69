// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "lake/frame_channel.h"
#include "lake/lake_context.h"
#include "lake/request_guard.h"
#include "lake/scan_session.h"
#include "lake/session_registry.h"
#include "lake/transaction.h"
#include "lake/wire.h"
#include "lake/wire_maintenance.h"

namespace tarn::lake {

/// One connection of a backend: takes its messages one after the other, in its own thread.
class Session {
 public:
  Session(LakeContext& lake, SessionRegistry& registry, int socket)
      : lake_(lake), registry_(registry), channel_(socket), scans_(request_, *lake.memory) {}

  /// Until the peer closes or says something malformed.
  void Run();

 private:
  Result<> Loop();
  Result<bool> Greet();
  Result<> Dispatch(const Frame& frame);
  Result<> DispatchUnanswered(const Frame& frame);
  Result<> DispatchRequest(const Frame& frame);
  Result<> DispatchMaintenance(const Frame& frame);

  Result<> OnAppend(const Frame& frame);
  Result<> OnScanOpen(const ScanOpen& message);
  Result<> OnScanNext(const ScanNext& message);
  void OnFinish(const lake::Finish& message);

  Result<TableSizeOk> TableSize(const TableSizeRequest& message);
  Result<ScanExplained> Explain(const ScanOpen& message);
  Result<> CheckLocation(const lake::CheckLocation& message);
  Result<Transactions> ListOpenTransactions();
  Result<> Adopt(const AdoptTable& message);
  Result<MemoryUsed> UsedMemory();

  /// The session's transaction; a key that it does not have yet begins another one.
  LakeTransaction& TransactionOf(const TransactionKey& key);

  template <typename M>
  Result<> Answer(MessageType type, const Result<M>& message);
  Result<> Answer(const Result<>& result);
  Result<> AnswerError(const Error& error);

  LakeContext& lake_;
  SessionRegistry& registry_;
  RequestGuard request_;
  FrameChannel channel_;
  SessionPeer peer_;
  uint64_t session_ = 0;
  std::optional<LakeTransaction> transaction_;
  ScanSession scans_;
  std::vector<uint8_t> batch_;  ///< reused between answers
  std::vector<uint8_t> head_;
};

}  // namespace tarn::lake
