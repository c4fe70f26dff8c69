// SPDX-License-Identifier: Apache-2.0
// Items of a FROM: tables, views, derived tables, table functions, aliases, samples.
#include <algorithm>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"
#include "sql/bind/nested_column.h"

namespace tarn::sql {

using bound::Expression;
using bound::RelationKind;

namespace {

constexpr int32_t kMaxViewDepth = 64;

Expression ColumnOf(int32_t relation, size_t column, DataType type, Type carrier, bool nullable) {
  Expression result;
  result.kind = bound::ExpressionKind::kColumn;
  result.column = {relation, static_cast<int32_t>(column)};
  result.type = std::move(type);
  result.carrier = std::move(carrier);
  result.nullable = nullable;
  return result;
}

/// What a file gives, as expressions hold it.
/// The three numbers of a TIMESTAMP_TZ, under the names that functions know, from a struct whose
/// names are those of its fields.
Expression AsZoned(Expression value) {
  const DataType type = value.type;
  return Call("zoned",
              "CASE WHEN {0} IS NULL THEN NULL ELSE struct_pack(p0 := struct_extract_at({0}, 1), "
              "p1 := struct_extract_at({0}, 2), p2 := struct_extract_at({0}, 3)) END",
              {std::move(value)}, type);
}

Expression FileColumn(int32_t relation, size_t column, const NamedColumn& named) {
  const TypeKind kind = named.field.type.kind;
  Expression value = ColumnOf(relation, column, named.type, named.field.type, named.nullable);
  const bool held = TravelsAs(named.type, named.field.type);  // TIMESTAMP_TZ is a struct, too
  if (named.field.type.is_nested() && !held) return NestedAsText(std::move(value));
  if (named.field.type.is_nested()) return AsZoned(std::move(value));
  if (kind == TypeKind::kFixed) value.carrier = Type::Primitive(TypeKind::kBinary);
  if (kind == TypeKind::kFloat) return WithCarrier(std::move(value), CarrierOf(named.type));
  if (kind == TypeKind::kTimestampNs) return WithCarrier(std::move(value), CarrierOf(named.type));
  return value;
}

}  // namespace

Binder::BoundFrom Binder::BindFrom(const syntax::TableExpression& item, const Scope* outer,
                                   const FromScope* before) {
  const syntax::TableExpressionNode& node = *item;
  BoundFrom from;
  if (const auto* named = std::get_if<syntax::NamedTable>(&node.value)) {
    from = BindNamedTable(*named);
  } else if (const auto* derived = std::get_if<syntax::DerivedTable>(&node.value)) {
    from = BindDerived(*derived, outer, before);
  } else if (const auto* join = std::get_if<syntax::Join>(&node.value)) {
    from = BindJoin(*join, outer, before);
  } else if (const auto* function = std::get_if<syntax::TableFunction>(&node.value)) {
    from = BindTableFunction(*function, outer, before);
  } else if (const auto* pivot = std::get_if<syntax::Pivot>(&node.value)) {
    from = BindPivot(*pivot, outer);
  } else if (const auto* unpivot = std::get_if<syntax::Unpivot>(&node.value)) {
    from = BindUnpivot(*unpivot, outer);
  } else if (const auto* piped = std::get_if<syntax::PipedResult>(&node.value)) {
    from = BindRelation(request_.names->PipedResult(piped->number), node.span);
  } else if (const auto* directory = std::get_if<syntax::DirectoryTable>(&node.value)) {
    from = BindRelation(request_.names->Directory(directory->stage.location), node.span);
  } else {
    from = BindStagedFiles(std::get<syntax::StagedFiles>(node.value), node.span);
  }
  ApplyAlias(node, from);
  if (node.sample) ApplySample(*node.sample, from.relation);
  return from;
}

Binder::BoundFrom Binder::BindStagedFiles(const syntax::StagedFiles& files, syntax::Span span) {
  std::vector<NamedArgument> options;
  for (const syntax::Argument& argument : files.options) {
    // FILE_FORMAT => a_format: a name, not a column.
    const auto* name = syntax::As<syntax::ColumnReference>(argument.value);
    std::string text;
    if (name != nullptr) {
      for (const std::string& part : NamesOf(name->name)) {
        text += fmt::format("{}\"{}\"", text.empty() ? "" : ".", part);
      }
    }
    options.push_back({.name = argument.name ? NameOf(*argument.name) : std::string(),
                       .value = name != nullptr ? TextConstant(text) : BindFixed(argument.value)});
  }
  return BindRelation(request_.names->StagedFiles(files.stage.location, options), span);
}

Binder::BoundFrom Binder::BindNamedTable(const syntax::NamedTable& table) {
  const std::vector<std::string> parts = NamesOf(table.name);
  const bool of_the_past = table.time_travel || table.changes;
  if (parts.size() == 1) {
    for (const auto* scope = common_tables_; scope != nullptr; scope = scope->outer) {
      if (scope->name != parts[0]) continue;
      if (of_the_past) FailUnsupported("AT, BEFORE and CHANGES of a common table expression");
      if (scope->referenced != nullptr) *scope->referenced = true;
      BoundFrom from;
      from.relation = {.kind = RelationKind::kCommonTable,
                       .id = counters_.next_relation++,
                       .source = scope->id,
                       .column_count = static_cast<int32_t>(scope->columns.size())};
      ScopeItem item{.qualifier = parts, .columns = {}};
      for (size_t i = 0; i < scope->columns.size(); ++i) {
        const auto& column = scope->columns[i];
        item.columns.push_back(
            {.name = column.name,
             .value = ColumnOf(from.relation.id, i, column.type, column.carrier, column.nullable),
             .table = column.table,
             .table_column = column.table_column});
      }
      from.scope.visible = item.columns;
      from.scope.items.push_back(std::move(item));
      return from;
    }
    if (parts[0] == "DUAL" && !of_the_past) {
      bound::Query one;
      one.body = bound::Select{.items = {IntegerConstant(1)}};
      one.columns = {
          {.name = "DUMMY", .type = NumberType(18, 0), .carrier = CarrierOf(NumberType(18, 0))}};
      BoundFrom from = DerivedFrom(std::move(one), false);
      from.scope.visible.clear();
      from.scope.items = {{.qualifier = parts, .columns = {}}};
      return from;
    }
  }
  if (table.changes) {
    if (table.time_travel) FailUnsupported("CHANGES with a second AT or BEFORE");
    NamedChanges changes{.append_only = table.changes->append_only,
                         .start = BindMoment(table.changes->start),
                         .end = {}};
    if (table.changes->end) changes.end = BindMoment(*table.changes->end);
    return BindRelation(request_.names->Changes(parts, changes), table.name.span);
  }
  std::optional<NamedMoment> moment;
  if (table.time_travel) moment = BindMoment(*table.time_travel);
  return BindRelation(request_.names->Relation(parts, moment), table.name.span);
}

NamedMoment Binder::BindMoment(const syntax::TimeTravel& written) {
  return {.before = written.kind == syntax::TimeTravelKind::kBefore,
          .point = written.point,
          .value = BindFixed(written.value)};
}

Binder::BoundFrom Binder::BindRelation(SqlResult<NamedRelation> relation, syntax::Span span) {
  if (!relation) {
    throw BindFailure{.code = relation.error().code,
                      .sqlstate = relation.error().sqlstate,
                      .message = relation.error().error.message,
                      .span = span,
                      .kind = relation.error().error.kind};
  }
  if (auto* found = std::get_if<NamedTable>(&*relation)) return BindTable(std::move(*found));
  return BindView(std::get<NamedView>(*relation), span);
}

Binder::BoundFrom Binder::BindTable(NamedTable table) {
  BoundFrom from;
  const auto number = static_cast<int32_t>(counters_.tables.size());
  from.relation = {.kind = RelationKind::kTable, .id = counters_.next_relation++, .source = number};
  ScopeItem item{.qualifier = {table.database, table.schema, table.name},
                 .columns = {},
                 .table_relation = from.relation.id};
  for (size_t i = 0; i < table.columns.size(); ++i) {
    item.columns.push_back({.name = table.columns[i].name,
                            .value = FileColumn(from.relation.id, i, table.columns[i]),
                            .table = number,
                            .table_column = static_cast<int32_t>(i)});
  }
  from.scope.visible = item.columns;
  from.scope.items.push_back(std::move(item));
  counters_.tables.push_back({std::move(table)});
  return from;
}

Binder::BoundFrom Binder::BindView(const NamedView& view, syntax::Span span) {
  if (counters_.views >= kMaxViewDepth) {
    FailAt(span, "002036", "42601",
           fmt::format("View '{}' is nested too deeply or refers to itself", view.name));
  }
  counters_.Add({.name = view.database + "." + view.schema + "." + view.name, .text = *view.text});
  BindRequest request = request_;
  request.text = *view.text;
  request.names = view.names.get();
  request.parameters.clear();
  request.named_parameters.clear();
  Binder binder(request, counters_);
  bound::Query query;
  ++counters_.views;
  try {
    query = binder.BindQuery(*view.query, nullptr);
  } catch (BindFailure& failure) {
    failure.span.reset();
    failure.says_position = false;
    failure.message =
        fmt::format("Failure during expansion of view '{}': {}", view.name, failure.message);
    throw;
  }
  --counters_.views;
  if (!view.columns.empty() && view.columns.size() != query.columns.size()) {
    FailAt(span, "002057", "42601",
           fmt::format("View definition for '{}' declared {} column(s), but view query produces {} "
                       "column(s).",
                       view.name, view.columns.size(), query.columns.size()));
  }
  for (size_t i = 0; i < query.columns.size(); ++i) {
    // A client that asks where a value comes from is told of the view, not of what lies under it.
    query.columns[i].table = -1;
    if (!view.columns.empty()) query.columns[i].name = view.columns[i];
  }
  BoundFrom from = DerivedFrom(std::move(query), false);
  from.scope.items[0].qualifier = {view.database, view.schema, view.name};
  return from;
}

Binder::BoundFrom Binder::BindDerived(const syntax::DerivedTable& derived, const Scope* outer,
                                      const FromScope* before) {
  if (!derived.lateral || before == nullptr) {
    return DerivedFrom(BindQuery(*derived.query, outer), false);
  }
  const Scope scope{.outer = outer, .from = *before, .aliases = {}, .variables = {}};
  return DerivedFrom(BindQuery(*derived.query, &scope), true);
}

Binder::BoundFrom Binder::DerivedFrom(bound::Query query, bool lateral) {
  BoundFrom from;
  const int32_t id = counters_.next_relation++;
  ScopeItem item;
  for (size_t i = 0; i < query.columns.size(); ++i) {
    const bound::OutputColumn& column = query.columns[i];
    item.columns.push_back({.name = column.name,
                            .value = ColumnOf(id, i, column.type, column.carrier, column.nullable),
                            .table = column.table,
                            .table_column = column.table_column});
  }
  from.relation = {.kind = RelationKind::kDerived,
                   .id = id,
                   .query = std::make_shared<const bound::Query>(std::move(query)),
                   .lateral = lateral};
  from.scope.visible = item.columns;
  from.scope.items.push_back(std::move(item));
  return from;
}

void Binder::ApplyAlias(const syntax::TableExpressionNode& node, BoundFrom& from) {
  if (!node.alias) return;
  ScopeItem item{.qualifier = {NameOf(node.alias->name)}, .columns = from.scope.visible};
  if (from.scope.items.size() == 1) item.table_relation = from.scope.items[0].table_relation;
  const auto& names = node.alias->columns;
  if (names.size() > item.columns.size()) {
    FailAt(node.span, "002020", "21S01",
           fmt::format("'{}' has fewer columns than its alias names", item.qualifier[0]));
  }
  for (size_t i = 0; i < names.size(); ++i) item.columns[i].name = NameOf(names[i]);
  from.scope.visible = item.columns;
  from.scope.items = {std::move(item)};
}

void Binder::ApplySample(const syntax::Sample& sample, bound::Relation& relation) {
  const auto number = [&](const syntax::Expression& expression) -> std::string {
    const auto* literal = syntax::As<syntax::Literal>(expression);
    if (literal == nullptr || literal->kind != syntax::LiteralKind::kNumber) {
      FailAt(expression->span, "001003", "42000", "sample sizes are constants");
    }
    for (const char c : literal->text) {
      if ((c < '0' || c > '9') && c != '.') {
        FailAt(expression->span, "001003", "42000", "sample sizes are plain numbers");
      }
    }
    return literal->text;
  };
  const std::string amount = number(sample.amount);
  const std::string seed = sample.seed ? ", " + number(*sample.seed) : "";
  if (sample.rows) {
    relation.sample = fmt::format(" TABLESAMPLE {} ROWS (reservoir)", amount);
    return;
  }
  const bool blocks = sample.method == syntax::SampleMethod::kBlock;
  relation.sample =
      fmt::format(" TABLESAMPLE {} PERCENT ({}{})", amount, blocks ? "system" : "bernoulli", seed);
}

namespace {

struct TableFunctionShape {
  const char* name;
  const char* pattern;
  std::vector<const char*> parameters;
  std::vector<std::pair<const char*, DataType>> columns;
  std::vector<std::optional<const char*>> defaults = {};  ///< of the parameters, as texts
};

const std::vector<TableFunctionShape>& TableFunctions() {
  static const std::vector<TableFunctionShape> kFunctions = {
      {"GENERATOR",
       "range(CAST({0} AS BIGINT))",
       {"ROWCOUNT", "TIMELIMIT"},
       {},
       {std::nullopt, "0"}},
      {"SPLIT_TO_TABLE",
       "LATERAL (SELECT e.seq, e.index + 1, tarn_variant_to_varchar(e.value) FROM (SELECT "
       "unnest(tarn_flatten(tarn_split_array({0}, {1}), '', FALSE, FALSE, 'ARRAY')) AS e) AS a)",
       {"STRING", "DELIMITER"},
       {{"SEQ", NumberType(18, 0)}, {"INDEX", NumberType(18, 0)}, {"VALUE", VarcharType()}}},
      {"STRTOK_SPLIT_TO_TABLE",
       "LATERAL (SELECT e.seq, e.index + 1, tarn_variant_to_varchar(e.value) FROM (SELECT "
       "unnest(tarn_flatten(tarn_strtok_array({0}, {1}), '', FALSE, FALSE, 'ARRAY')) AS e) AS a)",
       {"STRING", "DELIMITERS"},
       {{"SEQ", NumberType(18, 0)}, {"INDEX", NumberType(18, 0)}, {"VALUE", VarcharType()}},
       {std::nullopt, " "}},
  };
  return kFunctions;
}

}  // namespace

Binder::BoundFrom Binder::BindNamedCall(const syntax::FunctionCall& call, const Scope& scope) {
  const std::vector<std::string> parts = NamesOf(call.name);
  const std::vector<NamedFunction> functions = UserFunctions(parts, call.name.span);
  if (!functions.empty()) return BindUserTable(functions, call, scope);
  std::vector<NamedArgument> arguments;
  for (const syntax::Argument& argument : call.arguments) {
    arguments.push_back({.name = argument.name ? NameOf(*argument.name) : std::string(),
                         .value = BindFixed(argument.value)});
  }
  return BindRelation(request_.names->TableFunction(parts, arguments), call.name.span);
}

Binder::BoundFrom Binder::BindTableFunction(const syntax::TableFunction& function,
                                            const Scope* outer, const FromScope* before) {
  const auto* boxed = syntax::As<syntax::Box<syntax::FunctionCall>>(function.call);
  if (boxed == nullptr) {
    // TABLE('name'), TABLE($v).
    const syntax::Span span = function.call->span;
    const syntax::ObjectName object{.span = span, .parts = {}, .dynamic = function.call};
    return BindRelation(request_.names->Relation(NamesOf(object), std::nullopt), span);
  }
  const syntax::FunctionCall& call = **boxed;
  const std::string name = NamesOf(call.name).back();
  const Scope scope{.outer = outer,
                    .from = before == nullptr ? FromScope{} : *before,
                    .aliases = {},
                    .variables = {}};
  if (name == "FLATTEN") return BindFlatten(call, scope);
  if (name == "GETNEXTVAL") FailUnsupported("GETNEXTVAL in a JOIN: put it behind a comma");
  const auto found = std::ranges::find_if(
      TableFunctions(), [&](const TableFunctionShape& shape) { return name == shape.name; });
  if (found == TableFunctions().end()) return BindNamedCall(call, scope);
  bound::Relation relation{
      .kind = RelationKind::kCall,
      .id = counters_.next_relation++,
      .pattern = found->pattern,
      .column_count = std::max<int32_t>(1, static_cast<int32_t>(found->columns.size()))};
  std::vector<std::optional<Expression>> values(found->parameters.size());
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    size_t place = i;
    if (call.arguments[i].name) {
      const auto parameter = std::ranges::find(found->parameters, NameOf(*call.arguments[i].name));
      place = static_cast<size_t>(parameter - found->parameters.begin());
    }
    if (place >= values.size()) {
      FailAt(call.name.span, "000939", "22023",
             fmt::format("too many arguments for function [{}]", name));
    }
    values[place] = Bind(call.arguments[i].value, scope);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    auto& value = values[i];
    if (!value && i < found->defaults.size() && found->defaults[i]) {
      value = TextConstant(*found->defaults[i]);
    }
    if (!value) {
      FailAt(call.name.span, "000938", "22023",
             fmt::format("not enough arguments for function [{}]", name));
    }
    relation.arguments.push_back(*std::move(value));
  }
  BoundFrom from;
  ScopeItem item{.qualifier = {name}, .columns = {}};
  for (size_t i = 0; i < found->columns.size(); ++i) {
    const auto& [column, type] = found->columns[i];
    item.columns.push_back(
        {.name = column, .value = ColumnOf(relation.id, i, type, CarrierOf(type), true)});
  }
  from.relation = std::move(relation);
  from.scope.visible = item.columns;
  from.scope.items.push_back(std::move(item));
  return from;
}

}  // namespace tarn::sql
