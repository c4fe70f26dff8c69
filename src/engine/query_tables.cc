// SPDX-License-Identifier: Apache-2.0
#include "engine/query_tables.h"

#include <duckdb/main/client_context.hpp>
#include <duckdb/main/extension/extension_loader.hpp>
#include <duckdb/parser/expression/cast_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/query_node/set_operation_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/emptytableref.hpp>
#include <duckdb/parser/tableref/subqueryref.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/difference_query.h"
#include "engine/duckdb_error.h"
#include "engine/duckdb_type.h"

namespace tarn::engine {

namespace {

using NodePtr = duckdb::unique_ptr<duckdb::QueryNode>;

std::string NameOf(size_t column, size_t columns) {
  return column + 1 == columns ? "r" : "c" + std::to_string(column);
}

/// A table without rows.
NodePtr NoRows(const std::vector<Type>& types) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  for (const Type& type : types) {
    node->select_list.push_back(
        duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(ToDuckdbType(type).value())));
  }
  node->where_clause = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(false));
  node->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
  return node;
}

void NameColumns(duckdb::QueryNode& node) {
  auto& list = node.Cast<duckdb::SelectNode>().select_list;
  for (size_t i = 0; i < list.size(); ++i) list[i]->SetAlias(NameOf(i, list.size()));
}

duckdb::unique_ptr<duckdb::TableRef> BindReplace(duckdb::ClientContext& context,
                                                 duckdb::TableFunctionBindInput& input) {
  const auto state = context.registered_state->Get<QueryTables>(kQueryTablesState);
  const auto index = static_cast<size_t>(input.inputs.at(0).GetValue<int32_t>());
  if (state == nullptr || index >= state->tables.size()) {
    throw duckdb::InvalidInputException("query names table %d, which it does not have", index);
  }
  const QueryTables::Table& table = state->tables[index];
  NodePtr rows;
  for (const ScanQuery& query : table.scan.queries) {
    NodePtr node = query.statement->Cast<duckdb::SelectStatement>().node->Copy();
    NameColumns(*node);
    if (rows == nullptr) {
      rows = std::move(node);
      continue;
    }
    auto both = duckdb::make_uniq<duckdb::SetOperationNode>();
    both->setop_type = duckdb::SetOperationType::UNION;
    both->setop_all = true;
    both->children.push_back(std::move(rows));
    both->children.push_back(std::move(node));
    rows = std::move(both);
  }
  if (rows == nullptr) {
    rows = NoRows(table.types);
    NameColumns(*rows);
  }
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(rows);
  return duckdb::make_uniq<duckdb::SubqueryRef>(std::move(statement));
}

}  // namespace

Result<duckdb::shared_ptr<QueryTables>> BuildQueryTables(std::vector<QueryTable> tables,
                                                         DeleteStore* deletes) {
  auto result = duckdb::make_shared_ptr<QueryTables>();
  for (QueryTable& table : tables) {
    if (table.difference) {
      QueryTables::Table difference;
      TARN_ASSIGN(difference.scan, BuildDifferenceTable(*std::move(table.difference)));
      difference.types = difference.scan.types;
      result->tables.push_back(std::move(difference));
      continue;
    }
    QueryTables::Table built;
    for (const ScanColumn& column : table.columns) {
      TARN_TRY(ToDuckdbType(column.field.type));
      built.types.push_back(column.field.type);
    }
    built.types.push_back(Type::Primitive(TypeKind::kLong));
    // Row numbers are asked for always, and read only by queries that use them.
    TARN_ASSIGN(built.scan, BuildQueries(ScanRequest{.plan = std::move(table.plan),
                                                     .pending = std::move(table.pending),
                                                     .columns = std::move(table.columns),
                                                     .row_numbers = true},
                                         deletes));
    result->tables.push_back(std::move(built));
  }
  return result;
}

namespace {

const FileScan::File* FindNamedFile(const FileScan* scan, const std::string& message) {
  if (scan == nullptr) return nullptr;
  for (const FileScan::File& file : scan->files) {
    if (message.find(file.location) != std::string::npos) return &file;
  }
  return nullptr;
}

}  // namespace

const FileScan::File* FindNamedFile(const QueryTables& tables, const std::string& message) {
  for (const QueryTables::Table& table : tables.tables) {
    for (const ScanQuery& query : table.scan.queries) {
      if (const auto* file = FindNamedFile(query.files.get(), message)) return file;
      for (const auto& compared : query.compared) {
        if (const auto* file = FindNamedFile(compared.get(), message)) return file;
      }
    }
  }
  return nullptr;
}

void RegisterTableFunction(duckdb::DatabaseInstance& instance) {
  duckdb::TableFunction function(kTableFunction, {duckdb::LogicalType::INTEGER}, nullptr, nullptr);
  function.bind_replace = BindReplace;
  duckdb::ExtensionLoader(instance, "tarn").RegisterFunction(function);
}

}  // namespace tarn::engine
