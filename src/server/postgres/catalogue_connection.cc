// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/catalogue_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "server/postgres/message_reader.h"
#include "server/postgres/message_writer.h"

namespace tarn::server::postgres {
namespace {

using warehouse::StatementError;
using warehouse::StatementResult;

constexpr int32_t kProtocol = 3 << 16, kCancelCode = 80877102, kCancelBytes = 16;
constexpr int kLookMs = 20;  ///< how often an interruption is looked for
constexpr size_t kHeaderBytes = 5, kReadBytes = size_t{64} << 10;

int Connect(const std::string& path) {
  sockaddr_un name{};
  if (path.size() >= sizeof name.sun_path) return -1;
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, path.size());
  const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return -1;
  if (connect(made, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) return made;
  close(made);
  return -1;
}

/// Of the `characters`-th character, from 1.
int64_t ByteOf(std::string_view text, int64_t characters) {
  size_t at = 0;
  while (at < text.size() && characters > 1) {
    do {
      ++at;
    } while (at < text.size() && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80);
    --characters;
  }
  return static_cast<int64_t>(at);
}

void WriteParse(const CatalogueQuery& query, MessageWriter& out) {
  out.Begin('P');
  out.CString("");
  out.CString(query.text);
  out.Int16(static_cast<int16_t>(query.declared.size()));
  for (const uint32_t type_oid : query.declared) out.Int32(static_cast<int32_t>(type_oid));
  out.End();
}

void WriteFormats(const std::vector<Format>& formats, MessageWriter& out) {
  out.Int16(static_cast<int16_t>(formats.size()));
  for (const Format format : formats) out.Int16(static_cast<int16_t>(format));
}

void WriteBind(const CatalogueQuery& query, MessageWriter& out) {
  out.Begin('B');
  out.CString("");
  out.CString("");
  WriteFormats(query.parameter_formats, out);
  out.Int16(static_cast<int16_t>(query.values.size()));
  for (const auto& value : query.values) {
    out.Int32(value ? static_cast<int32_t>(value->size()) : -1);
    if (value) out.Bytes(*value);
  }
  WriteFormats(query.result_formats, out);
  out.End();
}

void WriteEmpty(char type, MessageWriter& out) {
  out.Begin(type);
  out.End();
}

SentColumns ReadColumns(std::string_view payload) {
  MessageReader reader(payload);
  SentColumns columns(reader.UInt16());
  for (SentColumn& column : columns) {
    column.name = reader.CString();
    column.type = {.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault};
    column.carrier = Type::Primitive(TypeKind::kString);
    column.table_id = static_cast<uint32_t>(reader.Int32());
    column.column_number = reader.Int16();
    WireType& type = column.relayed.emplace();
    type.oid = static_cast<uint32_t>(reader.Int32());
    type.length = reader.Int16();
    type.typmod = reader.Int32();
    (void)reader.Int16();
  }
  return columns;
}

}  // namespace

CatalogueConnection::~CatalogueConnection() {
  if (socket_ < 0) return;
  if (!at_end_) CancelThere();
  close(socket_);
}

StatementResult<std::unique_ptr<CatalogueConnection>> CatalogueConnection::Open(
    const CatalogueAddress& address, const Interrupts* interrupts) {
  const int made = Connect(address.socket);
  std::unique_ptr<CatalogueConnection> connection(
      new CatalogueConnection(made, address, interrupts));
  if (made < 0) return connection->Lost();
  TARN_STATEMENT_TRY(connection->LogIn(address));
  return connection;
}

StatementResult<> CatalogueConnection::LogIn(const CatalogueAddress& address) {
  MessageWriter out;
  out.Int32(0);
  out.Int32(kProtocol);
  const auto add = [&out](std::string_view name, std::string_view value) {
    out.CString(name);
    out.CString(value);
  };
  add("user", address.user);
  add("database", address.database);
  add("client_encoding", "UTF8");
  for (const auto& [name, value] : address.parameters) add(name, value);
  out.Byte(0);
  std::vector<uint8_t> bytes(out.bytes().begin(), out.bytes().end());
  MessageWriter::PutInt32(bytes.data(), static_cast<int32_t>(bytes.size()));
  TARN_STATEMENT_TRY(Send(bytes));
  while (true) {
    TARN_STATEMENT_ASSIGN(const Answer answer, Await());
    MessageReader reader(answer.payload);
    if (answer.type == 'Z') return {};
    if (answer.type == 'E') return std::unexpected(ReadError(answer.payload));
    if (answer.type == 'K') {
      process_id_ = reader.Int32();
      secret_ = reader.Int32();
    } else if (answer.type == 'R' && reader.Int32() != 0) {
      return FailState(sqlstate::kInvalidAuthorization,
                       "the server of the catalogues asks for a password");
    }
  }
}

StatementResult<bool> CatalogueConnection::WaitFor(int16_t events, bool wait) {
  while (true) {
    pollfd ready{socket_, events, 0};
    const int found = poll(&ready, 1, wait ? kLookMs : 0);
    if (found > 0) return true;
    if (!wait) return false;
    if (interrupts_ != nullptr && interrupts_->raised() != Interruption::kNone) {
      CancelThere();
      close(std::exchange(socket_, -1));
      at_end_ = true;
      return FailState(sqlstate::kCancelled, "canceling statement due to user request");
    }
  }
}

StatementResult<> CatalogueConnection::Send(std::span<const uint8_t> bytes) {
  if (socket_ < 0) return Lost();
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      TARN_STATEMENT_TRY(WaitFor(POLLOUT, true));
    } else if (errno != EINTR) {
      return Lost();
    }
  }
  return {};
}

