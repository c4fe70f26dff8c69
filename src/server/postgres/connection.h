// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>

#include "base/memory_budget.h"
#include "server/postgres/conversation.h"
#include "server/postgres/interrupts.h"
#include "server/postgres/message_reader.h"
#include "server/postgres/outbox.h"
#include "server/postgres/server_context.h"
#include "server/postgres/transport.h"

namespace tarn::server::postgres {

/// One client's socket. The strand of its io thread reads, always, also while a statement runs, so
/// that it sees the client go; whole messages stand in the inbox until one worker at a time serves
/// them with the conversation. An idle connection has no thread. Kept alive by what waits for it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// The socket's executor is a strand.
  Connection(Socket socket, ServerContext& context);
  ~Connection();

  void Start();
  /// From any thread.
  void Interrupt(Interruption why);
  /// From any thread: as Terminate, but what runs and what has arrived comes to its end before.
  void TerminateWhenIdle();
  /// From any thread: ends what runs and tells the client that the server stops.
  void Terminate();

 private:
  enum class Phase { kFirstByte, kPacket, kHandshake, kMessages, kClosed };
  enum class Step { kAgain, kWaitRead, kWaitWrite, kStop };

  // On the strand.
  void Wait(Step step);
  void Advance();
  Step AdvanceOnce();
  Step OnFirstByte();
  Step OnPacket();
  Step OnRequestPacket(int32_t code);
  Step AnswerTlsRequest();
  Step OnHandshake();
  Step OnBytes();
  Step TakeFrames();
  bool SendByte(char byte);
  Step Refuse(const warehouse::StatementError& error);
  void OnAuthenticationDeadline();
  void Arm(const Deadline& deadline);
  void OnDeadline(const Deadline& deadline);
  void WatchHangup();
  void Close();

  /// From any thread.
  void Post(Message message);
  // On a worker.
  void Work();
  void EndConversation();
  void SetDeadline(const Deadline& deadline);
  bool Authenticated();

  Socket socket_;
  ServerContext& context_;
  Transport transport_;
  Interrupts interrupts_;
  Outbox outbox_;
  std::unique_ptr<Conversation> conversation_;  ///< the serving worker's

  Phase phase_ = Phase::kFirstByte;
  bool direct_tls_ = false, saw_tls_request_ = false, saw_gss_request_ = false;
  std::string packet_;
  MessageFrames frames_;
  MemoryReservation frame_memory_;
  boost::asio::steady_timer authentication_timer_, deadline_timer_, hangup_timer_;
  std::string address_;

  std::mutex mutex_;
  std::deque<Message> inbox_;  ///< under mutex_
  size_t inbox_bytes_ = 0;     ///< under mutex_
  bool paused_ = false;  ///< under mutex_: the strand reads no more until the inbox is shorter
  bool busy_ = false;    ///< under mutex_: a worker serves it
  bool over_ = false;    ///< under mutex_: nothing is served any more
  Deadline posted_;      ///< the serving worker's
  std::atomic<bool> authenticated_ = false;
};

}  // namespace tarn::server::postgres
