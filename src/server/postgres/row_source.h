// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/batch.h"
#include "server/postgres/sent_column.h"
#include "server/postgres/sqlstate.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

/// Rows of one batch, valid until the source is asked for more.
struct RowRange {
  const BatchView* batch = nullptr;
  int64_t begin = 0, end = 0;
  int64_t rows() const { return end - begin; }
};

/// Rows on their way to a client, taken piece by piece. Used by one thread.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Empty: a statement without rows.
  virtual const SentColumns& columns() const = 0;
  /// Up to `limit` rows, at least one unless there are no more.
  virtual warehouse::StatementResult<RowRange> Next(int64_t limit) = 0;
  /// The command tag, after `rows` were given since it was last asked for.
  virtual std::string Tag(int64_t rows) const = 0;
  /// The client does not read for now.
  virtual void Pause() {}
  /// Texts of one row that stand for a statement without rows, with their labels: what Snowflake
  /// shows of a DDL or DML statement.
  virtual std::vector<std::pair<std::string, std::string>> Status() const { return {}; }
};

/// A session's stream. Keeps its statement.
class StreamSource : public RowSource {
 public:
  StreamSource(std::shared_ptr<const warehouse::PreparedStatement> statement,
               std::unique_ptr<warehouse::ResultStream> stream);

  const SentColumns& columns() const override { return columns_; }
  warehouse::StatementResult<RowRange> Next(int64_t limit) override;
  std::string Tag(int64_t rows) const override;
  void Pause() override { stream_->Pause(); }
  std::vector<std::pair<std::string, std::string>> Status() const override;

 private:
  std::shared_ptr<const warehouse::PreparedStatement> statement_;
  std::unique_ptr<warehouse::ResultStream> stream_;
  SentColumns columns_;
  std::vector<Type> carriers_;
  std::vector<uint8_t> bytes_;
  BatchView batch_;
  int64_t next_row_ = 0;
  bool ended_ = false;
};

/// A few rows of texts, which are made at once; none and no columns: only a tag.
class TextSource : public RowSource {
 public:
  explicit TextSource(std::string tag) : tag_(std::move(tag)) {}
  TextSource(std::string tag, std::vector<std::string> labels,
             const std::vector<std::vector<std::string>>& rows);

  const SentColumns& columns() const override { return columns_; }
  warehouse::StatementResult<RowRange> Next(int64_t limit) override;
  std::string Tag(int64_t rows) const override;

  static SentColumns TextColumns(const std::vector<std::string>& labels);

 private:
  std::string tag_;
  SentColumns columns_;
  std::vector<std::string> bytes_;             ///< by column
  std::vector<std::vector<int32_t>> offsets_;  ///< by column
  BatchView batch_;
  int64_t next_row_ = 0;
};

/// "INSERT 0 3", "SELECT 5", "CREATE TABLE": the tag of a statement of the session.
std::string TagOf(const warehouse::StatementSummary& summary, bool has_rows, int64_t rows);

}  // namespace tarn::server::postgres
