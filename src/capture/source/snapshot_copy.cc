// SPDX-License-Identifier: Apache-2.0
#include "capture/source/snapshot_copy.h"

#include <algorithm>
#include <charconv>

#include "capture/source/copy_frames.h"

namespace tarn::capture {
namespace {

constexpr int kVersion14 = 140'000;
constexpr int64_t kRangesPerWorker = 4;
/// A range is a statement: less than some 2 MiB are not worth one.
constexpr int64_t kRangeBlocksMin = 256;
constexpr int64_t kBatchBytes = int64_t{4} << 20;

int64_t Number(const std::optional<std::string>& text) {
  int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

struct HeapSize {
  SourceName relation;
  int64_t blocks = 0;
};

/// Those that have rows: the table itself, or the leaves of a partitioned table. The stream knows
/// children of plain inheritance as tables of their own, so they are none of it.
Result<std::vector<HeapSize>> FindHeaps(SourceConnection& connection, const SourceTable& table) {
  const char* const relations = table.partitioned
                                    ? "(SELECT relid FROM pg_catalog.pg_partition_tree($1::"
                                      "pg_catalog.oid) WHERE isleaf)"
                                    : "(SELECT $1::pg_catalog.oid AS relid)";
  TARN_ASSIGN(
      const auto rows,
      connection.Run(
          fmt::format("SELECT n.nspname, c.relname, c.relkind, c.relpersistence,"
                      " pg_catalog.pg_relation_size(c.oid)"
                      "  / pg_catalog.current_setting('block_size')::pg_catalog.int8 AS blocks"
                      " FROM {} AS t JOIN pg_catalog.pg_class c ON c.oid = t.relid"
                      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                      " WHERE c.relkind <> 'p' ORDER BY blocks DESC, 1, 2",
                      relations),
          std::vector<std::string>{std::to_string(table.oid.value())}));
  std::vector<HeapSize> heaps;
  for (const SourceRow& row : rows) {
    HeapSize& heap = heaps.emplace_back();
    heap.relation = {row[0].value_or(""), row[1].value_or("")};
    if (row[2] != "r" || row[3] != "p") {
      Error error{
          ErrorKind::kInvalidArgument,
          fmt::format("partition {} of table {} is {}", QuotedName(heap.relation),
                      QuotedName(table.name), row[2] != "r" ? "a foreign table" : "unlogged"),
          "Its changes are not in the source's log.",
          "Detach the partition, or leave the table out."};
      return std::unexpected(std::move(error));
    }
    heap.blocks = Number(row[4]);
  }
  return heaps;
}

void AddRanges(const HeapSize& heap, int64_t blocks_per_range, std::vector<CopyRange>& ranges) {
  const int64_t count =
      std::max<int64_t>(1, (heap.blocks + blocks_per_range / 2) / blocks_per_range);
  for (int64_t i = 0; i < count; ++i) {
    CopyRange& range = ranges.emplace_back();
    range.relation = heap.relation;
    range.begin_block = static_cast<uint32_t>(heap.blocks * i / count);
    if (i + 1 < count) range.end_block = static_cast<uint32_t>(heap.blocks * (i + 1) / count);
  }
}

/// What of a column COPY is asked for. A cast to text is not what the output function gives for
/// every type (inet), format is; and a row of nulls is not null.
std::string Expression(const SourceColumn& column, bool binary) {
  const std::string name = QuotedName(column.name);
  if (binary) return name;
  return fmt::format(
      "CASE WHEN {0} IS NOT DISTINCT FROM NULL THEN NULL ELSE pg_catalog.format('%s', {0}) END",
      name);
}

std::string CopyStatement(const SourceTable& table, const CopyRange& range,
                          const std::vector<const ValueDecoder*>& decoders) {
  std::string columns, conditions;
  bool all_binary = true;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const bool binary = decoders[i]->takes_binary();
    all_binary = all_binary && binary;
    if (i > 0) columns += ", ";
    columns += Expression(table.columns[i], binary);
  }
  const auto add = [&](const std::string& condition) {
    conditions += (conditions.empty() ? " WHERE " : " AND ") + condition;
  };
  if (range.begin_block > 0) {
    add(fmt::format("ctid >= '({},0)'::pg_catalog.tid", range.begin_block));
  }
  if (range.end_block) add(fmt::format("ctid < '({},0)'::pg_catalog.tid", *range.end_block));
  if (table.row_filter) add("(" + *table.row_filter + ")");
  const std::string relation = QuotedName(range.relation);
  // Without a query there is less to do for each row; children are left out of it, too.
  const bool generated = std::ranges::any_of(table.columns, &SourceColumn::generated);
  if (all_binary && !generated && conditions.empty() && !table.columns.empty()) {
    return fmt::format("COPY {} ({}) TO STDOUT (FORMAT binary)", relation, columns);
  }
  return fmt::format("COPY (SELECT {} FROM ONLY {}{}) TO STDOUT (FORMAT binary)", columns, relation,
                     conditions);
}

/// Tuples into batches.
class CopyDecoder {
 public:
  CopyDecoder(const SourceTable& table, const std::vector<const ValueDecoder*>& decoders,
              const std::vector<Type>& types, int64_t batch_rows,
              const std::function<Result<>(const BatchView&)>& take)
      : table_(table),
        decoders_(decoders),
        batch_rows_(batch_rows),
        take_(take),
        frames_(decoders.size()),
        batch_(types) {}

