// SPDX-License-Identifier: Apache-2.0
#include "lake/wire.h"

#include <algorithm>
#include <cstring>

namespace tarn::lake {

void AppendFrameHeader(std::vector<uint8_t>& out, MessageType type) {
  WireWriter writer(out);
  writer(uint32_t{0});
  writer(static_cast<uint16_t>(type));
  writer(uint16_t{0});
}

void FinishFrame(std::vector<uint8_t>& out, size_t frame_start) {
  const size_t size = out.size() - frame_start - kFrameHeaderBytes;
  const auto payload_bytes = static_cast<uint32_t>(std::min<size_t>(size, UINT32_MAX));
  std::memcpy(out.data() + frame_start, &payload_bytes, sizeof payload_bytes);
}

Result<> CheckPayloadSize(size_t payload_bytes) {
  if (payload_bytes <= kMaxPayloadBytes) return {};
  auto failure = Fail(ErrorKind::kResourceExhausted,
                      "a message between server and lake engine would have {} bytes, more than {}",
                      payload_bytes, kMaxPayloadBytes);
  failure.error().hint = "Use fewer or smaller rows, values or tables at once.";
  return failure;
}

Result<> CheckFrames(std::span<const uint8_t> frames) {
  while (!frames.empty()) {
    uint32_t payload_bytes = 0;
    if (frames.size() < kFrameHeaderBytes) return MalformedPayload("frame");
    std::memcpy(&payload_bytes, frames.data(), sizeof payload_bytes);
    const size_t rest = frames.size() - kFrameHeaderBytes;
    if (payload_bytes > kMaxPayloadBytes)
      return CheckPayloadSize(std::max<size_t>(rest, payload_bytes));
    if (payload_bytes > rest) return MalformedPayload("frame");
    frames = frames.subspan(kFrameHeaderBytes + payload_bytes);
  }
  return {};
}

Result<FrameHeader> ParseFrameHeader(std::span<const uint8_t, kFrameHeaderBytes> bytes) {
  WireReader reader(bytes);
  FrameHeader header;
  uint16_t type = 0;
  uint16_t reserved = 0;
  reader(header.payload_bytes);
  reader(type);
  reader(reserved);
  if (type == 0 || reserved != 0) {
    return Fail(ErrorKind::kInvalidArgument, "malformed frame: type {}, reserved field {}", type,
                reserved);
  }
  if (header.payload_bytes > kMaxPayloadBytes) {
    return Fail(ErrorKind::kInvalidArgument, "frame of {} bytes exceeds the limit of {}",
                header.payload_bytes, kMaxPayloadBytes);
  }
  header.type = static_cast<MessageType>(type);
  return header;
}

std::unexpected<Error> MalformedPayload(const char* message_name) {
  return Fail(ErrorKind::kCorruption, "malformed {} between server and lake engine", message_name);
}

}  // namespace tarn::lake
