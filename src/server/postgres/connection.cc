// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/connection.h"

#include <netinet/tcp.h>
#include <poll.h>

#include <boost/asio/post.hpp>

#include "base/logging.h"
#include "server/postgres/sqlstate.h"
#include "server/postgres/startup.h"

namespace tarn::server::postgres {
namespace {

namespace asio = boost::asio;

constexpr size_t kReadBytes = 64 * 1024;
constexpr size_t kInboxBytesMax = 1024 * 1024;
constexpr size_t kFreeFrameBytes = 64 * 1024;  ///< of an unfinished message, not counted
constexpr size_t kLengthBytes = 4;
constexpr auto kHangupInterval = std::chrono::seconds(1);
constexpr int kKeepAliveSeconds = 60, kKeepAliveInterval = 10, kKeepAliveProbes = 6;
constexpr int kUserTimeoutMs = 15 * 60 * 1000;

void SetSocketOptions(int descriptor) {
  const auto set = [descriptor](int level, int name, int value) {
    setsockopt(descriptor, level, name, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveSeconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveInterval);
  set(IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
}

int32_t BigEndian(const std::string& bytes, size_t at) {
  int32_t value = 0;
  for (size_t i = 0; i < kLengthBytes; ++i) {
    value = static_cast<int32_t>(static_cast<uint32_t>(value) << 8 |
                                 static_cast<uint8_t>(bytes[at + i]));
  }
  return value;
}

std::string AddressOf(const Connection::Socket& socket) {
  boost::system::error_code ignored;
  const auto endpoint = socket.remote_endpoint(ignored);
  return ignored ? "" : endpoint.address().to_string();
}

}  // namespace

Connection::Connection(Socket socket, ServerContext& context)
    : socket_(std::move(socket)),
      context_(context),
      transport_(socket_.native_handle(), context.traffic),
      outbox_(transport_, interrupts_),
      frame_memory_(context.message_memory.Open("messages")),
      authentication_timer_(socket_.get_executor()),
      deadline_timer_(socket_.get_executor()),
      hangup_timer_(socket_.get_executor()),
      address_(AddressOf(socket_)) {
  ++context_.pending;
}

Connection::~Connection() {
  if (authenticated_) {
    --context_.connections;
  } else {
    --context_.pending;
  }
}

void Connection::Start() {
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  SetSocketOptions(socket_.native_handle());
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->authentication_timer_.expires_after(
        std::chrono::seconds(self->context_.options.authentication_seconds));
    self->authentication_timer_.async_wait([self](const boost::system::error_code& error) {
      if (!error) self->OnAuthenticationDeadline();
    });
    self->Advance();
  });
}

void Connection::OnAuthenticationDeadline() {
  if (authenticated_ || phase_ == Phase::kClosed) return;
  interrupts_.Raise(Interruption::kGone);
  Post({.type = Message::kGone});
}

void Connection::Wait(Step step) {
  const auto resume = [self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->Advance();
  };
  if (step == Step::kWaitRead) socket_.async_wait(Socket::wait_read, resume);
  if (step == Step::kWaitWrite) socket_.async_wait(Socket::wait_write, resume);
}

void Connection::Advance() {
  Step step = Step::kAgain;
  while (step == Step::kAgain) step = AdvanceOnce();
  Wait(step);
}

Connection::Step Connection::AdvanceOnce() {
  switch (phase_) {
    case Phase::kFirstByte:
      return OnFirstByte();
    case Phase::kPacket:
      return OnPacket();
    case Phase::kHandshake:
      return OnHandshake();
    case Phase::kMessages:
      return OnBytes();
    case Phase::kClosed:
      break;
  }
  return Step::kStop;
}

Connection::Step Connection::OnFirstByte() {
  uint8_t first = 0;
  const Transport::Progress progress = transport_.Peek({&first, 1});
  if (progress.status == Transport::Status::kWantRead) return Step::kWaitRead;
  if (progress.status == Transport::Status::kClosed) {
    Close();
    return Step::kStop;
  }
  phase_ = Phase::kPacket;
  if (first == kTlsHandshakeByte && context_.tls != nullptr) {
    direct_tls_ = true;
    transport_.BeginTls(context_.tls->identity());
    phase_ = Phase::kHandshake;
  }
  return Step::kAgain;
}

Connection::Step Connection::OnPacket() {
  // Never a byte beyond the packet: what follows may belong to TLS.
  size_t wanted = kLengthBytes;
  if (packet_.size() >= kLengthBytes) {
    const int32_t length = BigEndian(packet_, 0);
    if (length < 8 || length > kStartupLengthMax) {
      Close();
      return Step::kStop;
    }
    wanted = static_cast<size_t>(length);
    if (packet_.size() == wanted) {
      const int32_t code = BigEndian(packet_, kLengthBytes);
      packet_.erase(0, kLengthBytes);
      return OnRequestPacket(code);
    }
  }
  const size_t have = packet_.size();
  packet_.resize(wanted);
  const Transport::Progress progress =
      transport_.Read({reinterpret_cast<uint8_t*>(packet_.data()) + have, wanted - have});
  packet_.resize(have + progress.bytes);
  switch (progress.status) {
    case Transport::Status::kDone:
      return Step::kAgain;
    case Transport::Status::kWantRead:
      return Step::kWaitRead;
    case Transport::Status::kWantWrite:
      return Step::kWaitWrite;
    case Transport::Status::kClosed:
      break;
  }
  Close();
  return Step::kStop;
}

Connection::Step Connection::OnRequestPacket(int32_t code) {
  const std::string payload = std::move(packet_);
  packet_.clear();
  if (code == kSslRequestCode || code == kGssRequestCode) {
    bool& seen = code == kSslRequestCode ? saw_tls_request_ : saw_gss_request_;
    const bool again = seen || (code == kSslRequestCode && transport_.is_tls());
    seen = true;
    if (again || payload.size() != kLengthBytes) {
      Close();
      return Step::kStop;
    }
    if (code == kSslRequestCode && context_.tls != nullptr) return AnswerTlsRequest();
    return SendByte('N') ? Step::kAgain : Step::kStop;
  }
  if (code == kCancelRequestCode) {
    // The signal is given before the end of the connection, for which the client waits.
    if (const auto request = ParseCancel(payload)) {
      context_.registry.Cancel(request->process_id, request->key);
    }
    Close();
    return Step::kStop;
  }
  if (context_.options.requires_tls && !transport_.is_tls()) {
    return Refuse(
        FailState(sqlstate::kInvalidAuthorization, "connections without TLS are not accepted")
            .error());
  }
  phase_ = Phase::kMessages;
  Post({.type = Message::kStartup, .payload = payload});
  return Step::kAgain;
}

Connection::Step Connection::AnswerTlsRequest() {
  // Bytes that came before the handshake were not protected: somebody may have put them there.
  uint8_t early = 0;
  if (transport_.Peek({&early, 1}).status == Transport::Status::kDone) {
    auto failed =
        FailState(sqlstate::kProtocolViolation, "received unencrypted data after SSL request");
    failed.error().error.detail =
        "This could be either a client-software bug or evidence of an attempted "
        "man-in-the-middle attack.";
    return Refuse(failed.error());
  }
  if (!SendByte('S')) return Step::kStop;
  transport_.BeginTls(context_.tls->identity());
  phase_ = Phase::kHandshake;
  return Step::kAgain;
}

bool Connection::SendByte(char byte) {
  const auto value = static_cast<uint8_t>(byte);
  if (transport_.Write({&value, 1}).status == Transport::Status::kDone) return true;
  Close();
  return false;
}

Connection::Step Connection::Refuse(const warehouse::StatementError& error) {
  outbox_.Report("FATAL", error);
  // It is short: what the empty socket does not take is not worth waiting for.
  (void)transport_.Write(outbox_.writer().bytes());
  Close();
  return Step::kStop;
}

Connection::Step Connection::OnHandshake() {
  switch (transport_.Handshake()) {
    case Transport::Status::kWantRead:
      return Step::kWaitRead;
    case Transport::Status::kWantWrite:
      return Step::kWaitWrite;
    case Transport::Status::kDone:
      // Without ALPN a browser's request could be made to look like ours.
      if (!direct_tls_ || transport_.has_alpn()) {
        phase_ = Phase::kPacket;
        return Step::kAgain;
      }
      spdlog::debug("{}: direct TLS without ALPN", address_);
      break;
    case Transport::Status::kClosed:
      spdlog::debug("{}: TLS handshake failed", address_);
      break;
  }
  Close();
  return Step::kStop;
}

Connection::Step Connection::OnBytes() {
  {
    const std::lock_guard lock(mutex_);
    if (over_) return Step::kStop;
    if (inbox_bytes_ > kInboxBytesMax) {
      paused_ = true;
      hangup_timer_.cancel();
      WatchHangup();
      return Step::kStop;
    }
  }
  thread_local std::array<uint8_t, kReadBytes> buffer;
  const Transport::Progress progress = transport_.Read(buffer);
  switch (progress.status) {
    case Transport::Status::kWantRead:
      return Step::kWaitRead;
    case Transport::Status::kWantWrite:
      return Step::kWaitWrite;
    case Transport::Status::kClosed:
      interrupts_.Raise(Interruption::kGone);
      Post({.type = Message::kGone});
      return Step::kStop;
    case Transport::Status::kDone:
      break;
  }
  frames_.Append({buffer.data(), progress.bytes});
  return TakeFrames();
}

Connection::Step Connection::TakeFrames() {
  if (authenticated_) frames_.SetAuthenticated();
  while (true) {
    auto frame = frames_.Next();
    if (!frame) {
      Post({.type = Message::kProtocolError, .payload = frame.error().message});
      return Step::kStop;
    }
    if (!*frame) break;
    Post(std::move(**frame));
  }
  const auto held =
      static_cast<int64_t>(frames_.buffered() > kFreeFrameBytes ? frames_.buffered() : 0);
  if (held <= frame_memory_.bytes()) {
    frame_memory_.Shrink(frame_memory_.bytes() - held);
  } else if (!frame_memory_.TryGrow(held - frame_memory_.bytes())) {
    Post({.type = Message::kOutOfMemory});
    return Step::kStop;
  }
  return Step::kAgain;
}

void Connection::WatchHangup() {
  hangup_timer_.expires_after(kHangupInterval);
  hangup_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->phase_ == Phase::kClosed) return;
    pollfd peer{.fd = self->socket_.native_handle(), .events = POLLRDHUP};
    if (poll(&peer, 1, 0) > 0 && (peer.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
      self->interrupts_.Raise(Interruption::kGone);
      self->Post({.type = Message::kGone});
      return;
    }
    const std::lock_guard lock(self->mutex_);
    if (self->paused_) self->WatchHangup();
  });
}

