// SPDX-License-Identifier: Apache-2.0
// What every protocol speaks to: a statement in, a typed stream of rows out. PostgreSQL's protocol,
// Snowflake's HTTP protocol and the scheduler drive the same sessions and only translate.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"
#include "base/result.h"
#include "base/uuid.h"
#include "base/value.h"
#include "sql/data_type.h"

namespace tarn::warehouse {

struct Caller;
struct FileTransfer;
class Snapshot;

/// A failed statement, as clients see it. `error.kind` is what the caller can do; code and SQLSTATE
/// are Snowflake's where it has one for this ("002003", "42S02"), else empty.
struct StatementError {
  Error error;
  std::string code;
  std::string sqlstate;
  /// Where in the statement's text, in bytes from its start; absent: nowhere in particular.
  std::optional<int64_t> position;
};

template <typename T = void>
using StatementResult = std::expected<T, StatementError>;

struct ResultColumn {
  std::string name;
  sql::DataType type;
  Type carrier;  ///< sql::TravelsAs(type, carrier)
  bool nullable = true;
  /// The table's column that it shows unchanged, for clients that ask where a value comes from.
  /// 0: computed.
  uint32_t table_id = 0;
  int32_t column_number = 0;  ///< from 1
};

/// Counted rows of a statement that changes rows, in the order in which Snowflake shows them
/// ("number of rows inserted", "number of rows updated", …).
struct RowCount {
  std::string label;
  int64_t rows = 0;
};

/// What a statement was, and what it did. Complete when its stream has ended.
struct StatementSummary {
  Uuid query_id;
  /// Upper-case words of the command without object names: "SELECT", "INSERT", "CREATE TABLE".
  std::string command;
  std::vector<RowCount> counts;
  /// Text of a statement without rows ("Table T successfully created."), "" = none.
  std::string status;
  int64_t rows = 0;  ///< that the stream gave
  /// Of PUT and GET: what the protocol has to do with the client (Session::TransferFiles).
  std::shared_ptr<const FileTransfer> transfer = nullptr;
};

/// The answer to one statement. Belongs to the session, which it must not outlive, and is used by
/// its thread; Interrupt from any. Destroying it before the end cancels the rest and gives back
/// what it holds (a place in its warehouse above all).
class ResultStream {
 public:
  virtual ~ResultStream() = default;
  /// Empty for statements without rows; then Next ends at once.
  virtual const std::vector<ResultColumn>& columns() const = 0;
  /// Replaces `batch` with one encoded batch of at least one row, of the columns' carriers; empty
  /// at the end. An error ends the stream.
  virtual StatementResult<> Next(std::vector<uint8_t>& batch) = 0;
  virtual void Interrupt() = 0;
  /// The client does not read for now: gives back what others wait for, above all the place in its
  /// warehouse, as far as that can be had again at the next Next. From its thread.
  virtual void Pause() = 0;
  virtual const StatementSummary& summary() const = 0;
};

/// A value for a parameter: text as the client wrote it, to be read by the type's input rules, or a
/// value of the type's carrier. `type` is what the client declares; kNull: infer.
struct BoundValue {
  sql::DataType type;
  std::optional<std::string> text;  ///< set: an unread text
  Value value;                      ///< else this; monostate is NULL
};

/// A statement that was parsed and bound once, to be run with values. Binding again happens inside
/// where names have changed since.
class PreparedStatement {
 public:
  virtual ~PreparedStatement() = default;
  virtual const std::vector<sql::DataType>& parameters() const = 0;
  /// Empty: gives no rows.
  virtual const std::vector<ResultColumn>& columns() const = 0;
  virtual std::string_view command() const = 0;  ///< as StatementSummary::command
  /// Leaves everything but the session itself as it is: may run in a transaction that only reads,
  /// and needs no undoing.
  virtual bool read_only() const = 0;
};

/// One statement of a text with several.
struct StatementText {
  std::string text;
  int64_t offset = 0;  ///< of its first byte in the whole text
};

enum class TransactionState : uint8_t { kNone, kOpen, kFailed };

/// How literals and parameters are written. PostgreSQL's drivers quote in their own way.
struct Dialect {
  bool backslash_escapes = true;
  /// `$1` outside of stages and VALUES is a parameter (extended protocol), not a column.
  bool dollar_parameters = false;
};

/// One client's conversation: role, warehouse, database, schema, parameters, variables,
/// transaction, temporary objects. Used by one thread at a time, except Cancel. Destroying it rolls
/// back.
class Session {
 public:
  virtual ~Session() = default;

