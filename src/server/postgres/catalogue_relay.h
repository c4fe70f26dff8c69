// SPDX-License-Identifier: Apache-2.0
// Queries of PostgreSQL's catalogues, which are answered by PostgreSQL
// (docs/internals/client-catalogues.md).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "server/postgres/catalogue_access.h"
#include "server/postgres/interrupts.h"
#include "server/postgres/row_source.h"
#include "server/postgres/statement.h"

namespace tarn::server::postgres {

/// One session's way to the catalogues, with a connection that is kept while it is of use. Used by
/// the session's thread; sources must not outlive it.
class CatalogueRelay {
 public:
  /// `access` null: there are no catalogues, and queries of them fail (0A000).
  CatalogueRelay(CatalogueAccess* access, const warehouse::Session& session,
                 const Interrupts& interrupts)
      : access_(access), session_(session), interrupts_(interrupts) {}

  bool is_present() const { return access_ != nullptr; }

  /// Fills in the statement's query, columns and types of parameters. `zone`: the session's.
  warehouse::StatementResult<> Prepare(std::string text, std::span<const uint32_t> declared,
                                       const std::string& zone, Statement& statement);
  /// 0A000 where the query reads a table of the warehouse.
  warehouse::StatementResult<std::unique_ptr<RowSource>> Start(
      const Statement& statement, std::span<const warehouse::BoundValue> values,
      const RunFormats& formats, const std::string& zone);

  /// Where a source that has come to its end leaves its connection.
  void GiveBack(std::unique_ptr<CatalogueConnection> connection, CatalogueAddress address);

 private:
  struct Linked {
    std::unique_ptr<CatalogueConnection> connection;
    CatalogueAddress address;
  };
  /// Runs `use` over a connection; again over a new one where the server is lost.
  template <typename Use>
  warehouse::StatementResult<Linked> Over(const std::string& zone, const Use& use);
  warehouse::StatementResult<Linked> Link(const std::string& zone, bool again);

  CatalogueAccess* access_;
  const warehouse::Session& session_;
  const Interrupts& interrupts_;
  Linked idle_;
};

}  // namespace tarn::server::postgres
