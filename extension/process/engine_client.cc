// SPDX-License-Identifier: Apache-2.0
#include "process/engine_client.h"

#include <algorithm>

#include "boundary/guard.h"
#include "definition/settings.h"
#include "process/engine_socket.h"

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

/// What was asked by AskAhead.
struct Ahead {
  uint32_t scan = 0;
  bool on_its_way = false;  ///< the next frame on the socket is its answer
  std::optional<Reply> reply;
};

struct Connection {
  int socket = -1;
  uint64_t number = 0;
  uint64_t session = 0;
  uint64_t cancel_key = 0;
  uint64_t requests = 0;  ///< answered messages sent: the last one's number
  Uuid node;
  Ahead ahead;
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
  g_connection.session = 0;
  g_connection.cancel_key = 0;
  g_connection.requests = 0;
  g_connection.node = {};
  g_connection.ahead = {};
}

/// Something that takes several steps on the socket. Whatever is thrown before it is complete
/// leaves half a frame, or an answer that the next request would take for its own: then the
/// connection ends.
class Exchange {
 public:
  Exchange() = default;
  ~Exchange() {
    if (!complete_) Disconnect();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  void Complete() { complete_ = true; }

 private:
  bool complete_ = false;
};

[[noreturn]] void FailLost(const char* doing) { throw LakeError(Lost(doing).error()); }

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
/// REQUIRES: within an Exchange.
[[noreturn]] void AbandonConnection() {
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

/// Cancels the request that is being waited for, and no later one: it goes by its number.
void SendCancel() {
  const int socket = ConnectEngineSocket();
  if (socket < 0) return;
  std::vector<uint8_t> frame;
  lake::AppendFrame(frame, lake::MessageType::kCancel,
                    lake::Cancel{.session = g_connection.session,
                                 .cancel_key = g_connection.cancel_key,
                                 .request = g_connection.requests});
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

/// REQUIRES: within an Exchange. `cancelled` tells whether the statement is to end; the frame is
/// off the socket all the same.
Reply ReceiveFrame(bool& cancelled) {
  AnswerReader reader;
  uint8_t header_bytes[lake::kFrameHeaderBytes];
  reader.Read(header_bytes, sizeof header_bytes);
  const auto header = lake::ParseFrameHeader(header_bytes);
  if (!header) throw LakeError(header.error());
  Reply reply{.type = header->type, .payload = decltype(Reply::payload)(header->payload_bytes)};
  reader.Read(reply.payload.data(), reply.payload.size());
  cancelled = reader.cancelled();
  return reply;
}

void EndIfCancelled(bool cancelled) {
  if (cancelled) {
    Pg([] { CHECK_FOR_INTERRUPTS(); });
  }
}

Reply CheckAnswer(Reply reply, lake::MessageType expected) {
  if (reply.type == expected) return reply;
  if (reply.type == lake::MessageType::kError) {
    auto answer = EngineClient::Get().Parse<lake::ErrorAnswer>(reply);
    throw LakeError(Error{answer.kind, std::move(answer.message), std::move(answer.detail),
                          std::move(answer.hint)});
  }
  Disconnect();
  throw LakeError(Error{ErrorKind::kInternal,
                        fmt::format("the lake engine answered with message {} instead of {}",
                                    static_cast<int>(reply.type), static_cast<int>(expected)),
                        {},
                        {}});
}

/// Takes off the socket what was asked ahead, so that the next answer is the caller's own.
void ReceiveAhead() {
  Ahead& ahead = g_connection.ahead;
  if (!ahead.on_its_way) return;
  bool cancelled = false;
  Exchange exchange;
  ahead.reply = ReceiveFrame(cancelled);
  ahead.on_its_way = false;
  exchange.Complete();
  // The answer stays here: a scan must not lose a batch because somebody else was cancelled.
  EndIfCancelled(cancelled);
}

/// Reads without looking at interrupts; false after a while without a byte.
bool ReadQuietly(uint8_t* data, size_t size) {
  while (size > 0) {
    const ssize_t got = ReceiveSome(g_connection.socket, data, size);
    if (got < 0) return false;
    if (got == 0 && !WaitReadable(g_connection.socket, kCancelAnswerMs)) return false;
    data += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

/// Takes a frame off the socket that nobody wants.
bool SkipFrame() {
  uint8_t header_bytes[lake::kFrameHeaderBytes];
  if (!ReadQuietly(header_bytes, sizeof header_bytes)) return false;
  const auto header = lake::ParseFrameHeader(header_bytes);
  if (!header) return false;
  static uint8_t piece[64 * 1024];
  for (size_t left = header->payload_bytes; left > 0;) {
    const size_t size = std::min(left, sizeof piece);
    if (!ReadQuietly(piece, size)) return false;
    left -= size;
  }
  return true;
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
  std::vector<uint8_t> frame;
  lake::AppendFrame(frame, lake::MessageType::kHello, MakeHello());
  g_connection.socket = ConnectPatiently();
  Exchange exchange;
  SendAll(frame);
  bool cancelled = false;
  const Reply reply = CheckAnswer(ReceiveFrame(cancelled), lake::MessageType::kHelloOk);
  const auto hello = EngineClient::Get().Parse<lake::HelloOk>(reply);
  if (hello.protocol_version != lake::kProtocolVersion || hello.node.is_nil()) {
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
  ++g_connection.number;
  exchange.Complete();
  EndIfCancelled(cancelled);
}

/// REQUIRES: connected, and nothing on its way.
void SendFrames(std::span<const uint8_t> frames) {
  Exchange exchange;
  Check(lake::CheckFrames(frames));
  SendAll(frames);
  exchange.Complete();
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
  // The engine may be waiting for room for that answer, and would not read.
  ReceiveAhead();
  SendFrames(frames);
}

Reply EngineClient::Call(std::span<const uint8_t> frames, lake::MessageType expected) {
  // Nothing is lost with a request that is too large to be made.
  Check(lake::CheckFrames(frames));
  Connect();
  ReceiveAhead();
  bool cancelled = false;
  Exchange exchange;
  SendAll(frames);
  ++g_connection.requests;
  Reply reply = ReceiveFrame(cancelled);
  exchange.Complete();
  EndIfCancelled(cancelled);
  return CheckAnswer(std::move(reply), expected);
}

void EngineClient::AskAhead(uint32_t scan, std::span<const uint8_t> frame) {
  Ahead& ahead = g_connection.ahead;
  if (g_connection.socket < 0 || ahead.on_its_way || ahead.reply) return;
  SendFrames(frame);
  ++g_connection.requests;
  ahead = {.scan = scan, .on_its_way = true, .reply = {}};
}

std::optional<Reply> EngineClient::TakeAhead(uint32_t scan) {
  Ahead& ahead = g_connection.ahead;
  if (ahead.scan != scan || !(ahead.on_its_way || ahead.reply)) return std::nullopt;
  ReceiveAhead();
  Reply reply = std::move(*ahead.reply);
  ahead = {};
  return CheckAnswer(std::move(reply), lake::MessageType::kScanBatch);
}

void EngineClient::ForgetAhead(uint32_t scan) noexcept {
  Ahead& ahead = g_connection.ahead;
  if (ahead.scan != scan) return;
  if (ahead.on_its_way) {
    try {
      // What nobody wants is not waited for.
      if (!WaitReadable(g_connection.socket, 0)) SendCancel();
      if (!SkipFrame()) Disconnect();
    } catch (const std::bad_alloc&) {
      Disconnect();
    }
  }
  ahead = {};
}

uint64_t EngineClient::connection_number() const { return g_connection.number; }

void EngineClient::Close() noexcept { Disconnect(); }

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
