// SPDX-License-Identifier: Apache-2.0
// Queries and FROM items.
#include "sql/syntax/printer.h"

namespace tarn::sql::syntax {

namespace {

bool HasClauses(const Query& query) {
  return !query.with.empty() || !query.order_by.empty() || query.order_by_all ||
         query.limit.limit || query.limit.offset || !query.for_update.empty();
}

}  // namespace

void Printer::Write(const Query& query) {
  if (!query.with.empty()) {
    Put(query.recursive ? "WITH RECURSIVE " : "WITH ");
    WriteList(query.with);
    Put(" ");
  }
  std::visit([this](const auto& body) { Write(body); }, query.body);
  if (!query.order_by.empty()) {
    Put(" ORDER BY ");
    WriteList(query.order_by);
  }
  if (query.order_by_all) {
    Put(" ORDER BY ALL");
    WriteDirection(query.order_by_all->descending, query.order_by_all->nulls);
  }
  WriteClause(" LIMIT ", query.limit.limit);
  WriteClause(" OFFSET ", query.limit.offset);
  if (!query.for_update.empty()) Put(" ");
  Put(query.for_update);
}

void Printer::Write(const CommonTable& table) {
  Write(table.name);
  WriteOptionalList(table.columns);
  Put(" AS ");
  WriteQuery(*table.query);
}

void Printer::Write(const NestedQuery& nested) { WriteQuery(*nested.query); }

void Printer::Write(const SetOperation& operation) {
  bool first = true;
  for (const Query& operand : operation.operands) {
    if (!first) {
      Put(operation.op == SetOperator::kUnion    ? " UNION"
          : operation.op == SetOperator::kExcept ? " EXCEPT"
                                                 : " INTERSECT");
      Put(operation.all ? " ALL" : "");
      Put(operation.by_name ? " BY NAME " : " ");
    }
    first = false;
    const bool chain = std::holds_alternative<SetOperation>(operand.body);
    if (chain || HasClauses(operand)) {
      WriteQuery(operand);
    } else {
      Write(operand);
    }
  }
}

void Printer::Write(const Values& values) {
  Put("VALUES ");
  std::string_view separator;
  for (const std::vector<Expression>& row : values.rows) {
    Put(separator);
    separator = ", ";
    WriteParenthesized(row);
  }
}

void Printer::Write(const SelectItem& item) {
  Write(item.value);
  WriteClause(" AS ", item.alias);
}

void Printer::Write(const Select& select) {
  Put(select.distinct ? "SELECT DISTINCT " : "SELECT ");
  if (select.top) {
    Put("TOP ");
    Write(*select.top);
    Put(" ");
  }
  WriteList(select.items);
  if (!select.into.empty()) {
    Put(" INTO ");
    WriteList(select.into);
  }
  if (!select.from.empty()) {
    Put(" FROM ");
    WriteList(select.from);
  }
  WriteClause(" WHERE ", select.where);
  if (select.hierarchy) {
    WriteClause(" START WITH ", select.hierarchy->start_with);
    Put(" CONNECT BY ");
    Write(select.hierarchy->connect_by);
  }
  if (select.group_by_all) Put(" GROUP BY ALL");
  if (select.group_by_nothing) Put(" GROUP BY ()");
  if (!select.group_by.empty()) {
    Put(" GROUP BY ");
    WriteList(select.group_by);
  }
  WriteClause(" HAVING ", select.having);
  if (!select.windows.empty()) {
    Put(" WINDOW ");
    WriteList(select.windows);
  }
  WriteClause(" QUALIFY ", select.qualify);
}

void Printer::Write(const NamedWindow& window) {
  Write(window.name);
  Put(" AS ");
  Write(window.window);
}

void Printer::Write(const GroupingElement& element) {
  if (element.kind == GroupingKind::kExpression) return WriteList(element.groups.at(0));
  Put(element.kind == GroupingKind::kRollup ? "ROLLUP ("
      : element.kind == GroupingKind::kCube ? "CUBE ("
                                            : "GROUPING SETS (");
  std::string_view separator;
  for (const std::vector<Expression>& group : element.groups) {
    Put(separator);
    separator = ", ";
    WriteParenthesized(group);
  }
  Put(")");
}

// --- FROM items
// ---------------------------------------------------------------------------------------------

void Printer::Write(const TableExpression& table) {
  const bool join = std::holds_alternative<Join>(table->value);
  const bool parentheses = join && (table->alias || table->sample);
  if (parentheses) Put("(");
  std::visit([this](const auto& node) { Write(node); }, table->value);
  if (parentheses) Put(")");
  WriteClause(" AS ", table->alias);
  WriteClause(" ", table->sample);
}

/// As the right side of a join, or what a pivot works on.
void Printer::WriteTableOperand(const TableExpression& table) {
  const bool join = std::holds_alternative<Join>(table->value) && !table->alias && !table->sample;
  if (join) Put("(");
  Write(table);
  if (join) Put(")");
}

void Printer::Write(const NamedTable& table) {
  Write(table.name);
  WriteClause(" ", table.time_travel);
  WriteClause(" ", table.changes);
}

void Printer::Write(const PipedResult& result) {
  Put("$");
  Put(result.number);
}

void Printer::Write(const DerivedTable& table) {
  if (table.lateral) Put("LATERAL ");
  WriteQuery(*table.query);
}

void Printer::Write(const TableFunction& function) {
  if (function.lateral) Put("LATERAL ");
  if (function.table_keyword) Put("TABLE(");
  Write(function.call);
  if (!function.partition_by.empty() || !function.order_by.empty()) {
    WindowSpecification window;
    window.partition_by = function.partition_by;
    window.order_by = function.order_by;
    Put(" OVER ");
    Write(window);
  }
  if (function.table_keyword) Put(")");
}

void Printer::Write(const StagedFiles& files) {
  Write(files.stage);
  WriteOptionalList(files.options);
}

void Printer::Write(const DirectoryTable& table) {
  Put("DIRECTORY(");
  Write(table.stage);
  Put(")");
}

void Printer::Write(const Join& join) {
  Write(join.left);
  if (join.natural) Put(" NATURAL");
  switch (join.kind) {
    case JoinKind::kInner:
      Put(join.directed ? " INNER" : "");
      break;
    case JoinKind::kLeft:
      Put(" LEFT");
      break;
    case JoinKind::kRight:
      Put(" RIGHT");
      break;
    case JoinKind::kFull:
      Put(" FULL");
      break;
    case JoinKind::kCross:
      Put(" CROSS");
      break;
    case JoinKind::kAsof:
      Put(" ASOF");
      break;
  }
  Put(join.directed ? " DIRECTED JOIN " : " JOIN ");
  WriteTableOperand(join.right);
  if (join.match_condition) {
    Put(" MATCH_CONDITION (");
    Write(*join.match_condition);
    Put(")");
  }
  WriteClause(" ON ", join.on);
  if (!join.columns.empty()) Put(" USING");
  WriteOptionalList(join.columns);
  if (join.read_order_alias) {
    Put(" ");
    Put(join.read_order);
    Put("(");
    Write(*join.read_order_alias);
    Put(")");
  }
}

void Printer::Write(const PivotValue& value) {
  Write(value.value);
  WriteClause(" AS ", value.alias);
}

void Printer::Write(const Pivot& pivot) {
  const bool sampled = pivot.input->sample.has_value();
  if (sampled) Put("(");
  WriteTableOperand(pivot.input);
  if (sampled) Put(")");
  Put(" PIVOT (");
  WriteList(pivot.aggregates);
  Put(" FOR ");
  Write(pivot.column);
  Put(" IN (");
  switch (pivot.domain) {
    case PivotDomain::kValues:
      WriteList(pivot.values);
      break;
    case PivotDomain::kAny:
      Put("ANY");
      if (!pivot.any_order.empty()) Put(" ORDER BY ");
      WriteList(pivot.any_order);
      break;
    case PivotDomain::kQuery:
      Write(**pivot.query);
      break;
  }
  Put(")");
  if (pivot.default_on_null) {
    Put(" DEFAULT ON NULL (");
    Write(*pivot.default_on_null);
    Put(")");
  }
  Put(")");
}

void Printer::Write(const Unpivot& unpivot) {
  const bool sampled = unpivot.input->sample.has_value();
  if (sampled) Put("(");
  WriteTableOperand(unpivot.input);
  if (sampled) Put(")");
  Put(unpivot.include_nulls ? " UNPIVOT INCLUDE NULLS (" : " UNPIVOT (");
  Write(unpivot.value);
  Put(" FOR ");
  Write(unpivot.name);
  Put(" IN (");
  WriteList(unpivot.columns);
  Put("))");
}

void Printer::Write(const TableAlias& alias) {
  Write(alias.name);
  WriteOptionalList(alias.columns);
}

void Printer::Write(const TimeTravel& point) {
  Put(point.kind == TimeTravelKind::kAt       ? "AT ("
      : point.kind == TimeTravelKind::kBefore ? "BEFORE ("
                                              : "END (");
  Put(point.point);
  Put(" => ");
  Write(point.value);
  Put(")");
}

void Printer::Write(const Changes& changes) {
  Put(changes.append_only ? "CHANGES (INFORMATION => APPEND_ONLY) "
                          : "CHANGES (INFORMATION => DEFAULT) ");
  Write(changes.start);
  WriteClause(" ", changes.end);
}

void Printer::Write(const Sample& sample) {
  Put("SAMPLE ");
  if (sample.method == SampleMethod::kRow) Put("ROW ");
  if (sample.method == SampleMethod::kBlock) Put("BLOCK ");
  Put("(");
  Write(sample.amount);
  Put(sample.rows ? " ROWS)" : ")");
  if (sample.seed) {
    Put(" SEED (");
    Write(*sample.seed);
    Put(")");
  }
}

}  // namespace tarn::sql::syntax
