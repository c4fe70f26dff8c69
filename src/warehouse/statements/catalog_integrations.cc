// SPDX-License-Identifier: Apache-2.0
// CATALOG INTEGRATION (Snowflake, "CREATE CATALOG INTEGRATION (Object storage)", "… (Snowflake
// Postgres)", "… (Apache Iceberg REST)").
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr int64_t kRefreshSecondsMin = 30;
constexpr int64_t kRefreshSecondsMax = 86'400;

/// What CREATE and ALTER … SET may both say.
void ReadChangeable(OptionReader& options, CatalogIntegration& catalog) {
  if (const auto enabled = options.Bool("ENABLED")) catalog.enabled = *enabled;
  if (const auto seconds =
          options.Integer("REFRESH_INTERVAL_SECONDS", kRefreshSecondsMin, kRefreshSecondsMax)) {
    catalog.refresh_interval_seconds = *seconds;
  }
  if (auto authentication = options.Flat("REST_AUTHENTICATION")) {
    for (auto& [key, value] : *authentication) {
      catalog.rest_authentication[key] = std::move(value);
    }
  }
}

/// The instance that REST_CONFIG names.
StatementResult<> FindInstance(const StatementContext& context, CatalogIntegration& catalog) {
  const auto written = catalog.rest_config.extract("POSTGRES_INSTANCE");
  if (!written) return MissingOption("POSTGRES_INSTANCE");
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(*moment.snapshot, moment.caller));
  const auto name = ParseObjectName(written.mapped());
  if (!name) return InvalidParameterValue("POSTGRES_INSTANCE", written.mapped());
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(*moment.snapshot, moment.caller, authority,
                           ObjectKind::kPostgresInstance, *name, "CREATE CATALOG INTEGRATION"));
  catalog.postgres_instance = head.id;
  return {};
}

}  // namespace

Outcome CreateCatalogIntegration(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "CATALOG INTEGRATION", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  CatalogIntegration catalog;
  catalog.source = options
                       .Word("CATALOG_SOURCE", {"OBJECT_STORE", "SNOWFLAKE_POSTGRES",
                                                "ICEBERG_REST", "POLARIS", "GLUE", "SAP_BDC"})
                       .value_or("");
  catalog.table_format = options.Word("TABLE_FORMAT", {"ICEBERG", "DELTA"}).value_or("");
  catalog.catalog_namespace = options.Text("CATALOG_NAMESPACE").value_or("");
  catalog.rest_config = options.Flat("REST_CONFIG").value_or(Options{});
  if (!options.Has("ENABLED")) options.Fail(MissingOption("ENABLED").error());
  ReadChangeable(options, catalog);
  STATEMENT_TRY(options.Finish());
  if (catalog.source.empty()) return MissingOption("CATALOG_SOURCE");
  if (catalog.source == "GLUE" || catalog.source == "SAP_BDC") {
    return UnsupportedFeature("CATALOG_SOURCE = " + catalog.source);
  }
  if (catalog.table_format.empty() && catalog.source == "OBJECT_STORE") {
    return MissingOption("TABLE_FORMAT");
  }
  if (catalog.table_format.empty()) catalog.table_format = "ICEBERG";
  if (catalog.source == "SNOWFLAKE_POSTGRES") STATEMENT_TRY(FindInstance(context, catalog));
  request.definition = std::move(catalog);
  return CreateAndTell(context, request);
}

Outcome AlterCatalogIntegration(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterByActions<CatalogIntegration>(
      context, alter,
      [&](Alteration& alteration, CatalogIntegration& catalog,
          const syntax::AlterAction& action) -> StatementResult<> {
        const auto* set = std::get_if<syntax::SetOptions>(&action);
        if (set == nullptr) return UnsupportedClause(alter);
        OptionReader options(context, "CATALOG INTEGRATION", set->options);
        alteration.comment = options.Text("COMMENT");
        ReadChangeable(options, catalog);
        return options.Finish();
      });
}

}  // namespace tarn::warehouse
