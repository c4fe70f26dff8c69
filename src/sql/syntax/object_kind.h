// SPDX-License-Identifier: Apache-2.0
// The kinds of objects that CREATE, ALTER, DROP, SHOW, DESCRIBE, GRANT and COMMENT name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tarn::sql::syntax {

enum class ObjectKind : uint8_t {
  kAccount,
  kAlert,
  kApiIntegration,
  kApplication,
  kApplicationPackage,
  kApplicationRole,
  kAuthenticationPolicy,
  kCatalogIntegration,
  kColumn,
  kComputePool,
  kConnection,
  kDatabase,
  kDatabaseRole,
  kDynamicIcebergTable,
  kDynamicTable,
  kEventTable,
  kExternalAccessIntegration,
  kExternalFunction,
  kExternalTable,
  kExternalVolume,
  kFailoverGroup,
  kFileFormat,
  kFunction,
  kHybridTable,
  kIcebergTable,
  kImageRepository,
  kIntegration,
  kMaskingPolicy,
  kMaterializedView,
  kNetworkPolicy,
  kNetworkRule,
  kNotificationIntegration,
  kPasswordPolicy,
  kPipe,
  kPostgresInstance,
  kProcedure,
  kReplicationGroup,
  kResourceMonitor,
  kRole,
  kRowAccessPolicy,
  kSchema,
  kSecret,
  kSecurityIntegration,
  kSequence,
  kService,
  kSession,
  kSessionPolicy,
  kShare,
  kStage,
  kStorageIntegration,
  kStream,
  kStreamlit,
  kTable,
  kTag,
  kTask,
  kUser,
  kView,
  kWarehouse,
};

struct ObjectKindWords {
  ObjectKind kind;
  std::string_view singular;  ///< upper case, one blank between words: POSTGRES INSTANCE
  std::string_view plural;    ///< as in SHOW POSTGRES INSTANCES
};

/// Every kind once; names of more words stand before those that they begin with or end in.
std::span<const ObjectKindWords> ObjectKinds();

/// POSTGRES INSTANCE.
std::string_view ToString(ObjectKind kind);
std::string_view PluralOf(ObjectKind kind);

}  // namespace tarn::sql::syntax
