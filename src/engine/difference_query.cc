// SPDX-License-Identifier: Apache-2.0
#include "engine/difference_query.h"

#include <duckdb/parser/common_table_expression_info.hpp>
#include <duckdb/parser/expression/columnref_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/query_node/set_operation_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/subqueryref.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/duckdb_error.h"
#include "engine/file_constants.h"
#include "engine/filter_expression.h"
#include "engine/metadata_column_query.h"
#include "iceberg/model/metadata_columns.h"

namespace tarn::engine {

namespace {

namespace metadata_column = iceberg::metadata_column;

constexpr const char* kCandidates = "candidates";
constexpr int32_t kDelete = -1;
constexpr int32_t kInsert = 1;

Field RowIdColumn() {
  return {
      .id = metadata_column::kRowId, .name = "_row_id", .type = Type::Primitive(TypeKind::kLong)};
}

Field IsNewRowColumn() {
  return {.id = kIsNewRow, .name = "is_new_row", .type = Type::Primitive(TypeKind::kBoolean)};
}

/// Names of columns are made of their ids, so that no text of anybody's gets into a query.
std::string NamesOf(const std::vector<ScanColumn>& columns) {
  std::string names;
  for (const ScanColumn& column : columns) names += ColumnName(column.field.id) + ", ";
  return names;
}

class Difference {
 public:
  Difference(DifferenceRequest request, bool as_table, bool new_rows_only)
      : request_(std::make_shared<const DifferenceRequest>(std::move(request))),
        as_table_(as_table),
        new_rows_only_(new_rows_only) {}

  Result<ScanQueries> Build() {
    TARN_TRY(ChooseColumns());
    TARN_TRY(AddCandidates(request_->before, kDelete));
    TARN_TRY(AddCandidates(request_->after, kInsert));
    for (const ScanColumn& column : request_->columns) result_.types.push_back(column.field.type);
    using Kinds = std::vector<TypeKind>;
    for (const TypeKind kind : as_table_ ? Kinds{TypeKind::kString, TypeKind::kBoolean,
                                                 TypeKind::kString, TypeKind::kLong}
                                         : Kinds{TypeKind::kInt, TypeKind::kLong}) {
      result_.types.push_back(Type::Primitive(kind));
    }
    result_.difference = request_;
    if (candidates_.empty()) return std::move(result_);
    query_.statement = Statement();
    result_.queries.push_back(std::move(query_));
    return std::move(result_);
  }

 private:
  Result<> ChooseColumns() {
    std::set<FieldId> known;
    for (const auto* columns : {&request_->columns, &request_->compared}) {
      for (const ScanColumn& column : *columns) {
        if (IsMetadataColumn(column.field.id)) {
          return Fail(ErrorKind::kUnsupported, "metadata column {} is not compared",
                      column.field.name);
        }
        if (known.insert(column.field.id).second) all_.push_back(column);
      }
    }
    return {};
  }

  /// SELECT *, kind FROM (rows of the files), for each query that they take.
  Result<> AddCandidates(const std::vector<FileRows>& rows, int32_t kind) {
    if (rows.empty()) return {};
    ScanRequest request{.columns = all_, .filter = request_->filter};
    request.columns.push_back({.field = RowIdColumn(), .default_value = {}});
    if (new_rows_only_) {
      request.columns.push_back({.field = IsNewRowColumn(), .default_value = {}});
    }
    TARN_ASSIGN(ScanQueries queries,
                BuildFileRowQueries(std::move(request), *request_->metadata, rows));
    for (ScanQuery& each : queries.queries) {
      auto node = duckdb::make_uniq<duckdb::SelectNode>();
      for (const ScanColumn& column : all_) {
        node->select_list.push_back(
            duckdb::make_uniq<duckdb::ColumnRefExpression>(ColumnName(column.field.id)));
      }
      node->select_list.push_back(
          duckdb::make_uniq<duckdb::ColumnRefExpression>(ColumnName(metadata_column::kRowId)));
      node->select_list.back()->SetAlias("row_id");
      node->select_list.push_back(
          duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::INTEGER(kind)));
      node->select_list.back()->SetAlias("kind");
      node->from_table = duckdb::make_uniq<duckdb::SubqueryRef>(
          duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(
              std::move(each.statement)));
      if (new_rows_only_) node->where_clause = IsNew();
      candidates_.push_back(std::move(node));
      query_.compared.push_back(std::move(each.files));
      deletes_ |= kind == kDelete;
      inserts_ |= kind == kInsert;
    }
    for (const FileRows& each : rows) lineage_ |= each.file.file().first_row_id.has_value();
    return {};
  }

  /// Without row ids, every row counts.
  static duckdb::unique_ptr<duckdb::ParsedExpression> IsNew() {
    return std::move(
        duckdb::Parser::ParseExpressionList(fmt::format("{} IS NOT FALSE", ColumnName(kIsNewRow)))
            .at(0));
  }