void Connection::Arm(const Deadline& deadline) {
  deadline_timer_.cancel();
  if (deadline.kind == Deadline::Kind::kNone || phase_ == Phase::kClosed) return;
  deadline_timer_.expires_at(deadline.at);
  deadline_timer_.async_wait(
      [self = shared_from_this(), deadline](const boost::system::error_code& error) {
        if (!error) self->OnDeadline(deadline);
      });
}

void Connection::OnDeadline(const Deadline& deadline) {
  switch (deadline.kind) {
    case Deadline::Kind::kStatement:
      interrupts_.Raise(Interruption::kTimeout);
      break;
    case Deadline::Kind::kTransaction:
      interrupts_.Raise(Interruption::kTransactionTimeout);
      break;
    case Deadline::Kind::kIdle:
      Post({.type = Message::kIdleTimeout, .payload = std::to_string(deadline.sequence)});
      break;
    case Deadline::Kind::kNone:
      break;
  }
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  authentication_timer_.cancel();
  deadline_timer_.cancel();
  hangup_timer_.cancel();
  transport_.Shutdown();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Connection::Interrupt(Interruption why) { interrupts_.Raise(why); }

void Connection::TerminateWhenIdle() { Post({.type = Message::kTerminated}); }

void Connection::Terminate() {
  interrupts_.Raise(Interruption::kShutdown);
  Post({.type = Message::kTerminated});
}

void Connection::Post(Message message) {
  {
    const std::lock_guard lock(mutex_);
    if (over_) return;
    inbox_bytes_ += message.payload.size();
    inbox_.push_back(std::move(message));
    if (busy_) return;
    busy_ = true;
  }
  context_.workers->Submit([self = shared_from_this()] { self->Work(); });
}

void Connection::Work() {
  if (conversation_ == nullptr) {
    conversation_ = std::make_unique<Conversation>(
        context_, outbox_, interrupts_,
        Conversation::Client{.connection = weak_from_this(),
                             .address = address_,
                             .end_point = transport_.end_point(),
                             .authenticated = [this] { return Authenticated(); }});
  }
  while (true) {
    Message message;
    bool resume = false;
    {
      std::unique_lock lock(mutex_);
      if (inbox_.empty()) {
        lock.unlock();
        outbox_.Flush();
        SetDeadline(conversation_->IdleDeadline());
        lock.lock();
        if (inbox_.empty()) {
          busy_ = false;
          return;
        }
      }
      message = std::move(inbox_.front());
      inbox_.pop_front();
      inbox_bytes_ -= message.payload.size();
      resume = paused_ && inbox_bytes_ <= kInboxBytesMax / 2;
      if (resume) paused_ = false;
    }
    if (resume)
      asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Advance(); });
    SetDeadline(conversation_->WorkDeadline());
    interrupts_.BeginWork();
    ++context_.traffic.active;
    const bool goes_on = conversation_->Handle(std::move(message));
    --context_.traffic.active;
    interrupts_.EndWork();
    if (!goes_on) break;
  }
  EndConversation();
}

void Connection::EndConversation() {
  outbox_.FlushLast();
  conversation_.reset();
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    inbox_.clear();
  }
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Close(); });
}

void Connection::SetDeadline(const Deadline& deadline) {
  if (deadline.kind == Deadline::Kind::kNone && posted_.kind == Deadline::Kind::kNone) return;
  posted_ = deadline;
  asio::post(socket_.get_executor(),
             [self = shared_from_this(), deadline] { self->Arm(deadline); });
}

bool Connection::Authenticated() {
  // Claims the place first: two that come at once must not both get the last one.
  if (++context_.connections > context_.options.connections_max) {
    --context_.connections;
    return false;
  }
  --context_.pending;
  authenticated_ = true;
  asio::post(socket_.get_executor(),
             [self = shared_from_this()] { self->authentication_timer_.cancel(); });
  return true;
}

}  // namespace tarn::server::postgres
