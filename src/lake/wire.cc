// SPDX-License-Identifier: Apache-2.0
#include "lake/wire.h"

#include <cstring>

namespace tarn::lake {

void AppendFrameHeader(std::vector<uint8_t>& out, MessageType type) {
  WireWriter writer(out);
  writer(uint32_t{0});
  writer(static_cast<uint16_t>(type));
  writer(uint16_t{0});
}

void FinishFrame(std::vector<uint8_t>& out, size_t frame_start) {
  const auto payload_bytes = static_cast<uint32_t>(out.size() - frame_start - kFrameHeaderBytes);
  std::memcpy(out.data() + frame_start, &payload_bytes, sizeof payload_bytes);
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
