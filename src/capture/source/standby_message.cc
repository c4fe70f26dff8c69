// SPDX-License-Identifier: Apache-2.0
#include "capture/source/standby_message.h"

#include "capture/source/wire_reader.h"

namespace tarn::capture {

Result<ServerMessage> ReadServerMessage(std::string_view message) {
  WireReader in(message);
  ServerMessage read;
  switch (in.Take<char>()) {
    case 'w':
      read.is_data = true;
      read.wal_start = Lsn(in.Take<uint64_t>());
      read.wal_end = Lsn(in.Take<uint64_t>());
      (void)in.Take<int64_t>();  // when it was sent
      read.payload = in.TakeBytes(in.left());
      if (!in.failed() && !read.payload.empty()) return read;
      break;
    case 'k':
      read.wal_end = Lsn(in.Take<uint64_t>());
      (void)in.Take<int64_t>();
      read.reply_requested = in.Take<char>() != 0;
      if (in.finished()) return read;
      break;
    default:
      break;
  }
  return Fail(ErrorKind::kCorruption, "malformed message in the replication stream");
}

StatusMessage MakeStatusMessage(Lsn received, Lsn durable,
                                std::chrono::system_clock::time_point now) {
  constexpr auto kPostgresEpoch = std::chrono::seconds(946'684'800);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch() -
                                                                            kPostgresEpoch);
  StatusMessage message{};
  char* at = message.data();
  *at++ = 'r';
  // Written, flushed, applied.
  for (const uint64_t number : {received.value(), durable.value(), durable.value(),
                                static_cast<uint64_t>(micros.count())}) {
    const uint64_t swapped = __builtin_bswap64(number);
    std::memcpy(at, &swapped, sizeof(swapped));
    at += sizeof(swapped);
  }
  *at = 0;  // no answer is asked for
  return message;
}

}  // namespace tarn::capture
