// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

namespace tarn::warehouse {
namespace {

constexpr int kBusyMs = 10'000;
constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;";

/// What the caller can do about a result code of SQLite.
ErrorKind KindOf(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::kCorruption;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL:
      return ErrorKind::kUnavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return ErrorKind::kResourceExhausted;
    case SQLITE_INTERRUPT:
      return ErrorKind::kCancelled;
    case SQLITE_CONSTRAINT:
      if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
        return ErrorKind::kAlreadyExists;
      }
      // The only checks are of bounds.
      return code == SQLITE_CONSTRAINT_CHECK ? ErrorKind::kResourceExhausted : ErrorKind::kInternal;
    default:
      return ErrorKind::kInternal;
  }
}

/// SQLite would make the file with the umask's rights.
Result<> MakePrivate(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Fail(ErrorKind::kUnavailable, "could not open metastore \"{}\"", path);
  close(file);
  return {};
}

}  // namespace

Rows::~Rows() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  home_->push_back(statement_);
}

void Rows::BindNull() { bind_result_ |= sqlite3_bind_null(statement_, next_parameter_++); }

void Rows::BindInt(int64_t value) {
  bind_result_ |= sqlite3_bind_int64(statement_, next_parameter_++, value);
}

void Rows::BindDouble(double value) {
  bind_result_ |= sqlite3_bind_double(statement_, next_parameter_++, value);
}

void Rows::BindText(std::string_view text) {
  const char* data = text.data() == nullptr ? "" : text.data();
  bind_result_ |= sqlite3_bind_text64(statement_, next_parameter_++, data, text.size(),
                                      SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Rows::BindBlob(std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  bind_result_ |=
      sqlite3_bind_blob64(statement_, next_parameter_++, data, bytes.size(), SQLITE_TRANSIENT);
}

Result<bool> Rows::Next() {
  if (bind_result_ != SQLITE_OK) return connection_->Failed("bind to");
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_->Failed("run");
}

bool Rows::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Rows::Int(int column) const { return sqlite3_column_int64(statement_, column); }

double Rows::Double(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view Rows::Text(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column));
  return size == 0 ? std::string_view("") : std::string_view(static_cast<const char*>(data), size);
}

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path, Access access) {
  if (access == Access::kWrite) TARN_TRY(MakePrivate(path));
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  std::unique_ptr<Connection> connection(new Connection(database));
  if (code != SQLITE_OK) return connection->Failed("open");
  sqlite3_busy_timeout(database, kBusyMs);
  TARN_TRY(connection->Script(kSettings));
  if (access == Access::kRead) TARN_TRY(connection->Script("PRAGMA query_only = ON;"));
  return connection;
}

Connection::~Connection() {
  for (auto& [sql, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
  sqlite3_close_v2(database_);
}

std::unexpected<Error> Connection::Failed(std::string_view action) const {
  const int code = database_ == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(database_);
  const char* why = database_ == nullptr ? "out of memory" : sqlite3_errmsg(database_);
  return Fail(KindOf(code), "could not {} the metastore: {}", action, why);
}

Result<Rows> Connection::Prepare(std::string_view sql) {
  auto found = idle_.find(sql);
  if (found == idle_.end()) found = idle_.emplace(std::string(sql), 0).first;
  std::vector<sqlite3_stmt*>& idle = found->second;
  if (!idle.empty()) {
    sqlite3_stmt* statement = idle.back();
    idle.pop_back();
    return Rows(this, &idle, statement);
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Failed("compile a statement of");
  return Rows(this, &idle, statement);
}

Result<> Connection::Script(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return Failed("write");
  }
  return {};
}

int64_t Connection::changes() const { return sqlite3_changes64(database_); }

int64_t Connection::last_insert_id() const { return sqlite3_last_insert_rowid(database_); }

bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

}  // namespace tarn::warehouse