  /// The statements of a text, scripting blocks whole, without empty ones. A text that cannot be
  /// split (an open quote) fails as parsing it would.
  virtual StatementResult<std::vector<StatementText>> Split(std::string_view text,
                                                            const Dialect& dialect) = 0;
  /// `declared`: types of the first parameters; kNull: infer. Has no effect beside taking locks on
  /// nothing: a described statement may never run.
  virtual StatementResult<std::unique_ptr<PreparedStatement>> Prepare(
      std::string text, const Dialect& dialect, std::span<const sql::DataType> declared) = 0;
  /// Begins to run it. Waits for a place in its warehouse. What is returned has been planned; rows
  /// come as they are asked for. One stream at a time writes; streams that only read may be open
  /// beside each other.
  virtual StatementResult<std::unique_ptr<ResultStream>> Execute(
      const PreparedStatement& statement, std::span<const BoundValue> values) = 0;

  /// The id of the client's next statement, for protocols that tell it before the statement runs.
  /// Others make one up.
  virtual void NameNextStatement(const Uuid& /*query_id*/) {}

  /// What runs until EndGroup is one transaction without a BEGIN (PostgreSQL's texts of several
  /// statements, and its pipelines); the state stays kNone. A BEGIN within turns it into an open
  /// transaction that has what ran before, which EndGroup then leaves alone; a statement that
  /// commits by itself (DDL) commits what ran before it as well. REQUIRES: no transaction is open,
  /// no group either.
  virtual StatementResult<> BeginGroup() = 0;
  /// Commits or rolls back. No stream of the group is open any more.
  virtual StatementResult<> EndGroup(bool commit) = 0;

  /// Ends what runs now with kCancelled, and nothing that begins later. From any thread.
  virtual void Cancel() = 0;

  virtual TransactionState transaction_state() const = 0;
  /// The client carries PUT and GET out, as their summaries say; else they are refused.
  virtual void TransferFiles() {}
  /// The client is gone or starts afresh: rolls back, drops temporary objects, defaults again.
  virtual void Reset() = 0;

  /// Session parameters by Snowflake's names, upper case (TIMEZONE, DATE_OUTPUT_FORMAT,
  /// QUERY_TAG …). NotFound for a name that there is not.
  virtual StatementResult<std::string> Parameter(std::string_view name) const = 0;
  virtual StatementResult<> SetParameter(std::string_view name, std::string_view value) = 0;
  /// "" = none.
  virtual std::string current_database() const = 0;
  virtual std::string current_schema() const = 0;
  virtual std::string current_role() const = 0;
  virtual std::string current_warehouse() const = 0;
  /// Notices go here while a statement runs, from its thread.
  virtual void OnNotice(std::function<void(std::string_view severity, const Error&)> sink) = 0;
  /// Who asks, at a moment of the metastore: for whoever shows its objects in a form of its own.
  /// 003013 (42501) where the role is gone or was taken from the user.
  virtual StatementResult<Caller> CallerAt(const Snapshot& snapshot) const = 0;
};

struct SessionRequest {
  std::string user;  ///< authenticated
  std::string role;  ///< "" = the user's default; so are the others
  std::string warehouse, database, schema;
  std::string client;   ///< application name, for the history
  std::string address;  ///< of the client
};

/// SCRAM-SHA-256 as PostgreSQL keeps it (RFC 5802): no password is ever kept.
struct PasswordVerifier {
  int32_t iterations = 4096;
  std::string salt, stored_key, server_key;  ///< bytes
};

/// Where protocols get sessions. Thread-safe.
class SessionFactory {
 public:
  virtual ~SessionFactory() = default;
  /// Absent: no such user, or one that may not log in with a password. The caller goes through the
  /// whole exchange all the same.
  virtual Result<std::optional<PasswordVerifier>> Verifier(std::string_view user) = 0;
  /// ResourceExhausted beyond the limit of connections.
  virtual StatementResult<std::unique_ptr<Session>> Open(const SessionRequest& request) = 0;
};

}  // namespace tarn::warehouse
