// SPDX-License-Identifier: Apache-2.0
// CREATE of objects that options alone describe, by their kind.
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"

namespace tarn::warehouse {

namespace syntax = sql::syntax;

Outcome Act(StatementContext& context, const syntax::CreateObject& create) {
  using Kind = syntax::ObjectKind;
  switch (create.head.kind) {
    case Kind::kDatabase:
      return CreateDatabase(context, create);
    case Kind::kSchema:
      return CreateSchema(context, create);
    case Kind::kWarehouse:
      return CreateWarehouse(context, create);
    case Kind::kRole:
      return CreateRole(context, create);
    case Kind::kUser:
      return CreateUser(context, create);
    case Kind::kSequence:
      return CreateSequence(context, create);
    case Kind::kFileFormat:
      return CreateFileFormat(context, create);
    case Kind::kTag:
      return CreateTag(context, create);
    case Kind::kNetworkRule:
      return CreateNetworkRule(context, create);
    case Kind::kNetworkPolicy:
      return CreateNetworkPolicy(context, create);
    case Kind::kStorageIntegration:
      return CreateStorageIntegration(context, create);
    case Kind::kPostgresInstance:
      return CreatePostgresInstance(context, create);
    case Kind::kStage:
      return CreateStage(context, create);
    case Kind::kExternalVolume:
      return CreateExternalVolume(context, create);
    case Kind::kCatalogIntegration:
      return CreateCatalogIntegration(context, create);
    case Kind::kApplication:
      return CreateApplication(context, create);
    default:
      return UnsupportedFeature(fmt::format("CREATE {}", syntax::ToString(create.head.kind)));
  }
}

}  // namespace tarn::warehouse
