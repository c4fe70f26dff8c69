// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/row_source.h"

#include <algorithm>

namespace tarn::server::postgres {

using warehouse::StatementResult;

StreamSource::StreamSource(std::shared_ptr<const warehouse::PreparedStatement> statement,
                           std::unique_ptr<warehouse::ResultStream> stream)
    : statement_(std::move(statement)), stream_(std::move(stream)) {
  columns_.assign(stream_->columns().begin(), stream_->columns().end());
  for (const SentColumn& column : columns_) carriers_.push_back(column.carrier);
}

StatementResult<RowRange> StreamSource::Next(int64_t limit) {
  if (next_row_ == batch_.rows && !ended_) {
    TARN_STATEMENT_TRY(stream_->Next(bytes_));
    batch_ = {};
    next_row_ = 0;
    ended_ = bytes_.empty();
    if (!ended_) {
      auto decoded = DecodeBatch(bytes_, carriers_);
      if (!decoded) return std::unexpected(AsStatementError(std::move(decoded).error()));
      batch_ = std::move(*decoded);
    }
  }
  const int64_t begin = next_row_;
  next_row_ += std::min(limit, batch_.rows - next_row_);
  return RowRange{&batch_, begin, next_row_};
}

std::string StreamSource::Tag(int64_t rows) const {
  return TagOf(stream_->summary(), !columns().empty(), rows);
}

std::vector<std::pair<std::string, std::string>> StreamSource::Status() const {
  const warehouse::StatementSummary& summary = stream_->summary();
  std::vector<std::pair<std::string, std::string>> status;
  for (const warehouse::RowCount& count : summary.counts) {
    status.emplace_back(count.label, std::to_string(count.rows));
  }
  if (status.empty() && !summary.status.empty()) status.emplace_back("status", summary.status);
  return status;
}

SentColumns TextSource::TextColumns(const std::vector<std::string>& labels) {
  SentColumns columns;
  for (const std::string& label : labels) {
    columns.emplace_back(warehouse::ResultColumn{
        .name = label,
        .type = {.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault},
        .carrier = Type::Primitive(TypeKind::kString),
        .nullable = false});
  }
  return columns;
}

TextSource::TextSource(std::string tag, std::vector<std::string> labels,
                       const std::vector<std::vector<std::string>>& rows)
    : tag_(std::move(tag)),
      columns_(TextColumns(labels)),
      bytes_(labels.size()),
      offsets_(labels.size(), {0}) {
  batch_.rows = static_cast<int64_t>(rows.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    for (const std::vector<std::string>& row : rows) {
      bytes_[i] += row[i];
      offsets_[i].push_back(static_cast<int32_t>(bytes_[i].size()));
    }
    batch_.columns.push_back({.rows = batch_.rows,
                              .values = reinterpret_cast<const uint8_t*>(bytes_[i].data()),
                              .values_bytes = bytes_[i].size(),
                              .offsets = offsets_[i].data()});
  }
}

StatementResult<RowRange> TextSource::Next(int64_t limit) {
  const int64_t begin = next_row_;
  next_row_ += std::min(limit, batch_.rows - next_row_);
  return RowRange{&batch_, begin, next_row_};
}

std::string TextSource::Tag(int64_t rows) const {
  return tag_ == "SELECT" ? fmt::format("SELECT {}", rows) : tag_;
}

std::string TagOf(const warehouse::StatementSummary& summary, bool has_rows, int64_t rows) {
  const std::string& command = summary.command;
  int64_t all = 0;
  for (const warehouse::RowCount& count : summary.counts) all += count.rows;
  if (command == "INSERT") return fmt::format("INSERT 0 {}", all);
  if (command == "MERGE") return fmt::format("MERGE {}", all);
  // Snowflake counts further things behind the rows ("number of multi-joined rows updated").
  if (command == "UPDATE" || command == "DELETE") {
    return fmt::format("{} {}", command, summary.counts.empty() ? 0 : summary.counts[0].rows);
  }
  if (command == "SELECT" || command == "CREATE TABLE AS SELECT") {
    return fmt::format("SELECT {}", has_rows ? rows : all);
  }
  return command;
}

}  // namespace tarn::server::postgres
