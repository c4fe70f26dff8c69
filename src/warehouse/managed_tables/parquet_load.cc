// SPDX-License-Identifier: Apache-2.0
#include "warehouse/managed_tables/parquet_load.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kPartBytes = int64_t{32} << 20;

/// `part` begins behind `before` records.
void Add(FileResult part, int64_t before, FileResult& whole) {
  whole.rows_parsed += part.rows_parsed;
  whole.rows_loaded += part.rows_loaded;
  whole.errors_seen += part.errors_seen;
  if (whole.first_error || !part.first_error) return;
  whole.first_error = std::move(part.first_error);
  whole.first_error->record += before;
  whole.first_error->place.line += before;
}

}  // namespace

StatementResult<FileResult> ParquetLoad::ForEachPart(bool stop, const Part& part) {
  FileResult whole;
  const auto fail = [&](StatementError failure) {
    if (!wrote_) unreadable_ = failure;
    return std::unexpected(std::move(failure));
  };
  auto records = ParquetRecords::Open(tables_, area_, file_, format_);
  if (!records) return fail(std::move(records).error());
  while (!(stop && whole.first_error)) {
    const int64_t before = whole.rows_parsed;
    auto rows = FileRows::ReadSome(tables_, **records, file_, before + 1, format_, kPartBytes);
    if (!rows) return fail(std::move(rows).error());
    if (rows->records() == 0) break;
    STATEMENT_ASSIGN(FileResult result, part(*rows));
    Add(std::move(result), before, whole);
  }
  return whole;
}

StatementResult<FileResult> ParquetLoad::Load(const ErrorPolicy& policy) {
  const bool abort = policy.on_error == OnError::kAbortStatement;
  if (policy.on_error == OnError::kSkipFile) {
    STATEMENT_ASSIGN(FileResult seen,
                     ForEachPart(false, [&](const FileRows& rows) { return load_.Check(rows); }));
    if (IsSkipped(policy, seen.errors_seen, seen.rows_parsed)) {
      seen.status = "LOAD_FAILED";
      return seen;
    }
  }
  const ErrorPolicy of_parts{.on_error = abort ? OnError::kAbortStatement : OnError::kContinue};
  STATEMENT_ASSIGN(FileResult whole, ForEachPart(abort, [&](const FileRows& rows) {
                     wrote_ = true;
                     return load_.Load(rows, of_parts);
                   }));
  if (abort && whole.first_error) whole.rows_loaded = 0;
  whole.status = whole.errors_seen == 0   ? "LOADED"
                 : whole.rows_loaded == 0 ? "LOAD_FAILED"
                                          : "PARTIALLY_LOADED";
  return whole;
}

}  // namespace tarn::warehouse
