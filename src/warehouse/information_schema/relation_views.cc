// SPDX-License-Identifier: Apache-2.0
// INFORMATION_SCHEMA.TABLES and VIEWS.
#include "warehouse/information_schema/information_views.h"
#include "warehouse/objects/table.h"

namespace tarn::warehouse {
namespace {

/// What TABLES tells of one relation beyond its head.
struct RelationFacts {
  const char* type = "BASE TABLE";
  bool transient = false, iceberg = false, dynamic = false;
  std::string clustering;
};

std::vector<Value> TableRow(const InformationPlace& place, const ObjectHead& head,
                            const RelationFacts& facts) {
  const Value nothing;
  const bool is_view = std::string_view(facts.type) == "VIEW";
  const Value changed = TimeValue(head.altered_ms);
  const auto& ask = place.objects.facts().table_size;
  const auto size = ask && !is_view ? ask(head) : std::nullopt;
  return {place.database.name,
          std::string(place.objects.lister().SchemaName(head)),
          head.name,
          TextOrNothing(place.objects.NameOf(head.owner)),
          std::string(facts.type),
          is_view ? nothing : YesOrNo(facts.transient),
          TextOrNothing(facts.clustering),
          size && size->rows ? Value(*size->rows) : nothing,
          size && size->bytes ? Value(*size->bytes) : nothing,
          is_view ? nothing : DaysOf(place, head),
          nothing,
          nothing,
          nothing,
          nothing,
          nothing,
          nothing,
          nothing,
          nothing,
          TimeValue(head.created_ms),
          changed,
          changed,
          nothing,  // LAST_DDL_BY
          is_view ? nothing : Value(!facts.clustering.empty()),
          TextOrNothing(head.comment),
          YesOrNo(head.is_temporary()),
          YesOrNo(facts.iceberg),
          YesOrNo(facts.dynamic),
          YesOrNo(false),
          YesOrNo(false)};
}

/// The views of INFORMATION_SCHEMA itself, which nobody owns.
ObjectHead OwnView(const InformationPlace& place, std::string_view name) {
  return {.kind = ObjectKind::kView,
          .name = std::string(name),
          .created_ms = place.database.created_ms,
          .altered_ms = place.database.created_ms};
}

}  // namespace

std::vector<MadeColumn> TablesColumns() {
  return {TextColumn("TABLE_CATALOG"),
          TextColumn("TABLE_SCHEMA"),
          TextColumn("TABLE_NAME"),
          TextColumn("TABLE_OWNER"),
          TextColumn("TABLE_TYPE"),
          TextColumn("IS_TRANSIENT"),
          TextColumn("CLUSTERING_KEY"),
          NumberColumn("ROW_COUNT"),
          NumberColumn("BYTES"),
          NumberColumn("RETENTION_TIME"),
          TextColumn("SELF_REFERENCING_COLUMN_NAME"),
          TextColumn("REFERENCE_GENERATION"),
          TextColumn("USER_DEFINED_TYPE_CATALOG"),
          TextColumn("USER_DEFINED_TYPE_SCHEMA"),
          TextColumn("USER_DEFINED_TYPE_NAME"),
          TextColumn("IS_INSERTABLE_INTO"),
          TextColumn("IS_TYPED"),
          TextColumn("COMMIT_ACTION"),
          TimeColumn("CREATED"),
          TimeColumn("LAST_ALTERED"),
          TimeColumn("LAST_DDL"),
          TextColumn("LAST_DDL_BY"),
          TruthColumn("AUTO_CLUSTERING_ON"),
          TextColumn("COMMENT"),
          TextColumn("IS_TEMPORARY"),
          TextColumn("IS_ICEBERG"),
          TextColumn("IS_DYNAMIC"),
          TextColumn("IS_IMMUTABLE"),
          TextColumn("IS_HYBRID")};
}

StatementResult<InformationRows> TablesRows(const InformationPlace& place) {
  const Lister& lister = place.objects.lister();
  InformationRows rows;
  STATEMENT_ASSIGN(const auto tables, lister.List<Table>());
  for (const auto& [head, table] : tables) {
    rows.push_back(TableRow(place, head,
                            {.type = head.is_temporary() ? "TEMPORARY TABLE" : "BASE TABLE",
                             .transient = table.transient,
                             .iceberg = table.declared_iceberg,
                             .clustering = table.cluster_by}));
  }
  STATEMENT_ASSIGN(const auto dynamic_tables, lister.List<DynamicTable>());
  for (const auto& [head, table] : dynamic_tables) {
    rows.push_back(TableRow(place, head,
                            {.transient = table.transient,
                             .iceberg = table.declared_iceberg,
                             .dynamic = true,
                             .clustering = table.cluster_by}));
  }
  STATEMENT_ASSIGN(const auto views, lister.List<View>());
  for (const auto& [head, view] : views) rows.push_back(TableRow(place, head, {.type = "VIEW"}));
  for (const InformationView& view : InformationViews()) {
    auto row = TableRow(place, OwnView(place, view.name), {.type = "VIEW"});
    row[1] = std::string(kInformationSchema);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<MadeColumn> ViewsColumns() {
  return {TextColumn("TABLE_CATALOG"), TextColumn("TABLE_SCHEMA"),    TextColumn("TABLE_NAME"),
          TextColumn("TABLE_OWNER"),   TextColumn("VIEW_DEFINITION"), TextColumn("CHECK_OPTION"),
          TextColumn("IS_UPDATABLE"),  TextColumn("INSERTABLE_INTO"), TextColumn("IS_SECURE"),
          TimeColumn("CREATED"),       TimeColumn("LAST_ALTERED"),    TimeColumn("LAST_DDL"),
          TextColumn("LAST_DDL_BY"),   TextColumn("COMMENT")};
}

StatementResult<InformationRows> ViewsRows(const InformationPlace& place) {
  const auto row = [&place](const ObjectHead& head, std::string schema, Value definition,
                            bool secure) {
    const Value changed = TimeValue(head.altered_ms);
    return std::vector<Value>{place.database.name,
                              std::move(schema),
                              head.name,
                              TextOrNothing(place.objects.NameOf(head.owner)),
                              std::move(definition),
                              Value(),
                              Value(),
                              Value(),
                              YesOrNo(secure),
                              TimeValue(head.created_ms),
                              changed,
                              changed,
                              Value(),
                              TextOrNothing(head.comment)};
  };
  InformationRows rows;
  STATEMENT_ASSIGN(const auto views, place.objects.lister().List<View>());
  for (const auto& [head, view] : views) {
    // The text of a secure view is its owner's.
    const bool hidden = view.secure && !place.objects.authority().Owns(head);
    rows.push_back(row(head, std::string(place.objects.lister().SchemaName(head)),
                       hidden ? Value() : Value(view.text), view.secure));
  }
  for (const InformationView& view : InformationViews()) {
    rows.push_back(row(OwnView(place, view.name), kInformationSchema, Value(), false));
  }
  return rows;
}

}  // namespace tarn::warehouse
