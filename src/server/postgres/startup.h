// SPDX-License-Identifier: Apache-2.0
// The first packets of a connection, before any message has a type.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/postgres/sqlstate.h"

namespace tarn::server::postgres {

inline constexpr int32_t kStartupLengthMax = 10'004;  // PostgreSQL's MAX_STARTUP_PACKET_LENGTH + 4
inline constexpr int32_t kSslRequestCode = 80877103;
inline constexpr int32_t kGssRequestCode = 80877104;
inline constexpr int32_t kCancelRequestCode = 80877102;
inline constexpr int32_t kProtocol30 = 0x00030000;
inline constexpr int32_t kProtocol32 = 0x00030002;
inline constexpr uint8_t kTlsHandshakeByte = 0x16;

struct StartupPacket {
  int32_t requested = kProtocol30;
  int32_t protocol = kProtocol30;  ///< what is spoken: the highest not above what was asked for
  std::string user, database;      ///< the database is the user where none was named
  /// Names in lower case, in the order in which they came; those of `options` stand among them.
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::string> unknown_options;  ///< _pq_.…

  /// Whether the client has to be told what differs from its wish.
  bool needs_negotiation() const { return requested != protocol || !unknown_options.empty(); }
};

/// `payload`: all after the length.
warehouse::StatementResult<StartupPacket> ParseStartup(std::string_view payload);

struct CancelRequest {
  int32_t process_id = 0;
  std::string key;
};
warehouse::StatementResult<CancelRequest> ParseCancel(std::string_view payload);

std::string ToLower(std::string_view text);

}  // namespace tarn::server::postgres
