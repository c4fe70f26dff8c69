// SPDX-License-Identifier: Apache-2.0
// Rows of staged files become rows of a table, file by file (COPY INTO <table>).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/bind/bind_change.h"
#include "table/row_writer.h"
#include "warehouse/managed_tables/row_intake.h"
#include "warehouse/session/query.h"
#include "warehouse/session/session_transaction.h"
#include "warehouse/stages/file_rows.h"

namespace tarn::warehouse {

enum class OnError : uint8_t { kAbortStatement, kContinue, kSkipFile };

struct ErrorPolicy {
  OnError on_error = OnError::kAbortStatement;
  /// kSkipFile: a file with as many error rows is skipped, or, where it is set, with more percent.
  int64_t skip_errors = 1;
  std::optional<double> skip_percent = std::nullopt;
};

/// Whether a file with so many bad ones among its records is skipped.
bool IsSkipped(const ErrorPolicy& policy, int64_t bad, int64_t records);

/// A load as it was bound, over a table of staged rows that has no rows yet.
struct PreparedLoad {
  std::shared_ptr<const PinnedTable> table;
  sql::BoundLoad guarded;
  sql::BoundLoad plain;    ///< the same, whose failures are the values' own
  bool by_place = true;    ///< the i-th item is the i-th field of a record
  bool delimited = false;  ///< CSV: an empty field may be why a value is NULL
};

/// The first thing that was wrong with a file.
struct LoadError {
  StatementError error;
  int64_t record = 0;  ///< from 1; 0: the file as a whole
  TextPlace place;
  std::string column;  ///< "T"["C":1]; "": none
};

/// What became of a file.
struct FileResult {
  std::string status;  ///< LOADED, PARTIALLY_LOADED, LOAD_FAILED
  int64_t rows_parsed = 0, rows_loaded = 0, errors_seen = 0;
  std::optional<LoadError> first_error;
};

/// One statement on one table. Used by one thread; what it is made of outlives it.
class FileLoad {
 public:
  static StatementResult<std::unique_ptr<FileLoad>> Open(const QueryContext& context,
                                                         const PreparedLoad& load,
                                                         SessionTransaction& transaction);

  /// Under kAbortStatement, the first error of the file is in the result, and its rows count for
  /// nothing: the caller gives up. Fails where no policy helps: out of memory, cancelled.
  StatementResult<FileResult> Load(const FileRows& file, const ErrorPolicy& policy);
  /// What Load would tell of the file's rows, of which none goes into the table.
  StatementResult<FileResult> Check(const FileRows& file);
  /// The files of the table, of all rows that were loaded. Once.
  Result<std::vector<iceberg::DataFile>> Finish() { return writer_->Finish(); }
  int32_t next_ordinal() const { return writer_->next_ordinal(); }

 private:
  struct BadRow {
    int64_t row = 0;
    size_t item = 0;  ///< of the SELECT; beyond them for a column that none gives
    std::optional<StatementError> refusal;
  };
  struct Tally {
    int64_t loaded = 0, bad = 0;
    std::optional<BadRow> first;
  };
  FileLoad(const QueryContext& context, const PreparedLoad& load)
      : context_(context), load_(load), intake_(context_, *load.table) {}

  StatementResult<std::vector<engine::QueryTable>> Plan(const sql::BoundLoad& bound,
                                                        engine::PendingRows rows) const;
  /// `write`: good rows go into the table. `stop`: nothing counts behind the first bad one.
  StatementResult<> Run(const FileRows& file, bool write, bool stop, Tally& tally);
  /// What is wrong with a row; absent: nothing.
  std::optional<BadRow> Judge(const BatchView& batch, int32_t row) const;
  StatementResult<> Write(const BatchView& batch, const std::vector<int32_t>& good);
  StatementResult<LoadError> FirstError(const FileRows& file, const Tally& tally) const;
  StatementResult<StatementError> WhyOf(const FileRows& file, const BadRow& bad) const;
  /// "T"["C":1], or "T"[3] for a field that no column gets.
  std::string ColumnName(size_t place) const;

  const QueryContext& context_;
  const PreparedLoad& load_;
  const RowIntake intake_;
  std::vector<Type> types_;  ///< of the guarded query's columns
  std::unique_ptr<table::RowWriter> writer_;
};

}  // namespace tarn::warehouse