  Result<> Take(std::string_view piece) {
    frames_.Append(piece);
    while (true) {
      TARN_ASSIGN(const std::vector<CopyField>* fields, frames_.Next());
      if (fields == nullptr) return {};
      TARN_TRY(AppendRow(*fields));
      ++rows_;
      bytes_ += static_cast<int64_t>(frames_.tuple_bytes());
      if (rows_ >= batch_rows_ || bytes_ >= kBatchBytes) TARN_TRY(Flush());
    }
  }

  Result<> Finish() {
    if (!frames_.finished()) return Fail(ErrorKind::kUnavailable, "a copy ended before its end");
    return Flush();
  }

 private:
  Result<> AppendRow(const std::vector<CopyField>& fields) {
    for (size_t i = 0; i < fields.size(); ++i) {
      ColumnBuilder& column = batch_.column(i);
      if (fields[i].is_null) {
        column.AppendNull();
        continue;
      }
      if (auto appended = decoders_[i]->AppendBinary(fields[i].bytes, column); !appended) {
        Error error = std::move(appended).error();
        error.message = fmt::format("column {} of table {}: {}", QuotedName(table_.columns[i].name),
                                    QuotedName(table_.name), error.message);
        return std::unexpected(std::move(error));
      }
    }
    return {};
  }
  Result<> Flush() {
    if (rows_ == 0) return {};
    BatchView view = batch_.View();
    // Also where there are no columns to count.
    view.rows = rows_;
    TARN_TRY(take_(view));
    batch_.Clear();
    rows_ = bytes_ = 0;
    return {};
  }

  const SourceTable& table_;
  const std::vector<const ValueDecoder*>& decoders_;
  const int64_t batch_rows_;
  const std::function<Result<>(const BatchView&)>& take_;
  CopyFrames frames_;
  BatchBuilder batch_;
  int64_t rows_ = 0, bytes_ = 0;
};

}  // namespace

Result<std::vector<CopyRange>> PlanCopy(SourceConnection& connection, const SourceTable& table,
                                        int32_t workers) {
  TARN_ASSIGN(const std::vector<HeapSize> heaps, FindHeaps(connection, table));
  int64_t total = 0, greatest = 1;
  for (const HeapSize& heap : heaps) {
    total += heap.blocks;
    greatest = std::max(greatest, heap.blocks);
  }
  const int64_t wished = std::max(workers, 1) * kRangesPerWorker;
  // Before version 14 every range reads the whole table.
  const int64_t blocks = connection.server_version() >= kVersion14
                             ? std::max((total + wished - 1) / wished, kRangeBlocksMin)
                             : 2 * greatest;
  std::vector<CopyRange> ranges;
  for (const HeapSize& heap : heaps) AddRanges(heap, blocks, ranges);
  return ranges;
}

Result<std::unique_ptr<SnapshotReader>> SnapshotReader::Open(const ConnectionSettings& settings,
                                                             const std::string& snapshot) {
  TARN_ASSIGN(auto connection, SourceConnection::Open(settings));
  TARN_TRY(connection->Run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  auto set = connection->Run("SET TRANSACTION SNAPSHOT " + QuotedLiteral(snapshot));
  if (!set) {
    Error error = std::move(set).error();
    // How the server says that the snapshot is gone depends on its version.
    if (error.kind == ErrorKind::kInvalidArgument) error.kind = ErrorKind::kNotFound;
    return std::unexpected(std::move(error));
  }
  return std::unique_ptr<SnapshotReader>(new SnapshotReader(std::move(connection)));
}

Result<> SnapshotReader::Copy(const SourceTable& table, const CopyRange& range,
                              const std::vector<const ValueDecoder*>& decoders,
                              std::vector<Type> types, int64_t batch_rows,
                              const std::function<Result<>(const BatchView&)>& take) {
  if (decoders.size() != table.columns.size() || types.size() != table.columns.size()) {
    return Fail(ErrorKind::kInternal, "a copy needs a decoder and a type for each column");
  }
  CopyDecoder decoder(table, decoders, types, batch_rows, take);
  TARN_TRY(connection_->CopyOut(CopyStatement(table, range, decoders),
                                [&](std::string_view piece) { return decoder.Take(piece); }));
  return decoder.Finish();
}

}  // namespace tarn::capture
