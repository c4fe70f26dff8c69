// SPDX-License-Identifier: Apache-2.0
#include "engine_client.h"

#include "engine_socket.h"
#include "guard.h"
#include "settings.h"

extern "C" {
#include <access/xlog.h>
#include <access/xlogrecovery.h>
#include <storage/latch.h>
#include <storage/proc.h>
#include <utils/timestamp.h>
}

namespace tarn::extension {
namespace {

constexpr long kRetryPauseMs = 20;
/// A cancelled request is answered at once by a healthy engine; a sick one is not waited for.
constexpr int kCancelAnswerMs = 3000;
/// Time for the messages that nobody waits for at the end of a transaction.
constexpr int kQuietSendMs = 2000;

struct Connection {
  int socket = -1;
  uint64_t number = 0;
  uint64_t session = 0;
  uint64_t cancel_key = 0;
  Uuid node;
};
Connection g_connection;

std::unexpected<Error> Lost(const char* doing) {
  auto failure =
      Fail(ErrorKind::kUnavailable, "lost the connection to the lake engine while {}", doing);
  failure.error().detail =
      "The engine has stopped; rows that this transaction wrote to lake tables are lost.";
  failure.error().hint =
      "Roll back and retry the transaction; a new engine is started automatically.";
  return failure;
}

void Disconnect() {
  CloseEngineSocket(g_connection.socket);
  g_connection.socket = -1;
}

[[noreturn]] void FailLost(const char* doing) {
  Disconnect();
  throw LakeError(Lost(doing).error());
}

bool MustStop() { return InterruptHoldoffCount == 0 && (QueryCancelPending || ProcDiePending); }

/// Waits until the socket is ready; processes interrupts that do not end the statement. False: the
/// statement is to end (cancel, termination), and the caller must settle the connection first.
bool WaitReady(uint32_t socket_events) {
  while (true) {
    if (MustStop()) return false;
    const uint32_t events =
        Pg([&] { return WaitForEngine(g_connection.socket, socket_events, -1); });
    if ((events & socket_events) != 0) return true;
    if (!MustStop()) {
      Pg([] { CHECK_FOR_INTERRUPTS(); });
    }
  }
}

/// The statement was cancelled while bytes of a frame are half sent: the stream can't be continued.
[[noreturn]] void AbandonConnection() {
  Disconnect();
  Pg([] { CHECK_FOR_INTERRUPTS(); });
  throw LakeError(Lost("cancelling").error());
}

void SendAll(std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = SendSome(g_connection.socket, bytes.data(), bytes.size());
    if (sent < 0) FailLost("sending to it");
    if (sent == 0) {
      if (!WaitReady(WL_SOCKET_WRITEABLE)) AbandonConnection();
      continue;
    }
    bytes = bytes.subspan(static_cast<size_t>(sent));
  }
}

void SendCancel() {
  const int socket = ConnectEngineSocket();
  if (socket < 0) return;
  std::vector<uint8_t> frame;
  lake::AppendFrame(
      frame, lake::MessageType::kCancel,
      lake::Cancel{.session = g_connection.session, .cancel_key = g_connection.cancel_key});
  (void)SendSome(socket, frame.data(), frame.size());
  CloseEngineSocket(socket);
}

/// Reads exactly `size` bytes. When the statement is cancelled, tells the engine and goes on
/// reading for a while: the answer keeps the connection usable.
class AnswerReader {
 public:
  void Read(uint8_t* data, size_t size) {
    while (size > 0) {
      const ssize_t got = ReceiveSome(g_connection.socket, data, size);
      if (got < 0) FailLost("waiting for its answer");
      if (got == 0) {
        Wait();
        continue;
      }
      data += got;
      size -= static_cast<size_t>(got);
    }
  }
  bool cancelled() const { return cancelled_; }

