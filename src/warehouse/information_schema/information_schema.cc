// SPDX-License-Identifier: Apache-2.0
#include "warehouse/information_schema/information_schema.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/time_units.h"
#include "warehouse/information_schema/information_views.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr int32_t kDigits = 18;

/// Of Snowflake's documentation ("Snowflake Information Schema"), what is not there.
constexpr auto kMissing = std::to_array<std::string_view>({
    "APPLICATION_CONFIGURATIONS",
    "APPLICATION_SPECIFICATIONS",
    "BACKUP_POLICIES",
    "BACKUP_SETS",
    "BACKUPS",
    "CLASS_INSTANCES",
    "CLASS_INSTANCE_FUNCTIONS",
    "CLASS_INSTANCE_PROCEDURES",
    "CLASSES",
    "CURRENT_PACKAGES_POLICY",
    "ELEMENT_TYPES",
    "EVENT_TABLES",
    "EXTERNAL_TABLES",
    "FIELDS",
    "GIT_REPOSITORIES",
    "HYBRID_TABLES",
    "INDEXES",
    "INDEX_COLUMNS",
    "LOAD_HISTORY",
    "MODEL_VERSIONS",
    "NOTEBOOKS",
    "OBJECT_PRIVILEGES",
    "PACKAGES",
    "PIPES",
    "REPLICATION_DATABASES",
    "REPLICATION_GROUPS",
    "SEMANTIC_VIEWS",
    "SERVICES",
    "SHARES",
    "STREAMLITS",
    "TABLE_STORAGE_METRICS",
    "TYPES",
    "USAGE_PRIVILEGES",
});

std::vector<MadeColumn> DatabasesColumns() {
  return {
      TextColumn("DATABASE_NAME"),    TextColumn("DATABASE_OWNER"), TextColumn("IS_TRANSIENT"),
      TextColumn("COMMENT"),          TimeColumn("CREATED"),        TimeColumn("LAST_ALTERED"),
      NumberColumn("RETENTION_TIME"), TextColumn("TYPE"),           TextColumn("OWNER_ROLE_TYPE")};
}

StatementResult<InformationRows> DatabasesRows(const InformationPlace& place) {
  STATEMENT_ASSIGN(const auto databases, place.accounts.lister().List<Database>());
  InformationRows rows;
  for (const auto& [head, database] : databases) {
    rows.push_back({head.name, TextOrNothing(place.accounts.NameOf(head.owner)),
                    YesOrNo(database.transient), TextOrNothing(head.comment),
                    TimeValue(head.created_ms), TimeValue(head.altered_ms), DaysOf(place, head),
                    std::string("STANDARD"), std::string("ROLE")});
  }
  return rows;
}

std::vector<MadeColumn> SchemataColumns() {
  return {TextColumn("CATALOG_NAME"),
          TextColumn("SCHEMA_NAME"),
          TextColumn("SCHEMA_OWNER"),
          TextColumn("IS_TRANSIENT"),
          TextColumn("IS_MANAGED_ACCESS"),
          NumberColumn("RETENTION_TIME"),
          TextColumn("DEFAULT_CHARACTER_SET_CATALOG"),
          TextColumn("DEFAULT_CHARACTER_SET_SCHEMA"),
          TextColumn("DEFAULT_CHARACTER_SET_NAME"),
          TextColumn("SQL_PATH"),
          TimeColumn("CREATED"),
          TimeColumn("LAST_ALTERED"),
          TextColumn("COMMENT")};
}

StatementResult<InformationRows> SchemataRows(const InformationPlace& place) {
  STATEMENT_ASSIGN(const auto schemas, place.objects.lister().List<Schema>());
  InformationRows rows;
  for (const auto& [head, schema] : schemas) {
    rows.push_back({place.database.name, head.name, TextOrNothing(place.objects.NameOf(head.owner)),
                    YesOrNo(schema.transient), YesOrNo(schema.managed_access), DaysOf(place, head),
                    Value(), Value(), Value(), Value(), TimeValue(head.created_ms),
                    TimeValue(head.altered_ms), TextOrNothing(head.comment)});
  }
  return rows;
}

}  // namespace

