// SPDX-License-Identifier: Apache-2.0
// A client of the server that holds PostgreSQL's catalogues.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/postgres/interrupts.h"
#include "server/postgres/sent_column.h"
#include "server/postgres/sqlstate.h"

namespace tarn::server::postgres {

/// How to connect. A value; equal ones lead to the same place.
struct CatalogueAddress {
  std::string socket;  ///< of the file system
  std::string user, database;
  std::vector<std::pair<std::string, std::string>> parameters;
  bool operator==(const CatalogueAddress&) const = default;
};

/// A query with what it takes to run it: values as their parameters' formats say.
struct CatalogueQuery {
  std::string text;
  std::vector<uint32_t> declared;  ///< types of the first parameters, 0: infer
  std::vector<std::optional<std::string>> values;
  std::vector<Format> parameter_formats, result_formats;  ///< as in Bind
};

/// One connection, used by one thread. Every query is a transaction of its own. Losing the server
/// is kUnavailable; its errors have its SQLSTATEs, and positions in bytes of the query's text.
class CatalogueConnection {
 public:
  /// `interrupts`: what ends the waiting, and the query; null: nothing does.
  static warehouse::StatementResult<std::unique_ptr<CatalogueConnection>> Open(
      const CatalogueAddress& address, const Interrupts* interrupts);
  ~CatalogueConnection();
  CatalogueConnection(const CatalogueConnection&) = delete;
  CatalogueConnection& operator=(const CatalogueConnection&) = delete;

  struct Description {
    std::vector<uint32_t> parameters;
    SentColumns columns;
  };
  warehouse::StatementResult<Description> Describe(const CatalogueQuery& query);

  /// Begins to run it. Rows come by Next, up to the end, before anything else is asked for.
  warehouse::StatementResult<> Start(const CatalogueQuery& query);
  /// The values of one row, valid until the next call; absent at the end. `wait` false: absent too
  /// where none has come yet (at_end tells).
  warehouse::StatementResult<std::optional<std::string_view>> Next(bool wait);
  bool at_end() const { return at_end_; }

  /// Runs it to its end and forgets its rows.
  warehouse::StatementResult<> Run(const CatalogueQuery& query);

 private:
  struct Answer {
    char type = 0;
    std::string_view payload;
  };
  CatalogueConnection(int socket, const CatalogueAddress& address, const Interrupts* interrupts)
      : socket_(socket), path_(address.socket), interrupts_(interrupts) {}

  warehouse::StatementResult<> LogIn(const CatalogueAddress& address);
  warehouse::StatementResult<> Send(std::span<const uint8_t> bytes);
  warehouse::StatementResult<std::optional<Answer>> Receive(bool wait);
  warehouse::StatementResult<Answer> Await();
  /// False: the wait is over without it.
  warehouse::StatementResult<bool> WaitFor(int16_t events, bool wait);
  warehouse::StatementError ReadError(std::string_view payload) const;
  /// Reads up to ReadyForQuery and returns the failure.
  std::unexpected<warehouse::StatementError> Failed(std::string_view payload);
  void CancelThere() const;
  std::unexpected<warehouse::StatementError> Lost();

  int socket_ = -1;
  const std::string path_;
  const Interrupts* interrupts_;
  int32_t process_id_ = 0, secret_ = 0;
  std::string text_;  ///< of the query that runs, for positions
  std::string buffer_;
  size_t consumed_ = 0;
  bool at_end_ = true;
};

}  // namespace tarn::server::postgres
