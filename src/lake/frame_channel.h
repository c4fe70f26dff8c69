// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "lake/wire.h"

namespace tarn::lake {

/// A received frame. The payload starts at a multiple of 8 and lives as long as its owner.
struct Frame {
  MessageType type{};
  std::shared_ptr<const std::vector<uint8_t>> owner;
  std::span<const uint8_t> payload() const { return *owner; }
};

/// A connected stream socket that carries frames; owns it. One thread at a time; StopReading and
/// Shutdown from any.
class FrameChannel {
 public:
  explicit FrameChannel(int socket) : socket_(socket) {}
  ~FrameChannel();
  FrameChannel(const FrameChannel&) = delete;
  FrameChannel& operator=(const FrameChannel&) = delete;

  /// Waits for a frame. None: the peer closed. InvalidArgument: not a frame; Unavailable: the
  /// connection broke.
  Result<std::optional<Frame>> Read();
  /// Sends a frame of two pieces, whose header is already right (CheckPayloadSize).
  Result<> Write(std::span<const uint8_t> head, std::span<const uint8_t> rest = {});
  /// Read finds the end of the stream behind what has arrived.
  void StopReading();
  /// Read and Write fail from now on.
  void Shutdown();

  template <typename M>
  Result<> WriteMessage(MessageType type, const M& message) {
    std::vector<uint8_t> frame;
    AppendFrame(frame, type, message);
    TARN_TRY(CheckFrames(frame));
    return Write(frame);
  }

 private:
  /// False at the end of the stream before the first byte.
  Result<bool> Fill(std::span<uint8_t> out);

  const int socket_;
};

}  // namespace tarn::lake