StatementResult<std::optional<CatalogueConnection::Answer>> CatalogueConnection::Receive(
    bool wait) {
  if (socket_ < 0) return Lost();
  while (true) {
    const std::string_view rest = std::string_view(buffer_).substr(consumed_);
    if (rest.size() >= kHeaderBytes) {
      MessageReader header(rest.substr(1));
      const int32_t length = header.Int32();
      if (length < 4) return Lost();
      const size_t whole = static_cast<size_t>(length) + 1;
      if (rest.size() >= whole) {
        consumed_ += whole;
        return Answer{rest[0], rest.substr(kHeaderBytes, whole - kHeaderBytes)};
      }
    }
    // What was given out before is not needed any more.
    buffer_.erase(0, std::exchange(consumed_, 0));
    TARN_STATEMENT_ASSIGN(const bool ready, WaitFor(POLLIN, wait));
    if (!ready) return std::optional<Answer>();
    const size_t had = buffer_.size();
    buffer_.resize(had + kReadBytes);
    const ssize_t count = recv(socket_, buffer_.data() + had, kReadBytes, MSG_DONTWAIT);
    buffer_.resize(had + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return Lost();
  }
}

StatementResult<CatalogueConnection::Answer> CatalogueConnection::Await() {
  TARN_STATEMENT_ASSIGN(const auto answer, Receive(true));
  return *answer;
}

StatementResult<CatalogueConnection::Description> CatalogueConnection::Describe(
    const CatalogueQuery& query) {
  text_ = query.text;
  MessageWriter out;
  WriteParse(query, out);
  out.Begin('D');
  out.Byte('S');
  out.CString("");
  out.End();
  WriteEmpty('S', out);
  TARN_STATEMENT_TRY(Send(out.bytes()));
  Description description;
  while (true) {
    TARN_STATEMENT_ASSIGN(const Answer answer, Await());
    MessageReader reader(answer.payload);
    switch (answer.type) {
      case 't':
        description.parameters.resize(reader.UInt16());
        for (uint32_t& type_oid : description.parameters) {
          type_oid = static_cast<uint32_t>(reader.Int32());
        }
        break;
      case 'T':
        description.columns = ReadColumns(answer.payload);
        break;
      case 'E':
        return Failed(answer.payload);
      case 'Z':
        return description;
      default:
        break;
    }
  }
}

StatementResult<> CatalogueConnection::Start(const CatalogueQuery& query) {
  text_ = query.text;
  MessageWriter out;
  WriteParse(query, out);
  WriteBind(query, out);
  out.Begin('E');
  out.CString("");
  out.Int32(0);
  out.End();
  WriteEmpty('S', out);
  at_end_ = false;
  TARN_STATEMENT_TRY(Send(out.bytes()));
  // An error before the first row is one of the start.
  while (true) {
    TARN_STATEMENT_ASSIGN(const Answer answer, Await());
    if (answer.type == '2') return {};
    if (answer.type == 'E') return Failed(answer.payload);
  }
}

StatementResult<std::optional<std::string_view>> CatalogueConnection::Next(bool wait) {
  while (!at_end_) {
    TARN_STATEMENT_ASSIGN(const auto answer, Receive(wait));
    if (!answer) break;
    if (answer->type == 'D') return answer->payload;
    if (answer->type == 'E') return Failed(answer->payload);
    if (answer->type == 'Z') at_end_ = true;
  }
  return std::optional<std::string_view>();
}

StatementResult<> CatalogueConnection::Run(const CatalogueQuery& query) {
  TARN_STATEMENT_TRY(Start(query));
  while (true) {
    TARN_STATEMENT_ASSIGN(const auto row, Next(true));
    if (!row) return {};
  }
}

StatementError CatalogueConnection::ReadError(std::string_view payload) const {
  StatementError error{.error = {.kind = ErrorKind::kInvalidArgument}};
  MessageReader reader(payload);
  for (uint8_t field = reader.Byte(); field != 0 && !reader.failed(); field = reader.Byte()) {
    const std::string_view value = reader.CString();
    int64_t position = 0;
    switch (field) {
      case 'C':
        error.sqlstate = value;
        break;
      case 'M':
        error.error.message = value;
        break;
      case 'D':
        error.error.detail = value;
        break;
      case 'H':
        error.error.hint = value;
        break;
      case 'P':
        std::from_chars(value.data(), value.data() + value.size(), position);
        error.position = ByteOf(text_, position);
        break;
      default:
        break;
    }
  }
  // Shut down, crashed, or idle for too long: all the same to whoever asks.
  if (error.sqlstate.starts_with("57P")) error.error.kind = ErrorKind::kUnavailable;
  return error;
}

std::unexpected<StatementError> CatalogueConnection::Failed(std::string_view payload) {
  StatementError error = ReadError(payload);
  while (error.error.kind != ErrorKind::kUnavailable) {
    const auto answer = Await();
    if (!answer) break;
    if (answer->type == 'Z') {
      at_end_ = true;
      return std::unexpected(std::move(error));
    }
  }
  (void)Lost();
  return std::unexpected(std::move(error));
}

void CatalogueConnection::CancelThere() const {
  const int other = Connect(path_);
  if (other < 0) return;
  MessageWriter out;
  out.Int32(kCancelBytes);
  out.Int32(kCancelCode);
  out.Int32(process_id_);
  out.Int32(secret_);
  (void)!send(other, out.bytes().data(), out.size(), MSG_NOSIGNAL);
  close(other);
}

std::unexpected<StatementError> CatalogueConnection::Lost() {
  if (socket_ >= 0) close(std::exchange(socket_, -1));
  at_end_ = true;
  auto failed = FailState("08006", "the server of PostgreSQL's catalogues is gone");
  failed.error().error.kind = ErrorKind::kUnavailable;
  return failed;
}

}  // namespace tarn::server::postgres
