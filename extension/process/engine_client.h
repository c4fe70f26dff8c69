// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "boundary/guard.h"
#include "lake/wire.h"

namespace tarn::extension {

/// Leaves new bytes as they are: a received payload is written at once, and zeroing it first costs
/// a twentieth of a scan.
template <typename T>
struct UninitializedAllocator : std::allocator<T> {
  template <typename U>
  struct rebind {  // NOLINT(readability-identifier-naming): the name that allocators have
    using other = UninitializedAllocator<U>;
  };
  template <typename U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }
};

/// A received frame. The payload starts at a multiple of 8.
struct Reply {
  lake::MessageType type{};
  std::vector<uint8_t, UninitializedAllocator<uint8_t>> payload;
};

/// This backend's one connection to its lake engine, opened at first use. Waits on the latch:
/// cancel and statement_timeout reach the engine as Cancel. When the engine dies, the call throws
/// LakeError kUnavailable. Whatever else is thrown between a request and its answer (an interrupt
/// that is no cancel, no memory, an answer of the wrong kind) closes the connection: nobody must
/// find an answer there that is not his. Everything pending in this transaction is lost with it
/// (connection_number() tells).
class EngineClient {
 public:
  static EngineClient& Get();

  /// Sends whole frames; no answer expected.
  void Send(std::span<const uint8_t> frames);
  /// Sends frames, the last of which is answered, and waits for that answer, which is of the type
  /// `expected`; kError answers are thrown as LakeError.
  Reply Call(std::span<const uint8_t> frames, lake::MessageType expected);

  // ---- the next batch of a scan, asked for while the last one is being read ----
  // One answer at most is on its way unasked; whoever needs the connection meanwhile receives it
  // first and keeps it for the scan.

  /// Asks for the next batch of a scan, unless something is on its way already.
  void AskAhead(uint32_t scan, std::span<const uint8_t> frame);
  /// The answer to AskAhead(scan, …), as Call would give it for kScanBatch; nothing if it was not
  /// asked.
  std::optional<Reply> TakeAhead(uint32_t scan);
  /// The scan is not read any more.
  void ForgetAhead(uint32_t scan) noexcept;

  template <typename M>
  void SendMessage(lake::MessageType type, const M& message) {
    std::vector<uint8_t> frame;
    lake::AppendFrame(frame, type, message);
    Send(frame);
  }
  template <typename M>
  Reply CallMessage(lake::MessageType type, const M& message) {
    std::vector<uint8_t> frame;
    lake::AppendFrame(frame, type, message);
    return Call(frame, lake::AnswerTo(type));
  }
  /// Calls with a message that has no fields.
  Reply CallEmpty(lake::MessageType type) {
    std::vector<uint8_t> frame;
    lake::AppendFrameHeader(frame, type);
    lake::FinishFrame(frame, 0);
    return Call(frame, lake::AnswerTo(type));
  }
  /// Calls for the message that answers.
  template <typename Answer, typename M>
  Answer Ask(lake::MessageType type, const M& message) {
    return Parse<Answer>(CallMessage(type, message));
  }
  /// What a reply says; a malformed one closes the connection.
  template <typename Answer>
  Answer Parse(const Reply& reply, size_t* batch_begin = nullptr) {
    auto answer = lake::ParsePayload<Answer>(reply.payload, batch_begin);
    if (!answer) Close();
    return Check(std::move(answer));
  }

  /// Connects if not connected. The engine's identity, owner of the tables that may be written.
  void Connect();
  const Uuid& node();

  /// Counts connections made: pending rows sent over an earlier one are lost.
  uint64_t connection_number() const;
  bool connected() const;
  /// Ends the connection: what comes over it can't be trusted.
  void Close() noexcept;
  /// Best effort, never throws; for the end of transactions.
  void SendQuietly(std::span<const uint8_t> frames) noexcept;
};

}  // namespace tarn::extension