 private:
  void Wait() {
    if (!cancelled_) {
      if (WaitReady(WL_SOCKET_READABLE)) return;
      SendCancel();
      cancelled_ = true;
    }
    if (!WaitReadable(g_connection.socket, kCancelAnswerMs)) AbandonConnection();
  }
  bool cancelled_ = false;
};

Reply ReceiveAnswer() {
  AnswerReader reader;
  uint8_t header_bytes[lake::kFrameHeaderBytes];
  reader.Read(header_bytes, sizeof header_bytes);
  const auto header = lake::ParseFrameHeader(header_bytes);
  if (!header) {
    Disconnect();
    throw LakeError(header.error());
  }
  Reply reply{.type = header->type, .payload = decltype(Reply::payload)(header->payload_bytes)};
  reader.Read(reply.payload.data(), reply.payload.size());
  if (reader.cancelled()) {
    Pg([] { CHECK_FOR_INTERRUPTS(); });
  }
  if (reply.type == lake::MessageType::kError) {
    auto answer = Check(lake::ParsePayload<lake::ErrorAnswer>(reply.payload));
    throw LakeError(Error{answer.kind, std::move(answer.message), std::move(answer.detail),
                          std::move(answer.hint)});
  }
  return reply;
}

lake::Hello MakeHello() {
  lake::Hello hello;
  hello.database_oid = MyDatabaseId;
  hello.backend_pid = MyProcPid;
  hello.system_identifier = GetSystemIdentifier();
  hello.timeline = Pg([] {
    TimeLineID timeline = 0;
    if (RecoveryInProgress()) {
      GetXLogReplayRecPtr(&timeline);
    } else {
      timeline = GetWALInsertionTimeLine();
    }
    return timeline;
  });
  return hello;
}

/// The engine may be about to start, or about to be restarted: tries for a while.
int ConnectPatiently() {
  const TimestampTz deadline =
      TimestampTzPlusMilliseconds(GetCurrentTimestamp(), settings().connect_timeout_ms);
  while (true) {
    const int socket = ConnectEngineSocket();
    if (socket >= 0) return socket;
    const int why = errno;
    if (GetCurrentTimestamp() >= deadline) {
      throw LakeError(Error{
          ErrorKind::kUnavailable,
          fmt::format("could not connect to the lake engine: {}", std::strerror(why)),
          {},
          "See the server's log; the library \"tarn\" must be in shared_preload_libraries, and "
          "tarn.engine_path must name the engine."});
    }
    Pg([] { PauseForEngine(kRetryPauseMs); });
  }
}

void EnsureConnected() {
  if (g_connection.socket >= 0) return;
  g_connection.socket = ConnectPatiently();
  ++g_connection.number;
  std::vector<uint8_t> frame;
  lake::AppendFrame(frame, lake::MessageType::kHello, MakeHello());
  SendAll(frame);
  const Reply reply = ReceiveAnswer();
  const auto hello = Check(lake::ParsePayload<lake::HelloOk>(reply.payload));
  if (reply.type != lake::MessageType::kHelloOk ||
      hello.protocol_version != lake::kProtocolVersion) {
    Disconnect();
    throw LakeError(
        Error{ErrorKind::kUnavailable,
              fmt::format("the lake engine speaks protocol version {}, the extension version {}",
                          hello.protocol_version, lake::kProtocolVersion),
              {},
              "Restart the server after an update."});
  }
  g_connection.session = hello.session;
  g_connection.cancel_key = hello.cancel_key;
  g_connection.node = hello.node;
}

}  // namespace

EngineClient& EngineClient::Get() {
  static EngineClient client;
  return client;
}

/// A connection that died between two statements is found out by a zero-byte read, and nothing is
/// lost by making another: callers whose rows were on the old one compare connection_number().
void EngineClient::Connect() {
  if (g_connection.socket >= 0 && PeerClosed(g_connection.socket)) Disconnect();
  EnsureConnected();
}

const Uuid& EngineClient::node() {
  EnsureConnected();
  return g_connection.node;
}

void EngineClient::Send(std::span<const uint8_t> frames) {
  Connect();
  SendAll(frames);
}

Reply EngineClient::Call(std::span<const uint8_t> frames) {
  Connect();
  SendAll(frames);
  return ReceiveAnswer();
}

uint64_t EngineClient::connection_number() const { return g_connection.number; }

bool EngineClient::connected() const { return g_connection.socket >= 0; }

void EngineClient::SendQuietly(std::span<const uint8_t> frames) noexcept {
  if (g_connection.socket < 0) return;
  while (!frames.empty()) {
    const ssize_t sent = SendSome(g_connection.socket, frames.data(), frames.size());
    if (sent < 0 || (sent == 0 && !WaitWriteable(g_connection.socket, kQuietSendMs))) {
      Disconnect();
      return;
    }
    frames = frames.subspan(static_cast<size_t>(sent));
  }
}

}  // namespace tarn::extension
