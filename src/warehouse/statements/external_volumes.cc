// SPDX-License-Identifier: Apache-2.0
// EXTERNAL VOLUME (Snowflake, "CREATE EXTERNAL VOLUME", "ALTER EXTERNAL VOLUME").
#include <algorithm>

#include "warehouse/catalogue/uses.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/volumes/aws_principal.h"
#include "warehouse/volumes/compatible_stores.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

void ReadEncryption(const StatementContext& context, OptionReader& options,
                    StorageLocation& location) {
  const auto* group = options.Group("ENCRYPTION");
  if (group == nullptr) return;
  OptionReader encryption(context, "ENCRYPTION", *group);
  location.encryption_type =
      encryption.Word("TYPE", {"NONE", "AWS_SSE_S3", "AWS_SSE_KMS"}).value_or("NONE");
  location.encryption_kms_key_id = encryption.Text("KMS_KEY_ID").value_or("");
  if (auto finished = encryption.Finish(); !finished) options.Fail(std::move(finished).error());
}

/// Where the location is, as it will be shown.
StatementResult<> CheckUrl(StorageLocation& location) {
  if (location.provider == kCompatibleProvider) {
    STATEMENT_TRY(CompatibleBase(location));
  } else {
    STATEMENT_TRY(CheckedBaseUrl("STORAGE_BASE_URL", location.base_url));
  }
  if (!location.base_url.ends_with('/')) location.base_url += '/';
  return {};
}

StatementResult<StorageLocation> ReadLocation(const StatementContext& context,
                                              const std::vector<syntax::Option>& written,
                                              const std::string& replaced = "") {
  OptionReader options(context, "STORAGE_LOCATION", written);
  StorageLocation location;
  location.name = options.RequiredText("NAME");
  location.provider =
      options
          .Word("STORAGE_PROVIDER", {"S3", "S3GOV", "S3CHINA", "GCS", "AZURE", kCompatibleProvider})
          .value_or("");
  location.base_url = options.RequiredText("STORAGE_BASE_URL");
  location.aws_role_arn = options.Text("STORAGE_AWS_ROLE_ARN").value_or("");
  const auto external_id = options.Text("STORAGE_AWS_EXTERNAL_ID");
  location.aws_access_point_arn = options.Text("STORAGE_AWS_ACCESS_POINT_ARN").value_or("");
  location.endpoint = options.Text("STORAGE_ENDPOINT").value_or("");
  location.credentials = options.Flat("CREDENTIALS").value_or(Options{});
  location.use_privatelink_endpoint = options.Bool("USE_PRIVATELINK_ENDPOINT").value_or(false);
  ReadEncryption(context, options, location);
  STATEMENT_TRY(options.Finish());
  if (location.provider.empty()) return MissingOption("STORAGE_PROVIDER");
  if (location.provider == "GCS" || location.provider == "AZURE") {
    return UnsupportedFeature("STORAGE_PROVIDER = " + location.provider);
  }
  STATEMENT_TRY(CheckUrl(location));
  const bool compatible = location.provider == kCompatibleProvider;
  if (compatible && location.endpoint.empty()) return MissingOption("STORAGE_ENDPOINT");
  if (!compatible && location.aws_role_arn.empty()) return MissingOption("STORAGE_AWS_ROLE_ARN");
  if (compatible) {
    STATEMENT_TRY(CheckCompatible(*context.account, location, replaced));
    return location;
  }
  const AwsPrincipal principal = NewAwsPrincipal();
  location.aws_iam_user_arn = principal.iam_user_arn;
  location.aws_external_id = external_id.value_or(principal.external_id);
  return location;
}

StatementResult<> RemoveLocation(const ObjectHead& head, const Snapshot& snapshot,
                                 const std::string& name, ExternalVolume& volume) {
  const auto found = std::ranges::find(volume.locations, name, &StorageLocation::name);
  if (found == volume.locations.end()) {
    return CompilationError("002003", "02000",
                            fmt::format("Storage location '{}' does not exist.", name));
  }
  // Tables' files lie in the one that is in use.
  if (ActiveLocation(volume).name == name) STATEMENT_TRY(CheckNotInUse(snapshot, head));
  volume.locations.erase(found);
  if (volume.active == name)
    volume.active = volume.locations.empty() ? "" : volume.locations[0].name;
  return {};
}

/// What an ALTER does, but for the comment.
class VolumeChange {
 public:
  VolumeChange(const StatementContext& context, Alteration& alteration, ExternalVolume& volume)
      : context_(context), alteration_(alteration), volume_(volume) {}

  StatementResult<> operator()(const syntax::SetOptions& set) {
    OptionReader options(context_, "EXTERNAL VOLUME", set.options);
    if (const auto writes = options.Bool("ALLOW_WRITES")) volume_.allow_writes = *writes;
    alteration_.comment = options.Text("COMMENT");
    return options.Finish();
  }
  StatementResult<> operator()(const syntax::Perform& perform) {
    if (perform.verb == "ADD") {
      OptionReader options(context_, "EXTERNAL VOLUME", perform.options);
      const auto* group = options.Group("STORAGE_LOCATION");
      STATEMENT_TRY(options.Finish());
      if (group == nullptr) return MissingOption("STORAGE_LOCATION");
      STATEMENT_ASSIGN(StorageLocation location, ReadLocation(context_, *group));
      volume_.locations.push_back(std::move(location));
      return {};
    }
    if (perform.verb != "REMOVE STORAGE_LOCATION" || perform.arguments.size() != 1) {
      return UnsupportedFeature("ALTER EXTERNAL VOLUME " + perform.verb);
    }
    STATEMENT_ASSIGN(const std::string name, ConstantText(context_, perform.arguments[0]));
    return RemoveLocation(alteration_.head, alteration_.transaction, name, volume_);
  }
  template <typename Action>
  StatementResult<> operator()(const Action&) {
    return UnsupportedFeature("ALTER EXTERNAL VOLUME with this clause");
  }

 private:
  const StatementContext& context_;
  Alteration& alteration_;
  ExternalVolume& volume_;
};

/// What a volume says of buckets holds once it is committed.
Outcome WithStores(StatementContext& context, Outcome outcome) {
  if (!outcome) return outcome;
  STATEMENT_TRY(
      UseCompatibleVolumes(context.account->metastore(), *context.account->tables().storage));
  return outcome;
}

}  // namespace

Outcome CreateExternalVolume(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "EXTERNAL VOLUME", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  ExternalVolume volume;
  volume.allow_writes = options.Bool("ALLOW_WRITES").value_or(true);
  const auto locations = options.GroupList("STORAGE_LOCATIONS");
  STATEMENT_TRY(options.Finish());
  const std::string replaced = create.head.or_replace ? request.name.name : "";
  for (const auto* written : locations) {
    STATEMENT_ASSIGN(StorageLocation location, ReadLocation(context, *written, replaced));
    volume.locations.push_back(std::move(location));
  }
  if (volume.locations.empty()) return MissingOption("STORAGE_LOCATIONS");
  volume.active = volume.locations[0].name;
  request.definition = std::move(volume);
  return WithStores(context, CreateAndTell(context, request));
}

Outcome AlterExternalVolume(StatementContext& context, const syntax::AlterObject& alter) {
  return WithStores(
      context,
      AlterByActions<ExternalVolume>(
          context, alter,
          [&](Alteration& alteration, ExternalVolume& volume, const syntax::AlterAction& action) {
            return std::visit(VolumeChange(context, alteration, volume), action);
          }));
}

}  // namespace tarn::warehouse
