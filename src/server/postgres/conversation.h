// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/postgres/backend.h"
#include "server/postgres/message_reader.h"
#include "server/postgres/scram.h"
#include "server/postgres/startup.h"

namespace tarn::server::postgres {

class ExtendedQuery;

/// A moment at which something is to be done about a connection.
struct Deadline {
  enum class Kind : uint8_t { kNone, kStatement, kTransaction, kIdle } kind = Kind::kNone;
  std::chrono::steady_clock::time_point at;
  int64_t sequence = 0;  ///< the messages that were served when it was set
};

/// What is said on one connection, from the startup packet on. Used by one thread at a time, the
/// session with it.
class Conversation {
 public:
  struct Client {
    std::weak_ptr<Connection> connection;
    std::string address;
    std::string end_point;  ///< for channel binding, "" = none
    /// Claims a place among the connections; false: there is none.
    std::function<bool()> authenticated;
  };
  Conversation(ServerContext& context, Outbox& outbox, Interrupts& interrupts, Client client);
  ~Conversation();

  /// False: the connection is over. What is written then is still to be sent.
  bool Handle(Message message);

  /// When what is served now, or the waiting for the next message, has to end.
  Deadline WorkDeadline() const;
  Deadline IdleDeadline() const;

 private:
  bool OnStartup(std::string_view payload);
  bool OnPassword(std::string_view payload);
  bool OnScramFirst(std::string_view message);
  bool OnMessage(char type, std::string_view payload);
  bool OnIdleTimeout(const std::string& sequence);
  bool OpenSession();
  warehouse::StatementResult<std::unique_ptr<warehouse::Session>> Open() const;
  warehouse::StatementResult<> ApplyStartupParameters();
  void Negotiate();
  void RequestAuthentication(int32_t code, std::string_view data);
  bool Fatal(const warehouse::StatementError& error);
  bool FatalPassword();
  bool FatalLocked(int64_t locked_ms);

  ServerContext& context_;
  Outbox& outbox_;
  Interrupts& interrupts_;
  Client client_;
  StartupPacket startup_;
  std::optional<ScramExchange> scram_;
  bool first_sent_ = false;  ///< the mechanism was chosen
  std::string mechanism_;    ///< until its first message has come
  ConnectionRegistry::Key key_;
  int64_t served_ = 0;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<ExtendedQuery> extended_;
};

}  // namespace tarn::server::postgres
