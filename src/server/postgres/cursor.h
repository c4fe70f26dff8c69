// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "server/postgres/own_statement.h"
#include "server/postgres/row_source.h"
#include "server/postgres/row_spool.h"
#include "server/postgres/statement.h"

namespace tarn::server::postgres {

/// A query's rows with a place among them (PostgreSQL documentation, FETCH). Without SCROLL rows
/// are not kept. Used by one thread.
class Cursor {
 public:
  Cursor(StatementPtr statement, std::unique_ptr<RowSource> source, bool scroll,
         MemoryBudget& spool_space);

  const SentColumns& columns() const { return columns_; }
  const StatementPtr& statement() const { return statement_; }

  /// The next rows on, at most `limit`.
  warehouse::StatementResult<RowRange> Forward(int64_t limit);
  /// One row back, or none before the first. 55000 without SCROLL.
  warehouse::StatementResult<RowRange> Backward();
  /// Goes to a row, from the end where `number` is negative; the row, if there is one. 55000 where
  /// it lies behind and there is no SCROLL.
  warehouse::StatementResult<RowRange> GoTo(int64_t number);
  /// The current row's number; 0 before the first.
  int64_t position() const { return position_; }
  /// 55000 for a move that cannot be made without SCROLL, before anything is told of it.
  warehouse::StatementResult<> Check(const CursorMove& move) const;
  bool is_on_row() const { return position_ > 0 && !after_end_; }
  void Pause();

  /// Reads the rest, so that nothing of the transaction is needed any more.
  warehouse::StatementResult<> Materialize();

 private:
  warehouse::StatementResult<bool> SpoolUpTo(int64_t number);

  StatementPtr statement_;
  SentColumns columns_;
  std::unique_ptr<RowSource> source_;  ///< nullptr when it has given everything
  bool scroll_ = false;
  RowSpool spool_;
  int64_t spool_begin_ = 0;  ///< rows that were given before the first that is kept
  int64_t position_ = 0;
  bool after_end_ = false;
};

/// What FETCH gives, and what MOVE goes over.
class FetchSource : public RowSource {
 public:
  FetchSource(std::shared_ptr<Cursor> cursor, CursorMove move, bool shows_rows);
  const SentColumns& columns() const override;
  warehouse::StatementResult<RowRange> Next(int64_t limit) override;
  std::string Tag(int64_t rows) const override;
  void Pause() override { cursor_->Pause(); }

 private:
  warehouse::StatementResult<RowRange> Step(int64_t limit);

  std::shared_ptr<Cursor> cursor_;
  CursorMove move_;
  bool shows_rows_ = true;
  bool ended_ = false;
  int64_t moved_ = 0;
};

}  // namespace tarn::server::postgres
