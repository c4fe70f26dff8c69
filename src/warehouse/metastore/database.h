// SPDX-License-Identifier: Apache-2.0
// SQLite behind a small layer of our own: connections, statements that are compiled once, typed
// binds, errors as Results. Only this folder includes sqlite3.h, and only database.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tarn::warehouse {

class Connection;

/// One run of a statement: bind, then step through its rows. Gives the compiled statement back to
/// its connection at the end, which it must not outlive. A failed bind is told by the first Next.
class Rows {
 public:
  Rows(Connection* connection, std::vector<sqlite3_stmt*>* home, sqlite3_stmt* statement)
      : connection_(connection), home_(home), statement_(statement) {}
  Rows(Rows&& other) noexcept
      : connection_(other.connection_),
        home_(other.home_),
        statement_(std::exchange(other.statement_, nullptr)),
        bind_result_(other.bind_result_),
        next_parameter_(other.next_parameter_) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  // Binds to the next parameter, in order. Text is copied.
  void BindNull();
  void BindInt(int64_t value);
  void BindDouble(double value);
  void BindText(std::string_view text);
  void BindBlob(std::string_view bytes);

  /// True: there is a row, and the getters tell it.
  Result<bool> Next();

  // Of the current row, by column from 0. A value of another type is converted as SQLite does.
  bool IsNull(int column) const;
  int64_t Int(int column) const;
  double Double(int column) const;
  std::string_view Text(int column) const;  ///< valid until the next step

 private:
  Connection* connection_;
  std::vector<sqlite3_stmt*>* home_;  ///< the connection's idle ones of the same text
  sqlite3_stmt* statement_;
  int bind_result_ = 0;
  int next_parameter_ = 1;
};

enum class Access : uint8_t { kRead, kWrite };

/// One connection in WAL mode. Used by one thread at a time.
class Connection {
 public:
  /// kWrite makes the file (readable by its owner only) where it is missing; every commit is on
  /// disk at return (synchronous = FULL). kRead never writes. Both wait up to ten seconds for a
  /// lock of another process.
  static Result<std::unique_ptr<Connection>> Open(const std::string& path, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// `sql` is a literal of the program, or made of its literals: never of a user's words. It is
  /// kept compiled.
  Result<Rows> Prepare(std::string_view sql);
  /// Statements without parameters and rows, separated by semicolons; not kept.
  Result<> Script(const std::string& sql);
  /// Rows that the last statement changed.
  int64_t changes() const;
  int64_t last_insert_id() const;
  /// Whether a transaction is open: some failures of SQLite end it.
  bool in_transaction() const;

 private:
  friend class Rows;
  explicit Connection(sqlite3* database) : database_(database) {}
  std::unexpected<Error> Failed(std::string_view action) const;

  sqlite3* database_;
  /// Compiled and not in use, by their text.
  std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;
};

}  // namespace tarn::warehouse
