// SPDX-License-Identifier: Apache-2.0
#include "lake/frame_channel.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace tarn::lake {
namespace {

/// A frame's memory is taken as its bytes arrive, not at its word.
constexpr size_t kFirstPieceBytes = size_t{4} << 20;

std::unexpected<Error> Broken(const char* action) {
  return Fail(ErrorKind::kUnavailable, "could not {} a frame: {}", action,
              std::generic_category().message(errno));
}

}  // namespace

FrameChannel::~FrameChannel() { close(socket_); }

void FrameChannel::StopReading() { shutdown(socket_, SHUT_RD); }

void FrameChannel::Shutdown() { shutdown(socket_, SHUT_RDWR); }

Result<bool> FrameChannel::Fill(std::span<uint8_t> out) {
  bool any = false;
  while (!out.empty()) {
    const ssize_t got = recv(socket_, out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Broken("receive");
    if (got == 0) {
      if (!any) return false;
      return Fail(ErrorKind::kUnavailable, "connection closed within a frame");
    }
    any = true;
    out = out.subspan(static_cast<size_t>(got));
  }
  return true;
}

Result<std::optional<Frame>> FrameChannel::Read() {
  std::array<uint8_t, kFrameHeaderBytes> header_bytes;
  TARN_ASSIGN(const bool open, Fill(header_bytes));
  if (!open) return std::nullopt;
  TARN_ASSIGN(const FrameHeader header, ParseFrameHeader(header_bytes));
  auto payload = std::make_shared<std::vector<uint8_t>>();
  size_t filled = 0;
  while (filled < header.payload_bytes) {
    const size_t piece =
        std::min<size_t>(header.payload_bytes - filled, std::max(kFirstPieceBytes, filled));
    payload->resize(filled + piece);
    TARN_ASSIGN(const bool more, Fill(std::span(*payload).subspan(filled)));
    if (!more) return Fail(ErrorKind::kUnavailable, "connection closed within a frame");
    filled += piece;
  }
  return Frame{header.type, std::move(payload)};
}

Result<> FrameChannel::Write(std::span<const uint8_t> head, std::span<const uint8_t> rest) {
  while (!head.empty() || !rest.empty()) {
    std::array<iovec, 2> pieces{{{const_cast<uint8_t*>(head.data()), head.size()},
                                 {const_cast<uint8_t*>(rest.data()), rest.size()}}};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t sent = sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return Broken("send");
    const size_t from_head = std::min(head.size(), static_cast<size_t>(sent));
    head = head.subspan(from_head);
    rest = rest.subspan(static_cast<size_t>(sent) - from_head);
  }
  return {};
}

}  // namespace tarn::lake
