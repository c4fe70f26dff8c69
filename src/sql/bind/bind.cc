// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/bind.h"

#include <algorithm>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"
#include "sql/duckdb_text/print.h"

namespace tarn::sql {

using bound::Expression;

SqlError ToSqlError(const BindFailure& failure, std::string_view text) {
  SqlError result{{failure.kind, "SQL compilation error:", {}, {}},
                  failure.code,
                  failure.sqlstate,
                  std::nullopt};
  if (failure.span) result.position = failure.span->begin;
  if (failure.span && failure.says_position) {
    const auto [line, column] = syntax::PositionAt(text, failure.span->begin);
    result.error.message += fmt::format(" error line {} at position {}", line, column);
  }
  result.error.message += "\n" + failure.message;
  return result;
}

namespace {

/// Seconds and nanoseconds, for timestamps of more than six digits (sql/data_type.h).
Expression AsSeconds(Expression value) {
  Type carrier{.kind = TypeKind::kStruct};
  carrier.children.push_back({.name = "seconds", .type = Type::Primitive(TypeKind::kLong)});
  carrier.children.push_back({.name = "nanoseconds", .type = Type::Primitive(TypeKind::kInt)});
  const DataType type = value.type;
  // Members are named by their places, as the engine names those without field ids. Timestamps
  // before 1970 count their microseconds forward from the second before.
  return Call("travel",
              "CASE WHEN {0} IS NOT NULL THEN struct_pack(p0 := CAST(floor(epoch_us({0}) / "
              "1000000.0) AS BIGINT), p1 := CAST(((epoch_us({0}) % 1000000 + 1000000) % 1000000) * "
              "1000 AS INTEGER)) END",
              {std::move(value)}, type, std::move(carrier));
}

Expression AsCarrier(Expression value) {
  // A column of nothing but NULL is text to a client.
  if (value.type.kind == DataTypeKind::kNull) {
    return Constant({}, VarcharType(), CarrierOf(VarcharType()));
  }
  if (TravelsAs(value.type, value.carrier)) return value;
  switch (value.type.kind) {
    case DataTypeKind::kTimestampNtz:
    case DataTypeKind::kTimestampLtz:
      return AsSeconds(std::move(value));
    case DataTypeKind::kTime: {
      const DataType type = value.type;
      return Call("travel", "(epoch_us({0}) * 1000)", {std::move(value)}, type,
                  Type::Primitive(TypeKind::kLong));
    }
    case DataTypeKind::kNumber:
      return AsDecimal(std::move(value));
    default:
      FailUnsupported("a result of type {}", ToString(value.type));
  }
}

/// Makes a SELECT of a query, whose items can be computed further. ORDER BY goes by place then.
bound::Select& AsSelect(bound::Query& query, BindCounters& counters) {
  if (auto* select = std::get_if<bound::Select>(&query.body)) return *select;
  bound::Query inner = std::move(query);
  query = bound::Query{};
  query.order = std::exchange(inner.order, {});
  query.limit = std::exchange(inner.limit, {});
  query.offset = std::exchange(inner.offset, {});
  query.columns = inner.columns;
  bound::Select select;
  const int32_t id = counters.next_relation++;
  for (size_t i = 0; i < inner.columns.size(); ++i) {
    Expression column;
    column.kind = bound::ExpressionKind::kColumn;
    column.column = {id, static_cast<int32_t>(i)};
    column.type = inner.columns[i].type;
    column.carrier = inner.columns[i].carrier;
    select.items.push_back(std::move(column));
  }
  select.from = bound::Relation{.kind = bound::RelationKind::kDerived,
                                .id = id,
                                .query = std::make_shared<const bound::Query>(std::move(inner))};
  query.body = std::move(select);
  return std::get<bound::Select>(query.body);
}

/// As INSERT converts what it writes.
void ConvertOutput(bound::Query& query, const std::vector<DataType>& types,
                   BindCounters& counters) {
  if (types.size() != query.columns.size()) {
    FailBinding("002020", "21S01",
                "Insert value list does not match column list expecting {} but got {}",
                types.size(), query.columns.size());
  }
  bound::Select& select = AsSelect(query, counters);
  for (size_t i = 0; i < types.size(); ++i) {
    Expression& item = select.items[i];
    if (!CanConvert(item.type, types[i])) {
      FailBinding("002023", "22000",
                  "Expression type does not match column data type, expecting {} but got {} for "
                  "column {}",
                  ToString(types[i]), ToString(item.type), query.columns[i].name);
    }
    item = Convert(std::move(item), types[i]);
    query.columns[i].type = item.type;
    query.columns[i].carrier = item.carrier;
  }
}

/// A VARIANT and its like for a client or, if they are to be written, for a file.
Expression AsJson(Expression value, const BindRequest& request) {
  const DataType type = value.type;
  return Call("travel",
              request.output_types ? std::string("tarn_plain_json({0})")
                                   : fmt::format("tarn_show({{0}}, CAST({} AS BIGINT))",
                                                 request.session.json_indent),
              {std::move(value)}, type, Type::Primitive(TypeKind::kString));
}

/// Turns the output of a query into what leaves the engine.
void MakeTravel(bound::Query& query, const BindRequest& request, BindCounters& counters) {
  const auto travels = [](const bound::OutputColumn& column) {
    return column.type.kind != DataTypeKind::kNull && !IsSemistructured(column.type) &&
           TravelsAs(column.type, column.carrier);
  };
  if (std::ranges::all_of(query.columns, travels)) return;
  bound::Select& select = AsSelect(query, counters);
  for (size_t i = 0; i < query.columns.size(); ++i) {
    Expression& item = select.items[i];
    item =
        IsSemistructured(item.type) ? AsJson(std::move(item), request) : AsCarrier(std::move(item));
    query.columns[i].type = select.items[i].type;
    query.columns[i].carrier = select.items[i].carrier;
  }
}

}  // namespace

void BindCounters::Add(ExpandedText text) {
  if (std::ranges::find(expanded, text) == expanded.end()) expanded.push_back(std::move(text));
}

void BindCounters::Give(BoundQuery& query) {
  query.tables = std::move(tables);
  query.sequences = std::move(sequences);
  query.expanded = std::move(expanded);
}

SqlResult<BoundQuery> BindQuery(const syntax::Query& query, const BindRequest& request) {
  BindCounters counters;
  try {
    Binder binder(request, counters);
    BoundQuery result{.query = binder.BindQuery(query, nullptr), .tables = {}};
    if (request.output_types) ConvertOutput(result.query, *request.output_types, counters);
    MakeTravel(result.query, request, counters);
    counters.Give(result);
    return result;
  } catch (const BindFailure& failure) {
    return std::unexpected(ToSqlError(failure, request.text));
  }
}

SqlResult<Expression> BindConstant(const syntax::Expression& expression,
                                   const BindRequest& request) {
  BindCounters counters;
  try {
    const Scope nothing;
    Expression value = Binder(request, counters).Bind(expression, nothing);
    if (!counters.sequences.empty()) FailUnsupported("NEXTVAL outside of queries");
    // Nobody would be told which they were.
    if (!counters.expanded.empty()) FailUnsupported("functions of users outside of queries");
    return value;
  } catch (const BindFailure& failure) {
    return std::unexpected(ToSqlError(failure, request.text));
  }
}

PrintedQuery Print(const BoundQuery& query) {
  PrintedQuery result{
      .text = PrintForDuckdb(query.query), .carriers = {}, .sequences = query.sequences};
  for (const bound::OutputColumn& column : query.query.columns) {
    result.carriers.push_back(column.carrier);
  }
  return result;
}

}  // namespace tarn::sql
