// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "server/postgres/catalogue_relay.h"
#include "server/postgres/interrupts.h"
#include "server/postgres/outbox.h"
#include "server/postgres/portal.h"
#include "server/postgres/row_encoder.h"
#include "server/postgres/row_source.h"
#include "server/postgres/server_context.h"
#include "server/postgres/session_parameters.h"
#include "server/postgres/statement.h"
#include "server/postgres/transaction_block.h"

namespace tarn::server::postgres {

/// What one authenticated client's messages work on: its session, with PostgreSQL's parameters,
/// transactions, prepared statements and portals around it. Used by one thread at a time.
class Backend {
 public:
  Backend(std::unique_ptr<warehouse::Session> opened, std::string_view user, ServerContext& context,
          Outbox& outbox, Interrupts& interrupts);
  ~Backend();

  /// Makes one statement ready. `declared`: types of its parameters, 0 = infer, and only in the
  /// extended protocol are there any (`extended`).
  warehouse::StatementResult<StatementPtr> Prepare(
      const std::shared_ptr<const std::string>& client_text, warehouse::StatementText text,
      bool extended, std::span<const uint32_t> declared);

  /// 25P02 in a block that has failed, 25006 in one that only reads.
  warehouse::StatementResult<> CheckAllowed(const Statement& statement) const;

  /// Begins to run it, if it is allowed. `formats` count for queries of catalogues alone: their
  /// values are texts of what the client sent, and their rows come as the client wants them.
  warehouse::StatementResult<std::unique_ptr<RowSource>> Start(
      const StatementPtr& statement, std::span<const warehouse::BoundValue> values,
      const RunFormats& formats = {});

  struct Sent {
    int64_t rows = 0;
    bool suspended = false;  ///< after exactly the rows that were wanted
  };
  /// DataRow messages of up to `limit` rows, 0 = all.
  warehouse::StatementResult<Sent> SendRows(RowSource& source, const RowEncoder& encoder,
                                            int64_t limit);
  /// Lets the client take what is written. `idle`: also what is little. Fails where the statement
  /// is interrupted meanwhile.
  warehouse::StatementResult<> SendOn(RowSource& source, bool all);

  RowEncoder MakeEncoder(std::span<const SentColumn> columns, std::span<const Format> formats);
  void SendComplete(const std::string& tag);
  /// An ErrorResponse; the block fails, and a group is rolled back. Positions are told in the text
  /// of the statement, if there is one.
  void SendError(warehouse::StatementError error, const Statement* statement);
  void SendNotice(std::string_view severity, const Error& error, std::string_view state = "");
  void SendReady();

  /// What an interruption says to the client instead of the session's own words.
  warehouse::StatementError AsInterruption(warehouse::StatementError error) const;

  ServerContext& context;
  Outbox& outbox;
  Interrupts& interrupts;
  const std::unique_ptr<warehouse::Session> session;
  CatalogueRelay catalogues;
  SessionParameters parameters;
  TransactionBlock block;
  std::map<std::string, StatementPtr, std::less<>> statements;  ///< "": the unnamed one
  std::map<std::string, std::shared_ptr<Portal>, std::less<>> portals;
  std::chrono::steady_clock::time_point block_began;
};

}  // namespace tarn::server::postgres
