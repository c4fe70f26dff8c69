// SPDX-License-Identifier: Apache-2.0
// STORAGE INTEGRATION.
#include "base/uuid.h"
#include "warehouse/catalogue/allowed_locations.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// What stands for a principal of the cloud: known to nobody, and the same for ever.
constexpr const char* kPostgresPrincipal =
    "arn:aws:iam::000000000000:user/snowflake-postgres-integration-management";
constexpr const char* kStagePrincipal = "arn:aws:iam::000000000000:user/tarn-storage";

StatementResult<> CheckLocations(std::string_view option,
                                 const std::vector<std::string>& locations) {
  for (const std::string& location : locations) {
    if (location == "*") continue;
    const auto normal = NormalizeBucketLocation(location);
    if (normal && normal->find(',') == std::string::npos) continue;
    StatementFailure failure = InvalidParameterValue(option, location);
    failure.error().error.detail =
        normal ? "It has a comma, which separates locations in a server's settings."
               : normal.error().detail;
    return failure;
  }
  return {};
}

/// Sets what is written, and leaves the rest. TYPE is CREATE's alone.
StatementResult<> ReadIntegration(OptionReader& options, StorageIntegration& integration) {
  if (auto provider =
          options.Word("STORAGE_PROVIDER", {"S3", "S3GOV", "S3CHINA", "GCS", "AZURE"})) {
    integration.provider = *std::move(provider);
  }
  if (const auto enabled = options.Bool("ENABLED")) integration.enabled = *enabled;
  if (auto arn = options.Text("STORAGE_AWS_ROLE_ARN")) integration.aws_role_arn = *std::move(arn);
  if (auto id = options.Text("STORAGE_AWS_EXTERNAL_ID")) {
    integration.aws_external_id = *std::move(id);
  }
  if (auto acl = options.Text("STORAGE_AWS_OBJECT_ACL")) {
    integration.aws_object_acl = *std::move(acl);
  }
  if (const auto use = options.Bool("USE_PRIVATELINK_ENDPOINT")) {
    integration.use_privatelink_endpoint = *use;
  }
  if (auto allowed = options.Texts("STORAGE_ALLOWED_LOCATIONS")) {
    integration.allowed_locations = *std::move(allowed);
  }
  if (auto blocked = options.Texts("STORAGE_BLOCKED_LOCATIONS")) {
    integration.blocked_locations = *std::move(blocked);
  }
  STATEMENT_TRY(options.Finish());
  if (!integration.provider.starts_with("S3")) {
    return UnsupportedFeature("STORAGE_PROVIDER = '" + integration.provider + "'");
  }
  STATEMENT_TRY(CheckLocations("STORAGE_ALLOWED_LOCATIONS", integration.allowed_locations));
  STATEMENT_TRY(CheckLocations("STORAGE_BLOCKED_LOCATIONS", integration.blocked_locations));
  if (integration.type == "POSTGRES_EXTERNAL_STORAGE" && !integration.blocked_locations.empty()) {
    return UnsupportedFeature("STORAGE_BLOCKED_LOCATIONS of type POSTGRES_EXTERNAL_STORAGE");
  }
  return {};
}

StatementResult<> UnsetOfIntegration(const std::string& key, StorageIntegration& integration) {
  if (key == "STORAGE_BLOCKED_LOCATIONS") {
    integration.blocked_locations.clear();
  } else if (key == "ENABLED") {
    integration.enabled = false;
  } else if (key == "STORAGE_AWS_OBJECT_ACL") {
    integration.aws_object_acl.clear();
  } else {
    return InvalidParameterName(key);
  }
  return {};
}

}  // namespace

Outcome CreateStorageIntegration(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "STORAGE INTEGRATION", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  StorageIntegration integration;
  if (!options.Has("TYPE")) return MissingOption("TYPE");
  integration.type = options
                         .Word("TYPE", {"EXTERNAL_STAGE", "POSTGRES_EXTERNAL_STORAGE",
                                        "POSTGRES_INTERNAL_STORAGE"})
                         .value_or("");
  if (integration.type == "POSTGRES_INTERNAL_STORAGE") {
    return UnsupportedFeature("TYPE = POSTGRES_INTERNAL_STORAGE");
  }
  for (const char* required : {"STORAGE_PROVIDER", "ENABLED", "STORAGE_ALLOWED_LOCATIONS"}) {
    if (!options.Has(required)) return MissingOption(required);
  }
  integration.aws_external_id =
      fmt::format("TARN_SFCRole=1_{}", Uuid::Random().ToString().substr(0, 8));
  integration.aws_iam_user_arn =
      integration.type == "EXTERNAL_STAGE" ? kStagePrincipal : kPostgresPrincipal;
  STATEMENT_TRY(ReadIntegration(options, integration));
  request.definition = std::move(integration);
  return CreateAndTell(context, request);
}

Outcome AlterStorageIntegration(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterByActions<StorageIntegration>(
      context, alter,
      [&](Alteration& alteration, StorageIntegration& integration,
          const syntax::AlterAction& action) -> StatementResult<> {
        if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
          OptionReader options(context, "STORAGE INTEGRATION", set->options);
          alteration.comment = options.Text("COMMENT");
          return ReadIntegration(options, integration);
        }
        const auto* unset = std::get_if<syntax::UnsetOptions>(&action);
        if (unset == nullptr) return UnsupportedClause(alter);
        for (const std::string& key : unset->keys) {
          STATEMENT_TRY(UnsetOfIntegration(key, integration));
        }
        return {};
      });
}

}  // namespace tarn::warehouse