  /// What comes back, of rows with `kind`, `is_update` and `row_id`.
  std::string Columns(std::string_view kind, std::string_view is_update) const {
    const std::string columns = NamesOf(request_->columns);
    if (!as_table_) return fmt::format("{}{} AS kind, row_id", columns, kind);
    return fmt::format(
        "{}CASE WHEN {} > 0 THEN 'INSERT' ELSE 'DELETE' END, {}, CAST(row_id AS VARCHAR), "
        "CAST(NULL AS BIGINT)",
        columns, kind, is_update);
  }

  std::string Text() const {
    const std::string all = NamesOf(all_);
    std::string text = fmt::format("WITH {} AS (SELECT 0)", kCandidates);
    if (!deletes_ || !inserts_) {
      // Nothing meets its like.
      return text + fmt::format(" SELECT {} FROM {}", Columns("kind", "FALSE"), kCandidates);
    }
    const std::string hash =
        all_.empty() ? "0" : fmt::format("hash({})", all.substr(0, all.size() - 2));
    text += fmt::format(
        ", net AS MATERIALIZED (SELECT {0}row_id, CAST(sum(kind) AS BIGINT) AS copies, {1} AS "
        "content FROM {2} GROUP BY {0}row_id HAVING sum(kind) <> 0)",
        all, hash, kCandidates);
    text += lineage_ ? Folded(all) : ", folded AS (SELECT *, FALSE AS is_update FROM net)";
    text += fmt::format(" SELECT {} FROM (SELECT *, unnest(range(abs(copies))) FROM folded)",
                        Columns("CAST(sign(copies) AS INTEGER)", "is_update"));
    return !as_table_ ? text + " ORDER BY kind" : text;
  }

  /// Rows of one id on both sides are updates. What is left may be rows that came back under other
  /// ids, as writers without lineage leave them: only contents that both sides may have are looked
  /// at, by their hash first.
  static std::string Folded(const std::string& all) {
    return fmt::format(
        ", updated AS MATERIALIZED (SELECT row_id FROM net WHERE row_id IS NOT NULL GROUP BY "
        "row_id HAVING min(copies) < 0 AND max(copies) > 0)"
        ", lone AS MATERIALIZED (SELECT * FROM net ANTI JOIN updated USING (row_id))"
        ", doubtful AS MATERIALIZED (SELECT content FROM lone GROUP BY content HAVING min(copies) "
        "< 0 AND max(copies) > 0)"
        ", ranked AS (SELECT *, sum(copies) OVER (PARTITION BY {0}content) AS total, "
        "sum(abs(copies)) OVER (PARTITION BY {0}content, copies < 0 ORDER BY row_id ROWS BETWEEN "
        "UNBOUNDED PRECEDING AND CURRENT ROW) AS upto FROM lone SEMI JOIN doubtful USING "
        "(content))"
        ", folded AS (SELECT {0}row_id, copies, TRUE AS is_update FROM net SEMI JOIN updated USING "
        "(row_id)"
        " UNION ALL SELECT {0}row_id, copies, FALSE FROM lone ANTI JOIN doubtful USING (content)"
        " UNION ALL SELECT {0}row_id, CAST(sign(copies) * least(abs(copies), abs(total) - (upto - "
        "abs(copies))) AS BIGINT) AS copies, FALSE FROM ranked WHERE sign(copies) = sign(total) "
        "AND upto "
        "- abs(copies) < abs(total))",
        all);
  }

  duckdb::unique_ptr<duckdb::SQLStatement> Statement() {
    duckdb::Parser parser;
    parser.ParseQuery(Text());
    auto statement = std::move(parser.statements.at(0));
    auto& node = *statement->Cast<duckdb::SelectStatement>().node;
    node.cte_map.map.at(kCandidates)->query->node = Candidates();
    return statement;
  }

  duckdb::unique_ptr<duckdb::QueryNode> Candidates() {
    if (candidates_.size() == 1) return std::move(candidates_.front());
    auto all = duckdb::make_uniq<duckdb::SetOperationNode>();
    all->setop_type = duckdb::SetOperationType::UNION;
    all->setop_all = true;
    for (auto& each : candidates_) all->children.push_back(std::move(each));
    return all;
  }

  std::shared_ptr<const DifferenceRequest> request_;
  const bool as_table_, new_rows_only_;
  std::vector<ScanColumn> all_;  ///< what is read and compared
  duckdb::vector<duckdb::unique_ptr<duckdb::QueryNode>> candidates_;
  bool deletes_ = false, inserts_ = false;
  bool lineage_ = false;
  ScanQuery query_;
  ScanQueries result_;
};

}  // namespace

Result<ScanQueries> BuildDifference(DifferenceRequest request) {
  return Guarded([&] { return Difference(std::move(request), false, false).Build(); });
}

Result<ScanQueries> BuildDifferenceTable(QueryDifference difference) {
  return Guarded([&] {
    return Difference(std::move(difference.rows), true, difference.new_rows_only).Build();
  });
}

}  // namespace tarn::engine
