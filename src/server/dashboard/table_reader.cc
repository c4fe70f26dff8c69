// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/table_reader.h"

#include "base/batch.h"
#include "rest/token.h"
#include "sql/syntax/print.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/table_pointers.h"
#include "warehouse/statement_error.h"

namespace tarn::server::dashboard {
namespace {

using warehouse::BoundValue;
using warehouse::ObjectName;
using warehouse::StatementResult;

constexpr size_t kMarkDigits = 16;

std::string QuotedName(const ObjectName& name) {
  std::string quoted;
  for (const auto& part : {name.database, name.schema}) {
    if (part) quoted += sql::syntax::QuoteName(*part) + '.';
  }
  return quoted + sql::syntax::QuoteName(name.name);
}

StatementResult<TableVersion> Find(warehouse::Metastore& metastore, warehouse::Session& session,
                                   const ObjectName& name) {
  STATEMENT_ASSIGN(const auto snapshot, metastore.Read());
  STATEMENT_ASSIGN(const auto caller, session.CallerAt(*snapshot));
  STATEMENT_ASSIGN(const auto authority, warehouse::Authority::Of(*snapshot, caller));
  STATEMENT_ASSIGN(const auto head, ResolveRelation(*snapshot, caller, authority, name, "SELECT"));
  STATEMENT_ASSIGN(const auto version, VersionOf(*snapshot, head.id));
  return version.value_or(TableVersion{.id = head.id});
}

/// Of a batch of texts.
Result<> AppendRows(const std::vector<uint8_t>& bytes, const std::vector<Type>& carriers,
                    std::vector<TextRow>& rows) {
  TARN_ASSIGN(const BatchView batch, DecodeBatch(bytes, carriers));
  for (int64_t row = 0; row < batch.rows; ++row) {
    TextRow& texts = rows.emplace_back(batch.columns.size());
    for (size_t i = 0; i < batch.columns.size(); ++i) {
      const ColumnView& column = batch.columns[i];
      if (column.is_null(row)) continue;
      const auto* const begin = reinterpret_cast<const char*>(column.values) + column.offsets[row];
      texts[i].emplace(begin, static_cast<size_t>(column.offsets[row + 1] - column.offsets[row]));
    }
  }
  return {};
}

}  // namespace

Result<std::optional<TableVersion>> VersionOf(const warehouse::Snapshot& snapshot,
                                              warehouse::ObjectId id) {
  TARN_ASSIGN(const bool alive, snapshot.IsAlive(id));
  if (!alive) return std::nullopt;
  TARN_ASSIGN(const auto pointer, FindPointer(snapshot, id));
  if (!pointer) return TableVersion{.id = id, .mark = fmt::format("v{}", snapshot.version())};
  return TableVersion{.id = id,
                      .mark = rest::Sha256Hex(pointer->metadata_location).substr(0, kMarkDigits),
                      .published_ms = pointer->published_ms};
}

StatementResult<TableReader> TableReader::Open(const Access& access, const SignIn& signed_in,
                                               const std::string& address,
                                               const std::string& table) {
  STATEMENT_ASSIGN(const ObjectName name, warehouse::ParseObjectName(table));
  TableReader reader;
  STATEMENT_ASSIGN(reader.session_, access.sessions->Open({.user = signed_in.user,
                                                           .role = signed_in.role,
                                                           .client = "Tarn dashboard",
                                                           .address = address}));
  const std::string quoted = QuotedName(name);
  STATEMENT_ASSIGN(const auto described,
                   reader.session_->Prepare("SELECT * FROM " + quoted, {}, {}));
  STATEMENT_ASSIGN(reader.table_, DescribeSource(name.Written(), quoted, described->columns()));
  STATEMENT_ASSIGN(reader.version_, Find(*access.metastore, *reader.session_, name));
  return reader;
}

StatementResult<std::vector<TextRow>> TableReader::Ask(const Question& question) {
  const sql::DataType text{.kind = sql::DataTypeKind::kVarchar,
                           .length = sql::kVarcharLengthDefault};
  std::vector<BoundValue> values;
  for (const std::string& value : question.values) {
    values.push_back({.type = text, .text = value, .value = {}});
  }
  const std::vector<sql::DataType> types(values.size(), text);
  STATEMENT_ASSIGN(const auto prepared, session_->Prepare(question.sql, {}, types));
  STATEMENT_ASSIGN(const auto stream, session_->Execute(*prepared, values));
  std::vector<Type> carriers;
  for (const auto& column : stream->columns()) {
    if (column.carrier.kind != TypeKind::kString) {
      return std::unexpected(warehouse::AsStatementError(
          Error{ErrorKind::kInternal, "a column of the answer is no text", {}, {}}));
    }
    carriers.push_back(column.carrier);
  }
  std::vector<TextRow> rows;
  std::vector<uint8_t> batch;
  while (true) {
    STATEMENT_TRY(stream->Next(batch));
    if (batch.empty()) return rows;
    STATEMENT_TRY(AppendRows(batch, carriers, rows));
  }
}

}  // namespace tarn::server::dashboard