std::span<const InformationView> InformationViews() {
  static constexpr std::array kViews = {
      InformationView{"APPLICABLE_ROLES", ApplicableRolesColumns, ApplicableRolesRows},
      InformationView{"COLUMNS", ColumnsColumns, ColumnsRows},
      InformationView{"DATABASES", DatabasesColumns, DatabasesRows},
      InformationView{"ENABLED_ROLES", EnabledRolesColumns, EnabledRolesRows},
      InformationView{"FILE_FORMATS", FileFormatsColumns, FileFormatsRows},
      InformationView{"FUNCTIONS", FunctionsColumns, FunctionsRows},
      InformationView{"INFORMATION_SCHEMA_CATALOG_NAME", CatalogNameColumns, CatalogNameRows},
      InformationView{"PROCEDURES", ProceduresColumns, ProceduresRows},
      InformationView{"REFERENTIAL_CONSTRAINTS", ReferentialConstraintsColumns,
                      ReferentialConstraintsRows},
      InformationView{"SCHEMATA", SchemataColumns, SchemataRows},
      InformationView{"SEQUENCES", SequencesColumns, SequencesRows},
      InformationView{"STAGES", StagesColumns, StagesRows},
      InformationView{"TABLES", TablesColumns, TablesRows},
      InformationView{"TABLE_CONSTRAINTS", TableConstraintsColumns, TableConstraintsRows},
      InformationView{"TABLE_PRIVILEGES", TablePrivilegesColumns, TablePrivilegesRows},
      InformationView{"VIEWS", ViewsColumns, ViewsRows},
  };
  return kViews;
}

MadeColumn TextColumn(const char* name) {
  return {name, {.kind = sql::DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault}};
}
MadeColumn NumberColumn(const char* name) {
  return {name, {.kind = sql::DataTypeKind::kNumber, .precision = kDigits}};
}
MadeColumn TimeColumn(const char* name) {
  return {name, {.kind = sql::DataTypeKind::kTimestampLtz, .precision = 3}};
}
MadeColumn TruthColumn(const char* name) { return {name, {.kind = sql::DataTypeKind::kBoolean}}; }

Value TextOrNothing(const std::string& text) { return text.empty() ? Value() : Value(text); }
Value YesOrNo(bool yes) { return std::string(yes ? "YES" : "NO"); }
Value TimeValue(int64_t ms) { return ms * kMicrosecondsPerMs; }

Value DaysOf(const InformationPlace& place, const ObjectHead& head) {
  const std::string days = place.objects.RetentionDays(head);
  int64_t number = 0;
  const auto read = std::from_chars(days.data(), days.data() + days.size(), number);
  return read.ec == std::errc() ? Value(number) : Value();
}

StatementResult<MadeRows> InformationSchemaRows(const Snapshot& snapshot, const Caller& caller,
                                                const ObjectHead& database, std::string_view name,
                                                const ShowFacts& facts) {
  const auto* const view =
      std::ranges::find(InformationViews(), name, &InformationView::name).base();
  if (view == InformationViews().data() + InformationViews().size()) {
    const std::string written = fmt::format("{}.{}", kInformationSchema, name);
    if (std::ranges::find(kMissing, name) != kMissing.end()) return UnsupportedFeature(written);
    return NoSuchObject(written);
  }
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  const ListFilter everywhere{
      .scope = ListScope::kAccount, .whole = true, .with_managed_grants = false};
  const ListFilter inside{.scope = ListScope::kDatabase,
                          .place = ObjectName{.name = database.name},
                          .whole = true,
                          .with_managed_grants = false};
  STATEMENT_ASSIGN(const Lister all, Lister::Make(snapshot, caller, authority, everywhere));
  STATEMENT_ASSIGN(const Lister lister, Lister::Make(snapshot, caller, authority, inside));
  const ShowContext accounts(snapshot, caller, authority, all, facts);
  const ShowContext objects(snapshot, caller, authority, lister, facts);
  STATEMENT_ASSIGN(const InformationRows rows,
                   view->rows({.objects = objects, .accounts = accounts, .database = database}));
  for (const ShowContext* context : {&accounts, &objects}) {
    if (context->failure()) return std::unexpected(AsStatementError(*context->failure()));
  }
  return MakeRows(view->columns(), rows);
}

}  // namespace tarn::warehouse
