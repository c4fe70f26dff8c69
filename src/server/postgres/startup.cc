// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/startup.h"

#include "server/postgres/message_reader.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;

constexpr size_t kCancelKeyMin = 4, kCancelKeyMax = 256;

std::unexpected<warehouse::StatementError> InvalidLayout() {
  return FailState(sqlstate::kProtocolViolation,
                   "invalid startup packet layout: expected terminator as last byte");
}

/// Words of a command line: split at spaces, a backslash keeps what follows it.
std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      if (inside) words.push_back(std::move(word));
      word.clear();
      inside = false;
      continue;
    }
    inside = true;
    if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
    } else {
      word += c;
    }
  }
  if (inside) words.push_back(std::move(word));
  return words;
}

StatementResult<> AddOptions(std::string_view options, StartupPacket& packet) {
  const std::vector<std::string> words = Words(options);
  for (size_t i = 0; i < words.size(); ++i) {
    std::string_view setting = words[i];
    if (setting == "-c" && i + 1 < words.size()) {
      setting = words[++i];
    } else if (setting.starts_with("-c") && setting.size() > 2) {
      setting.remove_prefix(2);
    } else if (setting.starts_with("--")) {
      setting.remove_prefix(2);
    } else {
      return FailState(sqlstate::kSyntax, "invalid command-line argument for server process: {}",
                       words[i]);
    }
    const size_t equals = setting.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return FailState(sqlstate::kSyntax, "-c {} requires a value", setting);
    }
    std::string name = ToLower(setting.substr(0, equals));
    for (char& c : name) {
      if (c == '-') c = '_';
    }
    packet.parameters.emplace_back(std::move(name), setting.substr(equals + 1));
  }
  return {};
}

StatementResult<> AddParameter(std::string_view name, std::string_view value,
                               StartupPacket& packet) {
  if (name.starts_with("_pq_.")) {
    packet.unknown_options.emplace_back(name);
    return {};
  }
  if (!IsUtf8(value) || !IsUtf8(name)) {
    return FailState(sqlstate::kBadCharacters, "invalid byte sequence for encoding \"UTF8\"");
  }
  const std::string key = ToLower(name);
  if (key == "user") {
    packet.user = value;
  } else if (key == "database") {
    packet.database = value;
  } else if (key == "options") {
    return AddOptions(value, packet);
  } else if (key == "replication") {
    if (value != "false" && value != "off" && value != "0" && value != "no") {
      return FailState(sqlstate::kNotSupported, "replication connections are not supported");
    }
  } else {
    packet.parameters.emplace_back(key, value);
  }
  return {};
}

}  // namespace

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

StatementResult<StartupPacket> ParseStartup(std::string_view payload) {
  MessageReader reader(payload);
  StartupPacket packet;
  packet.requested = reader.Int32();
  if (reader.failed()) return InvalidLayout();
  if (packet.requested >> 16 != 3) {
    return FailState(sqlstate::kNotSupported,
                     "unsupported frontend protocol {}.{}: server supports 3.0 to 3.2",
                     packet.requested >> 16, packet.requested & 0xffff);
  }
  if (packet.requested >= kProtocol32) packet.protocol = kProtocol32;
  while (true) {
    const std::string_view name = reader.CString();
    if (reader.failed()) return InvalidLayout();
    if (name.empty()) break;
    const std::string_view value = reader.CString();
    if (reader.failed()) return InvalidLayout();
    TARN_STATEMENT_TRY(AddParameter(name, value, packet));
  }
  if (reader.left() != 0) return InvalidLayout();
  if (packet.user.empty()) {
    return FailState(sqlstate::kInvalidAuthorization,
                     "no PostgreSQL user name specified in startup packet");
  }
  if (packet.database.empty()) packet.database = packet.user;
  return packet;
}

StatementResult<CancelRequest> ParseCancel(std::string_view payload) {
  MessageReader reader(payload);
  reader.Int32();
  CancelRequest request;
  request.process_id = reader.Int32();
  request.key = reader.Rest();
  if (reader.failed() || request.key.size() < kCancelKeyMin || request.key.size() > kCancelKeyMax) {
    return FailState(sqlstate::kProtocolViolation, "invalid length of cancel request packet");
  }
  return request;
}

}  // namespace tarn::server::postgres
